"""The folders that are scanned: full-size JPEGs, images as DICOM stores them, a mixed tree."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    JPEG2000,
    UID,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

REPOSITORY = Path(__file__).parents[2]
SAMPLES = REPOSITORY / "sample_data" / "studies"
COLUMNS, ROWS, BITS = 2048, 2500, 12
LIKE_SIZE = 1700  # pixels on the long side: the median of the published originals
QUALITY = 90
SYNTAXES = {
    "DX, uncompressed": ExplicitVRLittleEndian,
    "DX, JPEG lossless": JPEGLosslessSV1,
    "DX, JPEG-LS": JPEGLSLossless,
    "DX, JPEG 2000": JPEG2000Lossless,
    "DX, RLE": RLELossless,
}
ENCODERS: dict[UID, Callable[[NDArray[np.uint16]], bytes]] = {  # of those that pydicom does not encode
    JPEGLosslessSV1: partial(imagecodecs.jpeg8_encode, bitspersample=BITS, lossless=True, predictor=1),
    JPEGExtended12Bit: partial(imagecodecs.jpeg8_encode, bitspersample=BITS, level=95),
    JPEG2000: partial(
        imagecodecs.jpeg2k_encode,
        bitspersample=BITS,
        level=60,
        codecformat="j2k",
        reversible=False,
        mct=False,
    ),
    HTJ2KLossless: partial(imagecodecs.htj2k_encode, reversible=True),
}
UID_ROOT = "1.2.826.0.1.3680043.8.498"
DX_STORAGE = "1.2.840.10008.5.1.4.1.1.1.1"
MIXED_OF = 10  # one in so many files of the mixed tree is no radiograph


def originals() -> list[Path]:
    """Return the published images at full size, empty where the folder of real images is absent."""
    shared = Path(os.environ.get("SCREENER_SHARED") or REPOSITORY.parent / "shared")
    return sorted(path for path in (shared / "data" / "originals").rglob("*") if path.is_file())


def jpeg_folder(folder: Path, count: int, radiographs: list[Path] | None = None) -> Path:
    """Return a folder of so many full-size JPEGs: the originals, or sample images scaled up to like sizes."""
    folder.mkdir(parents=True)
    sources = radiographs if radiographs is not None else originals()
    if not sources:
        sources = list(_enlarged(folder.parent / "enlarged"))
    return _linked(folder, sources, count)


def dx_folder(folder: Path, syntax: UID, count: int, different: int = 6) -> Path:
    """Return a folder of so many 12-bit DX images, 2,048 × 2,500; `different` of them differ."""
    folder.mkdir(parents=True)
    made = folder.parent / "made" / str(syntax)
    made.mkdir(parents=True, exist_ok=True)
    for number in range(min(different, count)):
        write_dx(made / f"{number}.dcm", deep_radiograph(number), syntax, number)
    return _linked(folder, sorted(made.iterdir()), count)


def mixed_folder(folder: Path, count: int, parts: list[Path]) -> Path:
    """Return a tree of images from other folders, with text, damaged and other files among them."""
    folder.mkdir(parents=True)
    sources = [sorted(part.iterdir()) for part in parts]
    for number in range(count):
        day = folder / f"day-{number % 7}" / f"study-{number:05d}"
        day.mkdir(parents=True)
        radiographs = sources[number % len(sources)]
        radiograph = radiographs[number // len(sources) % len(radiographs)]
        if number % MIXED_OF:
            os.link(radiograph, day / radiograph.name)
        elif number % (2 * MIXED_OF):
            (day / "notes.txt").write_text("no image\n")
        else:
            content = radiograph.read_bytes()
            (day / radiograph.name).write_bytes(content[: len(content) // 2])
    return folder


def small_folder(folder: Path, count: int) -> Path:
    """Return a tree of so many names for one small image, a thousand in a folder: to see what names cost."""
    radiograph = SAMPLES / "exports" / "film-01.jpg"
    for first in range(0, count, 1000):
        below = folder / f"{first // 1000:04d}"
        below.mkdir(parents=True)
        shutil.copy(radiograph, below / f"{first:06d}.jpg")
        for number in range(first + 1, min(first + 1000, count)):
            os.link(below / f"{first:06d}.jpg", below / f"{number:06d}.jpg")
    return folder


def deep_radiograph(number: int) -> NDArray[np.uint16]:
    """Return a sample image enlarged to 2,048 × 2,500 in 12 bits, with the noise that a detector adds.

    Noise is what lossless codecs spend their time on: without it they would look too good.
    """
    radiographs = originals() or sample_jpegs()
    radiograph = cv2.imread(str(radiographs[number * 7 % len(radiographs)]), cv2.IMREAD_GRAYSCALE)
    large = cv2.resize(radiograph, (COLUMNS, ROWS), interpolation=cv2.INTER_CUBIC).astype(np.float64)
    smooth = cv2.GaussianBlur(large, (0, 0), 1.5) * (0.9 * 2 ** (BITS - 8))
    noisy = smooth + np.random.default_rng(number).normal(0, 3, smooth.shape)
    return np.clip(np.round(noisy), 0, 2**BITS - 1).astype(np.uint16)


def sample_jpegs() -> list[Path]:
    """Return the whole images of the sample data that are JPEGs."""
    return [SAMPLES / "exports" / f"film-{number:02d}.jpg" for number in (1, 2)]


def write_dx(path: Path, pixels: NDArray[np.uint16], syntax: UID, number: int, **more: str) -> None:
    """Write an image as a DX object in one transfer syntax; more: elements by their keywords."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    elements = {
        "SOPClassUID": DX_STORAGE, "SOPInstanceUID": f"{UID_ROOT}.9.{number}.1", "Modality": "DX",
        "StudyInstanceUID": f"{UID_ROOT}.9.{number}", "SeriesInstanceUID": f"{UID_ROOT}.9.{number}.2",
        "PatientID": f"BENCH-{number}", "StudyDate": "20261125", "BodyPartExamined": "CHEST",
        "ViewPosition": "PA", "PresentationIntentType": "FOR PRESENTATION", "Rows": pixels.shape[0],
        "Columns": pixels.shape[1], "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16, "BitsStored": BITS, "HighBit": BITS - 1, "PixelRepresentation": 0,
        "WindowCenter": 2 ** (BITS - 1), "WindowWidth": 2**BITS,
    }  # fmt: skip
    for keyword, value in (elements | more).items():
        setattr(dataset, keyword, value)
    _put_pixels(dataset, pixels, syntax)
    dataset.file_meta.MediaStorageSOPClassUID = DX_STORAGE
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.save_as(path, enforce_file_format=True)


def _put_pixels(dataset: Dataset, pixels: NDArray[np.uint16], syntax: UID) -> None:
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OW"
    if syntax == ExplicitVRLittleEndian:
        return
    if syntax in ENCODERS:
        dataset.PixelData = encapsulate([ENCODERS[syntax](pixels)])
    else:
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.compress(syntax, generate_instance_uid=False)
        frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
        dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = syntax


def _enlarged(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for radiograph in sample_jpegs():
        pixels = cv2.imread(str(radiograph), cv2.IMREAD_GRAYSCALE)
        scale = LIKE_SIZE / max(pixels.shape)
        large = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        path = folder / radiograph.name
        cv2.imwrite(str(path), large, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        yield path


def _linked(folder: Path, sources: list[Path], count: int) -> Path:
    """Give so many names to files: copied once, since links do not reach across disks, then linked."""
    for number in range(count):
        source = sources[number % len(sources)]
        target = folder / f"{number:06d}{source.suffix}"
        first = folder / f"{number % len(sources):06d}{source.suffix}"
        if number < len(sources):
            shutil.copy(source, target)
        else:
            os.link(first, target)
    return folder
