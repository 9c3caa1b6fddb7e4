"""Sends a cone of X-rays through a volume and returns what reaches the detector."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from builder.chest import LUNG_LABELS, Chest, Volume

Image = NDArray[np.float32]
View = Literal["PA", "AP", "LL"]

_WATER = 0.0193  # attenuation of water for each millimetre, near 70 keV
_BONE_FROM = 150.0  # Hounsfield units
# A radiograph is taken at a lower energy than a CT, where bone stops more than its Hounsfield units say.
_BONE_GAIN = 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """How one radiograph is taken.

    view: DICOM View Position; the heart lies nearest to the detector in PA, a left side in LL.
    rows, columns, pixel_mm: the detector.
    aim_mm: where the central ray meets the chest, right and up on the radiograph from the lungs' middle.
    rotation: degrees the patient leans on the radiograph.
    stretch: the person's width and height as a multiple of the CT's.
    """

    view: View = "PA"
    rows: int = 800
    columns: int = 800
    pixel_mm: float = 0.4
    aim_mm: tuple[float, float] = (0.0, 0.0)
    rotation: float = 0.0
    stretch: tuple[float, float] = (1.0, 1.06)
    source_mm: float = 1800.0


@dataclass(frozen=True, slots=True)
class _Stack:
    """The volume as the detector sees it: shape (depth, up, right on the radiograph), nearest sheet first.

    middle: centre of the lungs as (right, up), in voxels. steps: millimetres along (depth, right, up).
    """

    sheets: Volume
    middle: tuple[float, float]
    steps: tuple[float, float, float]


def attenuation(hounsfield: Volume) -> Volume:
    """Return the attenuation for each millimetre, with the contrast of bone raised."""
    bone = (hounsfield - _BONE_FROM).clip(0, None)
    return (_WATER * (1 + (hounsfield + _BONE_GAIN * bone) / 1000)).astype(np.float32)


def project(field: Volume, chest: Chest, acquisition: Acquisition) -> Image:
    """Return the integral of ``field`` along each ray, shape (rows, columns), in its unit times mm."""
    stack = _stack(field, chest, acquisition.view)
    size = (acquisition.columns, acquisition.rows)
    radiograph = np.zeros((acquisition.rows, acquisition.columns), np.float32)
    occupied = np.flatnonzero(stack.sheets.any(axis=(1, 2)))
    for sheet in occupied:
        depth = 20.0 + stack.steps[0] * float(sheet - occupied[0])  # the skin is 20 mm from the detector
        matrix = _radiograph_to_voxels(stack, acquisition, 1 - depth / acquisition.source_mm)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        radiograph += cv2.warpAffine(stack.sheets[sheet], matrix, size, flags=flags)
    return radiograph * np.float32(stack.steps[0])


def _stack(field: Volume, chest: Chest, view: View) -> _Stack:
    """Return the sheets of the volume in the order and direction in which the radiograph shows them."""
    lungs = np.argwhere(np.isin(chest.labels, LUNG_LABELS))
    x, y, z = (float(middle) for middle in (lungs.min(axis=0) + lungs.max(axis=0)) / 2)
    left, front, up = chest.spacing
    if view == "LL":  # left side at the detector, face towards the left of the radiograph
        sheets = field[::-1, ::-1, :].transpose(0, 2, 1)
        return _Stack(np.ascontiguousarray(sheets), (field.shape[1] - 1 - y, z), (left, front, up))
    # A reader faces the patient in PA and AP alike: the patient's left is on the right.
    nearest_first = field[:, ::-1, :] if view == "PA" else field
    return _Stack(np.ascontiguousarray(nearest_first.transpose(1, 2, 0)), (x, z), (front, left, up))


def _radiograph_to_voxels(stack: _Stack, acquisition: Acquisition, shrink: float) -> NDArray[np.float64]:
    """Return the affine map (2, 3) from detector to a sheet whose shadow is wider by 1 / ``shrink``."""
    angle = np.radians(acquisition.rotation)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    across, up = (step * stretch for step, stretch in zip(stack.steps[1:], acquisition.stretch, strict=True))
    scale = np.diag([1 / across, -1 / up])  # radiograph rows run down, voxels run up
    linear = scale @ turn * acquisition.pixel_mm * shrink
    middle = np.array([acquisition.columns - 1, acquisition.rows - 1]) / 2
    aim = np.array(acquisition.aim_mm) / np.array([across, up])
    offset = np.array(stack.middle) + aim - linear @ middle
    return np.column_stack([linear, offset])
