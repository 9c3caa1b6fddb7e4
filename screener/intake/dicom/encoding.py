"""Whether a data set is encoded as its file meta header says: byte order and deflation (PS3.5 A)."""

import zlib
from io import BytesIO
from typing import BinaryIO

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

_META = 144  # where the file meta group begins, behind preamble, prefix and its own length (PS3.10 7.1)
_SYNTAX = b"\x02\x00\x10\x00UI"
_LONGEST = 1 << 16  # bytes: of a file meta group, and of what is inflated to look at it
_LAST_GROUP = 0x60  # no data set begins with a group above
_PIXEL_GROUP = 0x7FE0


def truly_encoded(stream: BinaryIO) -> Dataset | None:
    """Return the header of a data set that is encoded otherwise than its file says, without its pixels.

    With the transfer syntax that it has. None where it is encoded as the file says, or nobody can tell;
    then the stream stands where it stood.
    """
    start = stream.tell()
    head = stream.read(_META)
    length = int.from_bytes(head[140:144], "little")
    if head[128:132] == b"DICM" and length < _LONGEST:
        named, data = _named(stream.read(length)), stream.read(_LONGEST)
        found = _found(data, named) if named else None
        if named and found and _kind(named) != _kind(found):
            stream.seek(start + _META + length)
            return _header(stream, found)
    stream.seek(start)
    return None


def inflated_header(stream: BinaryIO) -> Dataset | None:
    """Return the header of a deflated data set, as far as it can be inflated; None where that is nothing."""
    length = int.from_bytes(stream.read(_META)[140:144], "little")
    stream.read(min(length, _LONGEST))
    header = _header(stream, DeflatedExplicitVRLittleEndian)
    return header if len(header) else None


def _named(meta: bytes) -> UID | None:
    place = meta.find(_SYNTAX)
    if place < 0:
        return None
    length = int.from_bytes(meta[place + 6 : place + 8], "little")
    return UID(meta[place + 8 : place + 8 + length].rstrip(b"\0 ").decode("ascii", "replace"))


def _kind(syntax: UID) -> UID:
    """Return what decides how a header is read; pydicom finds out by itself whether its VRs are explicit."""
    return (
        syntax if syntax in (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian) else ImplicitVRLittleEndian
    )


def _found(data: bytes, named: UID) -> UID | None:
    """Return the syntax that the beginning of a data set has, None where nobody can tell."""
    plain, inflated = _plain(data), None
    if plain is None or named == DeflatedExplicitVRLittleEndian:
        inflated = _plain(_inflated(data))
    return DeflatedExplicitVRLittleEndian if inflated == ExplicitVRLittleEndian else plain


def _plain(data: bytes) -> UID | None:
    """Return the syntax by the first tag, whose group is even and small, and what stands where its VR is."""
    if len(data) < 8:
        return None
    explicit = data[4:6].isalpha()
    if 0 < data[0] <= _LAST_GROUP and data[0] % 2 == 0 == data[1]:
        return ExplicitVRLittleEndian if explicit else ImplicitVRLittleEndian
    if explicit and 0 < data[1] <= _LAST_GROUP and data[1] % 2 == 0 == data[0]:
        return ExplicitVRBigEndian
    return None


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, _LONGEST)
    except zlib.error:
        return b""


def _header(stream: BinaryIO, syntax: UID) -> Dataset:
    if syntax == DeflatedExplicitVRLittleEndian:
        stream = BytesIO(_inflated(stream.read(_LONGEST)))
    dataset = read_dataset(  # of what was cut off all elements but the last
        stream,
        syntax == ImplicitVRLittleEndian,
        syntax != ExplicitVRBigEndian,
        stop_when=lambda tag, vr, length: tag >> 16 >= _PIXEL_GROUP,
    )
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset
