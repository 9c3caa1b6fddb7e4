"""When a model's own figures forbid to call it validated."""

import pytest

from screener.inference.validation import judged
from screener.operating_points import Doubt, OperatingPoint

POINT = OperatingPoint("balanced", 0.4, 0.9, 0.8, (0.85, 0.95), (0.75, 0.85))
GOOD = {"auc": {"value": 0.9, "interval": [0.8, 0.97]}}
CHANCE = {"auc": {"value": 0.6, "interval": [0.48, 0.7]}}
SWAPPED = {"auc": {"value": 0.2, "interval": [0.1, 0.3]}}
FEW = {"normal": 1, "pneumonia": 8, "auc": {"value": 1.0, "interval": None}}
PERFECT = {"normal": 5, "pneumonia": 5, "auc": {"value": 1.0, "interval": None}}


@pytest.mark.parametrize(
    ("described", "doubt"),
    [
        pytest.param({}, None, id="a manifest without figures"),
        pytest.param({"validation": GOOD, "held_out": GOOD}, None, id="good"),
        pytest.param({"validation": CHANCE, "held_out": GOOD}, Doubt.CHANCE, id="chance in validation"),
        pytest.param(
            {"validation": GOOD, "held_out": CHANCE}, Doubt.CHANCE, id="chance on held-out patients"
        ),
        pytest.param({"validation": SWAPPED}, Doubt.CHANCE, id="worse than chance"),
        pytest.param({"validation": FEW}, Doubt.CHANCE, id="perfect on too few images"),
        pytest.param({"validation": PERFECT}, None, id="perfect, patients unknown"),
        pytest.param({"validation": CHANCE, "calibrated": GOOD}, None, id="good at the site calibrated to"),
        pytest.param({"validation": CHANCE, "calibrated": {"images": 208}}, None, id="calibrated earlier"),
        pytest.param({"validation": GOOD, "calibrated": CHANCE}, Doubt.CHANCE, id="chance at the site"),
    ],
)
def test_a_model_that_could_be_chance_has_no_validated_point(described, doubt):
    found = judged(POINT, described)
    assert found.doubt == doubt
    assert found.validated is (doubt is None)
    assert found.threshold == POINT.threshold
    assert (found.sensitivity is None) is (doubt is not None)


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "interval", "doubt"),
    [
        pytest.param(1.0, 0.0, (0.0, 0.16), Doubt.FLAGS_ALL, id="nobody well is passed"),
        pytest.param(1.0, 0.05, (0.0, 0.16), Doubt.FLAGS_ALL, id="perhaps nobody well is passed"),
        pytest.param(1.0, 0.0, None, Doubt.FLAGS_ALL, id="without an interval"),
        pytest.param(1.0, 0.05, (0.01, 0.16), None, id="surely somebody well is passed"),
        pytest.param(0.98, 0.1, (0.0, 0.2), None, id="somebody ill is passed, too"),
        pytest.param(0.9, 0.1, (0.02, 0.2), Doubt.CHANCE, id="the ill are flagged no more often"),
    ],
)
def test_a_point_that_flags_everyone_is_not_validated(sensitivity, specificity, interval, doubt):
    point = OperatingPoint("p", 0.1, sensitivity, specificity, (0.9, 1.0), interval)
    assert judged(point, {}).doubt == doubt


def test_a_point_in_doubt_has_no_predictive_values():
    assert judged(POINT, {"validation": CHANCE}).predictive_values(0.1) == (None, None)
