"""The result as a page in the archive, for viewers that show no structured report."""

import pypdfium2
import pytest

from screener.dicom_results.pdf import make_pdf
from tests.dicom_results.results import complaints, headers_of, image_result, read_back, sop, study_result


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of a study of which one image was screened and one was not."""
    folder = tmp_path_factory.mktemp("pdf")
    result = study_result(image_result(), image_result("b", "", None))
    headers = headers_of(folder, "a", "b", SpecificCharacterSet="ISO_IR 192", PatientID="山田-1")
    return make_pdf(result, headers), make_pdf(result, headers)


def test_a_page_breaks_no_rule_of_its_iod_and_is_always_the_same_bytes(page, tmp_path):
    made, again = page
    assert complaints(made.content, tmp_path) == []
    assert made == again


def test_a_page_says_what_it_is_for_whom_and_what_was_found(page):
    read = read_back(page[0].content)
    assert (read.Modality, read.BurnedInAnnotation, read.VerificationFlag) == ("DOC", "YES", "UNVERIFIED")
    assert [each.ReferencedSOPInstanceUID for each in read.SourceInstanceSequence] == [sop("a"), sop("b")]
    document = pypdfium2.PdfDocument(read.EncapsulatedDocument[: read.EncapsulatedDocumentLength])
    text = " ".join(each.get_textpage().get_text_range() for each in document).replace("\r\n", " ")
    document.close()
    for words in (
        "RESEARCH, NOT FOR CLINICAL USE",
        "P",
        "A-1",
        "FLAGGED for early reading.",
        "NOT SCREENED.",
    ):
        assert words in text
    assert "Yamada" not in text  # the name stands in the header alone
