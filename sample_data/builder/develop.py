"""Turns what reaches the detector into the radiograph a reader sees: scatter, noise, processing, marker."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from builder.projection import Image

RadiographPixels = NDArray[np.uint16]

FULL_SCALE = 4095  # 12 bits

# Gain of the detail between each blur and the next, in pixels, as a digital unit's processing raises it.
_DETAIL = ((0.4, 1.4), (0.8, 2.0), (1.6, 2.2), (3.2, 2.0), (6.4, 1.6), (13.0, 1.25), (26.0, 1.0))
_SCATTER = 0.9  # as a multiple of the direct rays
_SCATTER_PIXELS = 100.0
_PENUMBRA_PIXELS = 1.2
_BARE_BEAM = 0.25  # less in the way than 13 mm of water: the beam beside the body

_LETTERS = {
    "L": (((0.0, 0.0), (0.0, 1.0), (0.6, 1.0)),),
    "R": (
        ((0.0, 1.0), (0.0, 0.0), (0.42, 0.0), (0.6, 0.12), (0.6, 0.4), (0.42, 0.52), (0.0, 0.52)),
        ((0.3, 0.52), (0.64, 1.0)),
    ),
}


@dataclass(frozen=True, slots=True)
class Marker:
    """A lead letter on the radiograph; place is its top left corner and height its size, as fractions."""

    letter: Literal["L", "R"]
    place: tuple[float, float]
    height: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one radiograph is exposed and shown.

    noise: variance of the detector's signal where nothing is in the way.
    rest_gain: what is left of coarse differences, as from lung to spine.
    contrast: steepness of the radiograph's curve. brightness: shift of its middle, up is brighter.
    shutter: black border at left, top, right, bottom, as fractions.
    """

    noise: float = 2e-5
    rest_gain: float = 0.55
    contrast: float = 3.2
    brightness: float = 0.0
    shutter: tuple[float, float, float, float] = (0.02, 0.02, 0.02, 0.02)
    marker: Marker | None = None


def develop(line_integrals: Image, look: Look, seed: int) -> RadiographPixels:
    """Return the radiograph, 0..4095, same shape: air dark, bone bright; the seed sets the grain."""
    rays = np.exp(-line_integrals)
    if look.marker:
        rays *= np.exp(-5 * _lead(look.marker, rays.shape))
    rays += _SCATTER * _blur(rays, _SCATTER_PIXELS)
    grain = np.random.default_rng(seed).standard_normal(rays.shape, dtype=np.float32)
    rays = _blur((rays + grain * np.sqrt(look.noise * rays)).clip(1e-5, None), 0.6)
    open_part = _open_part(rays.shape, look)
    measured = (open_part > 0.5) & (line_integrals > _BARE_BEAM)
    signal = _processed(-np.log(rays), look.rest_gain)
    shown = _curve(signal, measured, look) * open_part
    return np.round(shown * FULL_SCALE).astype(np.uint16)


def _blur(image: Image, sigma: float) -> Image:
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101).astype(np.float32)


def _processed(signal: Image, rest_gain: float) -> Image:
    """Return the signal with fine structure raised and the difference from lung to spine lowered."""
    rest, result = signal, np.zeros_like(signal)
    for sigma, gain in _DETAIL:
        smooth = _blur(signal, sigma)
        result += gain * (rest - smooth)
        rest = smooth
    return result + rest_gain * rest


def _curve(signal: Image, measured: NDArray[np.bool_], look: Look) -> Image:
    """Return 0..1 by an S-shaped curve, its ends set by what the measured part of the radiograph holds."""
    low, high = (float(level) for level in np.percentile(signal[measured], [0.5, 99.7]))
    unit = (signal - low) / (high - low) + look.brightness
    black, white = _logistic(np.array([0, 1], np.float32), look.contrast)
    toned = (_logistic(unit, look.contrast) - black) / (white - black)
    shown: Image = (0.03 + 0.92 * toned).clip(0, 1)
    return shown


def _logistic(unit: Image, steepness: float) -> Image:
    odds: Image = np.exp(steepness * (unit - 0.52))
    return odds / (1 + odds)


def _open_part(shape: tuple[int, ...], look: Look) -> Image:
    """Return 1 where the shutter is open, 0 where it is closed, with a soft edge."""
    rows, columns = shape
    left, top, right, bottom = look.shutter
    open_part = np.zeros(shape, np.float32)
    down = slice(round(top * rows), round((1 - bottom) * rows))
    across = slice(round(left * columns), round((1 - right) * columns))
    open_part[down, across] = 1
    soft = cv2.GaussianBlur(open_part, (0, 0), _PENUMBRA_PIXELS, borderType=cv2.BORDER_CONSTANT)
    return soft.astype(np.float32)


def _lead(marker: Marker, shape: tuple[int, ...]) -> Image:
    """Return 1 where the letter's lead lies."""
    rows, columns = shape
    size = marker.height * rows
    corner = np.array(marker.place) * (columns, rows)
    strokes = [
        np.round(np.array(stroke) * size + corner).astype(np.int32) for stroke in _LETTERS[marker.letter]
    ]
    canvas = np.zeros(shape, np.uint8)
    cv2.polylines(canvas, strokes, False, (255,), max(2, round(size / 8)), cv2.LINE_AA)
    return np.divide(canvas, 255, dtype=np.float32)
