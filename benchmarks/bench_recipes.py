"""One line of figures for each model trained by another recipe, so that recipes can be compared.

Run: python benchmarks/adult_labels.py adults/labels.csv adults.csv
     python benchmarks/lungs_table.py adults rsna lungs.csv
     python benchmarks/bench_recipes.py MODEL… --children chest_xray --adults adults.csv --lungs lungs.csv \\
         [--ill icu] [--limit N] [--out recipes.csv]

Nobody of the tenth that is set aside is looked at. Columns ("≥ .95": at the threshold that flags 95 % of the
adults with an opacity):

- children AUC, spec@.98: patients that the model was not trained on; specificity at a sensitivity of .98
- normal, other, all else, PA, AP: AUC of adults' whole images, opacity against each; PA and AP: against all
- normals flagged: of whole normal adults of patients that serve for choosing, at ≥ .95
- ill flagged: of a hospital whose patients are all ill (--ill), at ≥ .95
- composites: AUC of composites of patients that serve for choosing, opacity against all else
- in box: peak of the map in what shows of a radiologist's box, of composites; by chance: the box's area
- same side: of the adults' images whose peaks lie beside the middle, how many keep their side in the mirror
- reading: over all ways of reading an image, the largest difference of probability to the rule's way, of
  adults and children: median and 99 %

A model that was trained on some of the adults ranks those better than new ones: compare it with its like.
"""

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, this folder alone would be there

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.adult_populations import is_reported
from benchmarks.generalisation.data import Case, chosen, read_adults, read_children
from benchmarks.generalisation.scoring import read
from benchmarks.mirror_test import side
from screener.domain import ByteImage, FloatImage, ImageFile
from screener.errors import ImageError, ScreenerError
from screener.inference.classifier import Classifier
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.intake import find_files, read_radiograph, scan_roots
from screener.preprocessing.clahe import preprocess
from screener.preprocessing.resolution import halvings
from screener.preprocessing.ways import RULE, WAYS
from screener.training.composer import Composer
from screener.training.lung_radiographs import read_lung_radiographs

SENSITIVITY = 0.98  # of children, for their specificity
ADULT_SENSITIVITY = 0.95
COVERED = 0.1  # of a cell: from here on a peak in it lies in the box
READ_SIZE = 448  # pixels that the rule leaves of a short side
OPACITY, OTHER = "Lung Opacity", "No Lung Opacity / Not Normal"

Logits = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cases:
    """What models are asked about.

    children: of patients that the model was not trained on. adults: whole images that radiologists read.
    normals: whole normal radiographs. composites: pixels, label, and what shows of the boxes. ill: pixels.
    """

    children: list[Case]
    adults: list[Case]
    normals: list[ByteImage]
    composites: list[tuple[ByteImage, int, Bools]]
    ill: list[ByteImage]


class Asked:
    """One model, asked for logits and maps."""

    def __init__(self, model: ModelFolder) -> None:
        self.model = model
        self._classifier = Classifier(model.network)

    def map(self, pixels: ByteImage) -> FloatImage:
        """Return the map of an image, float32, (7, 7), whose mean is the logit."""
        return self._classifier.predict(preprocess(pixels, self.model.preprocessing)).activation_map

    def logit(self, pixels: ByteImage) -> float:
        return float(self._classifier.predict(preprocess(pixels, self.model.preprocessing)).logit)

    def by_way(self, pixels: ByteImage) -> list[float]:
        """Return the probabilities of one image read in every way, the rule's first."""
        spec, (rows, columns) = self.model.preprocessing, pixels.shape
        times = halvings(rows, columns, READ_SIZE)
        squares = [preprocess(way.square(pixels, spec.size, times), spec) for way in (RULE, *WAYS)]
        return [
            self.model.main.calibration.probability(float(self._classifier.predict(square).logit))
            for square in squares
        ]


def main() -> None:
    """Print and append one line for each model."""
    arguments = _arguments()
    try:
        for folder in arguments.models:
            model = load_model_folder(folder)
            figures = {"model": folder.name, **measure(Asked(model), radiographs_for(model, arguments))}
            print("\n".join(f"{name:18} {value}" for name, value in figures.items()), "\n", flush=True)
            if arguments.out:
                _append(arguments.out, figures)
    except ScreenerError as error:
        sys.exit(f"error: {error}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL", help="model folders")
    parser.add_argument("--children", type=Path, required=True, help="the training set: folder or CSV")
    parser.add_argument("--adults", type=Path, required=True, help="CSV written by adult_labels.py")
    parser.add_argument("--lungs", type=Path, required=True, help="CSV written by lungs_table.py")
    parser.add_argument("--ill", type=Path, help="folder of images of patients who are all ill")
    parser.add_argument("--limit", type=int, default=300, help="images of each kind, at most")
    parser.add_argument("--out", type=Path, help="CSV to which the lines are appended")
    return parser.parse_args()


def radiographs_for(model: ModelFolder, arguments: argparse.Namespace) -> Cases:
    """Return the images to ask a model about; of adults never those who are set aside.

    Raises:
        ScreenerError: A dataset cannot be read.
    """
    unseen, limit = read_children(arguments.children).unseen(model), arguments.limit
    if unseen.warning:
        print(f"Mind: {unseen.warning}")
    adults = [
        radiograph
        for radiograph in read_adults(arguments.adults, final=True)
        if not is_reported(radiograph.patient)
    ]
    lungs = read_lung_radiographs(arguments.lungs, "val")
    composer = Composer(lungs)
    drawn = [composer.draw(np.random.default_rng((1, i))) for i in range(2 * limit)]
    return Cases(
        chosen(unseen.held_out, unseen.validation, limit),
        adults,
        [_grey(radiograph.whole) for radiograph in lungs if radiograph.whole][:limit],
        [(each.radiograph.pixels, each.label, each.radiograph.opacity) for each in drawn],
        _pictures(arguments.ill, limit) if arguments.ill else [],
    )


def measure(asked: Asked, radiographs: Cases) -> dict[str, str]:
    """Return the figures of one model, in words."""
    children, adults = (
        [read(radiograph.file) for radiograph in radiographs.children],
        [read(radiograph.file) for radiograph in radiographs.adults],
    )
    logits = np.array([asked.logit(pixels) for pixels in children])
    labels = np.array([radiograph.label for radiograph in radiographs.children])
    maps = [asked.map(pixels) for pixels in adults]
    scores = np.array([float(cells.mean()) for cells in maps])
    threshold = np.quantile(
        scores[_where(radiographs.adults, lambda radiograph: radiograph.label == 1)], 1 - ADULT_SENSITIVITY
    )
    composed = [asked.map(pixels) for pixels, _, _ in radiographs.composites]
    differences = [
        by_way_difference(asked.by_way(pixels)) for pixels in (adults + children)[: len(adults) * 2]
    ]
    return {
        "children AUC": _three(_auc(logits, labels == 1, labels == 0)),
        "spec@.98": _three(specificity_at(logits, labels, SENSITIVITY)),
        **adult_figures(radiographs.adults, scores),
        "normals flagged": _share([asked.logit(pixels) >= threshold for pixels in radiographs.normals]),
        "ill flagged": _share([asked.logit(pixels) >= threshold for pixels in radiographs.ill]),
        "composites": _three(_composite_auc(composed, radiographs)),
        **pointing(composed, [opacity for _, _, opacity in radiographs.composites]),
        "same side": same_side(maps, [asked.map(np.ascontiguousarray(each[:, ::-1])) for each in adults]),
        "reading median": f"{np.median(differences):.4f}",
        "reading 99 %": f"{np.quantile(differences, 0.99):.4f}",
    }


def adult_figures(radiographs: Sequence[Case], scores: Logits) -> dict[str, str]:
    """Return the AUC of opacities against the normal, the other, and all; against all for PA and AP apart."""
    ill = _where(radiographs, lambda radiograph: radiograph.label == 1)

    def against(which: Callable[[Case], bool], view: str = "") -> str:
        seen = _where(radiographs, lambda radiograph: view in ("", radiograph.view))
        return _three(_auc(scores, ill & seen, _where(radiographs, which) & ~ill & seen))

    return {
        "normal": against(lambda radiograph: radiograph.healthy),
        "other": against(lambda radiograph: not radiograph.healthy),
        "all else": against(lambda radiograph: True),
        "PA": against(lambda radiograph: True, "PA"),
        "AP": against(lambda radiograph: True, "AP"),
    }


def specificity_at(logits: Logits, labels: NDArray[np.int64], sensitivity: float) -> float:
    """Return the specificity at the highest threshold that has at least this sensitivity."""
    ill = np.sort(logits[labels == 1])
    threshold = ill[int(np.floor((1 - sensitivity) * len(ill)))]
    return float((logits[labels == 0] < threshold).mean())


def pointing(maps: Sequence[FloatImage], opacities: Sequence[Bools]) -> dict[str, str]:
    """Return how often the peak of a map lies in an opacity, and the share of cells that would count."""
    inside, chance = [], []
    for cells, opacity in zip(maps, opacities, strict=True):
        if opacity.any():
            covered = covered_cells(opacity, cells.shape)
            inside.append(bool(covered.flat[int(cells.argmax())]))
            chance.append(float(covered.mean()))
    return {"in box": _share(inside), "by chance": f"{np.mean(chance):.0%}" if chance else ""}


def covered_cells(opacity: Bools, shape: tuple[int, ...]) -> Bools:
    """Return which cells of a map of that shape an opacity covers, to a tenth or more."""
    size = (shape[1], shape[0])
    covered = cv2.resize(opacity.astype(np.float32), size, interpolation=cv2.INTER_AREA) >= COVERED
    return np.asarray(covered, dtype=np.bool_)


def same_side(maps: Sequence[FloatImage], mirrored: Sequence[FloatImage]) -> str:
    """Return how many maps keep their side; those that peak in the middle column have none to keep."""
    sides = [(side(one), side(other[:, ::-1])) for one, other in zip(maps, mirrored, strict=True)]
    return _share([one == other for one, other in sides if one and other])


def by_way_difference(probabilities: Sequence[float]) -> float:
    """Return the largest difference to the first."""
    return float(np.abs(np.array(probabilities[1:]) - probabilities[0]).max())


def _composite_auc(maps: Sequence[FloatImage], radiographs: Cases) -> float:
    labels = np.array([label for _, label, _ in radiographs.composites])
    return _auc(np.array([float(cells.mean()) for cells in maps]), labels == 1, labels == 0)


def _where(radiographs: Sequence[Case], which: Callable[[Case], bool]) -> Bools:
    return np.array([which(radiograph) for radiograph in radiographs], dtype=np.bool_)


def _auc(scores: Logits, ill: Bools, others: Bools) -> float:
    kept = ill | others
    return float(roc_auc_score(ill[kept], scores[kept])) if ill.any() and others.any() else float("nan")


def _three(value: float) -> str:
    return f"{value:.3f}"


def _share(happened: Sequence[bool]) -> str:
    return f"{sum(happened) / len(happened):.0%}" if happened else ""


def _grey(path: Path) -> ByteImage:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)


def _pictures(folder: Path, limit: int) -> list[ByteImage]:
    radiographs = []
    for seen in find_files(scan_roots([folder])):
        if isinstance(seen, ImageFile) and len(radiographs) < limit:
            try:
                radiographs.append(read_radiograph(seen).pixels)
            except ImageError:
                continue
    return radiographs


def _append(table: Path, figures: dict[str, str]) -> None:
    new = not table.exists()
    with table.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, figures)
        if new:
            writer.writeheader()
        writer.writerow(figures)


if __name__ == "__main__":
    main()
