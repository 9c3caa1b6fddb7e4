from pathlib import Path

import pytest

from screener.errors import UsageError
from screener.options import EvaluateOptions, ReportLook, ScanOptions, TrainOptions

NAN = float("nan")


def scan(**changes):
    usual = {"paths": (Path("studies"),), "out": Path("out/report.pdf"), "model": Path("models/net")}
    return ScanOptions(**{**usual, **changes})


def train(**changes):
    return TrainOptions(**{"data": (Path("data"),), "out": Path("models/net"), **changes})


def test_the_worklist_and_the_totals_lie_beside_the_report():
    options = scan(out=Path("out/night.1.pdf"))
    assert (options.csv, options.json) == (Path("out/night.1.csv"), Path("out/night.1.json"))


def test_outputs_are_private_unless_asked_otherwise():
    assert scan().mode == 0o600


@pytest.mark.parametrize(
    "changes",
    [
        {"out": Path("REPORT.PDF")},
        {"threshold": 0.0},
        {"threshold": 1.0},
        {"prevalence": 0.001},
        {"operating_point": "balanced"},
        {"files_csv": Path("out/files.csv")},
    ],
    ids=str,
)
def test_a_scan_may_be_asked_for(changes):
    for name, value in changes.items():
        assert getattr(scan(**changes), name) == value


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"out": Path("report.html")}, "--out must end in .pdf, got 'report.html'"),
        ({"out": Path("report")}, "--out must end in .pdf"),
        ({"threshold": -0.1}, "--threshold is a probability from 0 to 1, got -0.1"),
        ({"threshold": 1.1}, "--threshold is a probability"),
        ({"threshold": NAN}, "--threshold is a probability"),
        ({"threshold": 0.5, "operating_point": "balanced"}, "--threshold or --operating-point, not both"),
        ({"prevalence": 0.0}, "--prevalence must lie between 0 and 1, got 0.0"),
        ({"prevalence": 1.0}, "--prevalence must lie between"),
        ({"prevalence": NAN}, "--prevalence must lie between"),
        ({"workers": 0}, "--workers must be 1 or more, got 0"),
        ({"batch_size": 0}, "--batch-size must be 1 or more, got 0"),
        ({"summary": Path("out/report.csv")}, "--summary out/report.csv: that name is taken by another"),
        ({"summary": Path("out/f"), "files_csv": Path("out/f")}, "--summary out/f: that name is taken"),
        ({"max_wait": 3}, "--max-wait needs --ledger"),
        ({"max_wait": -1, "ledger": Path("l")}, "--max-wait is a number of days, 0 or more, got -1"),
        ({"pseudonymise": True}, "--pseudonymise needs --pseudonym-key FILE"),
        ({"pseudonym_key": Path("key")}, "does nothing without --pseudonymise"),
        (
            {"pseudonymise": True, "pseudonym_key": Path("key"), "include_names": True},
            "--include-names or --pseudonymise, not both",
        ),
        ({"files_csv": Path("out/report.csv")}, "taken by another output"),
        ({"files_csv": Path("out/report.json")}, "taken by another output"),
        ({"files_csv": Path("out/report.pdf")}, "taken by another output"),
        ({"ledger": Path("out/report.csv")}, "--out out/report.csv: this run reads that file"),
        ({"ledger": Path("l"), "log_file": Path("l")}, "--log-file l: this run reads that file"),
    ],
    ids=str,
)
def test_a_scan_that_cannot_be_is_refused_by_option_and_value(changes, message):
    with pytest.raises(UsageError) as refusal:
        scan(**changes)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 0}, "--batch-size must be 1 or more, got 0"),
        ({"epochs": 0}, "--epochs must be 1 or more"),
        ({"patience": 0}, "--patience must be 1 or more"),
        ({"tiles": 0}, "--tiles must be 1 or more"),
        ({"head_epochs": -1}, "--head-epochs must be 0 or more"),
        ({"read_size": 112}, "--read-size must be 448 or more, or 0, got 112"),
        ({"clip_limit": 0.0}, "--clip-limit must be above 0"),
        ({"clip_limit": NAN}, "--clip-limit must be above 0"),
        ({"unfreeze": -2}, "--unfreeze must be a number of layers or 'all'"),
        ({"composites": Path("gone.csv")}, "--composites gone.csv: no such file"),
        ({"composite_share": 1.0}, "--composite-share must lie between 0 and 1, got 1.0"),
        ({"composite_share": NAN}, "--composite-share must lie between"),
        ({"pointing": -0.1}, "--pointing must be 0 or more, got -0.1"),
        ({"mirror": NAN}, "--mirror must be 0 or more"),
        ({"kinds": -1.0}, "--kinds must be 0 or more"),
        ({"backbone": "gone.weights.h5"}, "--backbone gone.weights.h5: no such file"),
    ],
    ids=str,
)
def test_a_training_that_cannot_be_is_refused_by_option_and_value(changes, message):
    with pytest.raises(UsageError) as refusal:
        train(**changes)
    assert message in str(refusal.value)


def test_a_training_may_be_asked_for(tmp_path):
    weights = tmp_path / "net.weights.h5"
    weights.touch()
    options = train(backbone=str(weights), head_epochs=0, unfreeze=-1)
    assert (options.backbone, options.head_epochs, options.unfreeze) == (str(weights), 0, -1)


def test_an_evaluation_needs_a_worker():
    with pytest.raises(UsageError, match="--workers must be 1 or more, got 0"):
        EvaluateOptions(data=Path("data"), model=Path("net"), out=Path("out"), workers=0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"paper": "a3"}, "--paper is a4 or letter"),
        ({"cards": -1}, "--cards must be 0 or more"),
        ({"pdf_rows": 0}, "--pdf-rows must be 1 or more"),
        ({"template": Path("nowhere")}, "--template nowhere: no such folder"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_look_that_cannot_be_is_refused(changes, words):
    with pytest.raises(UsageError, match=words):
        ReportLook(**changes)
