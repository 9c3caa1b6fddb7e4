"""Tell what a file is by its first bytes, never by its name."""

from typing import Literal

from screener.domain import FileKind

SNIFF_BYTES = 512

_DICM = slice(128, 132)
_MEDIA_STORAGE_DIRECTORY = b"1.2.840.10008.1.3.10"  # a DICOMDIR, PS3.4 B.5

_FOREIGN = {
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"BM": "BMP",
    b"GIF8": "GIF",
    b"\x00\x00\x00\x0cjP  ": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
}

# ISO base media brands of still images: HEIC, AVIF.
_STILL_BRANDS = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC", b"avif": "AVIF"}

_VALUE_REPRESENTATIONS = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OW PN SH SL SQ SS ST TM UI UL UN US UT".split()
)


class ForeignImage(str):
    """The name of an image format that Screener does not read."""

    __slots__ = ()


def is_media_directory(start: bytes) -> bool:
    """Return whether a file is a DICOMDIR (PS3.10 8), whatever its name: it lists images and is none."""
    return start[_DICM] == b"DICM" and _MEDIA_STORAGE_DIRECTORY in start


def kind_of(start: bytes) -> FileKind | ForeignImage | None:
    """Return what a file holds: one of ours, another image format, or no image at all.

    start: its first SNIFF_BYTES bytes, fewer where the file is shorter.
    """
    if is_media_directory(start):
        return None
    if start[_DICM] == b"DICM" or _is_bare_dataset(start):
        return FileKind.DICOM
    if start.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return ForeignImage("WebP")
    if start[4:8] == b"ftyp" and start[8:12] in _STILL_BRANDS:
        return ForeignImage(_STILL_BRANDS[start[8:12]])
    return next((ForeignImage(name) for magic, name in _FOREIGN.items() if start.startswith(magic)), None)


def _is_bare_dataset(start: bytes) -> bool:
    """Return whether the bytes open a DICOM data set without preamble (PS3.10 7.1 omitted).

    The first element is in group 0002 or 0008, its number small, and its value fits an
    explicit VR or a plausible implicit length.
    """
    if len(start) < 16:
        return False
    orders: tuple[Literal["little", "big"], ...] = ("little", "big")
    for order in orders:
        group = int.from_bytes(start[0:2], order)
        element = int.from_bytes(start[2:4], order)
        if group in (0x0002, 0x0008) and element <= 0x0070:
            length = int.from_bytes(start[4:8], order)
            if start[4:6] in _VALUE_REPRESENTATIONS or length <= 128:
                return True
    return False
