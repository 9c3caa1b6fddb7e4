"""A study's result as an HL7 v2.5.1 message, ORU^R01, for an interface engine: a result, never an order."""

from collections.abc import Iterator

from screener.dicom_results.content_item import CODING_SCHEME
from screener.dicom_results.report import PROBABILITY
from screener.dicom_results.result import ImageResult, StudyResult
from screener.dicom_results.source_header import SourceHeader

PRELIMINARY = "P"
_SUMMARIES = {
    True: "111242^All algorithms succeeded; with findings^DCM",
    False: "111241^All algorithms succeeded; without findings^DCM",
    None: "111245^No algorithms succeeded; without findings^DCM",
}


def make_hl7(result: StudyResult, header: SourceHeader, report_uid: str) -> bytes:
    """Return the message, UTF-8, segments parted by CR; the control ID is made of the report's UID."""
    return "".join(f"{segment}\r" for segment in _segments(result, header, report_uid)).encode()


def _segments(result: StudyResult, header: SourceHeader, report_uid: str) -> Iterator[str]:
    when = f"{result.analysed:%Y%m%d%H%M%S%z}"
    accession = _escaped(header.value("AccessionNumber"))
    issuer = _escaped(header.value("IssuerOfPatientID"))
    report = "126000^Imaging Measurement Report^DCM"
    yield _segment(
        *(
            "MSH",
            "^~\\&",
            "SCREENER",
            "",
            "",
            "",
            when,
            "",
            "ORU^R01^ORU_R01",
            report_uid[-20:],
            "P",
            "2.5.1",
        ),
        *("", "", "", "", "", "UNICODE UTF-8"),
    )
    yield _segment("PID", "1", "", f"{_escaped(header.value('PatientID'))}^^^{issuer}^PI", "", "^^^^^^U")
    yield _segment("ORC", "RE", "", accession)
    # OBR-25 is the status: preliminary. The priority, OBR-27, is nobody's to change.
    yield _segment(
        "OBR", "1", "", accession or report_uid[-20:], report, "", "", when, *[""] * 17, PRELIMINARY
    )
    rows = [row for image in result.images for row in _of_image(result, image)]
    rows += [
        ("ST", "113014^Study^DCM", result.study_uid, "", ""),
        ("ST", "121181^DICOM Object Catalog^DCM", report_uid, "", ""),
    ]
    for number, (kind, name, value, unit, limits) in enumerate(rows, 1):
        yield _segment(
            "OBX", str(number), kind, name, str(number), value, unit, limits, "", "", "", PRELIMINARY
        )
    for number, said in enumerate(result.images[0].statements, 1):
        yield _segment("NTE", str(number), "L", _escaped(said))


def _of_image(result: StudyResult, image: ImageResult) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield kind, name, value, unit and reference range of what was found of an image."""
    if image.probability:
        limit = f"<{dict(image.facts)['threshold']}" if "threshold" in dict(image.facts) else ""
        name = f"{PROBABILITY.value}^{PROBABILITY.meaning}^{CODING_SCHEME}"
        yield "NM", name, image.probability, "1^no units^UCUM", limit
    yield "CWE", "111064^Summary of Detections^DCM", _SUMMARIES[image.flagged], "", ""


def _segment(*fields: str) -> str:
    return "|".join(fields).rstrip("|")


def _escaped(text: str) -> str:
    """Return text without what parts fields (HL7 2.7); a header may hold anything."""
    for character, code in (("\\", "E"), ("|", "F"), ("^", "S"), ("&", "T"), ("~", "R")):
        text = text.replace(character, f"\\{code}\\" if character != "\\" else "\0")
    return text.replace("\0", "\\E\\").replace("\r", " ").replace("\n", " ")
