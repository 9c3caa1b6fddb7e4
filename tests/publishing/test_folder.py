"""Publishing to a folder: one report a study, nothing twice, nothing of a study that has changed."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from screener.cli import app
from screener.domain import Cause
from screener.errors import ExitCode
from screener.operating_points import OperatingPoint
from screener.options import RunOptions
from screener.reasons import ReasonCode
from screener.run_summary import ModelIdentity
from screener.scale import Scales
from tests.publishing.hospital import SCALE, Hospital, missed, screened, write_image


def publish(hospital: Hospital, *options: str, to: Path | None = None) -> Result:
    place = str(to or hospital.outbox)
    return CliRunner().invoke(app, ["publish", "--ledger", str(hospital.ledger), "--to", place, *options])


def comments(report) -> list[str]:
    """Return the comments of a report, image after image."""
    measurements = report.ContentSequence[-1].ContentSequence
    return [
        item.TextValue
        for group in measurements
        for item in group.ContentSequence
        if item.ValueType == "TEXT" and item.ConceptNameCodeSequence[0].CodeValue == "121106"
    ]


def test_each_study_gets_one_report_and_nothing_is_sent_twice(hospital):
    hospital.night(screened(hospital.image("a")), screened(hospital.image("b", "1.2.2"), -3.0))
    first = publish(hospital)
    assert first.exit_code == ExitCode.DONE
    assert "2 studies: 2 sr stored" in first.output
    for path in hospital.outbox.iterdir():
        path.unlink()  # another program has taken them
    assert "all runs up to 1 are known there" in publish(hospital).output
    assert "2 known there already" in publish(hospital, "--run", "1").output
    assert list(hospital.outbox.iterdir()) == []


def test_a_report_says_flagged_by_band_or_not_flagged_and_never_normal(hospital):
    hospital.night(screened(hospital.image("a"), 2.0), screened(hospital.image("b", "1.2.2"), -3.0))
    publish(hospital)
    flagged, not_flagged = map(comments, hospital.sent())
    assert flagged[0].startswith("FLAGGED for early reading, band “first”: probability of pneumonia 0.880797")
    assert not_flagged[0].startswith("NOT FLAGGED: probability of pneumonia 0.047426, threshold 0.300000.")
    assert "does not mean normal" in not_flagged[0]
    for told in (flagged, not_flagged):
        assert any(each.startswith("RESEARCH, NOT FOR CLINICAL USE.") for each in told)
        assert any(each.startswith("Validated on: adults of one hospital.") for each in told)


def test_a_study_that_could_not_be_screened_has_a_report_that_says_so(hospital):
    hospital.night(missed(hospital.image("a")))
    publish(hospital)
    [report] = hospital.sent()
    assert comments(report)[0].startswith("NOT SCREENED: the pixels are truncated")
    codes = [
        item.ConceptCodeSequence[0].CodeValue
        for item in report.ContentSequence[-1].ContentSequence[0].ContentSequence
        if item.ValueType == "CODE"
    ]
    assert "111245" in codes  # no algorithms succeeded
    assert "415684004" not in codes  # suspected


def test_a_study_without_a_screened_image_is_left_out_where_asked(hospital):
    hospital.night(missed(hospital.image("a")))
    assert "1 of which no image could be screened" in publish(hospital, "--no-also-unscreened").output
    assert hospital.sent() == []


def test_a_study_of_another_kind_gets_no_report(hospital):
    hospital.night(missed(hospital.image("a", Modality="CT"), ReasonCode.MODALITY, Cause.INELIGIBLE))
    assert "1 of another kind" in publish(hospital).output
    assert hospital.sent() == []


def test_two_images_of_a_study_stand_in_one_report_the_deciding_one_first(hospital):
    hospital.night(
        screened(hospital.image("a"), -3.0), screened(hospital.image("b"), 2.0), missed(hospital.image("c"))
    )
    publish(hospital)
    [report] = hospital.sent()
    told = [each.split(":")[0].split(",")[0] for each in comments(report)]
    assert [each for each in told if each.isupper() or "FLAGGED" in each] == [
        "FLAGGED for early reading",
        "RESEARCH",
        "NOT FLAGGED",
        "RESEARCH",
        "NOT SCREENED",
        "RESEARCH",
    ]
    [study] = report.CurrentRequestedProcedureEvidenceSequence
    assert len(study.ReferencedSeriesSequence[0].ReferencedSOPSequence) == 3


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param({"PatientID": "P-2"}, id="patient"),
        pytest.param({"AccessionNumber": "A-2"}, id="accession number"),
        pytest.param({"StudyInstanceUID": "1.2.9"}, id="study"),
    ],
)
def test_nothing_is_sent_where_the_identity_has_changed_since_the_scan(hospital, tags):
    path = hospital.image("a")
    hospital.night(screened(path), screened(hospital.image("b", "1.2.2")))
    hospital.image("a", **tags)
    result = publish(hospital)
    assert result.exit_code == ExitCode.SOME_FAILED
    assert "refused: a.dcm: patient ID, accession number or UIDs have changed" in result.output
    assert "1 sr stored" in result.output
    assert [each.StudyInstanceUID for each in hospital.sent()] == ["1.2.2"]
    assert not any(value in result.output for value in ("P-1", "P-2", "A-2", "1.2.9"))


def test_nothing_is_sent_where_the_image_is_gone(hospital):
    path = hospital.image("a")
    hospital.night(screened(path))
    path.unlink()
    result = publish(hospital)
    assert (result.exit_code, hospital.sent()) == (ExitCode.SOME_FAILED, [])
    assert "refused: a.dcm: the image is not there any more" in result.output


def test_a_dry_run_sends_and_records_nothing(hospital):
    hospital.night(screened(hospital.image("a")))
    for _ in range(2):
        assert "1 sr would be sent" in publish(hospital, "--dry-run").output
    assert hospital.sent() == []
    assert "1 sr stored" in publish(hospital).output


def test_the_same_result_published_again_elsewhere_is_the_same_file(hospital, tmp_path):
    hospital.night(screened(hospital.image("a")), missed(hospital.image("b", "1.2.2")))
    publish(hospital)
    other = tmp_path / "other"
    other.mkdir()
    publish(hospital, to=other)
    mine, others = (
        {path.name: path.read_bytes() for path in each.iterdir()} for each in (hospital.outbox, other)
    )
    assert mine == others
    assert len(mine) == 2


def test_what_was_killed_between_sending_and_recording_is_sent_again_as_the_same_file(hospital, monkeypatch):
    hospital.night(screened(hospital.image("a")))
    monkeypatch.setattr(
        "screener.ledger.published.Published.add", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    assert publish(hospital).exit_code == ExitCode.INTERRUPTED
    [before] = [path.read_bytes() for path in hospital.outbox.iterdir()]
    monkeypatch.undo()
    assert "1 sr stored" in publish(hospital).output
    assert [path.read_bytes() for path in hospital.outbox.iterdir()] == [before]


def test_a_new_model_makes_a_new_report_that_names_the_one_it_replaces(hospital):
    path = hospital.image("a")
    hospital.night(screened(path, 2.0))
    publish(hospital)
    [old] = hospital.sent()
    hospital.night(
        screened(path, -3.0),
        number=1,
        change=lambda run: replace(run, model=ModelIdentity("net", "2.0.0", "cd" * 32)),
    )
    publish(hospital)
    new = next(each for each in hospital.sent() if each.SOPInstanceUID != old.SOPInstanceUID)
    [study] = new.PredecessorDocumentsSequence
    replaced = study.ReferencedSeriesSequence[0]
    assert replaced.SeriesInstanceUID == old.SeriesInstanceUID != new.SeriesInstanceUID
    assert replaced.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == old.SOPInstanceUID
    assert new.ContentDate == "20261121"


def test_going_back_to_an_earlier_result_is_news_again(hospital):
    """Else the archive's newest report would be the wrong one."""
    path = hospital.image("a")
    strict = replace(SCALE, operating_point=OperatingPoint("custom", 0.95))
    for number, scale in enumerate((SCALE, strict, SCALE)):
        hospital.night(
            screened(path),
            number=number,
            change=lambda run, scale=scale: replace(run, scales=Scales.one(scale)),
        )
        publish(hospital)
    assert len(hospital.sent()) == 3


def test_what_a_receiver_missed_while_it_was_away_is_sent_with_the_next_night(hospital, monkeypatch):
    """Each night lists what is new alone."""

    def new_only(run):
        return replace(run, options=RunOptions({"new_only": True}))

    first, second = hospital.image("a"), hospital.image("b", "1.2.2")
    hospital.night(screened(hospital.image("c", "1.2.3")), change=new_only)
    publish(hospital)
    hospital.night(screened(first), number=1, change=new_only)  # nobody publishes it
    hospital.night(screened(first), screened(second), number=2, change=new_only)
    assert "2 sr stored" in publish(hospital).output
    assert len(hospital.sent()) == 3


def test_a_copy_of_a_image_is_told_once(hospital):
    path = hospital.image("a")
    copy = write_image(hospital.folder / "copy.dcm", "1.2.1", "1.2.1.97")
    hospital.night(screened(path, pixel_digest="d"), screened(copy, pixel_digest="d"))
    publish(hospital)
    [report] = hospital.sent()
    assert len(report.ContentSequence[-1].ContentSequence) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"complete": False}, "it was interrupted", id="incomplete"),
        pytest.param({"options": RunOptions({"pseudonymise": True})}, "under pseudonyms", id="pseudonyms"),
    ],
)
def test_a_run_that_must_not_be_published_is_refused(hospital, change, words):
    hospital.night(screened(hospital.image("a")), change=lambda run: replace(run, **change))
    for options in ((), ("--run", "1")):
        result = publish(hospital, *options)
        assert result.exit_code == ExitCode.USAGE
        assert words in result.output
    assert hospital.sent() == []


def test_an_image_without_uids_is_counted_and_told(hospital):
    hospital.night(
        screened(hospital.image("a", StudyInstanceUID=None)),
        screened(hospital.image("b", SOPInstanceUID=None)),
    )
    assert "2 without a Study or SOP Instance UID" in publish(hospital).output


@pytest.mark.parametrize(
    ("to", "code"),
    [
        pytest.param("absent/outbox", ExitCode.OUTPUT, id="no such folder"),
        pytest.param("ftp://pacs", ExitCode.USAGE, id="no archive"),
    ],
)
def test_a_place_that_takes_nothing_is_named_before_anything_is_sent(hospital, to, code):
    hospital.night(screened(hospital.image("a")))
    result = CliRunner().invoke(app, ["publish", "--ledger", str(hospital.ledger), "--to", to])
    assert result.exit_code == code
    assert to in result.output


@pytest.mark.parametrize(
    ("options", "image", "when"),
    [
        pytest.param((), None, ("20261120", "020000"), id="that of the scan"),
        pytest.param(("--timezone", "America/New_York"), None, ("20261119", "210000"), id="by name"),
        pytest.param(("--timezone", "+0930"), None, ("20261120", "113000"), id="by offset"),
        pytest.param(("--timezone", "+0930"), "+0100", ("20261120", "030000"), id="the image's own"),
    ],
)
def test_a_report_tells_times_in_the_zone_that_was_asked_for(hospital, options, image, when):
    hospital.night(screened(hospital.image("a", TimezoneOffsetFromUTC=image)))
    publish(hospital, *options)
    [report] = hospital.sent()
    assert (report.ContentDate, report.ContentTime) == when
    assert report.get("TimezoneOffsetFromUTC") == image  # it would speak for the study's own times, too
    assert "1 known there already" in publish(hospital, "--run", "1", "--timezone", "Asia/Tokyo").output


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "Europe", "../etc/passwd", "+1500", "CEST+1"])
def test_a_zone_that_is_none_is_refused_before_anything_is_sent(hospital, zone):
    hospital.night(screened(hospital.image("a")))
    result = publish(hospital, "--timezone", zone)
    assert (result.exit_code, hospital.sent()) == (ExitCode.USAGE, [])
    assert f"--timezone {zone}: no time zone" in result.output
