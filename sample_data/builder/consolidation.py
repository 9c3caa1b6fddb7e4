"""Paints pneumonia into the lobes of a chest: patchy, soft-edged, with air left in some of the bronchi."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from builder.chest import Chest, Mask, Spacing, Volume

_CONSOLIDATED = 20.0  # Hounsfield units, of fluid and cells
_VESSEL = -650.0  # denser than this, inside a lobe, is a vessel
_BRONCHUS_SHIFT = (4, 3, 1)  # voxels from a vessel to the bronchus painted beside it


@dataclass(frozen=True, slots=True)
class Patch:
    """One consolidated region of one lobe.

    lobe: its id in structures.csv.
    centre: place in the lobe's bounding box as fractions to the left, to the front, to the head.
    radii_mm: half-widths in the same directions; the lobe's own border cuts the patch off.
    density: 0 is untouched lung, 1 is airless.
    """

    lobe: int
    centre: tuple[float, float, float]
    radii_mm: tuple[float, float, float]
    density: float


@dataclass(frozen=True, slots=True)
class PaintedChest:
    """A chest with pneumonia.

    hounsfield: float32, shape (x, y, z), as in Chest.
    added: one volume for each patch: the Hounsfield units it added.
    """

    hounsfield: Volume
    added: tuple[Volume, ...]


def painted(chest: Chest, patches: Sequence[Patch], seed: int) -> PaintedChest:
    """Return the chest with every patch painted; the same seed gives the same texture."""
    random = np.random.default_rng(seed)
    hounsfield = chest.hounsfield
    added = []
    for patch in patches:
        extra = _weight(chest, patch, random) * (_CONSOLIDATED - hounsfield).clip(0, None)
        added.append(extra)
        hounsfield = hounsfield + extra
    return PaintedChest(hounsfield, tuple(added))


def _weight(chest: Chest, patch: Patch, random: np.random.Generator) -> Volume:
    """Return how consolidated each voxel is, 0..1."""
    lobe = chest.labels == patch.lobe
    box = ndimage.find_objects(lobe.astype(np.uint8))[0]
    inside = lobe[box]
    weight = np.zeros(lobe.shape, np.float32)
    coarse = _texture(inside.shape, 9.0, chest.spacing, random)
    fine = _texture(inside.shape, 2.5, chest.spacing, random)
    reach = 1 - _distance(inside.shape, patch, chest.spacing) + 0.22 * coarse
    solid = 1 / (1 + np.exp(-6 * (reach + 0.08 * fine)))
    patchy = (patch.density * (1 + 0.18 * coarse + 0.12 * fine)).clip(0, 1)
    border = ndimage.gaussian_filter(inside.astype(np.float32), 1.0)
    airless = 1 - 0.8 * _bronchi(inside, chest.hounsfield[box])
    weight[box] = solid * patchy * border * airless
    return weight


def _distance(shape: tuple[int, ...], patch: Patch, spacing: Spacing) -> Volume:
    """Return each voxel's distance from the patch's centre: 1 is one radius."""
    grid = np.ogrid[tuple(slice(0, length) for length in shape)]
    terms = zip(grid, shape, patch.centre, patch.radii_mm, spacing, strict=True)
    squares = (((axis - place * length) * step / radius) ** 2 for axis, length, place, radius, step in terms)
    distance: Volume = np.sqrt(sum(squares)).astype(np.float32)
    return distance


def _texture(
    shape: tuple[int, ...], grain_mm: float, spacing: Spacing, random: np.random.Generator
) -> Volume:
    """Return smooth noise of mean 0 and standard deviation 1 whose clumps are about ``grain_mm`` wide."""
    noise = random.standard_normal(shape, dtype=np.float32)
    smooth: Volume = ndimage.gaussian_filter(noise, [grain_mm / step for step in spacing])
    texture: Volume = (smooth - smooth.mean()) / smooth.std()
    return texture


def _bronchi(lobe: Mask, hounsfield: Volume) -> Volume:
    """Return where air stays, 0..1: beside each vessel runs a bronchus, seen as an air bronchogram."""
    vessels = ndimage.binary_erosion(lobe, iterations=3) & (hounsfield > _VESSEL)
    trees, count = ndimage.label(vessels)
    sizes = ndimage.sum_labels(vessels, trees, range(count + 1))
    branches = np.roll((sizes > 60)[trees], _BRONCHUS_SHIFT, axis=(0, 1, 2))
    bronchi: Volume = ndimage.gaussian_filter(branches.astype(np.float32), 0.7).clip(0, 1)
    return bronchi
