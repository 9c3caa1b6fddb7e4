"""Lungs of one radiograph in the chest of another, so that frame and seams say nothing of the class.

A radiograph of which only the lungs are left cannot be learned from as it is: what the cutting-out left away
tells the class. Here every lung goes into a whole normal radiograph, fitted to the lung that was there. Its
outline is hidden or its own. Hidden: the lung is seen through its own outline and that of a lung of the other
class, so that outlines tell nothing; what is then missing has the texture of the host's lung at the lung's
own grey. Own: what is missing far from the lung's edge is as dense as the tissue beside the lungs, as the
consolidations were that the cutting-out left away. docs/recipes.md has what each teaches.
"""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage, FloatImage
from screener.training.opacity import OPAQUE, STRENGTH, paint_consolidation

Mask = NDArray[np.bool_]
Box = tuple[float, float, float, float]  # x, y, width, height in shares of the picture
Extent = tuple[float, float, float, float]  # left, top, right, bottom in pixels

SIDE = 256  # pixels of a composite
SMALLEST = 0.012  # of the picture: less is no lung
_LEFT_OVER = 12  # grey levels; JPEG's noise in what was blanked lies below
_UNEVEN = 0.08  # of the picture: by so much one lung may end above the other before its end counts as missing
_STRETCH = 0.04  # of a field: how far a lung is moved or stretched at random
_LEAST_SHOWN = 0.4  # of the host's field: with less of the lung there is nothing to learn
# How far a lung's grey is brought to the host's, at random: exposures differ, and two radiographs' differ
# more.
_LEVELS_OF_ONE, _LEVELS_OF_TWO = (0.0, 0.7), (0.7, 1.0)
_COARSE = 4  # pixels
_AIR, _GREY = 60, 170.0  # what is darker is no tissue; the grey of tissue where none is seen
_DENSE = 60  # percentile of the greys of the tissue beside the lungs
_GROUND = 7.0  # pixels: what varies more slowly is grey, what varies faster is texture


@dataclass(frozen=True, slots=True, eq=False)
class Lungs:
    """Both lungs of a picture in which little else is left.

    pixels: uint8, shape (SIDE, SIDE). fields: the lung on the picture's left, then the other.
    """

    pixels: ByteImage
    fields: tuple[Mask, Mask]

    def extent(self, side: int) -> Extent:
        """Return the bounds of a lung; where it ends far short of the other lung, nearly the other's end."""
        left, top, right, bottom = _bounds(self.fields[side])
        _, other_top, _, other_bottom = _bounds(self.fields[1 - side])
        slack = _UNEVEN * SIDE
        return left, min(top, other_top + slack), right, max(bottom, other_bottom - slack)


@dataclass(frozen=True, slots=True, eq=False)
class Half:
    """One lung to be put in.

    lungs, side: whose, and which of the two. cut: lungs of the other class, whose outline cuts it, too;
    None to show it in its own outline.
    boxes: where radiologists saw an opacity in it; empty for none.
    """

    lungs: Lungs
    side: int
    cut: Lungs | None
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """A radiograph put together, uint8, (SIDE, SIDE), and where what is seen in it, bool, of the same shape.

    opacity: what shows of the boxes. shown: the lungs put in. fields: the lungs that the host had, outside
    of which all is the host's.
    """

    pixels: ByteImage
    opacity: Mask
    shown: Mask
    fields: Mask


def whole(host: ByteImage, host_lungs: Lungs, ill: bool, rng: np.random.Generator) -> Composite:
    """Return the host with its own lungs; with an opacity painted into one of them if it is to be ill.

    So radiographs without a seam are of both classes, as those with seams are.
    """
    fields = tuple(_closed(field) for field in host_lungs.fields)
    nothing, both = np.zeros((SIDE, SIDE), np.bool_), fields[0] | fields[1]
    if not ill:
        return Composite(host, nothing, nothing, both)
    left, right = (np.asarray(cv2.GaussianBlur(each.astype(np.float32), (0, 0), 3)) for each in fields)
    strength = float(rng.uniform(*STRENGTH))
    radiograph, opacity = paint_consolidation(
        host, (left.astype(np.float32), right.astype(np.float32)), rng, strength
    )
    return Composite(radiograph, opacity > OPAQUE, nothing, both)


def find_lungs(picture: ByteImage) -> Lungs | None:
    """Return the lungs of a picture in which all else is black; None where two cannot be found.

    picture: uint8, shape (rows, columns).
    """
    pixels = np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
    left_over = (pixels > _LEFT_OVER).astype(np.uint8)
    opened = cv2.morphologyEx(left_over, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, numbers, found, centres = cv2.connectedComponentsWithStats(opened)
    order = sorted(range(1, count), key=lambda k: -found[k, cv2.CC_STAT_AREA])
    large = [k for k in order if found[k, cv2.CC_STAT_AREA] >= SMALLEST * SIDE * SIDE]
    if len(large) < 2:
        return None
    first, second = sorted(large[:2], key=lambda k: float(centres[k, 0]))
    if centres[second, 0] - centres[first, 0] < 0.15 * SIDE:
        return None
    return Lungs(pixels, (numbers == first, numbers == second))


def compose(
    host: ByteImage, host_lungs: Lungs, halves: tuple[Half, Half], rng: np.random.Generator
) -> Composite | None:
    """Return the host with other lungs; None where too little of a lung, or of its opacity, would show.

    host: uint8, (SIDE, SIDE), a whole normal radiograph. halves: for the field on the picture's left, and for
    the other. A lung of the other side is mirrored.
    """
    radiograph, before = host.astype(np.float32), host.astype(np.float32)
    opacity, seen, fields = (np.zeros((SIDE, SIDE), np.bool_) for _ in range(3))
    one_radiograph = halves[0].lungs is halves[1].lungs
    levelled = float(rng.uniform(*(_LEVELS_OF_ONE if one_radiograph else _LEVELS_OF_TWO)))
    for side, half in enumerate(halves):
        field, extent = _closed(host_lungs.fields[side]), host_lungs.extent(side)
        to_field = _onto(half, side, _jittered(extent, rng))
        shown = _shown(half, side, to_field, extent) & field
        boxes = _warped_boxes(half.boxes, to_field) & field
        if shown.sum() < _LEAST_SHOWN * field.sum() or (boxes & shown).sum() < _LEAST_SHOWN * boxes.sum():
            return None
        lung = cv2.warpAffine(half.lungs.pixels, to_field, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        lung = _levelled(np.asarray(lung, np.float32), shown, before, field, levelled)
        _put(radiograph, (_filled if half.cut else _made_dense)(lung, shown, before, field), field)
        opacity, seen, fields = opacity | (boxes & shown), seen | shown, fields | field
    return Composite(np.clip(np.rint(radiograph), 0, 255).astype(np.uint8), opacity, seen, fields)


def _shown(half: Half, side: int, to_field: FloatImage, extent: Extent) -> Mask:
    """Return where a lung is seen: inside its outline, and inside that of the lung which cuts it, if any."""
    own = _warped_mask(half.lungs.fields[half.side], to_field)
    if half.cut is None:
        return np.asarray(cv2.erode(own.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0)
    cut = _warped_mask(half.cut.fields[half.side], _onto(replace(half, lungs=half.cut), side, extent))
    return np.asarray(cv2.erode((own & cut).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _levelled(lung: FloatImage, shown: Mask, host: FloatImage, field: Mask, share: float) -> FloatImage:
    """Return the lung with its darker parts brought to the host's grey by a share of the difference."""
    difference = np.percentile(host[field], 20) - np.percentile(lung[shown], 20)
    return np.asarray(lung + np.float32(share * difference), np.float32)


def _filled(lung: FloatImage, shown: Mask, host: FloatImage, field: Mask) -> FloatImage:
    """Return the lung over its whole field: where it does not show, the host's texture on the lung's grey."""
    return _over(lung, _ground(lung, shown) + host - _ground(host, field), shown)


def _made_dense(lung: FloatImage, shown: Mask, host: FloatImage, field: Mask) -> FloatImage:
    """Return the lung over its whole field; far from where it shows as dense as the tissue beside it."""
    beside = host[~field & (host > _AIR)]
    dense = float(np.percentile(beside, _DENSE)) if beside.size else _GREY
    away = cv2.distanceTransform((~shown).astype(np.uint8), cv2.DIST_L2, 3)
    far = cv2.GaussianBlur(np.clip((away - 4) / 6, 0, 1).astype(np.float32), (0, 0), 2)
    texture = (host - _ground(host, field)) / 2
    return _over(lung, _ground(lung, shown) * (1 - far) + dense * far + texture, shown)


def _over(lung: FloatImage, filling: Any, shown: Mask) -> FloatImage:
    """Return the lung where it shows, the filling elsewhere, soft at the edge."""
    inside = np.clip(cv2.distanceTransform(shown.astype(np.uint8), cv2.DIST_L2, 3) / 4, 0, 1)
    return np.asarray(lung * inside + filling * (1 - inside), np.float32)


def _put(radiograph: NDArray[np.float32], lung: FloatImage, field: Mask) -> None:
    """Put a lung into its field, soft at the edge."""
    inside = np.clip(cv2.distanceTransform(field.astype(np.uint8), cv2.DIST_L2, 3) / 4, 0, 1)
    radiograph[:] = radiograph * (1 - inside) + lung * inside


def _ground(picture: FloatImage, where: Mask) -> FloatImage:
    """Return the slow part of a picture, known only where the mask says, carried on beyond it."""
    small = (SIDE // _COARSE, SIDE // _COARSE)  # a wide blur loses nothing on a small picture
    known = where.astype(np.float32)
    grey = cv2.resize(picture * known, small, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(known, small, interpolation=cv2.INTER_AREA)
    total, weights = np.zeros(small, np.float32), np.zeros(small, np.float32)
    for wider, share in ((1, 1.0), (4, 1e-3), (16, 1e-6)):  # the nearest that is known decides
        sigma = wider * _GROUND / _COARSE
        total = total + share * cv2.GaussianBlur(grey, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
        weights = weights + share * cv2.GaussianBlur(weight, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    ground = total / np.maximum(weights, 1e-12)
    return np.asarray(cv2.resize(ground, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.float32)


def _jittered(extent: Extent, rng: np.random.Generator) -> Extent:
    """Return an extent a little moved and stretched."""
    left, top, right, bottom = extent
    sides = (right - left, bottom - top) * 2
    moved = np.add(extent, rng.uniform(-_STRETCH, _STRETCH, 4) * sides)
    return float(moved[0]), float(moved[1]), float(moved[2]), float(moved[3])


def _onto(half: Half, side: int, target: Extent) -> FloatImage:
    """Return the 2 × 3 matrix from a lung to where it goes on a side of the host."""
    source = half.lungs.extent(half.side)
    across = (target[2] - target[0]) / (source[2] - source[0])
    down = (target[3] - target[1]) / (source[3] - source[1])
    begin = target[0] - source[0] * across
    if half.side != side:
        across, begin = -across, target[2] + source[0] * across
    return np.array([[across, 0, begin], [0, down, target[1] - source[1] * down]], np.float32)


def _warped_mask(mask: Mask, matrix: FloatImage) -> Mask:
    warped = cv2.warpAffine(mask.astype(np.uint8), matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST)
    return np.asarray(warped > 0)


def _warped_boxes(boxes: tuple[Box, ...], matrix: FloatImage) -> Mask:
    drawn = np.zeros((SIDE, SIDE), np.uint8)
    for x, y, width, height in boxes:
        corners = np.array([[x, y], [x + width, y + height]]) * SIDE
        (x0, y0), (x1, y1) = np.sort(corners @ matrix[:, :2].T + matrix[:, 2], axis=0)
        rows = slice(max(0, round(float(y0))), max(0, round(float(y1))))
        drawn[rows, max(0, round(float(x0))) : max(0, round(float(x1)))] = 1
    return np.asarray(drawn > 0)


def _closed(field: Mask) -> Mask:
    """Return a field without holes, a pixel wider."""
    outline, _ = cv2.findContours(field.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = cv2.drawContours(np.zeros(field.shape, np.uint8), outline, -1, 1, cv2.FILLED)
    return np.asarray(cv2.dilate(whole, np.ones((3, 3), np.uint8)) > 0)


def _bounds(field: Mask) -> Extent:
    rows, columns = np.flatnonzero(field.any(axis=1)), np.flatnonzero(field.any(axis=0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
