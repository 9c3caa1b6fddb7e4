import numpy as np
import pytest

from screener.evaluation.calibration import bin_numbers, expected_calibration_error
from screener.evaluation.predictions import Predictions
from screener.evaluation.prior_shift import check_prior_shift, class_weights, shifted, weighted_bins
from screener.operating_points import Calibration

pytestmark = pytest.mark.slow  # thousands of images, resampled a thousand times


def simulated(images=3000, seed=0, patients=None, distortion=1.0):
    """Predictions whose probabilities are true to their labels, unless distorted; about half are ill."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, images)
    labels = (random.random(images) < 1 / (1 + np.exp(-logits))).astype(np.int64)
    owners = None if patients is None else tuple(f"p{each}" for each in random.integers(0, patients, images))
    return Predictions(
        labels,
        logits,
        1 / (1 + np.exp(-distortion * logits)),
        tuple(map(str, range(images))),
        owners,
        calibrated_at=float(labels.mean()),
    )


def test_shifting_is_what_scan_does():
    calibration = Calibration(slope=1.3, intercept=0.2, prevalence=0.7)
    probabilities = np.array([calibration.probability(logit) for logit in (-3.0, 0.0, 2.0)])
    expected = [calibration.probability(logit, 0.1) for logit in (-3.0, 0.0, 2.0)]
    np.testing.assert_allclose(shifted(probabilities, 0.7, 0.1), expected)


def test_weights_give_pneumonia_its_share():
    labels = np.array([1, 1, 1, 0])
    weights = class_weights(labels, 0.1)
    assert weights.sum() == pytest.approx(1)
    assert weights[labels == 1].sum() == pytest.approx(0.1)


@pytest.mark.parametrize("ties", [1, 7])
def test_equal_weights_give_the_bins_of_the_calibration_error(ties):
    values = np.random.default_rng(0).integers(0, 100 // ties, 400) / 100
    expected = np.unique(bin_numbers(values), return_inverse=True)[1]
    np.testing.assert_array_equal(weighted_bins(values, np.ones(400)), expected)


def test_the_error_is_what_drawing_images_at_that_prevalence_gives():
    made = simulated(distortion=2.0)
    random = np.random.default_rng(1)
    by_label = [np.flatnonzero(made.labels == label) for label in (0, 1)]
    for each in check_prior_shift(made):
        ill = random.choice(by_label[1], round(200_000 * each.prevalence))
        drawn = np.r_[ill, random.choice(by_label[0], 200_000 - len(ill))]
        moved = shifted(made.probabilities[drawn], made.calibrated_at, each.prevalence)
        expected = expected_calibration_error(made.labels[drawn], moved)
        assert each.expected_calibration_error.value == pytest.approx(expected, abs=0.004)
        assert each.mean_probability == pytest.approx(moved.mean(), abs=0.004)
        assert each.unshifted_error == pytest.approx(
            expected_calibration_error(made.labels[drawn], made.probabilities[drawn]), abs=0.004
        )


def test_true_probabilities_stay_true_once_shifted_and_not_before():
    for each in check_prior_shift(simulated(images=6000)):
        assert each.expected_calibration_error.value < 0.03
        assert each.unshifted_error > 3 * each.expected_calibration_error.value
        assert each.mean_probability == pytest.approx(each.prevalence, abs=0.02)


def test_wrong_probabilities_are_found_wrong():
    for each in check_prior_shift(simulated(distortion=4.0)):
        low, high = each.expected_calibration_error.interval
        assert 0.02 < low < each.expected_calibration_error.value <= high


@pytest.mark.parametrize("patients", [None, 900])
def test_bins_add_up_and_have_intervals(patients):
    for each in check_prior_shift(simulated(patients=patients)):
        assert sum(part.share for part in each.bins) == pytest.approx(1)
        whole = sum(part.share * part.observed.value for part in each.bins)
        assert whole == pytest.approx(each.prevalence)
        for part in each.bins:
            if part.observed.interval is not None:
                assert part.observed.interval[0] <= part.observed.value <= part.observed.interval[1]


@pytest.mark.parametrize(
    ("labels", "calibrated_at"),
    [pytest.param([0, 1], None, id="no prevalence"), pytest.param([1, 1], 0.5, id="one class")],
)
def test_nothing_is_said_where_nothing_can_be(labels, calibrated_at):
    made = Predictions(
        np.array(labels), np.array([0.0, 1.0]), np.array([0.5, 0.7]), ("a", "b"), calibrated_at=calibrated_at
    )
    assert check_prior_shift(made) == ()
