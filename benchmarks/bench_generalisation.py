"""How far a model holds up: by source, on adults, on images changed in one respect, on painted twins.

Run: python benchmarks/adult_labels.py LABELS.csv adults.csv --set-aside
     python benchmarks/bench_generalisation.py MODEL --children DIR --adults adults.csv --final

Only images of patients that the model was not trained on are used, as far as its manifest tells. Prints one
table for each part and writes generalisation.json, .md and .png. What each row means: docs/generalisation.md.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, this folder alone would be there

import cv2
import numpy as np
from rich.console import Console

from benchmarks.generalisation import rows
from benchmarks.generalisation.changes import UNCHANGED
from benchmarks.generalisation.data import Case, Dataset, chosen, read_adults, read_children, read_samples
from benchmarks.generalisation.folds import fold_row, parse_fold
from benchmarks.generalisation.output import Section, markdown, print_sections, put_into_card, write_sections
from benchmarks.generalisation.scoring import Scorer, read
from screener.errors import ScreenerError
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.inference.populations import Population

LIMIT = 300  # images of each class
"""Enough for intervals of ± 0.02 on an AUC; the whole then takes minutes."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured: a model, the children and adults that it was not trained on, and up to how many."""

    model: ModelFolder
    dataset: Dataset
    children: list[Case]
    subset: list[Case]
    adults: list[Case]
    warnings: list[str]


def main() -> None:
    """Print the tables and write the files."""
    arguments = _parse()
    start = time.perf_counter()
    cv2.setNumThreads(1)  # images are spread over threads already
    try:
        bench = prepare(arguments)
        sections = measure(bench, Ticker())
        folds = [parse_fold(each) for each in arguments.fold]
        found = [fold_row(name, folder, bench.dataset, bench.adults, Ticker()) for name, folder in folds]
    except ScreenerError as error:
        sys.exit(f"error: {error}")
    if found:
        note = "Models trained without the group named, on that group; 'fold': on their held-out patients."
        sections.append(Section("Sources held out", note, found))
    described = describe(bench, arguments, time.perf_counter() - start)
    for warning in bench.warnings:
        print(f"Mind: {warning}")
    print_sections(sections, Console(width=None if sys.stdout.isatty() else 200))
    write_sections(arguments.out, described, sections)
    if arguments.card:
        put_into_card(bench.model, markdown(described, sections))
    print(f"{described['summary']}\nWritten to {arguments.out}; {described['seconds']} s.")


def prepare(arguments: argparse.Namespace) -> Bench:
    """Return the model and its images.

    Raises:
        ScreenerError: The model or a dataset cannot be read.
    """
    model = load_model_folder(arguments.model)
    adults = read_adults(arguments.adults, final=arguments.final)
    dataset = read_children(arguments.children)
    unseen = dataset.unseen(model)
    strangers = {radiograph.patient for radiograph in adults}  # where one CSV holds children and adults
    children = [radiograph for radiograph in unseen.radiographs if radiograph.patient not in strangers]
    held_out = [radiograph for radiograph in unseen.held_out if radiograph.patient not in strangers]
    validation = [radiograph for radiograph in unseen.validation if radiograph.patient not in strangers]
    return Bench(
        model,
        dataset,
        children if arguments.limit >= LIMIT else chosen(held_out, validation, arguments.limit),
        chosen(held_out, validation, arguments.limit),
        [radiograph for radiograph in adults if radiograph.patient not in unseen.trained_on],
        [unseen.warning] if unseen.warning else [],
    )


def measure(bench: Bench, ticker: "Ticker") -> list[Section]:
    """Return the tables of one model: groups, changes, painted twins, sample images."""
    scorer, model = Scorer(bench.model), bench.model
    grown = adults_of(model)
    point = model.main.operating_point(None).name
    logits = scorer.plain(bench.children, ticker)
    children = scorer.with_changes(bench.subset, ticker)
    adults = scorer.with_changes(bench.adults, ticker)
    samples = read_samples()
    sample_logits = np.array([scorer.logit(read(sample["image"])) for sample in samples])
    plain = adults.by_change[UNCHANGED]
    changed = (
        f"AUC after the change; how far probabilities move; which images change side at {point}. "
        "'lungs masked' should leave an AUC of .5."
    )
    twins = (
        "A healthy image against itself with an opacity painted into one lung: the twin should score higher."
    )
    rank = (
        "By rising logit; 'above healthy' is the distance to the highest healthy image: positive if painted."
    )
    return [
        Section(
            "By group",
            "Images of patients that the model was not trained on, as they are; adults by the calibration "
            f"and operating points of {grown.name}.",
            rows.group_rows(bench.children, logits, model.main, rows.GROUPS)
            + rows.group_rows(bench.adults, plain, grown, rows.ADULT_GROUPS),
        ),
        Section("Children, changed", changed, rows.change_rows(children, model.main)),
        Section("Adults, changed", changed, rows.change_rows(adults, grown)),
        Section(
            "Painted twins", twins, rows.twin_rows(children, "children") + rows.twin_rows(adults, "adults")
        ),
        Section("Sample images", rank, rows.sample_rows(samples, sample_logits, model)),
    ]


def adults_of(model: ModelFolder) -> Population:
    """Return the population whose numbers adults get: "adults", or the only one."""
    return next((each for each in model.populations if each.name == "adults"), model.main)


def describe(bench: Bench, arguments: argparse.Namespace, seconds: float) -> dict[str, object]:
    """Return what was measured, for the JSON and the Markdown."""
    ages = "patients set aside included" if arguments.final else "without the patients set aside"
    summary = (
        f"{bench.model.identity}: {len(bench.children)} images of {_patients(bench.children)} children, "
        f"{len(bench.subset)} of them changed; {len(bench.adults)} of {_patients(bench.adults)} adults, "
        f"{ages}. 95 % intervals by patient."
    )
    return {
        "model": str(bench.model.identity),
        "final": arguments.final,
        "summary": summary,
        "warnings": bench.warnings,
        "seconds": round(seconds, 1),
    }


class Ticker:
    """Counts images on standard error where that is a terminal."""

    def __init__(self) -> None:
        self._done = 0

    def __call__(self) -> None:
        self._done += 1
        if sys.stderr.isatty():
            print(f"\r{self._done} images", end="\r", file=sys.stderr)


def _patients(radiographs: list[Case]) -> int:
    return len({radiograph.patient for radiograph in radiographs})


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="model folder")
    parser.add_argument("--children", type=Path, required=True, help="the training set: folder or CSV")
    parser.add_argument("--adults", type=Path, required=True, help="CSV written by adult_labels.py")
    parser.add_argument("--limit", type=int, default=LIMIT, help="children of each class that are changed")
    parser.add_argument("--out", type=Path, default=Path("generalisation"), help="folder to write to")
    parser.add_argument(
        "--fold",
        action="append",
        default=[],
        metavar="NAME=MODEL_DIR",
        help="a model trained without a group",
    )
    parser.add_argument("--card", action="store_true", help="put the tables into the model's card")
    parser.add_argument("--final", action="store_true", help="include the adults that are set aside: once")
    return parser.parse_args()


if __name__ == "__main__":
    main()
