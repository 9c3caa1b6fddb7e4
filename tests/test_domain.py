import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.operating_points import Calibration, OperatingPoint, printed, shift_prevalence
from screener.scale import Scale

SHARES = st.floats(0.01, 0.99)
LOGITS = st.floats(-30, 30)
ROUNDING = 1e-6


def test_platt_scaling_is_a_worked_example():
    calibration = Calibration(slope=2.0, intercept=1.0, prevalence=0.5)
    assert calibration.probability(-0.5) == 0.5
    assert calibration.probability(0.5) == pytest.approx(0.8807970780)  # 1 / (1 + exp(-2))


@given(LOGITS, LOGITS, SHARES)
def test_a_calibration_never_falls(one, other, prevalence):
    calibration = Calibration(slope=0.7, intercept=-0.3, prevalence=0.74)
    low, high = sorted((one, other))
    assert calibration.probability(low) <= calibration.probability(high)
    assert calibration.probability(low, prevalence) <= calibration.probability(high, prevalence) + 1e-12


@pytest.mark.parametrize("logit", [-1e6, -800.0, 800.0, 1e6])
def test_an_extreme_logit_is_no_overflow(logit):
    assert Calibration(1.0, 0.0, 0.5).probability(logit) == (1.0 if logit > 0 else 0.0)


@pytest.mark.parametrize(
    ("slope", "prevalence"),
    [
        pytest.param(0.0, 0.5, id="flat"),
        pytest.param(-1.0, 0.5, id="falling"),
        pytest.param(float("nan"), 0.5, id="no number"),
        pytest.param(1.0, 0.0, id="nobody ill"),
        pytest.param(1.0, 1.0, id="everybody ill"),
    ],
)
def test_a_calibration_that_cannot_be_is_refused(slope, prevalence):
    with pytest.raises(ValueError, match=r"calibration must increase|prevalence lies between"):
        Calibration(slope, 0.0, prevalence)


def test_prevalence_shifts_by_bayes():
    """Trained at 74 % ill, used at 10 %: the odds 4 fall by (0.1 / 0.9) / (0.74 / 0.26)."""
    odds = 4 * (0.1 / 0.9) / (0.74 / 0.26)
    assert shift_prevalence(0.8, 0.74, 0.10) == pytest.approx(odds / (1 + odds))
    assert shift_prevalence(0.74, 0.74, 0.10) == pytest.approx(0.10)


@given(st.floats(0, 1), SHARES, SHARES)
def test_a_shift_there_and_back_changes_nothing(probability, trained, target):
    there = shift_prevalence(probability, trained, target)
    assert shift_prevalence(there, target, trained) == pytest.approx(probability, abs=1e-9)


@given(st.floats(0, 1), SHARES)
def test_a_shift_to_the_same_share_is_exact(probability, share):
    assert shift_prevalence(probability, share, share) == probability


def scales(prevalence):
    calibration = Calibration(slope=0.7, intercept=-0.3, prevalence=0.74)
    threshold = calibration.shifted(0.31, prevalence)
    return Scale(calibration, OperatingPoint("p", threshold), prevalence)


@given(LOGITS, LOGITS, SHARES, SHARES)
def test_prevalence_never_turns_an_order_round(one, other, here, there):
    """Two probabilities may round to the same six decimals; they never change places."""
    low, high = sorted((one, other))
    for scale in (scales(here), scales(there)):
        assert scale.probability(low) <= scale.probability(high)


@given(LOGITS, SHARES, SHARES)
def test_prevalence_never_changes_a_status(logit, here, there):
    """Away from the threshold, that is, by more than the rounding to six decimals."""
    found = set()
    for scale in (scales(here), scales(there)):
        exact = scale.calibration.probability(logit, scale.prevalence)
        if abs(exact - scale.operating_point.threshold) > ROUNDING:
            found.add(scale.status(scale.probability(logit)))
    assert len(found) <= 1


def test_predictive_values_are_a_worked_example():
    """Of 1000 patients 100 are ill: 90 of them flagged, and 180 of the 900 others."""
    ppv, npv = OperatingPoint("p", 0.5, sensitivity=0.9, specificity=0.8).predictive_values(0.1)
    assert ppv == pytest.approx(90 / 270)
    assert npv == pytest.approx(720 / 730)


def test_a_threshold_that_was_not_validated_has_no_predictive_values():
    assert OperatingPoint("custom", 0.5).predictive_values(0.1) == (None, None)


def test_predictive_values_of_nobody_are_unknown():
    assert OperatingPoint("p", 0.5, 0.0, 1.0).predictive_values(0.1) == (None, pytest.approx(0.9))
    assert OperatingPoint("p", 0.5, 1.0, 0.0).predictive_values(0.1) == (pytest.approx(0.1), None)


def test_a_probability_is_printed_with_six_decimals():
    assert printed(0.12345649) == 0.123456
    assert printed(1 / 3) == 0.333333


@pytest.mark.parametrize("logit", [-4.0, -0.3, 0.0, 2.5])
def test_a_calibration_means_the_same_at_whatever_prevalence_it_is_written(logit):
    own = Calibration(1.3, -0.4, 0.2)
    moved = own.at(0.7)
    assert moved.prevalence == 0.7
    assert moved.probability(logit, 0.1) == pytest.approx(own.probability(logit, 0.1), rel=1e-12)
    assert moved.probability(logit) == pytest.approx(own.probability(logit, 0.7), rel=1e-12)
