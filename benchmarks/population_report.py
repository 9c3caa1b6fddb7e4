"""Measures one population of a model, once, on patients kept for it, for the model's card.

Run: python benchmarks/population_report.py MODEL POPULATION LABELLED.csv… [--before MODEL] [--card]

LABELLED.csv has the columns file, patient, subtype and view. Images are screened as 'screener scan' does. For
each subtype and view the table says how many are flagged at the model's default point, and how many are to be
looked at first; with --before, also how many another model flags. Intervals: 95 %, Wilson. --card puts the
table into MODEL's card and seals the folder anew.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, this folder alone would be there

from screener.domain import Finding, ImageFile, Status
from screener.engines.worker import Screener, ScreenerSetup, screen_batch
from screener.inference.model_folder import CARD, ModelFolder, load_model_folder, seal_model_folder
from screener.intake import look_at
from screener.proportions import wilson_interval
from screener.scale import Band, Scale, Scales
from screener.training.card import with_section

Row = tuple[str, str, float | None]  # subtype, view, logit; None where the image was not screened


@dataclass(frozen=True, slots=True)
class Before:
    """Another model: its name in the table, its scales, and its rows of the same images."""

    name: str
    scales: Scales
    rows: Sequence[Row]


def main() -> None:
    """Print the table; put it into the card if asked to."""
    arguments = _arguments()
    model = load_model_folder(arguments.model)
    scale = model.population(arguments.population).scale()
    radiographs = [(data.parent, radiograph) for data in arguments.data for radiograph in _read(data)]
    before = None
    if arguments.before:
        other = load_model_folder(arguments.before)
        before = Before(f"version {other.identity.version}", other.scales(), _screened(radiographs, other))
    table = "\n".join(report(_screened(radiographs, model), scale, before))
    print(table)
    if arguments.card:
        patients = len({radiograph["patient"] for _, radiograph in radiographs})
        put_section(
            arguments.model, scale.population, f"{len(radiographs)} images of {patients} patients", table
        )


def report(rows: Sequence[Row], scale: Scale, before: Before | None) -> Iterator[str]:
    """Yield the table's lines, Markdown."""
    last = f" flagged by {before.name} |" if before else ""
    yield f"| images | view | n | flagged at {scale.operating_point.name} | to look at first |{last}"
    yield "|---|---|---|---|---|" + ("---|" if before else "")
    groups = Counter((subtype, view) for subtype, view, _ in rows)
    for subtype, view in sorted(groups):
        logits = [logit for *key, logit in rows if (subtype, view) == tuple(key) and logit is not None]
        probabilities = [scale.probability(logit) for logit in logits]
        cells = [
            _share(sum(scale.status(each) is Status.FLAGGED for each in probabilities), len(logits)),
            _share(sum(scale.band(each) is Band.FIRST for each in probabilities), len(logits)),
        ]
        if before:
            earlier = [row for row in before.rows if row[:2] == (subtype, view) and row[2] is not None]
            cells.append(_share(sum(before.scales.flagged(row[2], "") for row in earlier), len(earlier)))
        yield f"| {subtype} | {view} | {len(logits)} | {' | '.join(cells)} |"
    missed = sum(logit is None for *_, logit in rows)
    if missed:
        yield f"\nNot screened: {missed}."


def put_section(folder: Path, population: str, radiographs: str, table: str) -> None:
    """Put the table into the card of a model folder, before its figures, and seal the folder anew."""
    described = dict(load_model_folder(folder).manifest)
    section = (
        f"## Reported once: {population}\n\n{radiographs} whom neither the network learned from nor "
        "calibration and thresholds were\nfitted on, measured once, for this card "
        f"(`benchmarks/population_report.py`). 95 % intervals: Wilson.\n\n{table}\n"
    )
    card = folder / CARD
    text = with_section(card.read_text(encoding="utf-8"), section, before="## Figures")
    card.write_text(text, encoding="utf-8")
    for key in ("format", "files", "manifest_sha256"):
        described.pop(key)
    seal_model_folder(folder, described)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="the model folder")
    parser.add_argument("population", help="such as adults")
    parser.add_argument("data", type=Path, nargs="+", help="CSVs as for 'screener evaluate'")
    parser.add_argument("--before", type=Path, help="the model folder to compare with")
    parser.add_argument("--card", action="store_true", help="put the table into the model's card")
    return parser.parse_args()


def _read(table: Path) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def _screened(radiographs: Sequence[tuple[Path, dict[str, str]]], model: ModelFolder) -> list[Row]:
    screener = Screener.of(ScreenerSetup.of(model))
    return [_row(folder, radiograph, screener) for folder, radiograph in radiographs]


def _row(folder: Path, radiograph: dict[str, str], screener: Screener) -> Row:
    file = look_at((folder / radiograph["file"]).absolute(), radiograph["file"])
    [outcome] = screen_batch([file], screener) if isinstance(file, ImageFile) else [file]
    logit = outcome.prediction.logit if isinstance(outcome, Finding) else None
    return radiograph["subtype"], radiograph["view"], logit


def _share(count: int, of: int) -> str:
    if not of:
        return "none"
    low, high = wilson_interval(count, of)
    return f"{count}, {count / of:.0%} ({low:.0%}–{high:.0%})"


if __name__ == "__main__":
    main()
