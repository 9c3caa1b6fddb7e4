from dataclasses import replace

import numpy as np
import pytest

from screener.evaluation.decision_curve import decision_curve
from screener.evaluation.metrics import evaluate_predictions
from screener.evaluation.predictions import Predictions
from screener.operating_points import OperatingPoint
from screener.training.checklist import render_checklist

MANIFEST = {
    "name": "mine",
    "version": "1.2.0",
    "intended_use": "Ordering a list | of images.",
    "preprocessing": {"size": 224, "clip_limit": 2.0, "tiles": 8},
    "calibration": {"slope": 1.0, "intercept": 0.0, "prevalence": 0.5},
    "operating_points": {"balanced": {"threshold": 0.5}},
    "held_out": {"auc": {"value": 0.912, "interval": [0.87, 0.95]}},
    "training": {"images": 10, "normal": 4, "pneumonia": 6, "epochs": 3, "seed": 7},
}


@pytest.fixture(scope="module")
def predictions():
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, 200)
    labels = (random.random(200) < 1 / (1 + np.exp(-logits))).astype(np.int64)
    return Predictions(
        labels,
        logits,
        1 / (1 + np.exp(-logits)),
        tuple(map(str, range(200))),
        groups={"view": ("PA", "AP") * 100},
        calibrated_at=0.5,
    )


@pytest.fixture(scope="module")
def evaluation(predictions):
    return evaluate_predictions(predictions, [OperatingPoint("balanced", 0.5)])


def rows_of(text):
    """Return each row of the table: item to (where, answer)."""
    cells = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")][1:]
    assert all(len(row) == 5 for row in cells)
    return {row[2].strip(): (row[3].strip(), row[4].strip()) for row in cells}


def test_what_manifest_and_measurement_say_is_filled_in(predictions, evaluation):
    text = render_checklist(
        MANIFEST, evaluation, evaluated_on="ward.csv", left_out=3, curve=decision_curve(predictions)
    )
    rows = rows_of(text)
    assert text.startswith("# Reporting checklist\n")
    assert "mine 1.2.0" in text
    assert "ward.csv" in text
    assert rows["preprocessing"][1] == "grey, 224 × 224, CLAHE (clip limit 2.0, 8 × 8 tiles)"
    assert rows["evaluation on internal data"] == (
        "manifest.json: held_out",
        "held-out part: AUC 0.912 (0.870–0.950)",
    )
    ill = int(predictions.labels.sum())
    assert (
        rows["numbers included and excluded"][1]
        == f"{200 - ill} normal, {ill} pneumonia, patients unknown, 3 left out"
    )
    assert rows["characteristics of the patients"][1].startswith("view: AP ")
    assert f"AUC {evaluation.auc.value:.3f}" in rows["performance with uncertainty"][1]
    assert "net benefit above" in rows["clinical utility"][1]
    matrix = evaluation.operating_points[0].confusion_matrix
    assert rows["failure analysis"][1] == f"balanced: {matrix.fn} missed, {matrix.fp} flagged in vain"


def test_what_nobody_said_is_not_reported(evaluation):
    rows = rows_of(render_checklist(MANIFEST, evaluation, evaluated_on="ward.csv"))
    for item in (
        "funding",
        "ethical approval",
        "reference standard: definition",
        "clinical utility",
        "software",
    ):
        assert rows[item] == ("–", "not reported"), item


def test_a_manifest_that_says_nothing_invents_nothing(evaluation):
    bare = replace(evaluation, subgroups=(), prior_shift=())
    rows = rows_of(render_checklist({}, bare, evaluated_on="ward.csv"))
    for item in (
        "preprocessing",
        "partitions",
        "training",
        "limitations",
        "fairness",
        "intended use and role",
    ):
        assert rows[item] == ("–", "not reported"), item


def test_text_stays_in_its_cell(evaluation):
    text = render_checklist(MANIFEST, evaluation, evaluated_on="a|b\nc", heading="##")
    assert text.startswith("## Reporting checklist\n")
    assert r"Ordering a list \| of images." in text
    assert r"a\|b c" in text


def test_every_claim_item_of_2024_has_a_row(evaluation):
    text = render_checklist(MANIFEST, evaluation, evaluated_on="ward.csv")
    numbers = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}
    assert {str(number) for number in range(1, 45)} <= numbers
