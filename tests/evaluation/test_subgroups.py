from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from screener.evaluation.metrics import evaluate_predictions
from screener.evaluation.predictions import Predictions
from screener.evaluation.subgroups import age_band, evaluate_subgroups, groups_of
from screener.operating_points import OperatingPoint

HALF = OperatingPoint("balanced", 0.5)


@dataclass
class Image:
    source: str = ""
    view: str = ""
    sex: str = ""
    age_years: float | None = None
    subtype: str = ""


def predictions(labels, probabilities, patients=None, **groups):
    probabilities = np.array(probabilities, dtype=float)
    return Predictions(
        np.array(labels, dtype=np.int64),
        probabilities * 4 - 2,
        probabilities,
        tuple(map(str, range(len(labels)))),
        patients,
        groups={name: tuple(values) for name, values in groups.items()},
    )


def simulated(images=400, seed=1, **groups):
    random = np.random.default_rng(seed)
    probabilities = random.random(images)
    labels = (random.random(images) < probabilities).astype(int)
    drawn = {name: random.choice(values, images).tolist() for name, values in groups.items()}
    patients = tuple(f"p{number}" for number in random.integers(0, 250, images))
    return predictions(labels, probabilities, patients, **drawn)


@pytest.mark.parametrize(
    ("years", "band"),
    [
        (0.0, "under 1"), (0.99, "under 1"), (1.0, "1 to 5"), (5.99, "1 to 5"), (6.0, "6 to 17"),
        (17.9, "6 to 17"), (18.0, "18 to 39"), (64.9, "40 to 64"), (65.0, "65 and over"), (None, ""),
    ],
)  # fmt: skip
def test_an_age_falls_into_a_band(years, band):
    assert age_band(years) == band


def test_only_what_is_known_of_some_image_divides():
    found = groups_of([Image(view="PA", age_years=3.0), Image()])
    assert found == {"view": ("PA", ""), "age": ("1 to 5", "")}


def test_a_group_has_the_figures_of_its_images_alone():
    made = simulated(view=["PA", "AP"])
    chosen = np.array(made.groups["view"]) == "AP"
    whole = evaluate_predictions(made.part(chosen), [HALF])
    [found] = [each for each in evaluate_subgroups(made, [HALF]) if each.group == "AP"]
    assert found.auc == whole.auc
    assert found.auc.value == pytest.approx(roc_auc_score(made.labels[chosen], made.logits[chosen]))
    assert found.operating_points[0].sensitivity == whole.operating_points[0].sensitivity
    assert found.operating_points[0].specificity == whole.operating_points[0].specificity
    assert found.patients == whole.patients
    low, high = found.auc.interval
    assert low < found.auc.value < high


def test_groups_add_up_with_those_of_unknown_group_last():
    made = simulated(sex=["F", "M", ""], age=["65 and over", "1 to 5"])
    found = evaluate_subgroups(made, [HALF])
    assert [each.group for each in found] == ["F", "M", "unknown", "1 to 5", "65 and over"]
    assert sum(each.normal + each.pneumonia for each in found if each.grouping == "sex") == 400


def test_a_subtype_stands_against_all_normal_images():
    labels = [0, 0, 1, 1, 1]
    made = predictions(labels, [0.1, 0.6, 0.9, 0.3, 0.2], subtype=["", "", "viral", "bacterial", ""])
    found = {each.group: each for each in evaluate_subgroups(made, [HALF])}
    assert list(found) == ["bacterial", "viral", "unknown"]
    assert (found["viral"].normal, found["viral"].pneumonia) == (2, 1)
    assert [found[name].auc.value for name in found] == [0.5, 1.0, 0.5]
    point = found["viral"].operating_points[0]
    assert (point.sensitivity.value, point.specificity.value) == (1.0, None)


def test_a_source_of_one_class_has_the_figure_that_is_defined():
    labels = [0] * 12 + [1] * 12
    made = predictions(labels, [0.2] * 6 + [0.7] * 6 + [0.9] * 12, source=["IM"] * 12 + ["person"] * 12)
    normal, ill = evaluate_subgroups(made, [HALF])
    assert (normal.auc.value, normal.operating_points[0].sensitivity.value) == (None, None)
    assert normal.operating_points[0].specificity.value == 0.5
    assert ill.operating_points[0].sensitivity.value == 1.0
    assert not normal.small
    assert not ill.small


@pytest.mark.parametrize(("ill", "small"), [(9, True), (10, False)])
def test_fewer_than_ten_of_a_class_are_marked(ill, small):
    labels = [0] * 30 + [1] * ill
    made = predictions(labels, np.linspace(0, 1, len(labels)), view=["PA"] * len(labels))
    [found] = evaluate_subgroups(made, [HALF])
    assert found.small is small


def test_a_column_of_free_text_stays_a_table():
    labels = [0, 1] * 50
    names = [f"ward {number // 2}" for number in range(98)] + ["ward 0", "ward 0"]
    made = predictions(labels, np.linspace(0, 1, 100), source=names)
    found = evaluate_subgroups(made, [HALF])
    assert len(found) == 21
    assert {"ward 0", "29 others"} <= {each.group for each in found}
    assert sum(each.normal for each in found) == 50


def test_subgroups_stand_in_the_metrics():
    content = evaluate_predictions(simulated(view=["PA", "AP"]), [HALF]).to_json()
    assert [each["group"] for each in content["subgroups"]] == ["AP", "PA"]
    assert evaluate_predictions(simulated(), [HALF]).to_json()["subgroups"] == []
