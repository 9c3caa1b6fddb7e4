"""The result as a page, for viewers that show no structured report: Encapsulated PDF (PS3.3 A.45.1)."""

from collections.abc import Mapping

from screener.dicom_results.common import ObjectPlan, ResultObject, begin, moment, reference, written
from screener.dicom_results.content_item import dcm
from screener.dicom_results.result import ObjectKind, StudyResult
from screener.dicom_results.source_header import SourceHeader
from screener.outputs.messages import shipped_messages
from screener.outputs.study_page import ImageSection, StudyPage, study_pdf

PDF_STORAGE = "1.2.840.10008.5.1.4.1.1.104.1"


def make_pdf(
    result: StudyResult, headers: Mapping[str, SourceHeader], predecessor: tuple[str, str] = ("", "")
) -> ResultObject:
    """Return a study's page; the arguments are those of make_report.

    Raises:
        MissingDependencyError: WeasyPrint or the Pango library is absent.
    """
    first = headers[result.images[0].sop_instance_uid]
    plan = ObjectPlan(ObjectKind.PDF, PDF_STORAGE, "DOC", 9804, result.title, predecessor)
    made = begin(result, first, plan)
    made.ConversionType = "WSD"
    made.ContentDate, made.ContentTime = moment(result, first)
    made.AcquisitionDateTime = None
    made.BurnedInAnnotation = "YES"  # the page names patient ID and accession number
    made.VerificationFlag = "UNVERIFIED"
    made.SourceInstanceSequence = [reference(headers[image.sop_instance_uid]) for image in result.images]
    made.DocumentTitle = result.title
    made.ConceptNameCodeSequence = [dcm("126000", "Imaging Measurement Report").dataset()]
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    content = study_pdf(_page(result, first))
    made.EncapsulatedDocumentLength = len(content)
    made.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    return written(made, ObjectKind.PDF)


def _page(result: StudyResult, header: SourceHeader) -> StudyPage:
    messages = shipped_messages()
    known = header.identifiers
    facts = (
        ("patient_id", known.patient_id),
        ("accession_number", known.accession_number),
        ("study_date", known.study_date),
        ("study_uid", result.study_uid),
        ("model", str(result.model)),
        ("analysed", f"{result.analysed:%Y-%m-%d %H:%M %z}"),
    )
    return StudyPage(
        result.title,
        messages.plain("result.notice"),
        tuple((messages.plain(f"result.{name}"), value) for name, value in facts if value),
        [
            ImageSection(
                messages.plain("result.image", number=number, uid=image.sop_instance_uid),
                image.statements,
                image.parameters,
            )
            for number, image in enumerate(result.images, 1)
        ],
    )
