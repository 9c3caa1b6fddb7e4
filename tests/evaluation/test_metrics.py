import json

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from screener.errors import DatasetError
from screener.evaluation.metrics import Predictions, evaluate_predictions
from screener.operating_points import OperatingPoint
from screener.proportions import wilson_interval

HALF = OperatingPoint("balanced", 0.5)


def predictions_of(labels, probabilities, patients=None):
    probabilities = np.array(probabilities, dtype=float)
    files = tuple(f"{number}.png" for number in range(len(labels)))
    logits = probabilities * 4 - 2
    return Predictions(np.array(labels, dtype=np.int64), logits, probabilities, files, patients)


def test_figures_are_scikit_learns(make_predictions):
    made = make_predictions()
    found = evaluate_predictions(made, [HALF])
    point = found.operating_points[0]
    above = (made.probabilities >= 0.5).astype(int)
    matrix = point.confusion_matrix
    assert [matrix.tn, matrix.fp, matrix.fn, matrix.tp] == confusion_matrix(
        made.labels, above
    ).ravel().tolist()
    assert found.auc.value == pytest.approx(roc_auc_score(made.labels, made.logits))
    assert found.average_precision.value == pytest.approx(average_precision_score(made.labels, made.logits))
    assert point.accuracy.value == pytest.approx(accuracy_score(made.labels, above))
    assert point.sensitivity.value == pytest.approx(recall_score(made.labels, above))
    assert point.specificity.value == pytest.approx(recall_score(made.labels, above, pos_label=0))
    assert point.precision.value == pytest.approx(precision_score(made.labels, above))
    assert point.npv.value == pytest.approx(precision_score(made.labels, above, pos_label=0))
    assert point.f1.value == pytest.approx(f1_score(made.labels, above))


def every_estimate(evaluation):
    found = {
        name: getattr(evaluation, name)
        for name in ("prevalence", "auc", "average_precision", "brier", "expected_calibration_error")
    }
    for point in evaluation.operating_points:
        for name in ("accuracy", "sensitivity", "specificity", "precision", "npv", "f1"):
            found[name] = getattr(point, name)
    return found


def test_every_figure_lies_in_its_interval_where_patients_are_known(make_predictions):
    found = evaluate_predictions(make_predictions(), [HALF])
    assert str(found.interval_method) == "bootstrap by patient, 1000 resamples"
    for name, estimate in every_estimate(found).items():
        low, high = estimate.interval
        assert 0 <= low <= estimate.value <= high <= 1, name


def test_images_without_patients_get_wilson_and_delong_and_nothing_else(make_predictions):
    found = evaluate_predictions(make_predictions(patients=None), [HALF])
    assert str(found.interval_method) == "Wilson (proportions), DeLong (AUC)"
    assert found.patients is None
    without = {name for name, estimate in every_estimate(found).items() if estimate.interval is None}
    assert without == {"average_precision", "brier", "expected_calibration_error", "f1"}
    matrix, point = found.operating_points[0].confusion_matrix, found.operating_points[0]
    assert point.sensitivity.interval == wilson_interval(matrix.tp, matrix.tp + matrix.fn)
    assert point.npv.interval == wilson_interval(matrix.tn, matrix.tn + matrix.fn)


def test_patients_are_counted_once(make_predictions):
    made = make_predictions(images=300, patients=40)
    assert evaluate_predictions(made, []).patients == len(set(made.patients)) <= 40


def test_the_same_predictions_give_the_same_evaluation(make_predictions):
    made = make_predictions()
    assert evaluate_predictions(made, [HALF]) == evaluate_predictions(made, [HALF])


def test_the_order_of_the_images_does_not_matter_to_the_figures(make_predictions):
    made = make_predictions()
    order = np.random.default_rng(0).permutation(len(made.labels))
    shuffled = Predictions(
        made.labels[order],
        made.logits[order],
        made.probabilities[order],
        tuple(made.files[number] for number in order),
        tuple(made.patients[number] for number in order),
    )
    before, after = (every_estimate(evaluate_predictions(each, [HALF])) for each in (made, shuffled))
    for name, estimate in before.items():
        assert after[name].value == pytest.approx(estimate.value), name
        assert after[name].interval == pytest.approx(estimate.interval), name


def test_precision_with_nothing_flagged_is_undefined():
    point = evaluate_predictions(predictions_of([0, 1], [0.1, 0.2]), [HALF]).operating_points[0]
    assert (point.precision.value, point.precision.interval) == (None, None)
    assert (point.sensitivity.value, point.npv.value, point.f1.value) == (0.0, 0.5, 0.0)


@pytest.mark.parametrize("patients", [None, ("a", "a", "b")], ids=["patients unknown", "patients known"])
@pytest.mark.parametrize(
    ("label", "undefined"),
    [
        pytest.param(0, {"auc", "average_precision", "sensitivity"}, id="NORMAL only"),
        pytest.param(1, {"auc", "average_precision", "specificity"}, id="PNEUMONIA only"),
    ],
)
def test_one_class_leaves_figures_undefined_without_a_warning(label, undefined, patients):
    made = predictions_of([label] * 3, [0.2, 0.6, 0.9], patients)
    found = evaluate_predictions(made, [HALF])
    assert {name for name, each in every_estimate(found).items() if each.value is None} == undefined
    assert "nan" not in found.operating_points[0].classification_report


def test_perfect_separation_claims_no_certainty():
    made = predictions_of([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], ("a", "b", "c", "d"))
    found = evaluate_predictions(made, [HALF])
    assert (found.auc.value, found.auc.interval) == (1.0, None)
    assert found.operating_points[0].sensitivity.interval == wilson_interval(2, 2)
    assert str(found.interval_method).endswith("; Wilson over patients where a proportion is 0 or 1")


@pytest.mark.parametrize("patients", [None, 60], ids=["patients unknown", "patients known"])
def test_json_survives_the_way_to_disk(make_predictions, patients):
    found = evaluate_predictions(make_predictions(patients=patients), [HALF, OperatingPoint("custom", 1.0)])
    content = found.to_json()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["operating_points"][0]["confusion_matrix"].keys() == {"tn", "fp", "fn", "tp"}
    assert content["operating_points"][1]["precision"] == {"value": None, "interval": None}


def test_the_report_names_both_classes(make_predictions):
    report = evaluate_predictions(make_predictions(), [HALF]).operating_points[0].classification_report
    assert "NORMAL" in report
    assert "PNEUMONIA" in report


def test_threshold_and_probability_are_compared_at_six_decimals():
    made = predictions_of([0, 1], [0.1, 0.4999996])
    assert evaluate_predictions(made, [HALF]).operating_points[0].confusion_matrix.tp == 1


def test_no_image_at_all_is_refused():
    with pytest.raises(DatasetError, match="no labelled image"):
        predictions_of([], [])


@pytest.mark.parametrize(
    ("labels", "probabilities", "patients", "message"),
    [
        pytest.param([0, 1], [0.1], None, "differ in number", id="lengths"),
        pytest.param([0, 1], [0.1, 0.2], ("a",), "differ in number", id="too few patients"),
        pytest.param([0, 1], [0.1, 0.2], (), "differ in number", id="no patients"),
        pytest.param([0, 2], [0.1, 0.2], None, "0 or 1", id="label"),
        pytest.param([0, 1], [0.1, 1.2], None, r"0\.\.1", id="probability"),
        pytest.param([0, 1], [0.1, np.nan], None, "finite", id="not a number"),
        pytest.param([0, 1], [0.1, 0.2], ("a", ""), "patient is empty", id="empty patient"),
    ],
)
def test_half_made_predictions_are_refused(labels, probabilities, patients, message):
    with pytest.raises(ValueError, match=message):
        predictions_of(labels, probabilities, patients)
