"""Reads the pictures out of wheels and Debian packages, also those in archives and resource files in them."""

import io
import re
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from screener.domain import ByteImage

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".tga")
ARCHIVES = (".pk3", ".zip")
RESOURCES = (".rcc",)  # of Qt: files one after the other, pictures as they are
SMALLEST = 64  # pixels
_LARGEST = 40_000_000  # bytes of one file
_PDF_PAGES, _PDF_DPI = 12, 50
_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


def members(package: Path, wanted: tuple[str, ...] = PICTURES) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each file of a wheel or a Debian package that may be, or hold, a picture."""
    listed = _of_wheel(package) if package.suffix == ".whl" else _of_debian(package)
    for name, content in listed:
        lower = name.lower()
        if lower.endswith(wanted):
            yield name, content
        elif lower.endswith(ARCHIVES):
            yield from _of_zip(name, content)
        elif lower.endswith(RESOURCES):
            yield from ((f"{name}/{number}", each) for number, each in enumerate(carved(content)))
        elif lower.endswith(".pdf"):
            yield from _pages(name, content)


def carved(content: bytes) -> Iterator[bytes]:
    """Yield the PNG and WebP files that lie in a larger file as they are."""
    for found in re.finditer(re.escape(_PNG_START), content):
        end = content.find(_PNG_END, found.start())
        if end > 0:
            yield content[found.start() : end + len(_PNG_END)]
    for found in re.finditer(rb"RIFF(....)WEBP", content, re.DOTALL):
        size = int.from_bytes(found[1], "little") + 8
        yield content[found.start() : found.start() + size]


def decoded(content: bytes) -> ByteImage | None:
    """Return a picture in grey, what is transparent black; None if it is none, or too small."""
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        picture = _by_pillow(content)
    if picture is None or min(picture.shape[:2]) < SMALLEST:
        return None
    if picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    if picture.ndim == 3 and picture.shape[2] == 4:
        picture = (picture[..., :3] * (picture[..., 3:] / 255)).astype(np.uint8)
    return np.asarray(picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def _by_pillow(content: bytes) -> ByteImage | None:
    """Return what OpenCV does not read, such as TGA, uint8, blue first where it has colours."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return np.asarray(image.convert("RGB"), np.uint8)[..., ::-1]
    except (UnidentifiedImageError, OSError, ValueError):
        return None


def _of_wheel(package: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            if entry.file_size < _LARGEST:
                yield entry.filename, archive.read(entry)


def _of_debian(package: Path) -> Iterator[tuple[str, bytes]]:
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as unpacking,
        tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive,
    ):
        for member in archive:
            large = not member.name.lower().endswith(RESOURCES + ARCHIVES) and member.size >= _LARGEST
            content = archive.extractfile(member) if member.isfile() and not large else None
            if content is not None:
                yield member.name, content.read()


def _of_zip(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if entry.filename.lower().endswith(PICTURES) and entry.file_size < _LARGEST:
                    yield f"{name}/{entry.filename}", archive.read(entry)
    except zipfile.BadZipFile:
        return


def _pages(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the first pages of a PDF as PNG, drawn by pdftoppm."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "document.pdf"
        source.write_bytes(content)
        command = ["pdftoppm", "-gray", "-png", "-r", str(_PDF_DPI), "-l", str(_PDF_PAGES), source]
        subprocess.run([*command, Path(folder) / "page"], check=True)
        for page in sorted(Path(folder).glob("page*.png")):
            yield f"{name}/{page.name}", page.read_bytes()
