import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from screener.evaluation import bootstrap as resampled
from screener.evaluation.calibration import bin_numbers, expected_calibration_error

RANDOM = np.random.default_rng(4)
LABELS = np.repeat([0, 1], [30, 50])
TIED = np.round(RANDOM.normal(LABELS, 1.0), 1)
WEIGHTS = RANDOM.poisson(1.0, (20, 80)).astype(float)


@pytest.mark.parametrize(
    ("figure", "sklearns"),
    [
        pytest.param(resampled.area_under_roc, roc_auc_score, id="AUC"),
        pytest.param(resampled.average_precision, average_precision_score, id="average precision"),
    ],
)
def test_a_weighted_figure_is_scikit_learns_over_repeated_images(figure, sklearns):
    ours = figure(LABELS, TIED)(WEIGHTS)
    for weights, value in zip(WEIGHTS.astype(int), ours, strict=True):
        assert value == pytest.approx(sklearns(np.repeat(LABELS, weights), np.repeat(TIED, weights)))


def test_weights_of_one_give_the_calibration_error_itself():
    probabilities = RANDOM.random(80)
    figure = resampled.calibration_error(LABELS, probabilities, bin_numbers(probabilities))
    assert figure(np.ones((1, 80)))[0] == pytest.approx(expected_calibration_error(LABELS, probabilities))


@pytest.mark.parametrize("figure", [resampled.area_under_roc, resampled.average_precision])
def test_a_resample_without_pneumonia_is_undefined(figure):
    weights = (1.0 - LABELS)[None, :]
    assert np.isnan(figure(LABELS, TIED)(weights)).all()
