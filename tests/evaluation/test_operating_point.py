import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.metrics import roc_curve

from screener.errors import DatasetError
from screener.evaluation.operating_point import Wanted, choose_operating_points, flagged
from screener.operating_points import printed
from screener.proportions import wilson_interval


def chosen(labels, probabilities, patients=None):
    points = choose_operating_points(np.array(labels), np.array(probabilities, dtype=float), patients)
    return {point.name: point for point in points}


def hundred_of_each():
    """NORMAL at 0.001 .. 0.100 and PNEUMONIA at 0.0905 .. 0.1895: ten of each overlap."""
    normal = np.arange(1, 101) / 1000
    return np.repeat([0, 1], 100), np.r_[normal, normal + 0.0895]


def test_points_come_in_the_order_of_their_names():
    assert list(chosen(*hundred_of_each())) == ["high_sensitivity", "balanced", "high_specificity"]


def two_ill_that_look_well():
    """Return 100 images of each class: one threshold catches 98 of the ill, a higher one sorts best."""
    normal = np.linspace(0.005, 0.5, 100)
    pneumonia = np.r_[0.001, 0.002, 0.3025, np.linspace(0.7, 0.99, 97)]
    return np.repeat([0, 1], 100), np.r_[normal, pneumonia]


def test_high_sensitivity_is_the_largest_threshold_with_98_percent():
    point = chosen(*two_ill_that_look_well())["high_sensitivity"]
    # The third lowest PNEUMONIA is 0.3025, with NORMAL 0.3 below it.
    assert point.threshold == pytest.approx(0.30125)
    assert point.sensitivity == 0.98
    assert point.specificity == 0.60


def test_high_sensitivity_is_never_above_balanced():
    """Where the classes part, 98 percent are still found far above the threshold that parts them."""
    normal, pneumonia = np.linspace(0.1, 0.4, 100), np.linspace(0.6, 0.9, 100)
    points = chosen(np.repeat([0, 1], 100), np.r_[normal, pneumonia])
    assert points["high_sensitivity"].threshold == points["balanced"].threshold == pytest.approx(0.5)
    assert points["high_sensitivity"].sensitivity == 1.0


def test_high_specificity_is_the_smallest_threshold_with_95_percent():
    point = chosen(*hundred_of_each())["high_specificity"]
    # Above NORMAL 0.095, below PNEUMONIA 0.0955.
    assert point.threshold == pytest.approx(0.09525)
    assert point.specificity == 0.95
    assert point.sensitivity == 0.95


def test_high_specificity_asks_for_more_where_balanced_has_95_percent():
    """Else two points are one, and a list has no band between them."""
    normal = np.r_[np.linspace(0.1, 0.4, 97), 0.62, 0.72, 0.82]
    points = chosen(np.repeat([0, 1], 100), np.r_[normal, np.linspace(0.5, 0.9, 100)])
    assert points["balanced"].specificity == 0.97
    assert points["high_specificity"].specificity == 0.98
    assert points["high_specificity"].threshold > points["balanced"].threshold


def test_balanced_has_the_greatest_youden_index(make_predictions):
    made = make_predictions()
    point = chosen(made.labels, made.probabilities)["balanced"]
    false_alarms, found, _ = roc_curve(made.labels, made.probabilities, drop_intermediate=False)
    assert point.sensitivity + point.specificity - 1 == pytest.approx((found - false_alarms).max())


def test_of_equal_youden_indices_the_more_sensitive_is_balanced():
    point = chosen([0, 1, 0, 1], [0.2, 0.4, 0.6, 0.8])["balanced"]
    assert (point.sensitivity, point.specificity) == (1.0, 0.5)


def test_no_neighbouring_threshold_would_do_better(make_predictions):
    made = make_predictions(seed=9)
    points = chosen(made.labels, made.probabilities)
    ill, well = made.probabilities[made.labels == 1], made.probabilities[made.labels == 0]
    above = min(each for each in made.probabilities if each > points["high_sensitivity"].threshold)
    below = max(each for each in made.probabilities if each < points["high_specificity"].threshold)
    assert np.mean(ill > above) < 0.98
    assert np.mean(well < below) < 0.95


def test_perfect_separation_puts_all_thresholds_midway_in_the_gap():
    points = chosen([0, 0, 1, 1], [0.1, 0.3, 0.8, 0.9])
    assert {point.threshold for point in points.values()} == {0.55}
    assert {(point.sensitivity, point.specificity) for point in points.values()} == {(1.0, 1.0)}


def test_good_separation_keeps_the_operating_points_in_their_order():
    labels = np.repeat([0, 1], 100)
    probabilities = np.r_[np.linspace(0.01, 0.4, 100), [0.3, 0.35], np.linspace(0.6, 0.99, 98)]
    points = chosen(labels, probabilities)
    thresholds = [point.threshold for point in points.values()]
    assert thresholds == sorted(thresholds)
    assert points["high_sensitivity"].sensitivity >= 0.98
    assert points["high_specificity"].specificity >= 0.95


def test_thresholds_have_six_decimals_and_lie_between_probabilities(make_predictions):
    made = make_predictions()
    for point in chosen(made.labels, made.probabilities).values():
        assert point.threshold == printed(point.threshold)
        assert np.abs(made.probabilities - point.threshold).min() > 1e-6


def test_rounding_does_not_decide_where_neighbours_differ_in_the_sixth_decimal():
    points = chosen([0, 0, 1, 1], [0.1, 0.500001, 0.500002, 0.9])
    assert {(point.sensitivity, point.specificity) for point in points.values()} == {(1.0, 1.0)}
    assert points["balanced"].threshold == 0.500002


def test_probabilities_equal_at_six_decimals_are_flagged_together():
    point = chosen([0, 0, 1, 1], [0.1, 0.5, 0.5 + 1e-9, 0.9])["high_sensitivity"]
    assert point.threshold == 0.3
    assert (point.sensitivity, point.specificity) == (1.0, 0.5)


def test_equal_probabilities_throughout_flag_all_or_none():
    points = chosen([0, 1], [0.4, 0.4])
    assert (points["high_sensitivity"].threshold, points["high_sensitivity"].specificity) == (0.2, 0.0)
    assert (points["high_specificity"].threshold, points["high_specificity"].sensitivity) == (0.7, 0.0)


def test_a_threshold_of_zero_flags_a_probability_of_zero():
    assert chosen([0, 1], [0.5, 0.0])["high_sensitivity"].threshold == 0
    assert flagged(np.array([0.0]), 0.0).all()


def test_normal_images_at_probability_one_leave_no_specific_threshold():
    with pytest.raises(DatasetError, match=r"No threshold reaches a specificity of 0\.95"):
        chosen([0, 0, 1], [0.1, 1.0, 1.0])


@pytest.mark.parametrize(("label", "missing"), [(0, "PNEUMONIA"), (1, "NORMAL")])
def test_an_absent_class_is_named(label, missing):
    with pytest.raises(DatasetError, match=f"none is labelled {missing}"):
        chosen([label, label], [0.2, 0.8])


def test_intervals_are_wilsons_without_patients():
    point = chosen(*two_ill_that_look_well())["high_sensitivity"]
    assert point.sensitivity_interval == wilson_interval(98, 100)
    assert point.specificity_interval == wilson_interval(60, 100)


def test_intervals_are_wider_where_patients_have_many_images():
    labels, probabilities = hundred_of_each()
    # 20 patients in a row of each class: neighbouring scores belong together.
    patients = [f"person{number // 5}" for number in range(200)]
    alone = chosen(labels, probabilities)["high_specificity"]
    clustered = chosen(labels, probabilities, patients)["high_specificity"]
    assert clustered.threshold == alone.threshold
    assert np.diff(clustered.specificity_interval) > 1.5 * np.diff(alone.specificity_interval)


def test_at_the_threshold_is_flagged_as_printed():
    assert flagged(np.array([0.4999994, 0.4999996, 0.5]), 0.5).tolist() == [False, True, True]


@pytest.mark.parametrize(("wanted", "missed"), [(0.9, 10), (0.95, 5), (0.98, 2)])
def test_another_sensitivity_may_be_wanted(wanted, missed):
    labels, probabilities = (
        np.repeat([0, 1], 100),
        np.r_[np.linspace(0.3, 0.9, 100), np.linspace(0.1, 0.99, 100)],
    )
    point, *_ = choose_operating_points(labels, probabilities, wanted=Wanted(wanted))
    assert point.sensitivity == 1 - missed / 100


def few_radiographs(lowest):
    """Return fifteen images with pneumonia around log-odds of 2, the lowest as given, and thirty without."""
    ill = np.r_[lowest, np.linspace(0.5, 3.5, 14)]
    return np.repeat([1, 0], [15, 30]), expit(np.r_[ill, np.linspace(-4, 3, 30)])


def test_of_few_images_the_lowest_score_alone_does_not_set_the_threshold():
    counted, fitted = (
        [
            choose_operating_points(*few_radiographs(lowest), wanted=Wanted(0.95, few))[0].threshold
            for lowest in (0.4, -3.0)
        ]
        for few in (False, True)
    )
    moved_by = [float(logit(first) - logit(second)) for first, second in (counted, fitted)]
    assert moved_by[0] > 3
    assert 0 < moved_by[1] < 1.5


def test_of_few_images_the_threshold_leaves_the_rest_of_a_normal_distribution_below():
    scores = norm.ppf((np.arange(15) + 0.5) / 15, loc=2, scale=1)
    labels, probabilities = np.repeat([1, 0], [15, 200]), expit(np.r_[scores, np.linspace(-4, 3, 200)])
    point, *_ = choose_operating_points(labels, probabilities, wanted=Wanted(0.9, few=True))
    assert logit(point.threshold) == pytest.approx(2 - norm.ppf(0.9) * scores.std(ddof=1), abs=0.05)


def test_of_few_images_the_points_are_those_of_both_distributions_and_never_fall_together():
    well, ill = (
        norm.ppf((np.arange(n) + 0.5) / n, loc=mean) for n, mean in ((31, -2.0), (17, 0.0))
    )  # whose densities cross midway, at -1
    labels, probabilities = np.repeat([0, 1], [31, 17]), expit(np.r_[well, ill])
    points = choose_operating_points(labels, probabilities, wanted=Wanted(0.95, few=True))
    sensitive, balanced, specific = (float(logit(point.threshold)) for point in points)
    assert sensitive == pytest.approx(0 - norm.ppf(0.95) * ill.std(ddof=1), abs=1e-3)
    assert balanced == pytest.approx(-1, abs=0.05)
    assert specific == pytest.approx(-2 + norm.ppf(0.95) * well.std(ddof=1), abs=1e-3)
    assert sensitive < balanced < specific


def test_of_few_images_balanced_bounds_the_others():
    separate = np.r_[np.linspace(-5, -4, 20), np.linspace(4, 5, 15)]
    points = choose_operating_points(
        np.repeat([0, 1], [20, 15]), expit(separate), wanted=Wanted(0.95, few=True)
    )
    thresholds = [point.threshold for point in points]
    assert thresholds == sorted(thresholds)
    assert all(point.sensitivity == point.specificity == 1 for point in points)
