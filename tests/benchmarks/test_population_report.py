"""The table of one population's images, flagged or not, for a model's card."""

from benchmarks.population_report import Before, report
from screener.operating_points import Calibration, OperatingPoint
from screener.scale import Scale, Scales

POINTS = (OperatingPoint("high_sensitivity", 0.5), OperatingPoint("high_specificity", 0.9))
SCALE = Scale(Calibration(1.0, 0.0, 0.5), POINTS[0], 0.5, POINTS, "adults", (18, 86))
ROWS = [
    ("Normal", "PA", -1.0),
    ("Normal", "PA", 0.5),
    ("Lung Opacity", "AP", 3.0),
    ("Lung Opacity", "AP", None),
]


def test_each_subtype_and_view_has_a_line_with_what_is_flagged() -> None:
    lines = list(report(ROWS, SCALE, None))
    assert lines[2:] == [
        "| Lung Opacity | AP | 1 | 1, 100% (21%–100%) | 1, 100% (21%–100%) |",
        "| Normal | PA | 2 | 1, 50% (9%–91%) | 0, 0% (0%–66%) |",
        "\nNot screened: 1.",
    ]


def test_another_models_flags_stand_beside_them() -> None:
    """Its own judgement of the same images: another network gives other logits."""
    scales = Scales.one(Scale(Calibration(1.0, 2.0, 0.5), POINTS[0], 0.5))
    rows = [
        ("Normal", "PA", -3.0),
        ("Normal", "PA", 1.0),
        ("Lung Opacity", "AP", 1.0),
        ("Lung Opacity", "AP", 1.0),
    ]
    opacity, normal, _ = list(report(ROWS, SCALE, Before("version 1.0.0", scales, rows)))[2:]
    assert opacity.endswith("| 2, 100% (34%–100%) |")
    assert normal.endswith("| 1, 50% (9%–91%) |")
