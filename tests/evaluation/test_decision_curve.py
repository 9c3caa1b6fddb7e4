import numpy as np
import pytest

from screener.errors import DatasetError
from screener.evaluation.decision_curve import decision_curve, net_benefit
from screener.evaluation.predictions import Predictions


def predictions(labels, probabilities, calibrated_at=None):
    files = tuple(map(str, range(len(labels))))
    probabilities = np.array(probabilities)
    return Predictions(np.array(labels), probabilities, probabilities, files, calibrated_at=calibrated_at)


TEN = predictions([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], [0.9, 0.8, 0.6, 0.1, 0.7, 0.3, 0.2, 0.2, 0.1, 0.05])


def test_net_benefit_is_what_counting_by_hand_gives():
    """At 0.25: 3 of 4 found, 2 of 6 flagged in vain: 3/10 - 2/10 * 1/3. At 0.5: 3/10 - 1/10."""
    curve = decision_curve(TEN)
    assert curve.prevalence == 0.4
    assert curve.model[24] == pytest.approx(3 / 10 - 2 / 10 * (0.25 / 0.75))
    assert curve.model[49] == pytest.approx(3 / 10 - 1 / 10)
    assert curve.treat_all[24] == pytest.approx(4 / 10 - 6 / 10 / 3)
    assert curve.treat_all[39] == pytest.approx(0)  # where the threshold is the prevalence


def test_net_benefit_is_vickers_and_elkins_formula():
    """True positives / n - false positives / n * pt / (1 - pt), at every threshold."""
    random = np.random.default_rng(0)
    probabilities = random.random(500)
    labels = (random.random(500) < probabilities).astype(int)
    curve = decision_curve(predictions(labels, probabilities))
    for threshold, found in zip(curve.thresholds, curve.model, strict=True):
        above = np.round(probabilities, 6) >= threshold
        expected = (above & (labels == 1)).mean() - (above & (labels == 0)).mean() * threshold / (
            1 - threshold
        )
        assert found == pytest.approx(expected)


def test_a_stated_prevalence_is_worth_what_images_at_that_prevalence_are():
    """Each normal image three times over: 4 of 22 are ill, and the probabilities say so."""
    labels, probabilities = TEN.labels, TEN.probabilities
    times = np.where(labels == 1, 1, 3)
    stated = decision_curve(predictions(labels, probabilities, calibrated_at=0.4), 4 / 22)
    repeated = decision_curve(
        predictions(np.repeat(labels, times), np.repeat(probabilities, times), calibrated_at=0.4)
    )
    assert stated.prevalence == pytest.approx(repeated.prevalence)
    np.testing.assert_allclose(stated.model, repeated.model, atol=1e-12)
    np.testing.assert_allclose(stated.treat_all, repeated.treat_all, atol=1e-12)
    assert (stated.stated, repeated.stated) == (True, False)


def test_a_perfect_model_is_worth_the_prevalence_at_every_threshold():
    curve = decision_curve(predictions([0, 0, 1], [0.0, 0.0, 1.0]))
    np.testing.assert_allclose(curve.model, 1 / 3)


def test_one_class_has_no_decision_curve():
    with pytest.raises(DatasetError, match="A decision curve needs images of both classes"):
        decision_curve(predictions([1, 1], [0.2, 0.3]))


def test_flagging_all_and_none_are_the_ends_of_the_formula():
    threshold = np.array([0.2])
    assert net_benefit(np.ones(1), np.zeros(1), 0.1, threshold)[0] == pytest.approx(0.1 - 0.9 * 0.25)
    assert net_benefit(np.zeros(1), np.ones(1), 0.1, threshold)[0] == 0
