"""A model gets a population of its own calibration; what it knows of others stays as it is."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

pytest.importorskip("sklearn", reason="needs the extra 'train'")

from screener.errors import UsageError
from screener.evaluation.estimates import Estimate
from screener.inference.populations import manifest_of, populations_of
from screener.operating_points import Calibration, OperatingPoint
from screener.training.about import AboutData
from screener.training.population_card import with_populations, without_populations
from screener.training.population_model import ForPopulation, check_population, population_keys

POINT = {"threshold": 0.3, "sensitivity": 0.98, "specificity": 0.8}
OF_ONE = {
    "name": "net",
    "calibration": {"slope": 1.0, "intercept": 0.0, "prevalence": 0.7},
    "operating_points": {"high_sensitivity": POINT},
    "default_operating_point": "high_sensitivity",
    "prevalence": {"default": 0.16, "source": "a study of children"},
    "validated_population": {
        "description": "children of one hospital",
        "age_years": [1, 5],
        "not_validated_for": ["adults"],
    },
    "validation": {"images": 400, "auc": {"value": 0.99, "interval": [0.98, 1.0]}},
}
SITE = {
    "data": "adults.csv", "date": "2026-11-28", "images": 50, "normal": 30, "pneumonia": 20,
    "patients": 40, "not_used": 0, "ages_known": 50, "age_years": [18, 90], "prevalence": 0.4,
}  # fmt: skip
FOUND = SimpleNamespace(
    calibration=Calibration(0.8, -1.0, 0.4),
    operating_points=(
        OperatingPoint("high_sensitivity", 0.2, 0.95, 0.5, (0.8, 1.0), (0.4, 0.6)),
        OperatingPoint("balanced", 0.5, 0.8, 0.8, (0.6, 0.9), (0.7, 0.9)),
    ),
    after=SimpleNamespace(auc=Estimate(0.87, (0.75, 0.95))),
)
ADULTS = ForPopulation(
    name="adults", keep_as="children", about=AboutData(population="adults of another hospital")
)
PREVALENCE = {"default": 0.2, "source": "a study of adults"}


def model(manifest=OF_ONE):
    return SimpleNamespace(manifest=manifest)


def calibrated(manifest=OF_ONE, wanted=ADULTS):
    return {**manifest, **population_keys(model(manifest), wanted, FOUND, SITE, PREVALENCE)}


def test_the_population_kept_is_what_the_model_was():
    children, adults = populations_of(calibrated())
    [before] = populations_of(OF_ONE)
    assert children == replace(before, name="children")
    assert (adults.name, adults.ages, adults.prevalence_source) == ("adults", (18, 90), "a study of adults")
    assert (
        adults.validated_on
        == "adults of another hospital; 50 labelled images of 40 patients (adults.csv, 2026-11-28)"
    )


def test_the_ages_are_those_measured_unless_more_is_known():
    known = replace(ADULTS, about=AboutData(age_years=(18, 95)))
    assert populations_of(calibrated(wanted=known))[1].ages == (18, 95)


def test_all_populations_are_calibrated_at_one_prevalence_so_that_one_order_holds():
    children, adults = populations_of(calibrated())
    assert adults.calibration.prevalence == children.calibration.prevalence == 0.7
    assert adults.calibration.probability(0.5, 0.1) == pytest.approx(FOUND.calibration.probability(0.5, 0.1))


def test_thresholds_flag_the_same_images_at_that_prevalence():
    _, adults = populations_of(calibrated())
    for before in FOUND.operating_points:
        after = adults.operating_points[before.name]
        assert adults.calibration.shifted(after.threshold, 0.4) == pytest.approx(before.threshold, abs=2e-6)


@pytest.mark.parametrize("default", ["children", "adults"])
def test_programs_that_know_of_no_populations_read_images_as_those_without_an_age(default):
    described = calibrated(wanted=replace(ADULTS, default=default))
    own = described["populations"][default]
    assert described["default_population"] == default
    assert described["calibration"] == own["calibration"]
    assert described["operating_points"] == own["operating_points"]
    assert described["prevalence"] == own["prevalence"]
    assert described["validated_population"]["description"] == own["validated_on"]
    assert described["validation"] == OF_ONE["validation"]


def test_calibrated_again_a_population_gives_way_and_the_other_stays():
    once = calibrated()
    twice = calibrated(once, ForPopulation(name="adults", default="children"))
    assert twice["populations"]["children"] == once["populations"]["children"]
    assert list(twice["populations"]) == ["children", "adults"]
    assert twice["default_population"] == "children"


def test_the_first_population_can_be_calibrated_too():
    described = calibrated(calibrated(), ForPopulation(name="children"))
    children, adults = populations_of(described)
    assert children.ages == (18, 90)
    assert adults == populations_of(calibrated())[1]


@pytest.mark.parametrize(
    ("manifest", "wanted", "words"),
    [
        pytest.param(OF_ONE, replace(ADULTS, keep_as=None), "with --keep-as", id="kept without a name"),
        pytest.param(OF_ONE, replace(ADULTS, keep_as="adults"), "other than adults", id="kept as itself"),
        pytest.param(
            {**OF_ONE, "validated_population": {"description": "all"}}, ADULTS, "names no ages", id="no ages"
        ),
        pytest.param(
            OF_ONE, replace(ADULTS, default="infants"), "will have children, adults", id="no such default"
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_before_anything_is_computed(manifest, wanted, words):
    with pytest.raises(UsageError, match=words):
        check_population(model(manifest), wanted)


def test_a_manifest_can_be_read_as_if_it_were_of_one_population_alone():
    described = manifest_of(calibrated(), "adults")
    assert "populations" not in described
    assert described["prevalence"] == PREVALENCE
    assert described["validated_population"]["age_years"] == [18, 90]
    assert manifest_of(OF_ONE, "all") == OF_ONE


CARD = "# net 1.0\n\n**Not validated for:**\n- adults\n\n## Data\n\nimages\n\n## Figures\n\nnumbers\n"


def test_a_card_names_all_populations_and_for_whom_nobody_validated():
    wanted = replace(ADULTS, about=AboutData(not_validated_for=("infants", "horses")))
    card = with_populations(CARD, calibrated(wanted=wanted))
    assert "**Not validated for:**\n- infants\n- horses\n" in card
    section = card.partition("## Populations\n")[2].partition("\n## Data")[0]
    assert "| children | 1 to 5 | children of one hospital | 0.16: a study of children |" in section
    assert "| adults | balanced |" in section
    assert "without an age is read with adults" in section


def test_the_checklist_of_a_card_says_on_whom_each_population_was_validated():
    row = "| 40 | 26 | limitations | manifest.json: validated_population | validated on: children |"
    wanted = replace(ADULTS, about=AboutData(not_validated_for=("infants",)))
    described = calibrated(wanted=wanted)
    card = with_populations(f"{CARD}\n{row}\n", described)
    of_both = "; ".join(each["validated_on"] for each in described["populations"].values())
    assert f"validated_population | validated on: {of_both}; not for: infants |\n" in card


def test_a_card_of_a_model_that_reads_all_alike_again_names_none():
    card = with_populations(CARD, calibrated()) + "\n## Calibrated for adults\n\nnumbers\n"
    assert without_populations(card).rstrip() == CARD.rstrip()
