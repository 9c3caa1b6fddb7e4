import csv
from dataclasses import replace

import numpy as np
import pytest

from screener.errors import OutputError
from screener.evaluation.clinical_figures import write_comparison, write_decision_curves, write_subgroups
from screener.evaluation.comparison import Contender, compare_models
from screener.evaluation.decision_curve import decision_curve
from screener.evaluation.metrics import evaluate_predictions
from screener.evaluation.model_figures import write_evaluation
from screener.operating_points import OperatingPoint
from tests.evaluation.test_plots import is_drawn

POINTS = [OperatingPoint("balanced", 0.5), OperatingPoint("high_specificity", 0.9)]


def table(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def made(make_predictions):
    predictions = make_predictions(images=120, patients=80)
    groups = {"view": ("PA", "AP") * 60, "source": ("=HYPERLINK()",) + ("a $1 and $2",) * 119}
    return replace(predictions, groups=groups, calibrated_at=0.6)


def test_subgroups_and_prior_shift_are_written_with_the_evaluation(made, tmp_path):
    write_evaluation(tmp_path, made, evaluate_predictions(made, POINTS), "high_specificity")
    assert is_drawn(tmp_path / "subgroups.png")
    assert is_drawn(tmp_path / "prior_shift.png")
    rows = table(tmp_path / "subgroups.csv")
    assert len(rows) == 4 * len(POINTS)
    assert rows[0]["grouping"] == "view"
    assert float(rows[0]["auc_low"]) < float(rows[0]["auc"]) < float(rows[0]["auc_high"])
    lonely = next(row for row in rows if "HYPERLINK" in row["group"])
    assert lonely["group"] == "'=HYPERLINK()"
    assert (lonely["too_small"], lonely["auc"]) == ("1", "")


def test_decision_curves_are_written(made, tmp_path):
    write_decision_curves(tmp_path, [decision_curve(made), decision_curve(made, 0.1)])
    assert is_drawn(tmp_path / "decision_curve.png")
    rows = table(tmp_path / "decision_curve.csv")
    assert len(rows) == 2 * 99
    assert {(row["prevalence"], row["stated"]) for row in rows[99:]} == {("0.100000", "1")}
    assert {row["none_flagged"] for row in rows} == {"0.000000"}


@pytest.mark.parametrize("points", [POINTS, []], ids=["operating points", "none"])
def test_a_comparison_is_written(made, points, tmp_path):
    noise = np.random.default_rng(0).normal(0, 2, 120)
    other = replace(made, logits=made.logits + noise)
    found = compare_models(Contender("a@1", made, points), Contender("b@1", other, points))
    write_comparison(tmp_path, made, other, found)
    assert is_drawn(tmp_path / "comparison.png")
    assert '"p_value"' in (tmp_path / "comparison.json").read_text(encoding="utf-8")


def test_a_folder_that_is_gone_is_an_output_error(made, tmp_path):
    found = evaluate_predictions(made, POINTS)
    with pytest.raises(OutputError, match="cannot be written"):
        write_subgroups(tmp_path / "gone", found.subgroups, "balanced")
