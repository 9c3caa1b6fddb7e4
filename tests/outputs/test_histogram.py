import math

import pytest

from screener.outputs.histogram import HistogramCount, axis_ticks


def counted(threshold, *probabilities):
    count = HistogramCount(threshold)
    for probability in probabilities:
        count.add(probability)
    return count.result()


@pytest.mark.parametrize("threshold", [0.0, 0.0005, 0.05061, 0.5, 0.9, 0.9999, 1.0])
@pytest.mark.parametrize("step", [0, 1e-6, 1e-3])
def test_no_bin_holds_flagged_and_unflagged_studies(threshold, step):
    above, below = min(threshold + step, 1.0), max(threshold - max(step, 1e-6), 0.0)
    flagged = counted(threshold, above)
    assert flagged.edges[flagged.counts.index(1)] >= flagged.threshold
    if below < threshold:
        passed = counted(threshold, below)
        assert passed.edges[passed.counts.index(1) + 1] <= passed.threshold


@pytest.mark.parametrize("threshold", [0.0, 0.05061, 0.5, 1.0])
def test_every_study_is_counted_once_whatever_its_probability(threshold):
    probabilities = [0.0, 1e-6, 0.01, 0.05, 0.050609, 0.05061, 0.5, 0.999999, 1.0]
    histogram = counted(threshold, *probabilities)
    assert sum(histogram.counts) == len(probabilities)
    assert histogram.flagged == sum(each >= threshold for each in probabilities)
    assert histogram.not_flagged == len(probabilities) - histogram.flagged
    assert len(histogram.edges) == len(histogram.counts) + 1
    assert list(histogram.edges) == sorted(histogram.edges)
    assert (histogram.edges[0], histogram.edges[-1]) == pytest.approx((0.0, 1.0))


def test_a_bar_lies_over_its_own_probability_on_the_axis():
    ticks = {label: place for place, label in axis_ticks()}
    for label in ("0.01", "0.2", "0.95"):
        histogram = counted(0.05, float(label))
        bin_ = histogram.counts.index(1)
        assert histogram.edges[bin_] <= ticks[label] <= histogram.edges[bin_ + 1]


def test_the_axis_is_a_logit_axis():
    ticks = {label: place for place, label in axis_ticks()}
    assert ticks["0.5"] == pytest.approx(0.5)
    assert ticks["0.2"] - ticks["0.05"] == pytest.approx((math.log(0.2 / 0.8) - math.log(0.05 / 0.95)) / 15.4)
