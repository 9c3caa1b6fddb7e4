"""Results for interface engines: a FHIR bundle or an HL7 message for each study, as files in a folder."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from screener.dicom_results.common import ResultObject
from screener.dicom_results.result import StudyResult
from screener.dicom_results.source_header import SourceHeader
from screener.dicom_results.uids import uid_of
from screener.outputs.atomic import check_writable, written_whole
from screener.publishing.fhir import make_fhir
from screener.publishing.fhir_r5 import make_fhir_r5
from screener.publishing.hl7 import make_hl7
from screener.publishing.targets import STORED
from screener.said import Said

FHIR, FHIR_R5, HL7 = "fhir", "fhir-r5", "hl7"
_MAKERS: Mapping[str, tuple[str, Callable[[StudyResult, SourceHeader, str], bytes]]] = {
    FHIR: ("json", make_fhir),
    FHIR_R5: ("json", make_fhir_r5),
    HL7: ("hl7", make_hl7),
}


class DocumentFolder:
    """A folder for documents of one kind, each whole or absent, named by a UID of its own."""

    def __init__(self, folder: Path, kind: str, mode: int) -> None:
        """Raises OutputError where nothing can be written there."""
        self._folder, self._suffix, self._mode = folder, _MAKERS[kind][0], mode
        self.name = str(folder.absolute())
        check_writable(folder / f"result.{self._suffix}")

    def store(self, objects: Sequence[ResultObject]) -> Mapping[str, Said | None]:
        """Write each as a file; raises OutputError where the disk is full."""
        for each in objects:
            with written_whole(self._folder / f"{each.sop_uid}.{self._suffix}", self._mode) as file:
                file.write(each.content)
        return {each.sop_uid: STORED for each in objects}


def make_document(kind: str, result: StudyResult, header: SourceHeader, report_uid: str) -> ResultObject:
    """Return a document of a study; report_uid: of the structured report that says the same."""
    content = _MAKERS[kind][1](result, header, report_uid)
    return ResultObject(kind, "", uid_of(kind, report_uid), "", result.study_uid, content)
