"""Ultrasounds, echocardiograms, mammograms, spines and hands, drawn at random, for a gate to refuse.

Real ones of many people are hard to come by. These have what a network sees of them at 224 pixels: the
fan and its speckle, the half moon at the edge, the row of blocks, the five rays.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import ByteImage

SIDE = 256  # pixels of what is drawn

Rng = np.random.Generator
_Plane = NDArray[np.float64]


def ultrasound(rng: Rng) -> ByteImage:
    """Return a fan, or the strip of a linear probe, of speckle with layers, vessels and shadows, on black."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    top, half_angle = rng.uniform(-60, 25), rng.uniform(0.4, 0.8)
    dx, dy = x - SIDE / 2 - rng.uniform(-15, 15), y - top
    if rng.random() < 0.7:
        depth, across = np.hypot(dx, dy), np.arctan2(dx, dy) / half_angle
    else:
        depth, across = dy, dx / rng.uniform(60, 120)
    near = abs(top) + rng.uniform(5, 40)
    depth = (depth - near) / (SIDE * rng.uniform(0.7, 0.95))
    fan = (np.abs(across) < 1) & (depth > 0) & (depth < 1)
    tissue = 0.5 + 0.3 * np.sin(depth * rng.uniform(8, 40) + 2 * _smooth(rng, 30)) * np.exp(-3 * depth)
    for _ in range(rng.integers(1, 6)):
        far = np.hypot(across - rng.uniform(-0.8, 0.8), (depth - rng.uniform(0.1, 0.9)) * 2)
        tissue *= 1 + rng.uniform(-0.9, 0.6) * (far < rng.uniform(0.1, 0.4))
    if rng.random() < 0.5:
        tissue *= 1 - 0.8 * (np.abs(across - rng.uniform(-0.7, 0.7)) < 0.12) * (depth > rng.uniform(0.2, 0.6))
    fine = cv2.GaussianBlur(rng.rayleigh(1.0, (SIDE, SIDE)), (0, 0), rng.uniform(0.8, 1.8))
    grey = np.log1p(6 * np.clip(tissue, 0.01, None) * fine) * np.exp(-rng.uniform(0, 1.5) * depth)
    picture = _bytes(np.where(fan, grey / grey[fan].max() * rng.uniform(180, 330), 0))
    if rng.random() < 0.7:
        cv2.putText(picture, f"{rng.uniform(1, 20):.1f} cm", (6, 14), cv2.FONT_HERSHEY_PLAIN, 0.8, 200)
    return picture


def echocardiogram(rng: Rng) -> ByteImage:
    """Return a sector with the heart's dark chambers and bright walls, on a screen with words."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    apex, reach = rng.uniform((0.35, 0.0), (0.65, 0.15)) * SIDE, SIDE * rng.uniform(0.65, 0.9)
    depth = np.hypot(x - apex[0], y - apex[1]) / reach
    across = np.arctan2(x - apex[0], y - apex[1]) / rng.uniform(0.55, 0.85)
    sector = (np.abs(across) < 1) & (depth < 1)
    middle, turn = rng.uniform((-0.25, 0.4), (0.25, 0.65)), rng.uniform(-0.5, 0.5)
    chambers, walls = np.zeros_like(depth), np.zeros_like(depth)
    for side, level in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
        u = across - middle[0] - side * rng.uniform(0.2, 0.35) - turn * (depth - middle[1])
        v = depth - middle[1] - level * rng.uniform(0.12, 0.22)
        far = np.hypot(u / rng.uniform(0.15, 0.38), v / rng.uniform(0.1, 0.24)) + 0.1 * _smooth(rng, 8)
        chambers = np.maximum(chambers, 1 / (1 + np.exp((far - 1) * 12)))
        walls += np.exp(-(((far - 1.1) / rng.uniform(0.06, 0.2)) ** 2)) * rng.uniform(0, 1.2)
    speckle = cv2.GaussianBlur(rng.rayleigh(1.0, (SIDE, SIDE)), (0, 0), rng.uniform(0.9, 2.2))
    tissue = rng.uniform(0.1, 0.5) * (1 + 0.5 * _smooth(rng, 12)) + walls
    gain = np.exp(-rng.uniform(0, 1.5) * np.abs(across)) * np.exp(-rng.uniform(-0.5, 1) * depth)
    grey = np.clip(tissue, 0.02, None) * (1 - rng.uniform(0.8, 1) * chambers) * speckle * gain
    shown = np.where(sector, (grey / np.quantile(grey[sector], 0.995)) ** rng.uniform(0.5, 1.1), 0)
    return _on_screen(_bytes(shown * rng.uniform(90, 260)), rng)


def _on_screen(picture: ByteImage, rng: Rng) -> ByteImage:
    """Return a picture with what a scanner's screen shows around it: settings, a scale, buttons, a wedge."""
    ink, lines = int(rng.integers(90, 256)), int(rng.integers(2, 9))
    for side in (3, SIDE - 46):
        start = int(rng.integers(8, SIDE // 2))
        for row in range(lines if rng.random() < 0.8 else 0):
            words = "".join(rng.choice(list("ABCDGHIMNPS 0123456789."), int(rng.integers(2, 7))))
            cv2.putText(picture, words, (side, start + row * 11), cv2.FONT_HERSHEY_PLAIN, 0.6, ink)
    if rng.random() < 0.6:
        picture[:: int(rng.integers(8, 20)), SIDE - 6 :] = ink
    if rng.random() < 0.5:
        picture[-14:-2, 6:-6] = rng.integers(20, 120)
        picture[-14:-2, 6 :: int(rng.integers(30, 60))] = ink
    if rng.random() < 0.4:
        picture[20 : 20 + 64, 8:14] = np.linspace(250, 0, 64)[:, None]
    return picture


def mammogram(rng: Rng) -> ByteImage:
    """Return a breast against one edge on black: soft tissue, strands of gland, at times the muscle."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    middle, high, wide = SIDE * rng.uniform((0.4, 0.3, 0.35), (0.6, 0.5, 0.8))
    inside = 1 - (np.abs((y - middle) / high) ** rng.uniform(1.6, 2.4) + (x / wide) ** 2)
    breast = np.clip(inside * rng.uniform(4, 12), 0, 1)
    strands = np.clip(_smooth(rng, rng.uniform(4, 14)) + rng.uniform(-0.8, 0.8), 0, None)
    gland = strands * np.clip(inside, 0, 1)
    grey = breast * rng.uniform(50, 110) + gland * rng.uniform(40, 110) + breast * 6 * _smooth(rng, 1.5)
    if rng.random() < 0.6:  # the oblique view shows the chest wall's muscle
        grey += 80 * (x / SIDE + y / SIDE * rng.uniform(0.4, 0.9) < rng.uniform(0.2, 0.4)) * (breast > 0)
    picture = _bytes(grey + rng.normal(0, 2, grey.shape) * (breast > 0))
    return np.ascontiguousarray(picture[:, ::-1]) if rng.random() < 0.5 else picture


def spine(rng: Rng) -> ByteImage:
    """Return a row of vertebrae down the picture, from the front or the side, in soft tissue."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    bend = rng.uniform(-40, 40) * np.sin(y / SIDE * np.pi * rng.uniform(0.5, 1.5))
    from_middle = x - SIDE * rng.uniform(0.4, 0.6) - bend
    flesh = rng.uniform(40, 110) * np.exp(-((from_middle / rng.uniform(60, 160)) ** 2))
    height, half = rng.uniform(22, 52), rng.uniform(14, 36)
    place = (y + rng.uniform(0, height)) % height / height
    waist = half * (0.9 + 0.2 * np.abs(2 * place - 1))
    block = (np.abs(from_middle) < waist) & (place > rng.uniform(0.12, 0.25))
    edge = block - cv2.erode(block.astype(np.uint8), np.ones((5, 5), np.uint8))
    bone = block * rng.uniform(30, 80) + edge * rng.uniform(10, 60) + block * 8 * _smooth(rng, 1.5)
    if rng.random() < 0.5:  # spinous processes, or pedicles from the front
        beside = np.abs(np.abs(from_middle) - half * rng.uniform(0.5, 1.9)) < 6
        bone += 50 * (beside & (np.abs(place - 0.6) < 0.2))
    gas = np.clip(_smooth(rng, 16) - 0.8, 0, None) * rng.uniform(0, 60) * (np.abs(from_middle) > half)
    radiograph = cv2.GaussianBlur(flesh + bone - gas, (0, 0), rng.uniform(0.6, 1.8))
    return _bytes(radiograph + rng.normal(0, 3, radiograph.shape))


def hand(rng: Rng) -> ByteImage:
    """Return the bones of a hand or a foot: four or five rays of phalanges from a carpus, in flesh."""
    bones, flesh = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    root = np.array([SIDE / 2, SIDE * rng.uniform(0.75, 0.95)])
    for angle in np.linspace(-1, 1, int(rng.integers(4, 6))) * rng.uniform(0.25, 0.6):
        ray = np.array([np.sin(angle), -np.cos(angle)])
        start, width = root + ray * rng.uniform(35, 55), rng.uniform(8, 12)
        for length in rng.uniform(0.8, 1.2) * np.array([58, 42, 30, 24]):
            end = start + ray * length
            _line(flesh, start, end, width * 3.2)
            _line(bones, start + ray * 6, end - ray * 6, width)
            start, width = end, width * 0.85
    for _ in range(rng.integers(5, 9)):
        centre = root + rng.normal(0, 16, 2)
        cv2.circle(bones, tuple(int(v) for v in centre), int(rng.integers(7, 13)), 1.0, -1)
        cv2.circle(flesh, tuple(int(v) for v in centre), 38, 1.0, -1)
    shaft = cv2.GaussianBlur(bones, (0, 0), 3)
    grey = cv2.GaussianBlur(flesh, (0, 0), 4) * rng.uniform(50, 100)
    grey += bones * rng.uniform(60, 120) - shaft * bones * rng.uniform(0, 50)
    picture = _bytes(cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.7, 1.6)) + rng.normal(0, 3, grey.shape) + 8)
    return np.ascontiguousarray(np.rot90(picture, int(rng.integers(4))))


def _line(plane: _Plane, start: NDArray[np.float64], end: NDArray[np.float64], width: float) -> None:
    one, other = ((round(float(point[0])), round(float(point[1]))) for point in (start, end))
    cv2.line(plane, one, other, 1.0, max(1, round(width)))


def _smooth(rng: Rng, sigma: float) -> _Plane:
    """Return smooth noise of mean 0 and spread 1, float64, (SIDE, SIDE)."""
    noise = cv2.GaussianBlur(rng.normal(size=(SIDE, SIDE)), (0, 0), sigma)
    return np.asarray((noise - noise.mean()) / noise.std(), np.float64)


def _bytes(grey: NDArray[np.float64]) -> ByteImage:
    return np.asarray(np.clip(np.rint(grey), 0, 255), np.uint8)
