"""Does the activation map peak where radiologists drew a box? On composites of patients set aside.

Run: python -m benchmarks.bench_pointing models/NAME --lungs lungs.csv [--images 600] [--card]

lungs.csv: as lungs_table.py writes it. The composites show lungs of patients of the part 'val', whom no
weights learned from, in whole normal radiographs, drawn both ways: with outlines hidden and in their own.
Counted are those with an opacity that shows: whether the peak's cell is covered by it to a tenth or more,
for the map of the image alone and for the mean with its mirror image's, which reports draw. --card writes the
table into the model's own card, as a section.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.bench_recipes import Asked, Bools, covered_cells
from benchmarks.card_section import POINTING, put_section
from screener.domain import FloatImage
from screener.errors import ScreenerError
from screener.inference.activation import mean_with_mirror
from screener.inference.model_folder import load_model_folder
from screener.proportions import wilson_interval
from screener.training.composer import HIDDEN, OWN, Composer
from screener.training.lung_radiographs import read_lung_radiographs


def main() -> None:
    """Print the table of one model, and write it into its card if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="model folder")
    parser.add_argument("--lungs", type=Path, required=True, help="CSV written by lungs_table.py")
    parser.add_argument("--images", type=int, default=600, help="composites that are drawn")
    parser.add_argument("--card", action="store_true", help="write the table into the model's card")
    arguments = parser.parse_args()
    try:
        asked = Asked(load_model_folder(arguments.model))
        lungs = read_lung_radiographs(arguments.lungs, "val")
        rows = ["| outlines | map | n | peak in the opacity | by chance |", "|---|---|---|---|---|"]
        for outlines in (HIDDEN, OWN):
            composer = Composer(lungs, outlines)
            drawn = [composer.draw(np.random.default_rng((1, i))).radiograph for i in range(arguments.images)]
            shown = [each for each in drawn if each.opacity.any()]
            maps = [maps_of(asked, each.pixels) for each in shown]
            rows += [f"| {outlines} {row}" for row in rows_of(maps, [each.opacity for each in shown])]
        table = "\n".join(rows)
        print(table)
        if arguments.card:
            put_section(arguments.model, POINTING, table)
    except ScreenerError as error:
        sys.exit(f"error: {error}")


def maps_of(asked: Asked, pixels: np.ndarray) -> tuple[FloatImage, FloatImage]:
    """Return the map of an image, and the mean with that of its mirror image."""
    own, mirrored = asked.map(pixels), asked.map(np.ascontiguousarray(pixels[:, ::-1]))
    return own, mean_with_mirror(own, mirrored, asked.model.main.calibration.slope).cells


def rows_of(maps: Sequence[tuple[FloatImage, FloatImage]], opacities: Sequence[Bools]) -> list[str]:
    """Return how often the peaks of both maps lie in an opacity, a row of Markdown for each map."""
    covered = [covered_cells(opacity, own.shape) for (own, _), opacity in zip(maps, opacities, strict=True)]
    rows = []
    for kind, name in enumerate(("of the image alone", "mean with its mirror image's, as reports draw it")):
        inside = sum(
            bool(cells.flat[int(both[kind].argmax())]) for both, cells in zip(maps, covered, strict=True)
        )
        low, high = wilson_interval(inside, len(maps))
        share = f"{inside / len(maps):.0%} ({low:.0%}–{high:.0%})"
        chance = f"{np.mean([cells.mean() for cells in covered]):.0%}"
        rows.append(f"| {name} | {len(maps)} | {share} | {chance} |")
    return rows


if __name__ == "__main__":
    main()
