"""What the radiographs of very ill patients show, painted: lines, tubes, electrodes, pacemakers, white lungs.

A gate that never saw them refuses those radiographs first which matter most.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage

Rng = np.random.Generator
_MOST_LINES = 6


def very_ill(radiograph: ByteImage, rng: Rng) -> ByteImage:
    """Return the picture with lines and devices, at times with a lung, or both, gone white; same shape."""
    if rng.random() < 0.4:
        radiograph = white_out(radiograph, rng)
    return with_devices(radiograph, rng)


def with_devices(radiograph: ByteImage, rng: Rng) -> ByteImage:
    """Return the radiograph with one to six lines, electrodes on some of their ends, at times a pacemaker."""
    unit = max(radiograph.shape) / 224  # the thinnest line that a network of 224 pixels would see
    bright = np.zeros(radiograph.shape, np.float32)
    for _ in range(int(rng.integers(1, _MOST_LINES + 1))):
        course = _course(radiograph.shape, rng)
        thickness = max(1, round(unit * rng.uniform(0.4, 1.6)))
        drawn = np.zeros(radiograph.shape, np.float32)
        cv2.polylines(drawn, [course], False, float(rng.uniform(20, 90)), thickness, cv2.LINE_AA)
        if rng.random() < 0.4:
            centre = (int(course[-1, 0]), int(course[-1, 1]))
            cv2.circle(drawn, centre, round(unit * rng.uniform(2, 6)), float(rng.uniform(60, 150)), -1)
        bright = np.maximum(bright, drawn)
    if rng.random() < 0.3:
        bright = np.maximum(bright, _pacemaker(radiograph.shape, unit, rng))
    return np.asarray(np.clip(radiograph + bright, 0, 255), np.uint8)


def white_out(radiograph: ByteImage, rng: Rng) -> ByteImage:
    """Return the picture with one lung, or both, as grey as soft tissue, as in ARDS or an effusion."""
    rows, columns = radiograph.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    cover = np.zeros(radiograph.shape, np.float32)
    for side in rng.permutation(2)[: int(rng.integers(1, 3))]:
        centre = (0.3 + 0.4 * float(side)) * columns
        across = (x - centre) / (columns * rng.uniform(0.16, 0.24))
        down = (y - rows * rng.uniform(0.45, 0.6)) / (rows * rng.uniform(0.3, 0.42))
        cover = np.maximum(cover, np.clip(1.6 * (1 - across**2 - down**2), 0, 1))
    cover *= rng.uniform(0.5, 0.95)
    tissue = np.percentile(radiograph, rng.uniform(70, 90)) + cv2.GaussianBlur(
        radiograph.astype(np.float32), (0, 0), columns / 60
    ) * np.float32(0.15)
    return np.asarray(np.clip(radiograph * (1 - cover) + np.minimum(tissue, 235) * cover, 0, 255), np.uint8)


def _course(shape: tuple[int, ...], rng: Rng) -> NDArray[np.int32]:
    """Return a smooth line over the radiograph, int32, shape (40, 2), from an edge or the neck."""
    rows, columns = shape
    size = np.array([columns, rows])
    starts = ((rng.uniform(0.3, 0.7), 0.0), (0.0, rng.random()), (1.0, rng.random()), (rng.random(), 1.0))
    start = np.array(starts[int(rng.choice(4, p=(0.5, 0.2, 0.2, 0.1)))])
    bends = rng.uniform(0.15, 0.85, (2, 2))
    end = rng.uniform((0.2, 0.25), (0.8, 0.9))
    t = np.linspace(0, 1, 40)[:, np.newaxis]
    line = (1 - t) ** 3 * start + 3 * t * (1 - t) ** 2 * bends[0] + 3 * t**2 * (1 - t) * bends[1] + t**3 * end
    return np.asarray(line * size, np.int32)


def _pacemaker(shape: tuple[int, ...], unit: float, rng: Rng) -> NDArray[np.float32]:
    """Return the light of a pacemaker's case below a collar bone."""
    rows, columns = shape
    drawn = np.zeros(shape, np.float32)
    centre = (float(columns * rng.choice((0.22, 0.78))), float(rows * rng.uniform(0.2, 0.35)))
    axes = (unit * rng.uniform(12, 18), unit * rng.uniform(10, 15))
    cv2.ellipse(drawn, (centre, axes, float(rng.uniform(0, 180))), float(rng.uniform(90, 170)), -1)
    return drawn
