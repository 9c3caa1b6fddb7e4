"""What a gate refuses of what it never saw: packages, then sorts of pictures, are left out of fitting.

Run: python benchmarks/bench_gate.py MODEL SITE.csv… --not-chest OTHER

SITE.csv and OTHER are those of 'screener gate'. A gate is fitted on all pictures but a fifth of the patients
and packages, and judges that fifth; then on all but one sort of picture, such as all ultrasounds, real, drawn
and simulated. The second says what to expect of pictures that nobody thought of. Prints a Markdown table, for
docs/datasets/not-chest.md: shares below the score that loses at most 0.5 % of the radiographs of any site.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, this folder alone would be there

import numpy as np
from numpy.typing import NDArray

from screener.inference.model_folder import load_model_folder
from screener.training.dataset import read_dataset
from screener.training.gate_fit import fit_judge, scores_in_folds
from screener.training.gate_pictures import TURNED, GatePicture, GateSampling, other_pictures
from screener.training.gate_run import see_all
from screener.training.gate_thresholds import LOST

SORTS = {  # kinds that show the same in other guises: they are left out together
    "ultrasounds": ("ultrasound", "ultrasounds", "echocardiograms", "simulated ultrasounds"),
    "slices of CT, MR, scintigraphy": ("ct", "mr", "nuclear", "angiography"),
    "lateral and oblique chests": ("lateral_chest", "oblique_chest"),
    "other parts, projected": ("skull", "neck", "shoulder", "abdomen", "spine", "seen_from_above"),
    "text, documents": ("text", "document"),
    "bones, hands": ("bones", "hands"),
    "screenshots, maps": ("screenshot", "map"),
    "shapes, patterns": ("shapes", "pattern"),
    "textures, microscopy": ("texture", "microscopy"),
}
UPRIGHT_AGAIN = (TURNED, "upside down")  # corrected, not refused

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Refused:
    """What a gate refuses of one sort: shares of its pictures that lie in unseen packages, and all unseen."""

    sort: str
    pictures: int
    groups: int
    by_package: float
    by_sort: float


def main() -> None:
    """See the pictures, fit the gates and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("sites", type=Path, nargs="+", metavar="SITE")
    parser.add_argument("--not-chest", type=Path, required=True, metavar="OTHER")
    parser.add_argument("--seed", type=int, default=20261122)
    arguments = parser.parse_args()
    model = load_model_folder(arguments.model)
    pictures = see_all(
        model.network,
        model.preprocessing,
        {each.stem: read_dataset(each) for each in arguments.sites},
        other_pictures(arguments.not_chest),
        GateSampling(arguments.seed, made_wrong=100, drawings=200),
        _Quiet(),
    )
    print("\n".join(table(measured(pictures, arguments.seed))))


class _Quiet:
    """A reporter that says nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""

    def stage(self, _: str, total: int) -> "_Quiet":
        """Return what counts nothing."""
        return self

    def __call__(self) -> None:
        """Count nothing."""


def sort_of(kind: str) -> str:
    """Return the sort that a kind of picture belongs to: itself where it is the only one."""
    return next((sort for sort, kinds in SORTS.items() if kind in kinds), kind)


def measured(pictures: Sequence[GatePicture], seed: int) -> list[Refused]:
    """Return what is refused of each sort of other picture, by gates that never saw it."""
    pictures = [each for each in pictures if not each.changed]
    scores = np.array(
        [own[each.shown] for each, own in zip(pictures, scores_in_folds(pictures, seed), strict=True)]
    )
    limit = _limit(pictures, scores)
    found = []
    for sort in sorted({sort_of(each.kind) for each in pictures if not each.chest}):
        own = np.array([not each.chest and sort_of(each.kind) == sort for each in pictures])
        unseen = scores[own]
        if sort not in UPRIGHT_AGAIN:
            judge = fit_judge([pictures[i] for i in np.flatnonzero(~own)])
            left_out = [pictures[i] for i in np.flatnonzero(own)]
            unseen = judge.scores(np.stack([each.features[each.shown] for each in left_out]))
        groups = {pictures[i].group for i in np.flatnonzero(own)}
        by_package, by_sort = (float(np.mean(each < limit)) for each in (scores[own], unseen))
        found.append(Refused(sort, int(own.sum()), len(groups), by_package, by_sort))
    return found


def _limit(pictures: Sequence[GatePicture], scores: FloatArray) -> float:
    """Return the score below which at most LOST of the radiographs of any site lie."""
    sites: dict[str, list[float]] = {}
    for each, score in zip(pictures, scores, strict=True):
        if each.chest and not each.varied:
            sites.setdefault(each.site, []).append(float(score))
    return min(float(np.quantile(own, LOST)) for own in sites.values())


def table(found: Sequence[Refused]) -> list[str]:
    """Return the lines of a Markdown table."""
    return [
        "| pictures | number | packages or patients | of unseen packages | the whole sort unseen |",
        "|---|---|---|---|---|",
        *(
            f"| {each.sort} | {each.pictures} | {each.groups} | {each.by_package:.1%} | {each.by_sort:.1%} |"
            for each in found
        ),
    ]


if __name__ == "__main__":
    main()
