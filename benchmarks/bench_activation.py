"""Does the activation map point at what is there? Opacities are painted onto healthy radiographs to see.

Run: python benchmarks/bench_activation.py models/NAME --radiographs DATA

DATA: a labelled dataset as 'screener evaluate' takes it, or several; its NORMAL images are painted. Of the
data that the model was trained on, only the held-out patients' are. Images should be healthy: another disease
would draw the peak to itself. The table says, per source and
strength, in how many images the peak lies in the painted opacity, and on its side of the chest:

- map: the peak of the painted image's map
- difference: the peak of what painting added to the map
- before: the peak of the healthy radiograph's map, which knows nothing of the opacity: what chance gives

The painted images of sample_data are listed one by one. --mirror FOLDER… prints the mirror test instead (see
mirror_test.py); --card writes it into the model's own card, as a section, and seals the folder anew.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, this folder alone would be there

import cv2
import numpy as np

from benchmarks.card_section import MIRROR, put_section
from benchmarks.mirror_test import mirror_rows
from screener.domain import ByteImage, FloatImage, ImageFile, Prediction, PreprocessingSpec
from screener.errors import ImageError
from screener.inference.activation import points_outside_body
from screener.inference.classifier import Classifier
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.intake import classify, read_radiograph
from screener.operating_points import printed
from screener.preprocessing.clahe import preprocess
from screener.proportions import wilson_interval
from screener.training.dataset import LabelledImage, read_dataset, with_digest
from screener.training.splits import split_dataset, split_seed_of

SAMPLES = Path(__file__).parents[1] / "sample_data"
STRENGTHS = (0.5, 1.0, 1.3)
OPAQUE = 0.2  # from here on a place counts as painted
COVERED = 0.1  # of a cell: from here on a peak in it lies in the opacity
MOST_RADIOGRAPHS = 200  # of one source


@dataclass(frozen=True, slots=True)
class Peak:
    """Where a map peaks: inside the opacity or not, on its side of the chest or not."""

    inside: bool
    same_side: bool


@dataclass(frozen=True, slots=True)
class Painted:
    """One painted image. flagged: at the default operating point; rise: of the logit, by painting.

    cells: share of the map's cells that a peak could lie in to count as inside. outside_chest: noted so.
    """

    source: str
    strength: float
    flagged: bool
    flagged_before: bool
    rise: float
    cells: float
    on_map: Peak
    on_difference: Peak
    on_map_before: Peak
    outside_chest: bool


def main() -> None:
    """Print the tables."""
    arguments = _arguments()
    model = load_model_folder(arguments.model)
    classifier = Classifier(model.network)
    if arguments.mirror:
        rows = mirror_rows(arguments.mirror, model, classifier, arguments.most)
        print(as_text(rows))
        if arguments.card:
            put_section(arguments.model, MIRROR, as_text(rows))
        return
    print(as_text(on_samples(model, classifier)))
    painted = [
        each
        for data in arguments.radiographs
        for source, radiographs in healthy_radiographs(data, model, arguments.most).items()
        for i, image in enumerate(radiographs)
        for each in paint(source, image, model, classifier, (arguments.seed, i))
    ]
    rows = table(painted)
    print(as_text(rows))
    if arguments.out:
        found = {"model": str(model.identity), "table": rows, "images": [asdict(each) for each in painted]}
        arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="model folder")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--radiographs", type=Path, nargs="+", help="labelled datasets")
    asked.add_argument("--mirror", type=Path, nargs="+", help="folders of images: the mirror test")
    parser.add_argument("--card", action="store_true", help="the mirror test goes into the model's card")
    parser.add_argument("--most", type=int, default=MOST_RADIOGRAPHS, help="images of each source, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="JSON file for the figures of every image")
    return parser.parse_args()


def healthy_radiographs(data: Path, model: ModelFolder, most: int) -> dict[str, list[LabelledImage]]:
    """Return the NORMAL images by source; the first part of a Kaggle name tells sources of one set apart."""
    dataset = read_dataset(data)
    images: Sequence[LabelledImage] = dataset.images
    if len(images) > model.manifest["training"]["images"]:
        digested = [with_digest(image) for image in images]
        split = split_dataset(digested, bool(dataset.patients_from), split_seed_of(model.manifest))
        if len(split.held_out) == model.manifest["held_out"]["images"]:
            images = split.held_out
    sources: dict[str, list[LabelledImage]] = {}
    for image in images:
        if image.label == 0:
            prefix = ", NORMAL2" if image.file.path.name.startswith("NORMAL2-") else ""
            sources.setdefault(f"{data.stem}{prefix}", []).append(image)
    order = np.random.default_rng(0)
    return {
        name: [radiographs[i] for i in order.permutation(len(radiographs))[:most]]
        for name, radiographs in sources.items()
    }


def paint(
    source: str, image: LabelledImage, model: ModelFolder, classifier: Classifier, seed: tuple[int, int]
) -> Iterable[Painted]:
    """Yield what the model says of one healthy radiograph with an opacity of each strength in it."""
    from benchmarks.counterfactuals import lung_masks, paint_consolidation

    radiograph = read_radiograph(image.file).pixels
    masks = lung_masks(radiograph)
    before = _predicted(radiograph, model.preprocessing, classifier)
    for strength in STRENGTHS:
        # One place for all strengths: the same generator draws the same opacity.
        ill, opacity = paint_consolidation(radiograph, masks, np.random.default_rng(seed), strength)
        opacity = (opacity / max(float(opacity.max()), 1e-6)).astype(np.float32)
        after = _predicted(ill, model.preprocessing, classifier)
        midline = _midline(masks)
        yield Painted(
            source=source,
            strength=strength,
            flagged=flagged(after, model),
            flagged_before=flagged(before, model),
            rise=after.logit - before.logit,
            cells=float((covered_cells(opacity, after.activation_map.shape) >= COVERED).mean()),
            on_map=peak(after.activation_map, opacity, midline),
            on_difference=peak(after.activation_map - before.activation_map, opacity, midline),
            on_map_before=peak(before.activation_map, opacity, midline),
            outside_chest=points_outside_body(after.activation_map, ill),
        )


def peak(activation_map: FloatImage, opacity: FloatImage, midline: float) -> Peak:
    """Return where a map peaks, against an opacity, 0..1, shape (rows, columns), of the image.

    midline: between the lungs, as a share of the image's width.
    """
    row, column = np.unravel_index(int(activation_map.argmax()), activation_map.shape)
    inside = covered_cells(opacity, activation_map.shape)[row, column] >= COVERED
    across = (np.arange(opacity.shape[1]) + 0.5) / opacity.shape[1]
    centre = float((opacity.sum(axis=0) * across).sum() / max(float(opacity.sum()), 1e-6))
    own = (column + 0.5) / activation_map.shape[1]
    return Peak(bool(inside), bool((own < midline) == (centre < midline)))


def covered_cells(opacity: FloatImage, shape: tuple[int, ...]) -> FloatImage:
    """Return which share of each cell of the map is painted, 0..1, of the map's shape."""
    rows, columns = shape
    painted = cv2.resize(
        (opacity >= OPAQUE).astype(np.float32), (32 * columns, 32 * rows), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(painted, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def flagged(prediction: Prediction, model: ModelFolder) -> bool:
    """Return whether an image is flagged at the model's default operating point."""
    probability = printed(model.main.calibration.probability(prediction.logit))
    return probability >= printed(model.main.operating_point(None).threshold)


def _predicted(radiograph: ByteImage, spec: PreprocessingSpec, classifier: Classifier) -> Prediction:
    return classifier.predict(preprocess(radiograph, spec))


def _midline(masks: tuple[FloatImage, FloatImage]) -> float:
    """Return the middle between the two lungs' centres, as a share of the image's width."""
    across = (np.arange(masks[0].shape[1]) + 0.5) / masks[0].shape[1]
    centres = [float((mask.sum(axis=0) * across).sum() / max(float(mask.sum()), 1e-6)) for mask in masks]
    return sum(centres) / len(centres)


def table(painted: Sequence[Painted]) -> list[dict[str, str]]:
    """Return one row for each source, strength, and for all images or those that painting flagged."""
    rows = []
    for source in dict.fromkeys(each.source for each in painted):
        for strength in STRENGTHS:
            group = [each for each in painted if (each.source, each.strength) == (source, strength)]
            newly = [each for each in group if each.flagged and not each.flagged_before]
            for name, radiographs in (
                ("all", group),
                ("flagged", [each for each in group if each.flagged]),
                ("flagged once painted", newly),
            ):
                rows.append({"source": source, "strength": str(strength), "images": name} | _row(radiographs))
    return rows


def _row(radiographs: Sequence[Painted]) -> dict[str, str]:
    return {
        "n": str(len(radiographs)),
        "map inside": share(each.on_map.inside for each in radiographs),
        "difference inside": share(each.on_difference.inside for each in radiographs),
        "before inside": share(each.on_map_before.inside for each in radiographs),
        "cells inside": f"{np.mean([each.cells for each in radiographs]):.0%}" if radiographs else "",
        "map same side": share(each.on_map.same_side for each in radiographs),
        "difference same side": share(each.on_difference.same_side for each in radiographs),
        "outside chest": share(each.outside_chest for each in radiographs),
        "logit, median rise": f"{np.median([each.rise for each in radiographs]):+.2f}" if radiographs else "",
    }


def share(happened: Iterable[bool]) -> str:
    """Return a share in words, with its 95 % interval (Wilson 1927)."""
    each = list(happened)
    if not each:
        return ""
    low, high = wilson_interval(sum(each), len(each))
    return f"{sum(each) / len(each):.0%} ({low:.0%}–{high:.0%})"


def on_samples(model: ModelFolder, classifier: Classifier) -> list[dict[str, str]]:
    """Return one row for each painted image of sample_data, whose opacities are known as boxes."""
    rows = []
    with (SAMPLES / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        twins = [row for row in csv.DictReader(stream) if row["opacities"]]
    for twin in twins:
        file = classify(SAMPLES / "studies" / twin["file"], twin["file"])
        assert isinstance(file, ImageFile)
        try:
            radiograph = read_radiograph(file).pixels
        except ImageError as error:
            raise SystemExit(f"{twin['file']}: {error}") from error
        prediction = _predicted(radiograph, model.preprocessing, classifier)
        boxes = painted_boxes(twin["opacities"])
        found = peak(prediction.activation_map, boxes, 0.5)
        place = np.unravel_index(int(prediction.activation_map.argmax()), prediction.activation_map.shape)
        rows.append(
            {
                "painted image": twin["file"],
                "shows": twin["shows"],
                "logit": f"{prediction.logit:.2f}",
                "flagged": "yes" if flagged(prediction, model) else "no",
                "peak (row, column of 7)": f"{place[0] + 1}, {place[1] + 1}",
                "inside": "yes" if found.inside else "no",
                "same side": "both" if ";" in twin["opacities"] else ("yes" if found.same_side else "no"),
                "outside chest": "yes"
                if points_outside_body(prediction.activation_map, radiograph)
                else "no",
            }
        )
    return rows


def painted_boxes(written: str) -> FloatImage:
    """Return sample_data's boxes, x0 y0 x1 y1 as shares, separated by semicolons, as a mask (700, 700)."""
    mask = np.zeros((700, 700), np.float32)
    for box in written.split(";"):
        x0, y0, x1, y1 = (round(700 * float(edge)) for edge in box.split())
        mask[y0:y1, x0:x1] = 1
    return mask


def as_text(rows: Sequence[dict[str, str]]) -> str:
    """Return rows as a table in Markdown."""
    head = list(rows[0])
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row.values()) + " |" for row in rows), ""])


if __name__ == "__main__":
    main()
