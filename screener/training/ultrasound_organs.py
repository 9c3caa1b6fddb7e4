"""What an ultrasound scanner may look at: how strongly tissue scatters, at each place before the probe.

across: -1..1 from the left to the right edge of the fan at its full depth; down: 0..1 from the probe. Both,
and what is returned, float64, shape (samples, beams). Fluid scatters little, the walls around it much.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Plane = NDArray[np.float64]
Organ = Callable[[Plane, Plane, Rng], Plane]

SHADOWED, BEHIND_FLUID = 0.06, 2.2  # of the echoes that come from behind bone or gas, and behind fluid


def _heart(across: Plane, down: Plane, rng: Rng) -> Plane:
    """Return two to four chambers of blood within walls that scatter more, from the tip or the side."""
    middle = rng.uniform((-0.2, 0.45), (0.2, 0.65))
    turn = rng.uniform(-0.6, 0.6)
    u, v = across - middle[0], down - middle[1]
    u, v = u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)
    tissue = np.full(across.shape, rng.uniform(0.001, 0.08))
    muscle = np.hypot(u / rng.uniform(0.45, 0.75), v / rng.uniform(0.35, 0.5)) + 0.08 * smooth(
        rng, u.shape, 14
    )
    tissue[muscle < 1] = rng.uniform(0.02, 0.5)
    tissue[np.abs(muscle - 1) < rng.uniform(0.04, 0.12)] *= rng.uniform(2, 20)
    cells = [(-1, -1), (1, -1), (-1, 1), (1, 1)][: int(rng.integers(2, 5))]
    for side, level in cells:
        far = np.hypot(
            (u - side * rng.uniform(0.14, 0.26)) / rng.uniform(0.12, 0.22),
            (v - level * rng.uniform(0.12, 0.22)) / rng.uniform(0.1, 0.22),
        ) + 0.12 * smooth(rng, u.shape, 10)
        tissue[far < 1] = rng.uniform(0.0005, 0.004)
        tissue[np.abs(far - 1.05) < rng.uniform(0.03, 0.1)] += rng.uniform(0, 1.5)
    leaflets = (np.abs(v + 0.3 * np.abs(u)) < 0.015) & (np.abs(u) < rng.uniform(0.1, 0.35))
    tissue[leaflets] += rng.uniform(0, 4)
    return tissue


def _abdomen(across: Plane, down: Plane, rng: Rng) -> Plane:
    """Return liver or spleen with vessels, at times a kidney, a gall bladder with its echo, a diaphragm."""
    tissue = np.full(across.shape, rng.uniform(0.15, 0.5))
    tissue[down < rng.uniform(0.04, 0.15)] *= rng.uniform(1, 5)
    for _ in range(int(rng.integers(2, 9))):
        far = _ellipse(across, down, rng, (0.02, 0.14))
        tissue[far < 1] = rng.uniform(0.001, 0.02)
        tissue[np.abs(far - 1.15) < 0.15] *= rng.uniform(1, 5)
    if rng.random() < 0.5:  # fluid lets more through to what lies behind it
        far = _ellipse(across, down, rng, (0.1, 0.3))
        tissue *= 1 + (BEHIND_FLUID - 1) * (np.maximum.accumulate(far < 1, axis=0) & (far >= 1))
        tissue[far < 1] = 0.0005
    if rng.random() < 0.4:
        far = _ellipse(across, down, rng, (0.2, 0.4))
        tissue[far < 1] *= rng.uniform(0.3, 0.7)
        tissue[far < 0.4] *= rng.uniform(3, 12)
    if rng.random() < 0.5:
        edge = down - rng.uniform(0.6, 0.85) - rng.uniform(-0.4, 0.4) * across**2
        tissue[np.abs(edge) < 0.012] *= 30
        tissue[edge > 0.012] *= rng.uniform(0.05, 0.6)
    return _shadowed(tissue, across, down, rng) if rng.random() < 0.4 else tissue


def _layers(across: Plane, down: Plane, rng: Rng) -> Plane:
    """Return skin, fat and muscle in layers, and a vessel, a nodule or a thyroid in them."""
    wave = down + 0.03 * np.sin(across * rng.uniform(1, 6)) + 0.01 * smooth(rng, down.shape, 12)
    levels = np.sort(rng.uniform(0.05, 0.9, int(rng.integers(3, 9))))
    strength = rng.uniform(0.03, 0.8, len(levels) + 1)
    tissue = strength[np.searchsorted(levels, wave)]
    for level in levels:
        tissue[np.abs(wave - level) < rng.uniform(0.004, 0.015)] += rng.uniform(0.5, 6)
    if rng.random() < 0.5:
        half, height = rng.uniform(0.04, 0.12), rng.uniform(0.25, 0.6)
        inside = np.abs(wave - height + rng.uniform(-0.15, 0.15) * across)
        tissue[inside < half] = 0.001
        tissue[np.abs(inside - half) < 0.012] = rng.uniform(1, 6)
    for _ in range(int(rng.integers(0, 3))):
        tissue[_ellipse(across, down, rng, (0.06, 0.25)) < 1] *= rng.uniform(0.02, 2.5)
    return _shadowed(tissue, across, down, rng) if rng.random() < 0.4 else tissue


def _unborn(across: Plane, down: Plane, rng: Rng) -> Plane:
    """Return a skull or a trunk, bright around, in dark fluid within a wall."""
    tissue = np.full(across.shape, rng.uniform(0.1, 0.4))
    tissue[_ellipse(across, down, rng, (0.4, 0.6), centred=True) < 1] = 0.002
    skull = _ellipse(across, down, rng, (0.2, 0.35), centred=True)
    tissue[skull < 1] = rng.uniform(0.03, 0.2)
    tissue[np.abs(skull - 1) < 0.08] = rng.uniform(2, 15)
    for _ in range(int(rng.integers(1, 6))):
        tissue[(_ellipse(across, down, rng, (0.03, 0.12), centred=True) < 1) & (skull < 0.9)] *= rng.uniform(
            0.02, 8
        )
    return _shadowed(tissue, across, down, rng) if rng.random() < 0.3 else tissue


def _lung(across: Plane, down: Plane, rng: Rng) -> Plane:
    """Return chest wall, two ribs with their shadows, the pleura, and its echoes below, or comets from it."""
    pleura = rng.uniform(0.15, 0.3)
    tissue = np.where(down < pleura, rng.uniform(0.1, 0.5), rng.uniform(0.002, 0.05))
    for echo in range(1, int(rng.integers(2, 6))):
        tissue[np.abs(down - echo * pleura) < 0.01] += 8 / echo**2
    for _ in range(int(rng.integers(0, 5))):
        comet = np.abs(across - rng.uniform(-0.8, 0.8) * (0.3 + 0.7 * down)) < rng.uniform(0.02, 0.08)
        tissue[comet & (down > pleura)] += rng.uniform(0.05, 0.6)
    return _shadowed(tissue, across, down, rng)


ORGANS: tuple[Organ, ...] = (_heart, _heart, _abdomen, _layers, _unborn, _lung)


def _shadowed(tissue: Plane, across: Plane, down: Plane, rng: Rng) -> Plane:
    """Return tissue with bones or gas in it, bright at their near side, and little from behind them."""
    for _ in range(int(rng.integers(1, 4))):
        far = np.hypot(
            (across - rng.uniform(-0.9, 0.9)) / rng.uniform(0.08, 0.25),
            (down - rng.uniform(0.08, 0.6)) / 0.05,
        )
        behind = np.maximum.accumulate(far < 1, axis=0)
        tissue = np.where(behind, tissue * SHADOWED, tissue)
        tissue[(far < 1) & (far > 0.5)] = rng.uniform(3, 15)
    return tissue


def _ellipse(
    across: Plane, down: Plane, rng: Rng, radii: tuple[float, float], *, centred: bool = False
) -> Plane:
    """Return how far samples lie from an ellipse's centre, 1 on its somewhat uneven edge."""
    reach = 0.15 if centred else 0.8
    u, v = across - rng.uniform(-reach, reach), down - rng.uniform(0.5 - reach / 2, 0.5 + reach / 2)
    turn = rng.uniform(0, np.pi)
    wide, high = rng.uniform(*radii, 2)
    far = np.hypot((u * np.cos(turn) - v * np.sin(turn)) / wide, (u * np.sin(turn) + v * np.cos(turn)) / high)
    return np.asarray(far + 0.08 * smooth(rng, far.shape, 12), np.float64)


def smooth(rng: Rng, shape: tuple[int, ...], sigma: float) -> Plane:
    """Return smooth noise of mean 0 and spread 1, float64."""
    noise = cv2.GaussianBlur(rng.normal(size=shape), (0, 0), sigma)
    return np.asarray((noise - noise.mean()) / noise.std(), np.float64)
