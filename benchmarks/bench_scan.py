"""Screener against what its readers would write, against what the machine allows, and against its aims.

Run: make bench   (or: python -m benchmarks.bench_scan --images 1000 --repeats 3 --markdown)
     make bench-guard   a small form, whose ratios must not fall below benchmarks/bounds.json

Builds its inputs in a temporary folder: full-size JPEGs (from $SCREENER_SHARED/data/originals, or sample
images scaled up), 12-bit DX images of 2,048 × 2,500 uncompressed and in each lossless syntax, a mixed tree.
Rates are of the steady state: starting is measured by itself, for Screener as for its rivals. Needs the
extras 'train' and 'dev'.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.speed import figures, inputs, rates, whole
from benchmarks.speed.figures import FLOOR, NOTEBOOK, PYDICOM, SCREENER, TF_DATA, Figure, Summary

BOUNDS = Path(__file__).with_name("bounds.json")
COMPRESSED_SHARE, DX_SHARE = 10, 3  # of the JPEGs: a rival takes half a second for each
SMALL = {"images": 96, "repeats": 1, "files": 1000, "studies": 0}


def main() -> None:
    """Print the tables; with --guard, end with 1 where a ratio has fallen below its bound."""
    arguments = parsed()
    with tempfile.TemporaryDirectory(prefix="screener-bench-", dir=arguments.folder) as folder:
        results, found = measured(arguments, Path(folder))
    form = figures.as_markdown if arguments.markdown else figures.as_text
    print(form(figures.rate_table(results)))
    print()
    print(form(figures.figure_table(found)))
    if arguments.guard:
        said = figures.breaches(found, json.loads(BOUNDS.read_text()))
        print("\n".join(["", *said]) if said else "\nnothing has become slower than its bound")
        sys.exit(bool(said))


def parsed() -> argparse.Namespace:
    """Return the options; --guard sets those of the small form."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=600, help="full-size JPEGs; a third as many DX")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--files", type=int, default=10_000, help="names for memory, growth and the walk")
    parser.add_argument("--studies", type=int, default=2000, help="of the scan with PDF; 0 for none")
    parser.add_argument("--only", default="", help="only inputs whose name holds this; and no figures")
    parser.add_argument("--folder", type=Path, help="where the inputs are built; default: the temporary one")
    parser.add_argument("--markdown", action="store_true", help="print tables for a document")
    parser.add_argument("--guard", action="store_true", help="the small form, checked against bounds.json")
    arguments = parser.parse_args()
    if arguments.guard:
        vars(arguments).update(SMALL)
    return arguments


def measured(
    arguments: argparse.Namespace, folder: Path
) -> tuple[dict[str, dict[str, Summary]], list[Figure]]:
    """Build the inputs, measure everything, and return rates and figures."""
    wanted = built(folder, arguments.images, arguments.only)
    results = rates.measured(wanted, arguments.repeats, _say)
    found = aims(results)
    if arguments.only:
        return results, found
    _say("start-up")
    found += whole.start(folder / "start")
    _say("one worker and all")
    found.append(whole.scaling(wanted[0], arguments.repeats))
    _say("growth")
    counts = sorted({1000, min(10_000, arguments.files), arguments.files})
    found += whole.growth(folder / "growth", counts)
    found.append(whole.walking(folder / "growth", arguments.files))
    if arguments.studies:
        _say("outputs")
        found += whole.outputs(folder / "outputs", arguments.studies)
    return results, found


def built(folder: Path, images: int, only: str) -> list[rates.Input]:
    """Return the inputs whose name holds a word, made in a folder."""
    found = []
    if only in "JPEG, full size":
        place = folder / "jpeg"
        found.append(
            rates.Input(
                "JPEG, full size",
                inputs.jpeg_folder(place / "many", images),
                inputs.jpeg_folder(place / "few", rates.START),
                (NOTEBOOK, TF_DATA),
            )
        )
    for name, syntax in inputs.SYNTAXES.items():
        if only in name:
            place = folder / "dx" / syntax.name
            share = COMPRESSED_SHARE if syntax.is_compressed else DX_SHARE
            count = max(images // share, 2 * rates.START)
            many = inputs.dx_folder(place / "many", syntax, count)
            few = inputs.dx_folder(place / "few", syntax, rates.START)
            found.append(rates.Input(name, many, few, (PYDICOM,)))
    if not only:
        parts = [each.many for each in found]
        many = inputs.mixed_folder(folder / "mixed" / "many", images, parts)
        few = inputs.mixed_folder(folder / "mixed" / "few", rates.START, parts)
        found.append(rates.Input("mixed tree", many, few, floor=False))
    return found


def aims(results: dict[str, dict[str, Summary]]) -> list[Figure]:
    """Return the ratios that the aims are about, of those that were measured."""
    found = []
    for name, contenders in results.items():
        own = contenders[SCREENER]
        for rival, least in (AIMS.get(name) or {}).items():
            if rival == SCREENER:
                value, said, aim = own.rate, f"{own.rate:.0f} images/s", f"≥ {least:g} images/s here"
            elif rival == FLOOR:
                value = own.rate / contenders[FLOOR].rate
                busy = contenders[FLOOR].cost / own.cost
                said, aim = f"{value:.0%} of the floor (by processor time {busy:.0%})", f"≥ {least:.0%}"
            else:
                value = own.rate / contenders[rival].rate
                said, aim = f"{value:.1f} × {rival}", f"≥ {least:g} ×"
            found.append(Figure(f"{name}: {rival}", name, value, said, aim, value >= least))
    return found


AIMS = {
    "JPEG, full size": {FLOOR: 0.85, NOTEBOOK: 4.0},
    "DX, uncompressed": {SCREENER: 80.0, PYDICOM: 5.0},
    "DX, JPEG 2000": {SCREENER: 24.0, PYDICOM: 5.0},
}
WHOLE = {"help", "first", "scaling", "memory", "growth", "again", "walk", "lists", "pdf"}


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
