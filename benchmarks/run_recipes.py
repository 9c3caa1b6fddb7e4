"""Trains and measures every recipe of a list, and goes on where it was interrupted, however it was.

Run: python benchmarks/run_recipes.py --start MODEL --children chest_xray --adults adults.csv \\
         --lungs lungs.csv --out trials [--list benchmarks/recipes.toml] [--only NAME…] [--seed N] [--ill icu]

Each recipe leaves a model folder, a log and a line in OUT/recipes.csv (see bench_recipes.py). A recipe whose
model is there is not trained again; one that was killed goes on from its last epoch. Training stops while it
gets SIGSTOP and goes on with SIGCONT. MODEL itself is measured first.

The patients set aside are those of MODEL, whatever the seed: with others, a recipe would train on children
that MODEL keeps apart, and be measured on children that MODEL has learned from.
"""

import argparse
import csv
import json
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
LIST = HERE / "recipes.toml"
TABLE = "recipes.csv"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A name and the options of 'screener train' that make it, all but --out."""

    name: str
    options: tuple[str, ...]


def main() -> None:
    """Train and measure what is not there yet."""
    arguments = _arguments()
    arguments.split_seed = split_seed_of(arguments.start)
    arguments.out.mkdir(parents=True, exist_ok=True)
    _measure(arguments.start, arguments)
    for recipe in recipes(arguments.list, arguments):
        if arguments.only and recipe.name not in arguments.only:
            continue
        model = arguments.out / f"{recipe.name}-{arguments.seed}"
        if not (model / "manifest.json").exists():
            _train(recipe, model)
        _measure(model, arguments)


def recipes(table: Path, given: argparse.Namespace) -> list[Recipe]:
    """Return the recipes of a list with what the command line gives put in, in its order."""
    listed = tomllib.loads(table.read_text(encoding="utf-8"))
    values = {
        name: str(getattr(given, name)) for name in ("start", "children", "lungs", "seed", "split_seed")
    }
    return [
        Recipe(name, tuple(each.format(**values) for each in (*listed["common"], *options)))
        for name, options in listed["recipes"].items()
    ]


def split_seed_of(start: Path) -> int:
    """Return the seed that drew which patients a model folder holds out."""
    manifest = json.loads((start / "manifest.json").read_text(encoding="utf-8"))
    return int(manifest["training"].get("split_seed", manifest["training"]["seed"]))


def command(recipe: Recipe, model: Path) -> list[str]:
    """Return the command that trains a recipe, or goes on with it."""
    begun = model.with_name(model.name + ".training") / "last" / "state.json"
    resume = ["--resume"] if begun.exists() else []
    return [sys.executable, "-m", "screener", "train", *recipe.options, "--out", str(model), *resume]


def measured(table: Path) -> set[str]:
    """Return the names of the models that have a line."""
    if not table.exists():
        return set()
    with table.open(newline="", encoding="utf-8") as stream:
        return {row["model"] for row in csv.DictReader(stream)}


def _train(recipe: Recipe, model: Path) -> None:
    with model.with_name(model.name + ".log").open("a", encoding="utf-8") as log:
        done = subprocess.run(command(recipe, model), stdout=log, stderr=log, check=False)
    if done.returncode:
        sys.exit(f"{recipe.name} ended with code {done.returncode}; see {log.name}")


def _measure(model: Path, given: argparse.Namespace) -> None:
    if model.name in measured(given.out / TABLE):
        return
    options = {"--children": given.children, "--adults": given.adults, "--lungs": given.lungs}
    options |= {"--out": given.out / TABLE} | ({"--ill": given.ill} if given.ill else {})
    words = [str(word) for pair in options.items() for word in pair]
    subprocess.run([sys.executable, str(HERE / "bench_recipes.py"), str(model), *words], check=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, told in (
        ("start", "model folder that every recipe goes on from"),
        ("children", "labelled radiographs of children"),
        ("adults", "CSV written by adult_labels.py"),
        ("lungs", "CSV written by lungs_table.py"),
        ("out", "folder for models, logs and table"),
    ):
        parser.add_argument(f"--{name}", type=Path, required=True, help=told)
    parser.add_argument("--ill", type=Path, help="images of patients who are all ill")
    parser.add_argument("--list", type=Path, default=LIST, help="TOML of recipes")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="of the list")
    parser.add_argument("--seed", type=int, default=20261122)
    return parser.parse_args()


if __name__ == "__main__":
    main()
