"""Numbers as people read them."""

import pytest

from screener.outputs.figures import Figures
from screener.outputs.messages import shipped_messages


@pytest.mark.parametrize(
    ("probability", "written"),
    [
        (0.059180, "< 0.059"),
        (0.059181, "0.059"),
        (0.058400, "0.058"),
        (0.061000, "0.061"),
        (0.258900, "< 0.26"),
        (0.258938, "0.26"),
        (0.254000, "0.25"),
        (0.004000, "< 0.01"),
        (0.995000, "> 0.99"),
    ],
)
def test_a_probability_below_a_threshold_is_not_rounded_to_it(probability, written):
    figures = Figures(shipped_messages("en"))
    assert figures.probability(probability, (0.004500, 0.059181, 0.258938, 0.996000)) == written


def test_without_thresholds_a_probability_is_only_rounded():
    assert Figures(shipped_messages("de")).probability(0.059180) == "0,059"
