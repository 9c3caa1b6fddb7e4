"""Property: what is written is a function of the ledger's result and of the image's header alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screener.dicom_results.report import make_report
from screener.dicom_results.source_header import SourceHeader
from tests.dicom_results.results import image_result, sop, study_result
from tests.publishing.hospital import write_image

# What a header may hold in every script: no control characters, nothing that DICOM parts values with.
WORDS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zs"), exclude_characters="\\^="), max_size=40
)
HEADERS = st.fixed_dictionaries(
    {
        "PatientName": WORDS,
        "PatientID": WORDS,
        "IssuerOfPatientID": WORDS,
        "AccessionNumber": WORDS.map(lambda text: text[:16]),
        "StudyDescription": WORDS,
        "StudyID": st.sampled_from(["", "7", None]),
        "StudyDate": st.sampled_from(["20261119", "", None]),
        "TimezoneOffsetFromUTC": st.sampled_from(["+0100", "-1100", "nonsense", None]),
    }
)
RESULTS = st.builds(
    lambda probability, flagged, hours: study_result(
        image_result(probability=f"{probability:.6f}", flagged=flagged),
        analysed=datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hours),
    ),
    st.floats(0, 1),
    st.booleans(),
    st.integers(0, 10_000),
)


def from_file(folder: Any, tags: dict[str, Any]) -> SourceHeader:
    header = SourceHeader.from_file(write_image(folder / "a.dcm", "1.2.1", sop("a"), **tags), "a.dcm")
    assert header
    return header


def from_archive(header: SourceHeader) -> SourceHeader:
    """Return the same header as an archive tells it, in JSON."""
    told = SourceHeader.from_json(header.dataset.to_json_dict())
    assert told
    return told


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HEADERS, RESULTS)
def test_one_result_and_one_header_are_one_file_wherever_the_header_comes_from(tmp_path, tags, result):
    tags = {**tags, "SpecificCharacterSet": "ISO_IR 192"}
    header = from_file(tmp_path, tags)
    made = make_report(result, {sop("a"): header})
    assert make_report(result, {sop("a"): from_file(tmp_path, tags)}) == made
    assert make_report(result, {sop("a"): from_archive(header)}) == made
