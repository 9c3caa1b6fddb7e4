"""Write dicom-conformance.md from what the program negotiates: python docs/dicom_conformance.py"""

from collections.abc import Mapping
from pathlib import Path

from pydicom.uid import UID

from screener import own_marks
from screener.archives.dimse import bounded_server, contexts, scp
from screener.archives.dimse.entity import SILENCE_SECONDS, VERSION_NAME
from screener.archives.dimse.storage_scu import SERVICES
from screener.archives.instances import IMAGE_CLASSES

PAGE = Path(__file__).with_name("dicom-conformance.md")
_HEAD = """# DICOM Conformance Statement

What Screener says to archives, and nothing else. This page is written from the program by
`python docs/dicom_conformance.py`; a test compares it with what an association really negotiates.
How to set up both sides is said in [With a PACS](pacs.md).

Screener is research software. What it claims of IHE profiles is [at the end](#ihe-integration-statement).

"""
_PUBLISH = """## `screener publish`

| | |
|---|---|
| Implementation Class UID | `{implementation}` |
| Implementation Version Name | `{version}` in associations, `{result}` in the objects it makes |
| AE title | `SCREENER`, changed with `--aet` |
| associations | one at a time; it accepts one alone, the answer to storage commitment on `--commit-port` |
| character set of what it makes | ISO_IR 192 |
| security | TLS 1.2 and later, in DIMSE with a client certificate (`--tls-cert`, `--tls-key`, `--tls-ca`); \
or none |

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

_RECEIVE = """
## `screener receive`

| | |
|---|---|
| role | Storage SCP, Verification SCP |
| Implementation Class UID, Version Name | `{implementation}`, `{version}` |
| AE title | `SCREENER`, changed with `--aet`; the called AE title must be it |
| calling AE titles | those of `--calling`; without it, any |
| associations | {associations} at a time (`--max-associations`) |
| silence | after {silence:g} seconds the association is aborted (`--idle-timeout`) |
| PDU | no limit is announced; one of more than {pdu} MB is refused, and so is an object of more than \
{object} GB |
| security | TLS 1.2 and later with client certificates (`--tls-cert`, `--tls-key`, `--tls-ca`), or none |

### Presentation contexts that it accepts

| SOP class | UID |
|---|---|
{images}
| Verification | `{verification}` |

Each image in these transfer syntaxes; of several in one context, the first that the sender names:

| transfer syntax | UID |
|---|---|
{syntaxes}

Structured reports, presentation states and PDFs are not accepted. A data set is kept byte for byte as it \
came, behind a file meta
group of its own. No attribute is coerced.

| status | meaning |
|---|---|
| {kept:04X} | the image is on disk and in the inbox, or lay there with the same content |
| {full:04X} | less of the disk is free than `--min-free`, or the image could not be written: send it \
again later |
| {other:04X} | the data set names another SOP Instance UID than the command |
"""
_PULL = """
## `screener pull`

Images are asked for in these SOP classes, in series of the modalities of `--modality`:

| SOP class | UID |
|---|---|
{classes}

### Presentation contexts that it proposes (`dicom://…`)

| SOP class | UID | role |
|---|---|---|
{contexts}

Transfer syntaxes of queries: Implicit VR Little Endian, Explicit VR Little and Big Endian, Deflated. \
Study Root, hierarchical: STUDY by Modalities in
Study and Study Date (a range without an end), SERIES by study, IMAGE by series. C-MOVE at level IMAGE, \
to the AE title of `--aet`.

### DICOMweb (`https://…`)

| transaction | resource | media type |
|---|---|---|
| QIDO-RS | `GET /studies?ModalitiesInStudy=&StudyDate=`, `GET /studies/{{study}}/series`, `GET \
/studies/{{study}}/series/{{series}}/instances`, each with `limit` and `offset` | application/dicom+json |
| WADO-RS | `GET /studies/{{study}}/series/{{series}}/instances/{{instance}}` | multipart/related; \
type="application/dicom"; transfer-syntax=* |

HTTP/1.1 with `Accept-Encoding: identity`; Basic or Bearer authorization; TLS 1.2 and later, certificates \
verified.

`screener doctor --archive` asks by the same contexts and resources, and by `POST /studies` of what is no \
DICOM file.
"""


_IHE = """
## IHE Integration Statement

**Screener claims conformance to no IHE profile.** It has been at no Connectathon, and no text of the \
profile AI Results (AIR) was at hand when it was written. The following was shown, by automated tests, and \
nothing else is claimed:

| what was shown | against | related IHE profile |
|---|---|---|
| Comprehensive 3D SR after TID 1500 and 1501, in the image's study, with device observer and algorithm \
identification; no error by `dciodvfy`, values read back by highdicom and dcmqi | files | AIR |
| such reports stored by STOW-RS, and by C-STORE with storage commitment | Orthanc 1.10 | AIR, \
Evidence Documents |
| images found by QIDO-RS and fetched by WADO-RS | Orthanc 1.10 | Web-based Image Access |
| images found by C-FIND and sent by C-MOVE to `screener receive` | Orthanc 1.10 | Scheduled Workflow |
| a rejection note (Key Object Selection, 113001), stored; that an archive hides what it names \
was not shown | Orthanc 1.10 | Imaging Object Change Management |
| associations over TLS with certificates on both sides | pynetdicom, dcmtk | Audit Trail and \
Node Authentication |

Not implemented: audit messages (ATNA), consistent time (left to the machine), worklists (UPS), orders, \
modality performed procedure steps, patient reconciliation (a changed identity is refused instead).
"""


def _rows(uids: Mapping[str, str]) -> str:
    return "\n".join(f"| {name} | `{uid}` |" for uid, name in uids.items())


def _receive() -> str:
    listening = scp.Listening(aet="SCREENER", port=11112, parts=Path())
    return _RECEIVE.format(
        implementation=own_marks.IMPLEMENTATION_UID,
        version=VERSION_NAME,
        associations=listening.associations,
        silence=SILENCE_SECONDS,
        pdu=bounded_server.MOST_PDU_BYTES >> 20,
        object=bounded_server.MOST_OBJECT_BYTES >> 30,
        images=_rows(contexts.IMAGES),
        verification=contexts.VERIFICATION,
        syntaxes=_rows(contexts.TRANSFER_SYNTAXES),
        kept=scp.SUCCESS,
        full=scp.OUT_OF_RESOURCES,
        other=scp.CANNOT_UNDERSTAND,
    )


def _pull() -> str:
    proposed = (contexts.FIND, contexts.MOVE, contexts.VERIFICATION)
    return _PULL.format(
        classes=_rows(IMAGE_CLASSES),
        contexts="\n".join(f"| {UID(each).name} | `{each}` | SCU |" for each in proposed),
    )


def page() -> str:
    """Return the page as it should be."""
    roles = {contexts.COMMITMENT: "SCU; SCP of the event report"}
    proposed = "\n".join(
        f"| {UID(each).name} | `{each}` | {roles.get(each, 'SCU')} | "
        f"{', '.join(UID(syntax).name for syntax in service.syntaxes)} |"
        for each, service in SERVICES.items()
    )
    publish = _PUBLISH.format(
        implementation=own_marks.IMPLEMENTATION_UID,
        version=VERSION_NAME,
        result=own_marks.RESULT_VERSION_NAME,
        contexts=proposed,
    )
    return _HEAD + publish + _receive() + _pull() + _IHE


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
