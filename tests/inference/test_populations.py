"""Whose images a model reads on which scale, as manifest.json says."""

from dataclasses import replace
from pathlib import Path

import pytest

from screener.errors import UsageError
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.inference.populations import default_population_of, populations_of
from screener.operating_points import Calibration, Doubt
from screener.options import ScanOptions
from screener.resources import shipped_model
from screener.run_summary import ModelIdentity
from screener.scale import ALL

POINT = {"threshold": 0.3, "sensitivity": 0.98, "specificity": 0.8, "sensitivity_interval": [0.97, 0.99]}
CHILDREN = {
    "ages": [1, 5],
    "calibration": {"slope": 1.0, "intercept": 0.0, "prevalence": 0.7},
    "operating_points": {"high_sensitivity": POINT},
    "default_operating_point": "high_sensitivity",
    "prevalence": {"default": 0.16, "source": "a study of children"},
    "validated_on": "children aged 1 to 5",
    "validation": {"images": 400, "auc": {"value": 0.99, "interval": [0.98, 1.0]}},
}
ADULTS = {
    **CHILDREN,
    "ages": [18, 94],
    "calibration": {"slope": 0.8, "intercept": -1.0, "prevalence": 0.7},
    "prevalence": {"default": 0.2, "source": "a study of adults"},
    "validated_on": "adults aged 18 to 94",
}
MANIFEST = {"populations": {"children": CHILDREN, "adults": ADULTS}, "default_population": "adults"}


def model_of(manifest):
    return ModelFolder(
        path=Path("net"),
        identity=ModelIdentity("net", "1.0.0", "ab" * 32),
        preprocessing=None,
        populations=populations_of(manifest),
        default_population=default_population_of(manifest),
        intended_use="",
        manifest=manifest,
    )


def test_each_population_has_ages_calibration_points_and_prevalence_of_its_own():
    children, adults = populations_of(MANIFEST)
    assert (children.name, children.ages, children.prevalence_source) == (
        "children",
        (1, 5),
        "a study of children",
    )
    assert adults.calibration == Calibration(0.8, -1.0, 0.7)
    assert adults.operating_point(None).sensitivity_interval == (0.97, 0.99)


def test_a_manifest_that_tells_none_apart_is_one_population():
    whole = {**CHILDREN, "validated_population": {"description": "children", "age_years": [1, 5]}}
    [only] = populations_of(whole)
    assert (only.name, only.ages, only.validated_on) == (ALL, (1, 5), "children")
    assert default_population_of(whole) == ALL


def test_doubt_of_one_population_says_nothing_of_the_other():
    by_chance = {**ADULTS, "validation": {"images": 40, "auc": {"value": 0.6, "interval": [0.4, 0.8]}}}
    children, adults = populations_of({"populations": {"children": CHILDREN, "adults": by_chance}})
    assert children.operating_point(None).validated
    assert adults.operating_point(None).doubt is Doubt.CHANCE
    assert (adults.ages, adults.validated_on.startswith("nobody")) == (None, True)


def test_a_network_that_may_be_chance_where_it_was_trained_is_validated_for_no_population():
    coin = {"images": 400, "auc": {"value": 0.53, "interval": [0.44, 0.61]}}
    for each in populations_of({**MANIFEST, "validation": coin}):
        assert each.operating_point(None).doubt is Doubt.CHANCE
        assert each.ages is None


def test_without_a_default_the_first_population_is_it():
    assert default_population_of({"populations": MANIFEST["populations"]}) == "children"


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param({"populations": {}}, id="no population"),
        pytest.param({**MANIFEST, "default_population": "infants"}, id="a default that is none of them"),
        pytest.param({"populations": {"children": {**CHILDREN, "calibration": {}}}}, id="no calibration"),
    ],
)
def test_a_manifest_of_the_wrong_form_is_refused(manifest):
    with pytest.raises((KeyError, TypeError, ValueError)):
        model_of(manifest)


def test_a_scan_goes_by_age_with_the_models_default_for_the_rest():
    scales = model_of(MANIFEST).scales()
    assert [each.population for each in scales.each] == ["children", "adults"]
    assert scales.default == "adults"
    assert [each.prevalence for each in scales.each] == [0.16, 0.2]


def test_a_prevalence_of_ones_own_holds_for_all_populations():
    assert {each.prevalence for each in model_of(MANIFEST).scales(prevalence=0.05).each} == {0.05}


def test_all_images_can_be_read_as_one_populations():
    scales = model_of(MANIFEST).scales("children")
    assert scales.of("046Y").population == scales.of("").population == "children"


def test_images_without_an_age_can_be_read_as_anothers_than_the_models_default():
    assert model_of(MANIFEST).scales(default_population="children").of("").population == "children"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"population": "infants"}, "--population infants: net@1.0.0 has children, adults"),
        ({"default_population": "infants"}, "--default-population infants: net@1.0.0 has children, adults"),
    ],
)
def test_a_population_that_the_model_lacks_is_a_usage_error(asked, words):
    with pytest.raises(UsageError, match=words):
        model_of(MANIFEST).scales(**asked)


def test_a_model_that_tells_no_populations_apart_says_so():
    whole = {**CHILDREN, "validated_population": {"description": "children"}}
    with pytest.raises(UsageError, match="tells no populations apart"):
        model_of(whole).scales("children")


def test_one_population_for_all_leaves_none_to_a_default():
    options = ScanOptions(paths=(Path("s"),), out=Path("r.pdf"), model=Path("m"), population="adults")
    with pytest.raises(UsageError, match="not both"):
        replace(options, default_population="children")


SHIPPED = load_model_folder(shipped_model())


def test_the_shipped_model_reads_children_and_adults_and_those_without_an_age_as_adults():
    assert [each.name for each in SHIPPED.populations] == ["children", "adults"]
    assert SHIPPED.default_population == "adults"
    for each in SHIPPED.populations:
        assert each.ages
        assert each.prevalence_source
        assert all(point.validated and point.sensitivity_interval for point in each.operating_points.values())


def test_programs_that_know_of_no_populations_read_images_as_those_without_an_age():
    ageless = SHIPPED.manifest["populations"]["adults"]
    for key in ("calibration", "operating_points", "default_operating_point", "prevalence"):
        assert SHIPPED.manifest[key] == ageless[key]


def test_the_shipped_populations_are_calibrated_at_one_prevalence_so_that_print_and_order_agree():
    assert len({each.calibration.prevalence for each in SHIPPED.populations}) == 1
    assert len({each.prevalence for each in SHIPPED.populations}) == 1
