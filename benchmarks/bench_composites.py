"""Do composites give their class away by anything but the lungs? And a sheet of them to look at.

Run: python benchmarks/bench_composites.py lungs.csv [--images N] [--sheet SHEET.png]

A boosted tree is fitted to composites with the lungs hidden, in three folds, and asked for opacity against
none. What it may see:

- frame: all outside the host's lungs, which are black
- seams: the frame, and a rim of the lungs put in and of what was filled round them
- outline: where the lungs put in are seen, and nothing else
- lungs: all, at the same coarse size

An AUC whose interval holds .5 has found nothing.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, this folder alone would be there

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from screener.domain import ByteImage
from screener.training.composer import HIDDEN, OWN, Composer, Drawn
from screener.training.composites import Composite
from screener.training.lung_radiographs import KINDS, read_lung_radiographs

RIM = 4  # pixels of a seam, on each side
SMALL = 16  # pixels a side: what a tree is shown
RESAMPLES = 1000


def main() -> None:
    """Print the table, and write the sheet."""
    arguments = _arguments()
    radiographs = read_lung_radiographs(arguments.table, arguments.part)
    composer = Composer(radiographs, OWN if arguments.own_outlines else HIDDEN)
    drawn = [composer.draw(np.random.default_rng((arguments.seed, i))) for i in range(arguments.images)]
    labels = np.array([each.label for each in drawn])
    print(f"{len(drawn)} images, {labels.sum()} with an opacity", flush=True)
    for name, look in LOOKS.items():
        auc, low, high = separability(np.stack([described(look(each.radiograph)) for each in drawn]), labels)
        print(f"{name:10} AUC {auc:.3f} ({low:.3f}-{high:.3f})", flush=True)
    if arguments.sheet:
        cv2.imwrite(str(arguments.sheet), sheet(drawn))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", type=Path, help="the CSV that lungs_table.py writes")
    parser.add_argument("--images", type=int, default=2000, help="how many to draw")
    parser.add_argument("--part", default="train", help="of the table")
    parser.add_argument("--own-outlines", action="store_true", help="as 'screener train --own-outlines'")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sheet", type=Path, help="PNG of six images of each kind, boxes in red")
    return parser.parse_args()


def frame(radiograph: Composite) -> ByteImage:
    """Return the image with the host's lungs blackened."""
    return np.where(radiograph.fields, 0, radiograph.pixels).astype(np.uint8)


def seams(radiograph: Composite) -> ByteImage:
    """Return the frame and a rim on both sides of each edge of what was put in."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RIM + 1, 2 * RIM + 1))
    rims = [
        cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_GRADIENT, disc) > 0
        for mask in (radiograph.fields, radiograph.shown)
    ]
    return np.where(radiograph.fields & ~(rims[0] | rims[1]), 0, radiograph.pixels).astype(np.uint8)


def outline(radiograph: Composite) -> ByteImage:
    """Return where the lungs put in are seen, white on black."""
    return np.where(radiograph.shown, 255, 0).astype(np.uint8)


LOOKS = {"frame": frame, "seams": seams, "outline": outline, "lungs": lambda radiograph: radiograph.pixels}


def described(picture: ByteImage) -> NDArray[np.float32]:
    """Return what a tree is shown of a picture: its greys and its fine detail, both small."""
    detail = np.abs(cv2.Laplacian(picture, cv2.CV_32F))
    parts = [cv2.resize(each, (SMALL, SMALL), interpolation=cv2.INTER_AREA) for each in (picture, detail)]
    return np.concatenate([part.astype(np.float32).ravel() for part in parts])


def separability(features: NDArray[np.float32], labels: NDArray[np.int64]) -> tuple[float, float, float]:
    """Return the AUC of boosted trees over three folds, and its 95 % interval by the bootstrap."""
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    trees = HistGradientBoostingClassifier(max_iter=80, max_features=0.1, random_state=0)
    scores = cross_val_predict(trees, features, labels, cv=folds, method="predict_proba")[:, 1]
    rng = np.random.default_rng(0)
    resampled = []
    for _ in range(RESAMPLES):
        taken = rng.integers(len(labels), size=len(labels))
        if 0 < labels[taken].sum() < len(labels):
            resampled.append(roc_auc_score(labels[taken], scores[taken]))
    low, high = np.quantile(resampled, (0.025, 0.975))
    return float(roc_auc_score(labels, scores)), float(low), float(high)


def sheet(drawn: Sequence[Drawn], columns: int = 6) -> ByteImage:
    """Return a picture of images in rows by kind, colour BGR; the last row holds halves of two kinds."""
    rows = []
    for kind in (*KINDS, ""):
        radiographs = [_outlined(each.radiograph) for each in drawn if each.kind == kind][:columns]
        rows.append(np.hstack(radiographs + [np.zeros_like(radiographs[0])] * (columns - len(radiographs))))
    return np.vstack(rows)


def _outlined(radiograph: Composite) -> ByteImage:
    colour = cv2.cvtColor(radiograph.pixels, cv2.COLOR_GRAY2BGR)
    edges, _ = cv2.findContours(
        radiograph.opacity.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    return np.asarray(cv2.drawContours(colour, edges, -1, (0, 0, 255), 1), np.uint8)


if __name__ == "__main__":
    main()
