"""Which prevalence each number of an evaluation assumes."""

from dataclasses import replace

import numpy as np
import pytest

from screener.evaluation import intervals
from screener.evaluation.metrics import Prevalences, evaluate_predictions
from screener.evaluation.predictions import Predictions
from screener.operating_points import Calibration, OperatingPoint

CALIBRATION = Calibration(slope=1.0, intercept=0.0, prevalence=0.5)
HALF = OperatingPoint("balanced", 0.5)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    """Draw patients anew 20 times, not 1000: no test here looks at an interval."""
    monkeypatch.setitem(intervals.resample_patients.__kwdefaults__, "resamples", 20)


@pytest.fixture(scope="module")
def enriched():
    """Four in five are ill, by probabilities that are true where one in two is."""
    random = np.random.default_rng(1)
    logits = random.normal(0, 2, 40_000)
    ill = random.random(len(logits)) < 1 / (1 + np.exp(-logits))
    kept = ill | (random.random(len(logits)) < 0.25)
    labels, logits = ill[kept].astype(np.int64)[:8000], logits[kept][:8000]
    files = tuple(map(str, range(len(labels))))
    return Predictions.calibrated(CALIBRATION, 0.1, labels, logits, files=files)


def test_each_number_names_its_prevalence(enriched):
    found = evaluate_predictions(enriched, [HALF.moved(CALIBRATION, 0.1)])
    assert found.prevalences == Prevalences(0.1, 0.5, pytest.approx(0.8, abs=0.01))
    assert found.operating_points[0].threshold == pytest.approx(0.1)
    assert found.operating_points[0].threshold_at_calibration == 0.5


def test_a_good_model_is_well_calibrated_on_a_set_of_another_prevalence(enriched):
    found = evaluate_predictions(enriched, [])
    assert found.expected_calibration_error.value < 0.03
    assert found.expected_calibration_error_at_calibration.value > 0.15
    assert found.brier.value < found.brier_at_calibration.value


def test_the_scale_changes_nothing_that_is_flagged(enriched):
    own = enriched.moved(0.5)
    printed = evaluate_predictions(enriched, [HALF.moved(CALIBRATION, 0.1)])
    fitted = evaluate_predictions(own, [HALF])
    assert printed.operating_points[0].confusion_matrix == fitted.operating_points[0].confusion_matrix
    assert printed.brier.value == pytest.approx(fitted.brier.value)


def test_of_one_class_the_calibrations_own_prevalence_serves(enriched):
    ill = enriched.part(enriched.labels == 1)
    assert ill.set_prevalence == 0.5
    assert replace(ill, calibrated_at=None, fitted_at=None).set_prevalence is None
