import time

import numpy as np
import pytest

from screener.evaluation.bootstrap import ratio
from screener.evaluation.estimates import estimate_auc, estimate_calibration_error, estimate_proportion
from screener.evaluation.intervals import (
    bootstrap_by_patient,
    delong_interval,
    delong_variance,
    resample_patients,
)
from screener.evaluation.metrics import evaluate_predictions
from screener.evaluation.operating_point import choose_operating_points
from screener.proportions import wilson_interval


def slow_delong_variance(labels, scores):
    """DeLong 1988 as written: every pair of images, ties one half."""
    ill, well = scores[labels == 1], scores[labels == 0]
    won = (ill[:, None] > well) + 0.5 * (ill[:, None] == well)
    return won.mean(axis=1).var(ddof=1) / len(ill) + won.mean(axis=0).var(ddof=1) / len(well)


@pytest.mark.parametrize("decimals", [pytest.param(12, id="no ties"), pytest.param(0, id="many ties")])
def test_fast_delong_variance_is_that_of_all_pairs(decimals):
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1], [40, 70])
    scores = np.round(random.normal(labels, 1.0), decimals)
    assert delong_variance(labels, scores) == pytest.approx(slow_delong_variance(labels, scores), rel=1e-12)


def test_delong_covers_the_true_auc_about_95_times_in_100():
    random = np.random.default_rng(2)
    labels = np.repeat([0, 1], [60, 120])
    true_auc = 0.921350396  # of two normal scores, 2 apart, standard deviation 1
    covered = 0
    for _ in range(200):
        scores = random.normal(2.0 * labels, 1.0)
        low, high = estimate_auc(labels, scores, None).interval
        covered += low <= true_auc <= high
    assert 0.91 <= covered / 200 <= 0.99


@pytest.mark.parametrize(
    ("labels", "auc"),
    [
        pytest.param([0, 0, 1, 1], 1.0, id="perfect separation"),
        pytest.param([0, 0, 0, 1], 0.5, id="a single image of a class"),
    ],
)
def test_delong_claims_no_certainty_it_does_not_have(labels, auc):
    assert delong_interval(np.array(labels), np.array([0.1, 0.2, 0.3, 0.4]), auc) is None


def test_the_same_seed_gives_the_same_interval():
    patients = [f"person{number}" for number in range(50)]
    figure = ratio(np.arange(50.0), np.ones(50))
    first, second = (bootstrap_by_patient(figure, resample_patients(patients, seed=7)) for _ in range(2))
    other = bootstrap_by_patient(figure, resample_patients(patients, seed=8))
    assert first == second != other


def test_all_images_of_a_patient_are_drawn_together():
    resamples = resample_patients(["a", "b", "a", "c"], resamples=250)
    weights = np.concatenate(list(resamples.weights()))
    assert weights.shape == (250, 4)
    np.testing.assert_array_equal(weights[:, 0], weights[:, 2])
    np.testing.assert_array_equal(weights[:, [0, 1, 3]].sum(axis=1), 3)


def width(interval):
    return interval[1] - interval[0]


def test_interval_is_wider_where_a_patients_images_all_agree():
    events = np.repeat(np.random.default_rng(3).random(60) < 0.7, 10)
    trials = np.ones(600, dtype=bool)
    by_patient = resample_patients([f"person{number // 10}" for number in range(600)])
    by_image = resample_patients([f"person{number}" for number in range(600)])
    clustered = estimate_proportion(events, trials, by_patient).interval
    independent = estimate_proportion(events, trials, by_image).interval
    # Ten images that say the same are worth one: the square root of 10 wider.
    assert width(clustered) / width(independent) == pytest.approx(10**0.5, rel=0.15)


def test_bootstrap_agrees_with_wilson_where_each_patient_has_one_image():
    events = np.arange(400) < 300
    resamples = resample_patients([f"person{number}" for number in range(400)])
    interval = estimate_proportion(events, np.ones(400, dtype=bool), resamples).interval
    assert interval == pytest.approx(wilson_interval(300, 400), abs=0.01)


def test_bootstrap_leaves_out_resamples_in_which_the_figure_is_undefined():
    trials = np.array([1.0] * 3 + [0.0] * 27)  # absent from (27/30)**30, 4 %, of resamples
    resamples = resample_patients([f"person{number}" for number in range(30)])
    assert bootstrap_by_patient(ratio(np.array([1.0] + [0.0] * 29), trials), resamples) is not None
    trials[1:3] = 0  # one patient is absent from 36 %
    assert bootstrap_by_patient(ratio(trials, trials), resamples) is None


def test_a_share_of_one_has_an_interval_that_counts_patients_and_not_images():
    everyone = np.ones(40, dtype=bool)
    resamples = resample_patients([f"person{number // 4}" for number in range(40)])
    assert estimate_proportion(everyone, everyone, resamples).interval == wilson_interval(10, 10)
    assert estimate_proportion(~everyone, everyone, resamples).interval == wilson_interval(0, 10)


@pytest.mark.parametrize("seed", [0, 18, 24])  # of 18 and 24 the percentile interval misses the figure
def test_calibration_error_lies_within_its_own_interval(make_predictions, seed):
    made = make_predictions(seed=seed)
    resamples = resample_patients(made.patients)
    estimate = estimate_calibration_error(made.labels, made.probabilities, resamples)
    low, high = estimate.interval
    assert 0 <= low <= estimate.value <= high


def test_a_thousand_resamples_of_800_images_take_seconds(make_predictions):
    made = make_predictions(images=800, patients=500)
    points = choose_operating_points(made.labels, made.probabilities, made.patients)
    start = time.perf_counter()
    evaluate_predictions(made, points)
    assert time.perf_counter() - start < 10
