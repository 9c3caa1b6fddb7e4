"""Pictures that are no frontal chest radiograph, made from such and drawn: a gate learns to refuse them.

So that a gate can be fitted where nobody has a folder of photographs and hands. Real ones, where
somebody has, are better still.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage
from screener.training.drawn_scans import echocardiogram, hand, mammogram, spine, ultrasound
from screener.training.simulated_ultrasound import simulated_ultrasound

SIDE = 256  # pixels of what is drawn

Rng = np.random.Generator
Made = Callable[[ByteImage, Rng], ByteImage]
Drawn = Callable[[Rng], ByteImage]


def mirrored_upside_down(radiograph: ByteImage, rng: Rng) -> ByteImage:
    """Return the radiograph as seen in a pond; merely turned ones come from `domain.CORRECTIONS`."""
    return radiograph[::-1]


def a_part(radiograph: ByteImage, rng: Rng) -> ByteImage:
    """Return a fifth to two fifths of each side: a shoulder, a flank, a neck, a piece of lung."""
    rows, columns = radiograph.shape
    height, width = (int(side * rng.uniform(0.2, 0.4)) for side in (rows, columns))
    top, left = int(rng.integers(0, rows - height)), int(rng.integers(0, columns - width))
    return radiograph[top : top + height, left : left + width]


def shuffled(radiograph: ByteImage, rng: Rng) -> ByteImage:
    """Return the radiograph cut into 2 × 2 to 4 × 4 tiles in another order."""
    parts = int(rng.integers(2, 5))
    rows, columns = (side // parts for side in radiograph.shape)
    tiles = [
        radiograph[i * rows : (i + 1) * rows, j * columns : (j + 1) * columns]
        for i in range(parts)
        for j in range(parts)
    ]
    order = rng.permutation(len(tiles))
    order[np.argsort(order)] = np.roll(order, 1)[np.argsort(order)]
    lines = [np.hstack([tiles[k] for k in order[i * parts : (i + 1) * parts]]) for i in range(parts)]
    return np.vstack(lines)


def several(radiograph: ByteImage, rng: Rng) -> ByteImage:
    """Return the radiograph beside itself, or small on a page: a contact sheet, a slide, a screen."""
    if rng.random() < 0.5:
        return np.tile(radiograph, (1, 2) if rng.random() < 0.5 else (2, 2))
    page = np.full((2 * radiograph.shape[0], 2 * radiograph.shape[1]), rng.integers(0, 256), np.uint8)
    top, left = int(rng.integers(0, radiograph.shape[0])), int(rng.integers(0, radiograph.shape[1]))
    page[top : top + radiograph.shape[0], left : left + radiograph.shape[1]] = radiograph
    return page


def noise(rng: Rng) -> ByteImage:
    """Return noise whose amplitude falls with frequency, as that of a photograph does, or does not."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE)))
    frequency[0, 0] = 1 / SIDE
    spectrum = np.fft.fft2(rng.normal(size=(SIDE, SIDE))) / frequency ** rng.uniform(0, 2.2)
    return _as_picture(np.fft.ifft2(spectrum).real, rng)


def shapes(rng: Rng) -> ByteImage:
    """Return discs, bars and lines on a gradient."""
    picture = _gradient(rng)
    for _ in range(rng.integers(2, 25)):
        grey, line = int(rng.integers(0, 256)), int(rng.choice((-1, 1, 3, 8)))
        one, other = (tuple(int(x) for x in rng.integers(0, SIDE, 2)) for _ in range(2))
        if rng.random() < 0.4:
            cv2.rectangle(picture, one, other, grey, line)
        elif rng.random() < 0.5:
            cv2.circle(picture, one, int(rng.integers(4, SIDE // 2)), grey, line)
        else:
            cv2.line(picture, one, other, grey, abs(line) + 1)
    return _softened(picture, rng)


def page(rng: Rng) -> ByteImage:
    """Return lines of text, dark on light or light on dark."""
    paper, ink = (240, 20) if rng.random() < 0.7 else (10, 220)
    picture = np.full((SIDE, SIDE), paper, np.uint8)
    scale = rng.uniform(0.25, 0.9)
    for y in np.arange(20, SIDE, 34 * scale + 4):
        words = "".join(rng.choice(list("abcdefghij klmno pqrst uvwxyz"), int(rng.integers(5, 45))))
        cv2.putText(picture, words, (8, int(y)), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 1, cv2.LINE_AA)
    return _softened(picture, rng)


def bones(rng: Rng) -> ByteImage:
    """Return something like a limb: long bright shafts with dense edges in softer, tapering flesh."""
    picture = np.full((SIDE, SIDE), rng.uniform(5, 40), np.float64)
    angle, count = rng.uniform(0, np.pi), int(rng.integers(1, 6))
    across = np.array([-np.sin(angle), np.cos(angle)])
    along = np.array([np.cos(angle), np.sin(angle)])
    width = rng.uniform(20, 70) / count**0.5
    offsets = (np.arange(count) - (count - 1) / 2) * width * rng.uniform(1.1, 2.0)
    flesh, dense = rng.uniform(50, 110), rng.uniform(70, 130)
    y, x = np.mgrid[0:SIDE, 0:SIDE] - SIDE / 2
    for offset in offsets:
        bend = rng.uniform(-0.002, 0.002)
        t = x * along[0] + y * along[1]
        d = np.abs(x * across[0] + y * across[1] - offset + bend * t**2)
        taper = width * (1 + rng.uniform(-0.3, 0.3) * t / SIDE)
        picture += flesh * np.clip(1 - (d / (1.2 * taper)) ** 4, 0, 1)
        shaft = 0.35 * taper * (1 + 0.5 * np.cos(t / SIDE * np.pi * rng.uniform(1, 4)) ** 8)
        inside = np.clip((shaft - d) / 2, 0, 1)
        cortex = np.clip(1 - np.abs(d - 0.85 * shaft) / (0.25 * shaft + 1), 0, 1)
        picture += inside * dense * (0.4 + 0.6 * cortex)
        for joint in rng.uniform(-SIDE / 2, SIDE / 2, int(rng.integers(0, 4))):
            picture -= inside * dense * np.clip(1 - np.abs(t - joint) / rng.uniform(2, 6), 0, 1)
    return _softened(np.clip(picture, 0, 255).astype(np.uint8), rng)


def _gradient(rng: Rng) -> ByteImage:
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    slope = rng.normal(size=2) * 160
    bowl = rng.normal() * 300 * (x**2 + y**2)
    grey = rng.uniform(0, 255) + slope[0] * x + slope[1] * y + bowl
    return np.asarray(np.clip(grey, 0, 255), np.uint8)


def _as_picture(values: NDArray[np.float64], rng: Rng) -> ByteImage:
    spread = values.std() * rng.uniform(1, 3)
    return np.asarray(np.clip(127 + 127 * (values - values.mean()) / spread, 0, 255), np.uint8)


def _softened(picture: ByteImage, rng: Rng) -> ByteImage:
    soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 3)).astype(np.float64)
    return np.asarray(np.clip(soft + rng.normal(0, rng.uniform(0, 12), soft.shape), 0, 255), np.uint8)


MADE_OF_RADIOGRAPHS: dict[str, Made] = {
    "upside down": mirrored_upside_down,
    "a part of a radiograph": a_part,
    "a radiograph in tiles": shuffled,
    "several radiographs": several,
}
DRAWN: dict[str, Drawn] = {
    "noise": noise,
    "shapes": shapes,
    "text": page,
    "bones": bones,
    "ultrasounds": ultrasound,
    "echocardiograms": echocardiogram,
    "simulated ultrasounds": simulated_ultrasound,
    "mammograms": mammogram,
    "spines": spine,
    "hands": hand,
}
