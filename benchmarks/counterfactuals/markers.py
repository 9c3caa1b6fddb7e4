"""Side markers and burnt-in lettering: found, erased, moved, and pasted onto another image."""

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage, FloatImage
from screener.training.lungs import lung_fields

_SIDE = 320  # pixels of the long side; letters are looked for at this size
_ZONE = (0.2, 0.13)  # of the width and of the height: lettering stands in the outer part of an image
_SPINE = 0.12  # of the width, on either side of the middle, is spine and jaw
_RIBS = 0.12  # of the long side, twice the width of the ribs round a lung field
_STEP = 38  # grey levels above what surrounds it
_SHARP = 0.55  # of its contrast is the step at a letter's edge, from one pixel to the next but one
_UNEVEN = 0.28  # of its contrast is the spread of greys round a letter
_LARGEST = 0.14  # of the long side
_SMALLEST = 4  # pixels at _SIDE


def marker_mask(radiograph: ByteImage, fields: FloatImage | None = None) -> FloatImage:
    """Return 1 where small bright sharp shapes stand outside the lungs, float32, shape (rows, columns).

    fields: what lung_fields gives, where it is known already.
    """
    fields = lung_fields(radiograph) if fields is None else fields
    rows, columns = radiograph.shape
    scale = min(1.0, _SIDE / max(rows, columns))
    size = (max(8, round(columns * scale)), max(8, round(rows * scale)))
    small = cv2.resize(radiograph, size, interpolation=cv2.INTER_AREA)
    lungs = cv2.resize(fields, size, interpolation=cv2.INTER_AREA)
    side = max(size)
    width = max(5, round(_LARGEST * side * 0.35)) | 1  # wider than a letter's stroke, and than most ribs
    tall = cv2.morphologyEx(small, cv2.MORPH_TOPHAT, _disc(width))
    ribs = cv2.dilate((lungs > 0.3).astype(np.uint8), _disc(round(_RIBS * side) | 1)) > 0
    found = (tall > _STEP) & ~ribs & _outer(size)
    found = cv2.dilate(found.astype(np.uint8), _disc(3))
    _, numbers, boxes, _ = cv2.connectedComponentsWithStats(found, connectivity=8)
    kept = np.zeros(numbers.shape, np.float32)
    for number in range(1, len(boxes)):
        _, _, wide, high, area = boxes[number]
        shape = numbers == number
        if max(wide, high) <= _LARGEST * side and area >= _SMALLEST and _stands_out(small, shape, found):
            kept[shape] = 1
    kept = cv2.dilate(kept, _disc(5))
    return (cv2.resize(kept, (columns, rows), interpolation=cv2.INTER_LINEAR) > 0.3).astype(np.float32)


def _stands_out(radiograph: ByteImage, shape: NDArray[np.bool_], found: ByteImage) -> bool:
    """Return whether a shape is sharp-edged, on an even ground: letters are, bones on bones are not."""
    body = shape.astype(np.uint8)
    edge = cv2.morphologyEx(radiograph, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))[shape]
    ring = (cv2.dilate(body, _disc(11)) > 0) & (cv2.dilate(found, _disc(3)) == 0)
    if ring.sum() < 20:
        return False
    ground = radiograph[ring].astype(np.float32)
    contrast = float(np.percentile(radiograph[shape], 90)) - float(np.median(ground))
    return bool(
        contrast >= _STEP
        and np.percentile(edge, 80) >= _SHARP * contrast
        and ground.std() <= _UNEVEN * contrast
    )


def markers_erased(radiograph: ByteImage, mask: FloatImage | None = None) -> ByteImage:
    """Return the image with its lettering painted over from its surroundings.

    mask: what marker_mask gives, where it is known already.
    """
    mask = marker_mask(radiograph) if mask is None else mask
    if not mask.any():
        return radiograph.copy()
    rows, columns = radiograph.shape
    scale = min(1.0, 2 * _SIDE / max(rows, columns))  # inpainting a letter of 200 pixels would take seconds
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    small = cv2.resize(radiograph, size, interpolation=cv2.INTER_AREA)
    holes = (cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    filled = cv2.inpaint(small, holes, 3, cv2.INPAINT_TELEA)
    return np.where(mask > 0, cv2.resize(filled, (columns, rows)), radiograph).astype(np.uint8)


def markers_moved(
    radiograph: ByteImage, rng: np.random.Generator, mask: FloatImage | None = None
) -> ByteImage:
    """Return the image with each letter somewhere else in the outer part of it; mask: as markers_erased."""
    mask = marker_mask(radiograph) if mask is None else mask
    bare = markers_erased(radiograph, mask)
    return _pasted(bare, radiograph, mask, rng, same_place=False)


def marker_pasted(
    radiograph: ByteImage,
    other: ByteImage,
    rng: np.random.Generator | None = None,
    mask: FloatImage | None = None,
) -> ByteImage:
    """Return the image without its own lettering and with that of another image, at the same place there.

    With a generator the other's letters go to random places instead. mask: its marker_mask, if known.
    """
    rows, columns = radiograph.shape
    other = cv2.resize(other, (columns, rows), interpolation=cv2.INTER_AREA)
    bare = markers_erased(radiograph, mask)
    return _pasted(bare, other, marker_mask(other), rng, same_place=rng is None)


def _pasted(
    radiograph: ByteImage,
    donor: ByteImage,
    mask: FloatImage,
    rng: np.random.Generator | None,
    *,
    same_place: bool,
) -> ByteImage:
    rows, columns = radiograph.shape
    result = radiograph.copy()
    count, numbers, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    for number in range(1, count):
        left, top, wide, high, _ = boxes[number]
        shape = numbers[top : top + high, left : left + wide] == number
        letter = donor[top : top + high, left : left + wide]
        x, y = int(left), int(top)
        if not same_place and rng is not None:
            x, y = _place(rng, columns - int(wide), rows - int(high))
        under = result[y : y + high, x : x + wide]
        soft = cv2.GaussianBlur(shape.astype(np.float32), (0, 0), 1.0) * shape
        brighter = np.maximum(letter, under)  # lead lets nothing through: a letter never darkens
        under[:] = np.round(under + soft * (brighter.astype(np.float32) - under)).astype(np.uint8)
    return result


def _place(rng: np.random.Generator, right: int, bottom: int) -> tuple[int, int]:
    """Return a place in the outer 12 % on the left, the right or the top."""
    along, across, side = rng.uniform(0, 1), rng.uniform(0.0, 0.12), int(rng.integers(3))
    share = ((across, 0.7 * along), (1 - across, 0.7 * along), (along, across))[side]
    return round(share[0] * max(right, 0)), round(share[1] * max(bottom, 0))


def _outer(size: tuple[int, int]) -> NDArray[np.bool_]:
    columns, rows = size
    x, y = (np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows
    aside, above = np.minimum(x, 1 - x) < _ZONE[0], np.minimum(y, 1 - y) < _ZONE[1]
    return (aside[None, :] | above[:, None]) & (np.abs(x - 0.5) > _SPINE)[None, :]


def _disc(size: int) -> ByteImage:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
