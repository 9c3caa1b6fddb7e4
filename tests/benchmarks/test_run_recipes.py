"""Recipes are trained by the product's own command, and a killed one goes on."""

import argparse
import json
from pathlib import Path

from benchmarks.run_recipes import LIST, Recipe, command, measured, recipes, split_seed_of
from screener.cli import app

GIVEN = argparse.Namespace(
    start="models/before", children="children", lungs="lungs.csv", seed=7, split_seed=11
)


def test_every_option_of_the_list_is_one_of_train() -> None:
    [train] = [
        each for each in app.registered_commands if each.callback and each.callback.__name__ == "train"
    ]
    known = {f"--{name.replace('_', '-')}" for name in train.callback.__annotations__}  # type: ignore[union-attr]
    for recipe in recipes(LIST, GIVEN):
        used = {word.replace("--no-", "--") for word in recipe.options if word.startswith("--")}
        assert used <= known, recipe.name


def test_recipes_differ_from_the_first_in_one_respect_and_share_their_start_and_seed() -> None:
    listed = {recipe.name: recipe.options for recipe in recipes(LIST, GIVEN)}
    assert listed["mirror"][: len(listed["composites"])] == listed["composites"]
    for options in listed.values():
        assert options[options.index("--backbone") + 1] == "models/before"
        assert options[options.index("--seed") + 1] == "7"
        assert options[options.index("--split-seed") + 1] == "11"


def test_a_recipe_that_was_killed_goes_on(tmp_path: Path) -> None:
    recipe, model = Recipe("one", ("children",)), tmp_path / "one-7"
    assert "--resume" not in command(recipe, model)
    state = tmp_path / "one-7.training" / "last" / "state.json"
    state.parent.mkdir(parents=True)
    state.touch()
    assert command(recipe, model)[-1] == "--resume"


def test_a_model_with_a_line_is_not_measured_again(tmp_path: Path) -> None:
    table = tmp_path / "recipes.csv"
    assert measured(table) == set()
    table.write_text("model,PA\none-7,0.8\n")
    assert measured(table) == {"one-7"}


def test_a_recipe_holds_out_the_patients_that_its_start_holds_out(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"training": {"seed": 11}}))
    assert split_seed_of(tmp_path) == 11
    (tmp_path / "manifest.json").write_text(json.dumps({"training": {"seed": 11, "split_seed": 12}}))
    assert split_seed_of(tmp_path) == 12
