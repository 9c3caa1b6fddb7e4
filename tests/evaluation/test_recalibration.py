"""Calibration and operating points fitted to a site, on simulated patients whose truth is known."""

import dataclasses

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from screener.errors import DatasetError
from screener.evaluation.operating_point import Wanted, choose_operating_points, flagged
from screener.evaluation.recalibration import FOLDS, recalibrate
from screener.evaluation.site_images import FEWEST_OF_CLASS, SiteImages, require_enough, require_separation
from screener.operating_points import Calibration, OperatingPoint

SEED = 1
AS_IT_CAME = Calibration(slope=1.0, intercept=0.0, prevalence=0.5)
POINTS = {"high_sensitivity": OperatingPoint("high_sensitivity", 0.2, 0.98, 0.9)}


def site(slope=1.0, intercept=0.0, patients=200, images_each=2, spread=3.0, seed=0):
    """Return patients whose true probability is expit(slope * logit + intercept)."""
    random = np.random.default_rng(seed)
    groups = np.repeat(np.arange(patients), images_each)
    logits = np.repeat(random.normal(0, spread, patients), images_each)
    logits += random.normal(0, 0.1, len(groups))
    labels = (random.random(len(groups)) < expit(slope * logits + intercept)).astype(np.int64)
    return SiteImages(labels=labels, logits=logits, groups=groups, patients_known=True)


def test_too_few_of_a_class_are_refused_with_what_is_missing():
    labels = [0] * 115 + [1] * 68
    with pytest.raises(DatasetError, match=r"115 NORMAL and 68 PNEUMONIA patients.* Missing: 32 PNEUMONIA\."):
        require_enough(labels, range(183), True, "ours.csv")


def test_many_images_of_few_patients_are_few():
    labels, groups = [0] * 400 + [1] * 400, [*range(400), *np.repeat(range(400, 450), 8)]
    with pytest.raises(DatasetError, match="Missing: 50 PNEUMONIA"):
        require_enough(labels, groups, True, "ours.csv")


def test_of_few_images_no_more_sensitivity_is_promised_than_the_point_was_set_for():
    few = site(slope=3.0, patients=40, images_each=1, spread=6.0, seed=3)
    found = recalibrate(few, AS_IT_CAME, POINTS, SEED, Wanted(sensitivity=0.9, few=True))
    assert found.after.operating_points[0].sensitivity.value > 0.9
    assert found.operating_points[0].sensitivity == 0.9
    assert found.operating_points[1].sensitivity == found.after.operating_points[1].sensitivity.value


def test_just_enough_is_enough():
    labels = [0] * FEWEST_OF_CLASS + [1] * FEWEST_OF_CLASS
    require_enough(labels, range(2 * FEWEST_OF_CLASS), False, "ours.csv")


def test_scores_that_do_not_separate_the_classes_are_refused():
    with pytest.raises(DatasetError, match=r"does not tell the classes apart there: AUC 0\.\d+ \(95 %"):
        require_separation(site(slope=0.0, patients=100), "ours.csv", "column 'label' of ours.csv")


def test_scores_that_sort_the_classes_the_wrong_way_round_ask_for_the_labels():
    with pytest.raises(DatasetError, match=r"labels swapped\? They come from column 'label' of ours\.csv"):
        require_separation(site(slope=-1.0), "ours.csv", "column 'label' of ours.csv")


def test_scores_a_little_below_chance_ask_for_the_labels_and_say_that_it_may_be_chance():
    with pytest.raises(DatasetError, match=r"labels swapped\?.* contains 0\.5: it may be chance\.$"):
        require_separation(site(slope=0.0), "ours.csv", "column 'label' of ours.csv")


def test_scores_that_separate_perfectly_are_not():
    labels = np.repeat([0, 1], 100)
    require_separation(SiteImages(labels, labels * 10.0, np.arange(200), True), "ours.csv", "folders")


@pytest.mark.slow
def test_the_true_calibration_is_found_and_better_beyond_doubt():
    found = recalibrate(site(slope=0.4, intercept=-1.5, patients=600), AS_IT_CAME, POINTS, SEED)
    assert found.calibration.slope == pytest.approx(0.4, abs=0.06)
    assert found.calibration.intercept == pytest.approx(-1.5, abs=0.25)
    low, high = found.brier_change.interval
    assert low < found.brier_change.value < high < 0
    assert found.after.brier.value - found.before.brier.value == pytest.approx(found.brier_change.value)
    assert found.after.expected_calibration_error.value < found.before.expected_calibration_error.value / 2


def test_a_calibration_that_was_true_already_is_not_called_better():
    found = recalibrate(site(), AS_IT_CAME, POINTS, SEED)
    low, high = found.brier_change.interval
    assert low < 0 < high


@pytest.mark.slow
def test_a_prevalence_that_differs_does_not_count_against_the_old_calibration():
    """Thin the pneumonia out to a quarter: a pure prior shift, which the comparison is to take out."""
    whole = site(patients=4000, images_each=1)
    kept = (whole.labels == 0) | (np.random.default_rng(2).random(4000) < 0.25)
    thinned = SiteImages(whole.labels[kept], whole.logits[kept], whole.groups[kept], True)
    found = recalibrate(thinned, AS_IT_CAME, POINTS, SEED)
    assert found.before.expected_calibration_error.value < 0.02
    assert found.before.brier.value < brier_score_loss(thinned.labels, expit(thinned.logits))
    assert abs(found.brier_change.value) < 0.002
    own = AS_IT_CAME.shifted(0.2, thinned.prevalence)
    assert found.before.operating_points[0].threshold == pytest.approx(own, abs=1e-6)


def test_the_old_threshold_flags_before_what_it_always_flagged():
    ours = site(slope=0.5)
    found = recalibrate(ours, AS_IT_CAME, POINTS, SEED)
    above = flagged(expit(ours.logits), 0.2)
    [point] = found.before.operating_points
    assert point.sensitivity.value == pytest.approx(above[ours.labels == 1].mean())
    assert point.specificity.value == pytest.approx((~above)[ours.labels == 0].mean())


def test_probabilities_after_are_scikit_learns_over_the_same_folds():
    ours = site(slope=0.6, intercept=1.0)
    found = recalibrate(ours, AS_IT_CAME, POINTS, SEED)
    expected = cross_val_predict(
        LogisticRegression(C=1e9),
        ours.logits[:, np.newaxis],
        ours.labels,
        groups=ours.groups,
        cv=StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED),
        method="predict_proba",
    )[:, 1]
    # Platt's smoothed targets, and folds whose prevalence differs by a percent or two.
    np.testing.assert_allclose(found.probabilities_after, expected, atol=0.03)


def test_operating_points_carry_what_was_measured_on_patients_left_out():
    found = recalibrate(site(), AS_IT_CAME, POINTS, SEED)
    assert [each.name for each in found.operating_points] == [
        "high_sensitivity",
        "balanced",
        "high_specificity",
    ]
    for point, measured in zip(found.operating_points, found.after.operating_points, strict=True):
        assert point.threshold == measured.threshold
        assert (point.sensitivity, point.sensitivity_interval) == (
            measured.sensitivity.value,
            measured.sensitivity.interval,
        )
        assert (point.specificity, point.specificity_interval) == (
            measured.specificity.value,
            measured.specificity.interval,
        )


@pytest.mark.slow
def test_figures_after_are_those_of_new_patients_and_do_not_flatter():
    """Over many small sites: thresholds look better on the images they were chosen on than they are."""
    claimed, honest, true = [], [], []
    new = site(slope=0.8, patients=20_000, images_each=1, spread=1.5, seed=99)
    for seed in range(12):
        ours = site(slope=0.8, patients=220, images_each=1, spread=1.5, seed=seed)
        found = recalibrate(ours, AS_IT_CAME, POINTS, SEED)
        own = np.array([found.calibration.probability(each) for each in ours.logits])
        claimed.append(_youden(choose_operating_points(ours.labels, own)[1]))
        honest.append(_youden(found.operating_points[1]))
        above = flagged(
            np.array([found.calibration.probability(each) for each in new.logits]),
            found.operating_points[1].threshold,
        )
        true.append(above[new.labels == 1].mean() - above[new.labels == 0].mean())
    assert np.mean(claimed) > np.mean(true) + 0.02
    assert np.mean(honest) == pytest.approx(np.mean(true), abs=0.03)


def test_the_same_seed_gives_the_same_figures():
    one, other = (recalibrate(site(), AS_IT_CAME, POINTS, SEED) for _ in range(2))
    assert (one.before, one.after, one.brier_change) == (other.before, other.after, other.brier_change)


def _youden(point):
    return point.sensitivity + point.specificity - 1


def test_what_other_sensitivities_would_cost_is_told_of_patients_left_out():
    found = recalibrate(site(patients=400), AS_IT_CAME, POINTS, SEED, Wanted(0.95))
    assert [each.name for each in found.costs] == ["90%", "95%", "98%"]
    thresholds, specificities = zip(
        *((each.threshold, each.specificity.value) for each in found.costs), strict=True
    )
    assert list(thresholds) == sorted(thresholds, reverse=True)
    assert list(specificities) == sorted(specificities, reverse=True)
    assert found.costs[1] == dataclasses.replace(found.after.operating_points[0], name="95%")


def test_fewer_patients_are_enough_where_they_are_said_to_be():
    with pytest.raises(DatasetError, match=r"30 of each are needed\. Missing: 18 PNEUMONIA"):
        require_enough([0] * 40 + [1] * 12, range(52), True, "ours.csv", 30)
    require_enough([0] * 40 + [1] * 12, range(52), True, "ours.csv", 12)
