"""Takes out of the CT what no healthy chest radiograph shows: the table, the contrast agent and a mass."""

from dataclasses import replace

import numpy as np
from scipy import ndimage

from builder.chest import AIRWAY_LABELS, ARM_AND_SHOULDER_LABELS, BONE_LABELS, Chest, Mask, Volume

AIR, FAT, BLOOD = -1000.0, -60.0, 60.0  # Hounsfield units
DENSEST = 1800.0

# The mass: a spiculated one, 27 mm wide, at the back of the left lung. Voxels.
_MASS_CENTRE = (314, 143, 90.5)
_MASS_RADII = (28, 27, 7)
_DONOR_SLICES_BELOW = 14  # clear lung, 35 mm lower

# The agent was injected into the right arm and fills the vein under the right collarbone.
_AGENT_DENSITY = 1400.0
_AGENT_LOWEST_SLICE = 105
_AGENT_STREAKS_MM = 25.0


def cleaned(chest: Chest) -> Chest:
    """Return the chest as a plain radiograph would meet it: no table, no contrast agent."""
    body = _body(chest.hounsfield)
    hounsfield = np.where(body, chest.hounsfield, np.float32(AIR))
    hounsfield = _without_contrast_agent(hounsfield, chest, body)
    return replace(chest, hounsfield=_sharpened(hounsfield.clip(AIR, DENSEST)))


def without_mass(chest: Chest) -> Chest:
    """Return the chest with clear lung from lower down blended over the mass."""
    hounsfield = chest.hounsfield
    grid = np.ogrid[tuple(slice(0, length) for length in hounsfield.shape)]
    scaled = zip(grid, _MASS_CENTRE, _MASS_RADII, strict=True)
    distance: Volume = np.sqrt(sum(((axis - centre) / radius) ** 2 for axis, centre, radius in scaled))
    donor = np.roll(hounsfield, _DONOR_SLICES_BELOW, axis=2)
    weight = ((1.15 - distance) / 0.2).clip(0, 1) * (donor < -600)  # never the donor's chest wall
    mended: Volume = (hounsfield + weight * (donor - hounsfield)).astype(np.float32)
    return replace(chest, hounsfield=mended)


def _body(hounsfield: Volume) -> Mask:
    """Return where the person is: in each slice the largest solid part and the lungs in it, not the table."""
    body = np.zeros(hounsfield.shape, bool)
    for z in range(hounsfield.shape[2]):
        solid, parts = ndimage.label(ndimage.binary_opening(hounsfield[:, :, z] > -400, iterations=3))
        sizes = ndimage.sum_labels(solid > 0, solid, range(1, parts + 1))
        largest = solid == 1 + int(np.argmax(sizes))
        body[:, :, z] = ndimage.binary_fill_holes(ndimage.binary_dilation(largest))
    return body


def _without_contrast_agent(hounsfield: Volume, chest: Chest, body: Mask) -> Volume:
    """Return the volume with vessels, heart and kidneys as dense as blood, the agent's streaks filled in."""
    shoulders = ndimage.binary_dilation(np.isin(chest.labels, ARM_AND_SHOULDER_LABELS), iterations=2)
    agent = ndimage.binary_opening(hounsfield > _AGENT_DENSITY) & ~shoulders
    agent[:, :, :_AGENT_LOWEST_SLICE] = False
    # The labels of the first rib and the collarbone run into the filled vein, so bone near it counts as vein.
    bone = ndimage.binary_dilation(np.isin(chest.labels, BONE_LABELS))
    bone &= ~ndimage.binary_dilation(agent, iterations=5)
    enhanced = ~bone & (hounsfield > BLOOD)
    filled = np.where(enhanced, BLOOD + 0.03 * (hounsfield - BLOOD), hounsfield)
    near = ndimage.distance_transform_edt(~agent, sampling=chest.spacing) < _AGENT_STREAKS_MM
    airways = ndimage.binary_dilation(np.isin(chest.labels, AIRWAY_LABELS), iterations=2)
    streaks = near & body & ~airways & (filled < 2 * FAT)
    return np.where(streaks, FAT, filled).astype(np.float32)


def _sharpened(hounsfield: Volume) -> Volume:
    """Return the volume with the blur along z that slices of 2.5 mm leave partly undone."""
    blurred: Volume = ndimage.gaussian_filter1d(hounsfield, 1.0, axis=2)
    sharp: Volume = (1.5 * hounsfield - 0.5 * blurred).clip(AIR, DENSEST).astype(np.float32)
    return sharp
