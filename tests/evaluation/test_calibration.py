import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from screener.errors import DatasetError
from screener.evaluation.calibration import (
    brier_score,
    calibration_error_by_chance,
    expected_calibration_error,
    fit_platt,
    reliability_bins,
)


def simulated(slope=1.0, intercept=0.0, images=4000, seed=5):
    random = np.random.default_rng(seed)
    logits = random.normal(0.5, 2.0, images)
    labels = (random.random(images) < expit(slope * logits + intercept)).astype(np.int64)
    return logits, labels


def test_platt_finds_the_slope_and_intercept_that_made_the_labels():
    fitted = fit_platt(*simulated(slope=0.6, intercept=-0.4, images=40_000))
    assert (fitted.slope, fitted.intercept) == pytest.approx((0.6, -0.4), abs=0.04)


def test_platt_agrees_with_scikit_learn_on_smoothed_targets():
    logits, labels = simulated(images=200)
    ill, well = labels.sum(), (1 - labels).sum()
    targets = np.where(labels == 1, (ill + 1) / (ill + 2), 1 / (well + 2))
    # A target between 0 and 1 is an image of either class, weighted.
    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(
        np.r_[logits, logits][:, None], np.repeat([1, 0], 200), sample_weight=np.r_[targets, 1 - targets]
    )
    fitted = fit_platt(logits, labels)
    assert fitted.slope == pytest.approx(reference.coef_[0, 0], rel=1e-5)
    assert fitted.intercept == pytest.approx(reference.intercept_[0], rel=1e-4)


def test_fitted_probabilities_match_the_prevalence_but_for_the_smoothing():
    logits, labels = simulated()
    fitted = fit_platt(logits, labels)
    mean = np.mean([fitted.probability(float(logit)) for logit in logits])
    assert fitted.prevalence == labels.mean()
    assert mean == pytest.approx(labels.mean(), abs=1e-3)


def test_platt_does_not_care_about_the_unit_of_the_scores():
    logits, labels = simulated()
    plain, stretched = fit_platt(logits, labels), fit_platt(1000 * logits + 5000, labels)
    assert stretched.slope == pytest.approx(plain.slope / 1000, rel=1e-6)


def test_perfect_separation_leaves_the_slope_finite():
    fitted = fit_platt(np.array([-3.0, -2.0, 2.0, 3.0]), np.array([0, 0, 1, 1]))
    # Two images of a class: no probability beyond Laplace's 3/4 by much.
    assert 0 < fitted.slope < 10
    assert fitted.probability(3.0) < 0.85


@pytest.mark.parametrize(
    "logits",
    [
        pytest.param([3.0, 2.0, -2.0, -3.0], id="upside down"),
        pytest.param([1.0, 1.0, 1.0, 1.0], id="all the same"),
        pytest.param([1.0, -1.0, 1.0, -1.0], id="unrelated"),
    ],
)
def test_scores_that_do_not_rise_with_pneumonia_are_refused(logits):
    with pytest.raises(DatasetError, match="do not separate the classes in the right direction"):
        fit_platt(np.array(logits), np.array([0, 0, 1, 1]))


@pytest.mark.parametrize(("label", "missing"), [(0, "PNEUMONIA"), (1, "NORMAL")])
def test_a_calibration_names_the_class_that_is_missing(label, missing):
    with pytest.raises(DatasetError, match=f"none is labelled {missing}"):
        fit_platt(np.array([0.1, 0.2]), np.array([label, label]))


def test_calibration_error_by_hand():
    labels = np.array([0, 1, 1, 1])
    probabilities = np.array([0.1, 0.3, 0.8, 1.0])
    # Two bins of two images: |0.5 - 0.2| and |1 - 0.9|, each half of the images.
    assert expected_calibration_error(labels, probabilities, bins=2) == pytest.approx(0.2)


def test_calibration_error_is_the_gap_where_all_probabilities_are_equal():
    labels = np.repeat([0, 1], [30, 70])
    assert expected_calibration_error(labels, np.full(100, 0.9)) == pytest.approx(0.2)


def test_calibration_error_does_not_depend_on_the_order_of_the_images():
    random = np.random.default_rng(6)
    labels = random.integers(0, 2, 100)
    probabilities = np.round(random.random(100), 1)
    order = random.permutation(100)
    assert expected_calibration_error(labels, probabilities) == pytest.approx(
        expected_calibration_error(labels[order], probabilities[order]), abs=1e-15
    )


def test_chance_alone_makes_the_calibration_error_that_samples_of_a_true_model_have():
    mean, high = calibration_error_by_chance(expit(simulated(images=60)[0]))
    found = []
    for seed in range(400):
        logits, labels = simulated(images=60, seed=seed)
        found.append(expected_calibration_error(labels, expit(logits)))
    assert mean == pytest.approx(np.mean(found), abs=0.015)
    assert high == pytest.approx(np.percentile(found, 95), abs=0.02)


def test_an_error_that_chance_does_not_explain_is_above_what_it_makes():
    logits, labels = simulated(slope=0.3, images=400)
    assert expected_calibration_error(labels, expit(logits)) > calibration_error_by_chance(expit(logits))[1]


def test_calibration_error_vanishes_with_many_images_of_a_true_model():
    logits, labels = simulated(images=100_000)
    assert expected_calibration_error(labels, expit(logits)) < 0.01


def test_bins_hold_every_image_once_and_equally_many():
    logits, labels = simulated(images=1000)
    bins = reliability_bins(labels, expit(logits))
    assert [each.images for each in bins] == [100] * 10
    assert sum(each.ill for each in bins) == labels.sum()
    assert [each.mean_probability for each in bins] == sorted(each.mean_probability for each in bins)


def test_brier_score_is_scikit_learns_and_defined_for_one_class():
    logits, labels = simulated(images=50)
    assert brier_score(labels, expit(logits)) == pytest.approx(brier_score_loss(labels, expit(logits)))
    assert brier_score(np.array([1, 1]), np.array([0.5, 1.0])) == pytest.approx(0.125)
    assert brier_score(np.array([0, 0]), np.array([0.5, 1.0])) == pytest.approx(0.625)
