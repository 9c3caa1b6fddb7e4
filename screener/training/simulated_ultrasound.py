"""Ultrasounds as scanners make them: echoes of scattered points along beams, bent into a fan, on a screen.

Speckle is simulated, not painted. Tissue scatters at random (complex normal), each beam sees it through a
pulse and its own width, and what is shown is the logarithm of the envelope (Wagner et al., IEEE Trans. Sonics
Ultrason. 30 (1983) 156-163). Gain may be so low that little but the brightest walls is to be seen.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage
from screener.training.scanner_screen import on_screen
from screener.training.ultrasound_organs import ORGANS, smooth

Rng = np.random.Generator
Plane = NDArray[np.float64]

BEAMS, SAMPLES = 128, 384  # of the simulated frame, shape (SAMPLES, BEAMS)


def simulated_ultrasound(rng: Rng) -> ByteImage:
    """Return an abdomen, a heart, a vessel or a child to be, uint8, on a screen or cut out of it."""
    half_angle, top = _probe(rng)
    depth, beam = np.mgrid[0 : 1 : SAMPLES * 1j, -1 : 1 : BEAMS * 1j]
    across, down = _cartesian(depth, beam, half_angle, top)
    organ = ORGANS[int(rng.integers(len(ORGANS)))]
    tissue = organ(across, down, rng) * np.exp(0.35 * smooth(rng, depth.shape, rng.uniform(6, 30)))
    frame = _shown(_echoes(tissue, rng), depth, rng)
    return on_screen(_scan_converted(frame, half_angle, top, rng), rng)


def _probe(rng: Rng) -> tuple[float, float]:
    """Return half the angle of the fan in radians, 0 of a linear probe, and how deep its tip lies cut off.

    top: the part of the fan, as a share of its depth, that a curved probe leaves out; 0 of a phased array.
    """
    kind = rng.choice(("sector", "curved", "linear"), p=(0.5, 0.35, 0.15))
    if kind == "linear":
        return 0.0, 0.0
    return float(rng.uniform(0.45, 0.85)), float(
        rng.uniform(0, 0.04) if kind == "sector" else rng.uniform(0.15, 0.5)
    )


def _cartesian(depth: Plane, beam: Plane, half_angle: float, top: float) -> tuple[Plane, Plane]:
    """Return where samples lie: across -1..1 about the middle, down 0..1 from the probe."""
    if not half_angle:
        return beam, depth
    radius = top + depth * (1 - top)
    return radius * np.sin(beam * half_angle) / np.sin(half_angle), (
        radius * np.cos(beam * half_angle) - top
    ) / (1 - top)


def _echoes(tissue: Plane, rng: Rng) -> Plane:
    """Return the envelope of what comes back from tissue, by its scattering strength, same shape."""
    scatterers = np.sqrt(np.maximum(tissue, 0)) * (
        rng.normal(size=tissue.shape) + 1j * rng.normal(size=tissue.shape)
    )
    pulse = rng.uniform(0.7, 2.2)
    near, far = rng.uniform((0.6, 1.2), (1.2, 3.0))
    seen = [
        cv2.GaussianBlur(scatterers.real, (0, 0), sigmaX=width, sigmaY=pulse)
        + 1j * cv2.GaussianBlur(scatterers.imag, (0, 0), sigmaX=width, sigmaY=pulse)
        for width in (near, far)
    ]
    unfocused = np.abs(np.linspace(-rng.uniform(0.2, 0.6), 1, SAMPLES))[:, np.newaxis]
    return np.asarray(np.abs(seen[0] * (1 - unfocused) + seen[1] * unfocused), np.float64)


def _shown(echoes: Plane, depth: Plane, rng: Rng) -> Plane:
    """Return grey levels 0..1: the logarithm of what is left after attenuation and gain."""
    gain = np.interp(depth, np.linspace(0, 1, 8), rng.normal(0, 3, 8)) - rng.uniform(0, 14) * depth
    decibels = 20 * np.log10(echoes / np.quantile(echoes, 0.99) + 1e-6) + gain
    span = rng.uniform(35, 70)
    grey = np.clip(1 + (decibels + rng.uniform(-18, 2)) / span, 0, 1) ** rng.uniform(0.8, 2.2)
    beams = 1 - rng.uniform(0, 0.6) * np.abs(np.linspace(-1, 1, BEAMS)) ** rng.uniform(2, 8)
    return np.asarray(grey * beams, np.float64)


def _scan_converted(frame: Plane, half_angle: float, top: float, rng: Rng) -> ByteImage:
    """Return a frame of beams as it lies in the body, black beside them, uint8."""
    rows = int(rng.integers(170, 230))
    if not half_angle:
        size = (int(rows * rng.uniform(0.5, 1.1)), rows)
        return _bytes(cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR) * 255)
    columns = int(2 * rows * np.sin(half_angle) / (1 - top * np.cos(half_angle)))
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float64)
    y = top * np.cos(half_angle) + y / rows * (1 - top * np.cos(half_angle))
    x = (x / columns - 0.5) * 2 * np.sin(half_angle)
    radius, angle = np.hypot(x, y), np.arctan2(x, y) / half_angle
    sample = (radius - top) / (1 - top) * (SAMPLES - 1)
    beam = (angle + 1) / 2 * (BEAMS - 1)
    shown = cv2.remap(frame, beam.astype(np.float32), sample.astype(np.float32), cv2.INTER_LINEAR)
    return _bytes(shown * 255)


def _bytes(grey: NDArray[Any]) -> ByteImage:
    return np.asarray(np.clip(np.rint(grey), 0, 255), np.uint8)
