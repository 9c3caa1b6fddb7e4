"""Write dicom-conformance.md from what the program negotiates: python docs/dicom_conformance.py"""

from pathlib import Path

from pydicom.uid import UID

from screener import own_marks
from screener.archives.storage_scu import COMMITMENT, FIND, STORED_CLASSES, SYNTAXES, VERSION_NAME

PAGE = Path(__file__).with_name("dicom-conformance.md")
_HEAD = """# DICOM Conformance Statement

What Screener says to archives, and nothing else. This page is written from the program by
`python docs/dicom_conformance.py`; a test compares it with what an association really negotiates.
How to set up both sides is said in [With a PACS](pacs.md).

Screener is research software: no claim of an IHE profile is made here.

"""
_PUBLISH = """## `screener publish`

| | |
|---|---|
| Implementation Class UID | `{implementation}` |
| Implementation Version Name | `{version}` in associations, `{result}` in the objects it makes |
| AE title | `SCREENER`, changed with `--aet` |
| associations | one at a time; it accepts one alone, the answer to storage commitment on `--commit-port` |
| character set of what it makes | ISO_IR 192 |
| security | none in DIMSE; TLS in DICOMweb |

### Presentation contexts that it proposes (`--to dicom://…`)

| SOP class | UID | role | transfer syntaxes |
|---|---|---|---|
{contexts}

Asked by C-FIND: STUDY, SERIES and IMAGE, by their unique keys. C-STORE statuses that count as stored:
0000, B000, B006, B007. Storage commitment is asked once for all that was stored;
its answer is awaited 60 seconds.

### DICOMweb (`--to https://…`)

| transaction | resource | media type |
|---|---|---|
| QIDO-RS | `GET /studies/{{study}}/instances?SOPInstanceUID=` | application/dicom+json |
| WADO-RS | `GET …/series/{{series}}/instances/{{instance}}/metadata` | application/dicom+json |
| STOW-RS | `POST /studies/{{study}}` | multipart/related; type="application/dicom" |
"""


def page() -> str:
    """Return the page as it should be."""
    roles = {FIND: "SCU", COMMITMENT: "SCU; SCP of the event report"}
    syntaxes = ", ".join(UID(each).name for each in SYNTAXES)
    contexts = "\n".join(
        f"| {UID(each).name} | `{each}` | {roles.get(each, 'SCU')} | {syntaxes} |"
        for each in (*STORED_CLASSES, FIND, COMMITMENT)
    )
    return _HEAD + _PUBLISH.format(
        implementation=own_marks.IMPLEMENTATION_UID,
        version=VERSION_NAME,
        result=own_marks.RESULT_VERSION_NAME,
        contexts=contexts,
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
