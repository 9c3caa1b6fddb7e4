"""Does the map jump when the image is mirrored? What is drawn is the mean of both, so it must not.

An image and its mirror image show the same disease, so the two maps should be mirror images of each other.
Counted is how often the peak lies on one side of the middle column for the image, and on the other for
its mirror image: of the single map ("before") and of the mean that reports draw ("after": 0 by
construction, but for rounding). Counted, too, is how many images are called not stable.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from screener.domain import ByteImage, FloatImage, ImageFile
from screener.errors import ImageError
from screener.inference.activation import mean_with_mirror
from screener.inference.classifier import Classifier
from screener.inference.model_folder import ModelFolder
from screener.intake import classify, read_radiograph
from screener.preprocessing.clahe import preprocess
from screener.proportions import wilson_interval


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What mirroring did to one image; strongest: the highest cell of the mean, calibrated logits."""

    jumps_single: bool
    jumps_mean: bool
    stable: bool
    strongest: float


def mirror_rows(
    folders: Sequence[Path], model: ModelFolder, classifier: Classifier, most: int
) -> list[dict[str, str]]:
    """Return one row for each folder of images; most: images taken of each, drawn with a fixed seed."""
    return [
        _row(folder, [mirrored(radiograph, model, classifier) for radiograph in _radiographs(folder, most)])
        for folder in folders
    ]


def mirrored(radiograph: ByteImage, model: ModelFolder, classifier: Classifier) -> Mirrored:
    """Return what mirroring does to the map of one image."""
    slope = model.main.calibration.slope
    twin = np.ascontiguousarray(radiograph[:, ::-1])
    own, other = (
        classifier.predict(preprocess(each, model.preprocessing)).activation_map
        for each in (radiograph, twin)
    )
    shown, shown_of_twin = mean_with_mirror(own, other, slope), mean_with_mirror(other, own, slope)
    return Mirrored(
        jumps_single=side(own) * side(other[:, ::-1]) < 0,
        jumps_mean=side(shown.cells) * side(shown_of_twin.cells[:, ::-1]) < 0,
        stable=shown.stable,
        strongest=max(0.0, float(shown.cells.max())),
    )


def side(cells: FloatImage) -> int:
    """Return where a map peaks: -1 left of the middle column, 1 right of it, 0 in it."""
    _, column = np.unravel_index(int(cells.argmax()), cells.shape)
    return int(np.sign(column - cells.shape[1] // 2))


def _radiographs(folder: Path, most: int) -> Iterable[ByteImage]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    taken = 0
    for place in np.random.default_rng(0).permutation(len(paths)):
        file = classify(paths[place], paths[place].name)
        if taken == most or not isinstance(file, ImageFile):
            continue
        try:
            yield read_radiograph(file).pixels
            taken += 1
        except ImageError:
            continue


def _row(folder: Path, radiographs: Sequence[Mirrored]) -> dict[str, str]:
    return {
        "images": "/".join(folder.absolute().parts[-2:]),
        "n": str(len(radiographs)),
        "peak changes side, before": _share(each.jumps_single for each in radiographs),
        "after": _share(each.jumps_mean for each in radiographs),
        "not stable": _share(not each.stable for each in radiographs),
        "strongest cell, median": f"{np.median([each.strongest for each in radiographs]):.2f}"
        if radiographs
        else "",
    }


def _share(happened: Iterable[bool]) -> str:
    each = list(happened)
    if not each:
        return ""
    low, high = wilson_interval(sum(each), len(each))
    return f"{sum(each)} ({low:.0%}–{high:.0%})"
