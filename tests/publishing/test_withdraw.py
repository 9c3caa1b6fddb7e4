"""The kill switch: what was published is called withdrawn, by an object that archives understand."""

import pytest
from typer.testing import CliRunner, Result

from screener.cli import app
from screener.errors import ExitCode
from tests.dicom_results.results import complaints
from tests.publishing.hospital import Hospital, screened


def publish(hospital: Hospital, *options: str) -> Result:
    command = ["publish", "--ledger", str(hospital.ledger), "--to", str(hospital.outbox), *options]
    return CliRunner().invoke(app, command)


@pytest.fixture
def published(hospital: Hospital) -> Hospital:
    """Two nights, one study each, both published."""
    first, second = hospital.image("a"), hospital.image("b", "1.2.2")
    hospital.night(screened(first))
    publish(hospital)
    hospital.night(screened(second), number=1)
    publish(hospital)
    return hospital


def test_each_report_is_rejected_by_name_and_nothing_is_deleted(published, tmp_path):
    result = publish(published, "--withdraw")
    assert (result.exit_code, "2 withdrawal stored" in result.output) == (ExitCode.DONE, True)
    notes = [each for each in published.sent() if each.Modality == "KO"]
    reports = [each for each in published.sent() if each.Modality == "SR"]
    assert (len(notes), len(reports)) == (2, 2)
    for note, report in zip(notes, reports, strict=True):
        assert note.ConceptNameCodeSequence[0].CodeValue == "113001"
        assert note.StudyInstanceUID == report.StudyInstanceUID
        [series] = note.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
        assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == report.SOPInstanceUID
        content = (published.outbox / f"{note.SOPInstanceUID}.dcm").read_bytes()
        assert complaints(content, tmp_path) == []


def test_what_is_withdrawn_is_neither_withdrawn_again_nor_sent_again(published):
    publish(published, "--withdraw")
    assert "0 refused" in publish(published, "--withdraw").output
    assert "2 known" in publish(published, "--withdraw").output
    assert "1 known" in publish(published, "--run", "2").output
    assert len(published.sent()) == 4


def test_one_run_alone_can_be_withdrawn(published):
    assert "1 withdrawal stored" in publish(published, "--withdraw", "--run", "2").output
    [note] = [each for each in published.sent() if each.Modality == "KO"]
    assert note.StudyInstanceUID == "1.2.2"


def test_a_new_result_after_a_withdrawal_replaces_nothing(published):
    publish(published, "--withdraw")
    published.night(screened(published.image("b", "1.2.2"), -3.0, pixel_digest="other"), number=2)
    publish(published)
    newest = [each for each in published.sent() if each.Modality == "SR" and each.ContentDate == "20261122"]
    assert len(newest) == 1
    assert "PredecessorDocumentsSequence" not in newest[0]


def test_a_dry_run_withdraws_nothing(published):
    assert "2 withdrawal would be sent" in publish(published, "--withdraw", "--dry-run").output
    assert all(each.Modality == "SR" for each in published.sent())


@pytest.mark.parametrize(
    ("options", "words"), [((), "nothing was"), (("--run", "1"), "nothing of run 1 was")]
)
def test_where_nothing_was_published_there_is_nothing_to_withdraw(hospital, options, words):
    hospital.night(screened(hospital.image("a")))
    result = publish(hospital, "--withdraw", *options)
    assert (result.exit_code, words in result.output) == (ExitCode.USAGE, True)
