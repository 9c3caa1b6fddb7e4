"""Random variations of a training radiograph, each one something another hospital does to its radiographs.

The strongest cues of the training set are no lungs: side markers, collimation, arms and exposure text
in the outer frame tell its classes apart with AUC .98. So frames are cropped, covered and lettered
at random here: none of it may carry the answer.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage, FloatImage, PreprocessingSpec
from screener.preprocessing.clahe import preprocess

MAX_CROP = 0.16  # of a side; what lies further in belongs to the lungs
MAX_ROTATION = 10.0  # degrees
MAX_SHEAR = 0.06
_LETTERS = ("L", "R", "K", "P", "A")


def augmented(pixels: ByteImage, spec: PreprocessingSpec, rng: np.random.Generator) -> ByteImage:
    """Return uint8, shape (spec.size, spec.size): what `preprocess` gives of a varied radiograph."""
    return augmented_with(pixels, None, spec, rng)[0]


def augmented_with(
    pixels: ByteImage, marked: NDArray[np.bool_] | None, spec: PreprocessingSpec, rng: np.random.Generator
) -> tuple[ByteImage, NDArray[np.bool_] | None]:
    """Return a varied radiograph as `augmented` does, and what was marked in it, moved along.

    marked: bool, of any shape: the radiograph's, or that of a smaller copy. Comes back (spec.size,
    spec.size).
    """
    radiograph, transform = _moved(pixels, spec.size, rng)
    if marked is not None:
        marked = _carried(marked, pixels.shape, transform, spec.size)
    radiograph = _framed(radiograph, rng)
    radiograph = _lettered(radiograph, rng)
    radiograph = _exposed(radiograph, rng)
    radiograph = _blurred(radiograph, rng)
    return _erased(preprocess(radiograph, spec), rng), marked


def _moved(pixels: ByteImage, size: int, rng: np.random.Generator) -> tuple[ByteImage, FloatImage]:
    """Return the picture mirrored, cropped on each side, turned and sheared, on a square; and how it moved.

    The second is the 2 × 3 matrix from the radiograph's pixels to the square's.
    """
    rows, columns = pixels.shape
    left, right, top, bottom = rng.uniform(-0.04, MAX_CROP, 4)
    corners = np.array([[left, top], [1 - right, top], [left, 1 - bottom]]) * (columns, rows)
    centre = corners[1:].mean(axis=0)
    angle = np.deg2rad(rng.uniform(-MAX_ROTATION, MAX_ROTATION))
    shear = rng.uniform(-MAX_SHEAR, MAX_SHEAR)
    turn = np.array([[np.cos(angle), shear - np.sin(angle)], [shear + np.sin(angle), np.cos(angle)]])
    source = ((corners - centre) @ turn.T + centre).astype(np.float32)
    target = np.array([[0, 0], [size, 0], [0, size]], dtype=np.float32)
    if rng.random() < 0.5:
        target[:, 0] = size - target[:, 0]
    shrink = min(1.0, 1.5 * size / min(rows, columns))  # area averaging first: a warp alone would alias
    small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    transform = cv2.getAffineTransform(source * np.float32(shrink), target)
    edge = cv2.BORDER_REPLICATE if rng.random() < 0.5 else cv2.BORDER_CONSTANT
    fill = float(rng.uniform(0, 80))
    radiograph = cv2.warpAffine(small, transform, (size, size), borderMode=edge, borderValue=fill)
    return np.asarray(radiograph, np.uint8), np.asarray(cv2.getAffineTransform(source, target), np.float32)


def _carried(
    marked: NDArray[np.bool_], shape: tuple[int, ...], transform: FloatImage, size: int
) -> NDArray[np.bool_]:
    """Return what is marked, moved as a radiograph of that shape was."""
    drawn = cv2.resize(marked.astype(np.uint8), shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.warpAffine(drawn, transform, (size, size), flags=cv2.INTER_NEAREST) > 0)


def _framed(radiograph: ByteImage, rng: np.random.Generator) -> ByteImage:
    """Return the radiograph, half the time with some of its sides covered as by collimation."""
    if rng.random() < 0.5:
        return radiograph
    covered = radiograph.copy()
    size = radiograph.shape[0]
    for side in range(4):
        if rng.random() < 0.5:
            width = int(size * rng.uniform(0.02, 0.12))
            grey = 0 if rng.random() < 0.5 else int(rng.integers(0, 256))
            np.rot90(covered, side)[:width] = grey
    return covered


def _lettered(radiograph: ByteImage, rng: np.random.Generator) -> ByteImage:
    """Return the radiograph, often with markers or text somewhere in its outer quarter."""
    if rng.random() < 0.5:
        return radiograph
    size = radiograph.shape[0]
    marked = radiograph.copy()
    for _ in range(rng.integers(1, 4)):
        text = "".join(rng.choice(_LETTERS, size=rng.integers(1, 6))) if rng.random() < 0.3 else None
        letter = text or str(rng.choice(_LETTERS))
        along, across = rng.uniform(0, 1), rng.uniform(0, 0.2)
        x, y = (along, across) if rng.random() < 0.5 else (across, along)
        if rng.random() < 0.5:
            x, y = 1 - x, 1 - y
        scale = rng.uniform(0.25, 0.5) if text else rng.uniform(0.4, 1.1)
        at = (int(x * size) - 6, int(y * size) + 6)
        grey = int(rng.integers(150, 256))
        cv2.putText(
            marked, letter, at, cv2.FONT_HERSHEY_SIMPLEX, scale, grey, int(rng.integers(1, 3)), cv2.LINE_AA
        )
    return marked


def _exposed(radiograph: ByteImage, rng: np.random.Generator) -> ByteImage:
    """Return the radiograph under another exposure: gamma, contrast and brightness."""
    grey = np.arange(256) / 255
    gamma = np.exp(rng.normal(0, 0.3))
    contrast = np.exp(rng.normal(0, 0.2))
    table = (grey**gamma - 0.5) * contrast + 0.5 + rng.normal(0, 0.08)
    return np.asarray(cv2.LUT(radiograph, (np.clip(table, 0, 1) * 255).astype(np.uint8)), np.uint8)


def _blurred(radiograph: ByteImage, rng: np.random.Generator) -> ByteImage:
    """Return the radiograph through another detector: softer, sharper, noisier or compressed."""
    if rng.random() < 0.4:
        radiograph = np.asarray(cv2.GaussianBlur(radiograph, (0, 0), rng.uniform(0.4, 1.6)), np.uint8)
    elif rng.random() < 0.3:
        soft = cv2.GaussianBlur(radiograph, (0, 0), 1.5)
        radiograph = np.asarray(cv2.addWeighted(radiograph, 1.6, soft, -0.6, 0), np.uint8)
    if rng.random() < 0.4:
        noise = rng.normal(0, rng.uniform(1, 5), radiograph.shape)
        radiograph = np.clip(radiograph + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = int(rng.integers(30, 90))
        _, encoded = cv2.imencode(".jpg", radiograph, [cv2.IMWRITE_JPEG_QUALITY, quality])
        radiograph = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), np.uint8)
    return radiograph


def _erased(square: ByteImage, rng: np.random.Generator) -> ByteImage:
    """Return the square, at times with a patch hidden (random erasing, Zhong 2020)."""
    if rng.random() < 0.6:
        return square
    hidden = square.copy()
    size = square.shape[0]
    height, width = (rng.uniform(0.1, 0.4, 2) * size).astype(int)
    top, left = rng.integers(0, size - height), rng.integers(0, size - width)
    hidden[top : top + height, left : left + width] = rng.integers(0, 256)
    return hidden
