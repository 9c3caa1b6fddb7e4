"""Against DeLong's own patients as SAS publishes them, statsmodels, and counting."""

import json

import numpy as np
import pytest

from screener.errors import DatasetError
from screener.evaluation.comparison import Contender, compare_aucs, compare_models, mcnemar_p_value
from screener.evaluation.intervals import delong_difference_variance, delong_variance
from screener.evaluation.predictions import Predictions
from screener.operating_points import OperatingPoint

# DeLong 1988: patients with ovarian cancer; SAS/STAT User's Guide, PROC LOGISTIC, "Comparing Receiver
# Operating Characteristic Curves", event popind = 0. Albumin, total protein, K-G score, popind.
OVARIAN = """
3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0  1.6 5.6 5 1
3.8 5.7 5 1  3.7 6.7 6 1  3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1  4.3 7.0 4 1  3.6 6.7 4 0
2.3 4.4 6 1  4.2 7.6 4 0  4.0 6.6 6 0  3.5 5.8 6 1  3.8 6.8 7 1  3.0 4.7 8 0  4.5 7.4 5 1  3.7 7.4 5 1
3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1  4.3 6.5 4 1  3.2 5.1 5 1  2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0
3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1  3.5 6.2 5 1  2.9 5.7 9 0  2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1
3.3 5.7 6 1  3.7 6.9 5 1  3.6 6.6 5 1
"""


def predictions(labels, logits, patients=None):
    logits = np.asarray(logits, dtype=float)
    files = tuple(f"{number}.png" for number in range(len(labels)))
    return Predictions(np.asarray(labels), logits, 1 / (1 + np.exp(-logits)), files, patients)


@pytest.fixture(scope="module")
def ovarian():
    """Predictions of each test, by name; higher means likelier popind = 0."""
    albumin, protein, score, popind = np.array(OVARIAN.split(), dtype=float).reshape(-1, 4).T
    labels = (popind == 0).astype(np.int64)
    return {
        "albumin": predictions(labels, -albumin),
        "protein": predictions(labels, -protein),
        "K-G": predictions(labels, score),
    }


@pytest.mark.parametrize(
    ("name", "auc", "error"),
    [("albumin", 0.7366, 0.0927), ("protein", 0.6478, 0.1000), ("K-G", 0.7258, 0.1028)],
)
def test_one_auc_is_as_published(ovarian, name, auc, error):
    made = ovarian[name]
    found = compare_aucs(made, made, made.resamples())
    assert found.first == pytest.approx(auc, abs=5e-5)
    assert np.sqrt(delong_variance(made.labels, made.logits)) == pytest.approx(error, abs=5e-5)


@pytest.mark.parametrize(
    ("name", "difference", "error", "chi_square", "p"),
    [("protein", -0.0780, 0.1046, 0.5554, 0.4561), ("albumin", 0.0108, 0.0953, 0.0127, 0.9102)],
)
def test_a_difference_of_aucs_is_as_published(ovarian, name, difference, error, chi_square, p):
    one, other = ovarian[name], ovarian["K-G"]
    found = compare_aucs(one, other, one.resamples())
    assert found.difference.value == pytest.approx(difference, abs=5e-5)
    variance = delong_difference_variance(one.labels, one.logits, other.logits)
    assert np.sqrt(variance) == pytest.approx(error, abs=5e-5)
    assert found.z**2 == pytest.approx(chi_square, abs=5e-4)
    assert found.p_value == pytest.approx(p, abs=5e-5)


def test_the_interval_of_a_difference_is_as_published(ovarian):
    found = compare_aucs(ovarian["protein"], ovarian["K-G"], ovarian["K-G"].resamples())
    assert found.difference.interval == pytest.approx((-0.2830, 0.1271), abs=5e-5)


def test_the_variance_of_a_difference_is_delongs_definition(ovarian):
    """Placement values pair by pair, their covariance matrices, and the contrast (1, -1)."""

    def placements(made):
        ill, well = made.logits[made.labels == 1], made.logits[made.labels == 0]
        wins = (ill[:, None] > well) + 0.5 * (ill[:, None] == well)
        return wins.mean(axis=1), wins.mean(axis=0)

    one, other = ovarian["protein"], ovarian["albumin"]
    matrix = sum(
        np.cov(parts) / len(parts[0]) for parts in zip(placements(one), placements(other), strict=True)
    )
    contrast = np.array([1, -1])
    found = delong_difference_variance(one.labels, one.logits, other.logits)
    assert found == pytest.approx(contrast @ matrix @ contrast)


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 0), (5, 0), (3, 11), (40, 40), (121, 59)])
def test_mcnemar_is_statsmodels(only_first, only_second):
    tables = pytest.importorskip("statsmodels.stats.contingency_tables", reason="needs the extra 'dev'")
    if only_first + only_second == 0:
        assert mcnemar_p_value(0, 0) == 1
        return
    expected = tables.mcnemar([[50, only_first], [only_second, 70]], exact=True).pvalue
    assert mcnemar_p_value(only_first, only_second) == pytest.approx(expected, rel=1e-9)


POINT = [OperatingPoint("balanced", 0.5)]


def contenders(patients=None, seed=0):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, 400)
    better = random.normal(2 * labels - 1, 1.0)
    worse = better + random.normal(0, 1.5, 400)
    owners = None if patients is None else tuple(f"p{each}" for each in random.integers(0, patients, 400))
    return (
        Contender("better@1", predictions(labels, better, owners), POINT),
        Contender("worse@1", predictions(labels, worse, owners), [OperatingPoint("balanced", 0.6)]),
    )


def test_every_image_is_counted_where_the_models_disagree():
    first, second = contenders()
    point = compare_models(first, second).operating_points[0]
    ill = first.predictions.labels == 1
    one, other = first.predictions.probabilities >= 0.5, second.predictions.probabilities >= 0.6
    assert point.sensitivity.only_first == np.sum(one & ~other & ill)
    assert point.specificity.only_second == np.sum(one & ~other & ~ill)
    assert point.sensitivity.first == np.mean(one[ill])
    assert point.specificity.second == np.mean(~other[~ill])
    assert point.sensitivity.difference.value == pytest.approx(np.mean(one[ill]) - np.mean(other[ill]))
    assert (point.first_threshold, point.second_threshold) == (0.5, 0.6)


def test_turning_the_models_round_turns_every_sign_and_no_p_value():
    first, second = contenders(patients=200)
    forth, back = compare_models(first, second), compare_models(second, first)
    assert forth.auc.z == pytest.approx(-back.auc.z)
    assert forth.auc.p_value == pytest.approx(back.auc.p_value)
    assert forth.auc.bootstrap_interval == pytest.approx([-end for end in back.auc.bootstrap_interval[::-1]])
    one, other = forth.operating_points[0].sensitivity, back.operating_points[0].sensitivity
    assert (one.only_first, one.p_value) == (other.only_second, pytest.approx(other.p_value))


def test_a_better_model_is_found_better():
    found = compare_models(*contenders(patients=300))
    assert found.auc.p_value < 0.001
    assert 0 < found.auc.bootstrap_interval[0] < found.auc.difference.value < found.auc.bootstrap_interval[1]


def test_a_model_does_not_differ_from_itself():
    first, _ = contenders()
    found = compare_models(first, first)
    assert (found.auc.difference.value, found.auc.z, found.auc.p_value) == (0, None, None)
    assert found.operating_points[0].sensitivity.p_value == 1


def test_images_of_one_patient_widen_the_bootstrap_and_not_delong():
    """Each image ten times over, as one patient's: what is known has not grown."""
    first, second = contenders()
    tenfold = [
        Contender(
            each.name,
            predictions(
                np.repeat(each.predictions.labels, 10),
                np.repeat(each.predictions.logits, 10),
                tuple(f"p{number}" for number in np.repeat(np.arange(400), 10)),
            ),
            each.operating_points,
        )
        for each in (first, second)
    ]
    once, often = compare_models(first, second).auc, compare_models(*tenfold).auc
    assert np.ptp(often.bootstrap_interval) == pytest.approx(np.ptp(once.bootstrap_interval), rel=0.15)
    assert np.ptp(often.difference.interval) < 0.4 * np.ptp(once.difference.interval)


@pytest.mark.parametrize(("patients", "method"), [(None, "by image, patients unknown"), (200, "by patient")])
def test_what_the_bootstrap_drew_is_said(patients, method):
    found = compare_models(*contenders(patients), left_out=3)
    content = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert content["bootstrap_method"].startswith(method)
    assert content["left_out"] == 3
    assert "independent" in content["assumption"]


def test_models_without_a_common_operating_point_compare_aucs_alone():
    first, second = contenders()
    found = compare_models(first, Contender("x@1", second.predictions, [OperatingPoint("other", 0.5)]))
    assert found.operating_points == ()


def test_one_class_cannot_be_compared():
    made = predictions([1, 1, 1], [0.1, 0.2, 0.3])
    with pytest.raises(DatasetError, match="Comparing models needs images of both classes"):
        compare_models(Contender("a@1", made, POINT), Contender("b@1", made, POINT))


def test_different_images_are_a_bug():
    first, second = contenders()
    with pytest.raises(ValueError, match="same images"):
        compare_models(first, Contender("b@1", second.predictions.part(np.arange(400) < 300), POINT))
