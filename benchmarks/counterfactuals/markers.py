"""Side markers and burnt-in lettering: found, erased, moved, and pasted onto another film."""

import cv2
import numpy as np

from screener.domain import ByteImage, FloatImage

from .lungs import lung_fields

_SIDE = 320  # pixels of the long side; letters are looked for at this size
_ZONE = 0.30  # of each side: lettering stands in the outer part of a film
_STEP = 38  # grey levels above what surrounds it
_LARGEST = 0.14  # of the long side
_SMALLEST = 4  # pixels at _SIDE


def marker_mask(film: ByteImage, fields: FloatImage | None = None) -> FloatImage:
    """Return 1 where small bright sharp shapes stand outside the lungs, float32, shape (rows, columns).

    fields: what lung_fields gives, where it is known already.
    """
    fields = lung_fields(film) if fields is None else fields
    rows, columns = film.shape
    scale = min(1.0, _SIDE / max(rows, columns))
    size = (max(8, round(columns * scale)), max(8, round(rows * scale)))
    small = cv2.resize(film, size, interpolation=cv2.INTER_AREA)
    lungs = cv2.resize(fields, size, interpolation=cv2.INTER_AREA)
    side = max(size)
    width = max(5, round(_LARGEST * side * 0.35)) | 1  # wider than a letter's stroke, and than most ribs
    tall = cv2.morphologyEx(small, cv2.MORPH_TOPHAT, _disc(width))
    found = (tall > _STEP) & (lungs < 0.2) & _outer(size)
    found = cv2.dilate(found.astype(np.uint8), _disc(3))
    _, numbers, boxes, _ = cv2.connectedComponentsWithStats(found, connectivity=8)
    kept = np.zeros(numbers.shape, np.float32)
    sharp = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    for number in range(1, len(boxes)):
        _, _, wide, high, area = boxes[number]
        shape = numbers == number
        if (
            max(wide, high) <= _LARGEST * side
            and area >= _SMALLEST
            and np.percentile(sharp[shape], 80) >= 1.6 * _STEP
        ):
            kept[shape] = 1
    kept = cv2.dilate(kept, _disc(5))
    return (cv2.resize(kept, (columns, rows), interpolation=cv2.INTER_LINEAR) > 0.3).astype(np.float32)


def markers_erased(film: ByteImage, mask: FloatImage | None = None) -> ByteImage:
    """Return the film with its lettering painted over from its surroundings.

    mask: what marker_mask gives, where it is known already.
    """
    mask = marker_mask(film) if mask is None else mask
    if not mask.any():
        return film.copy()
    rows, columns = film.shape
    scale = min(1.0, 2 * _SIDE / max(rows, columns))  # inpainting a letter of 200 pixels would take seconds
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    small = cv2.resize(film, size, interpolation=cv2.INTER_AREA)
    holes = (cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    filled = cv2.inpaint(small, holes, 3, cv2.INPAINT_TELEA)
    return np.where(mask > 0, cv2.resize(filled, (columns, rows)), film).astype(np.uint8)


def markers_moved(film: ByteImage, rng: np.random.Generator) -> ByteImage:
    """Return the film with each letter somewhere else in the outer part of it."""
    mask = marker_mask(film)
    bare = markers_erased(film, mask)
    return _pasted(bare, film, mask, rng, same_place=False)


def marker_pasted(film: ByteImage, other: ByteImage, rng: np.random.Generator | None = None) -> ByteImage:
    """Return the film without its own lettering and with that of another film, at the same place there.

    With a generator the other's letters go to random places instead.
    """
    rows, columns = film.shape
    other = cv2.resize(other, (columns, rows), interpolation=cv2.INTER_AREA)
    bare = markers_erased(film)
    return _pasted(bare, other, marker_mask(other), rng, same_place=rng is None)


def _pasted(
    film: ByteImage, donor: ByteImage, mask: FloatImage, rng: np.random.Generator | None, *, same_place: bool
) -> ByteImage:
    rows, columns = film.shape
    result = film.copy()
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


def _outer(size: tuple[int, int]) -> np.ndarray:
    columns, rows = size
    x, y = (np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows
    near = np.minimum(np.minimum(x, 1 - x)[None, :], np.minimum(y, 1 - y)[:, None])
    return near < _ZONE


def _disc(size: int) -> ByteImage:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
