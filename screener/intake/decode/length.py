"""Pixels that do not say of themselves what they are, native and RLE: their length against the header.

Rows and Columns that make as many pixels in another shape, as exactly exchanged ones do, cannot be told
from right ones.
"""

from dataclasses import dataclass

import numpy as np
from pydicom import Dataset
from pydicom.uid import RLELossless

from screener.errors import UnreadableImageError
from screener.intake.decode.encapsulated import one_frame
from screener.intake.decode.fit import NATIVE
from screener.intake.dicom.described import named
from screener.reasons import Reason, ReasonCode

_WHOLE, _HALVED = "YBR_FULL", "YBR_FULL_422"  # three samples a pixel, or two: neighbours share their colours
_MOST_SEGMENTS = 15  # PS3.5 G.5


@dataclass(frozen=True, slots=True)
class _Claimed:
    """What the header says of the pixels' length. samples: of a pixel. allocated: bits of a sample."""

    pixels: int
    samples: int
    allocated: int

    @classmethod
    def by(cls, dataset: Dataset) -> "_Claimed":
        pixels = int(dataset.Rows) * int(dataset.Columns) * int(dataset.get("NumberOfFrames") or 1)
        halved = dataset.PhotometricInterpretation == _HALVED
        return cls(pixels, 2 if halved else int(dataset.SamplesPerPixel), int(dataset.BitsAllocated))

    @property
    def length(self) -> int:
        """Bytes of all pixels."""
        return -(-self.pixels * self.samples * self.allocated // 8)

    def is_length(self, held: int) -> bool:
        """Return whether the pixels have so many bytes; one more makes an odd number even (PS3.5 8.1.1)."""
        return self.length > 0 and held - self.length in (0, self.length % 2)


def fit_to_length(dataset: Dataset) -> None:
    """Let BitsAllocated and Photometric Interpretation say what the pixels' length does, where it is plain.

    Changes the data set, which must be a copy.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax == RLELossless:
        _fit_to_segments(dataset)
    elif syntax in NATIVE:
        _fit_to_bytes(dataset)


def check_native_length(dataset: Dataset) -> None:
    """Raise if there are native pixels and they are not as long as the header says.

    Raises:
        UnreadableImageError: They are not.
    """
    if "PixelData" not in dataset:
        return
    claimed, held = _Claimed.by(dataset), len(dataset.PixelData or b"")
    if not claimed.is_length(held):
        raise UnreadableImageError(_reason(dataset, claimed.length, held))


def check_rle_length(dataset: Dataset) -> None:
    """Raise if RLE segments do not make as many bytes as the header says: the picture would be sheared.

    Raises:
        UnreadableImageError: They make more or fewer.
        Exception: They are damaged.
    """
    import imagecodecs

    frame = one_frame(dataset)
    if not frame:
        return
    claimed, segments = _Claimed.by(dataset), _segments(frame)
    if segments and segments * 8 != claimed.samples * claimed.allocated:
        raise UnreadableImageError(_reason(dataset, claimed.length, segments * claimed.pixels))
    held = len(imagecodecs.dicomrle_decode(frame, np.dtype(f"<u{claimed.allocated // 8}")))
    if not 0 <= held - claimed.length <= segments:  # each may end with one that makes it even
        raise UnreadableImageError(_reason(dataset, claimed.length, held))


def _fit_to_bytes(dataset: Dataset) -> None:
    held, said = len(dataset.get("PixelData") or b""), _Claimed.by(dataset)
    if said.is_length(held):
        return
    colours = dataset.PhotometricInterpretation
    other = {_WHOLE: (_HALVED, 2), _HALVED: (_WHOLE, 3)}.get(colours)
    if other and _Claimed(said.pixels, other[1], said.allocated).is_length(held):
        dataset.PhotometricInterpretation = other[0]
        return
    for allocated in (8, 16):
        if _Claimed(said.pixels, said.samples, allocated).is_length(held):
            _allocate(dataset, allocated)


def _fit_to_segments(dataset: Dataset) -> None:
    """An RLE frame has a segment for each byte of a pixel (PS3.5 G.2), never with colours shared."""
    if dataset.PhotometricInterpretation == _HALVED:
        dataset.PhotometricInterpretation = _WHOLE
    segments, samples = _segments(one_frame(dataset)), int(dataset.SamplesPerPixel)
    if segments in (samples, 2 * samples):
        _allocate(dataset, 8 * segments // samples)


def _segments(frame: bytes) -> int:
    count = int.from_bytes(frame[:4], "little")
    return count if count <= _MOST_SEGMENTS else 0


def _allocate(dataset: Dataset, allocated: int) -> None:
    """Set BitsAllocated, unless BitsStored contradicts it: then nobody knows what the pixels are."""
    said, stored = int(dataset.BitsAllocated), int(dataset.BitsStored)
    if (said != allocated and (stored > 8 if allocated == 16 else stored <= 8)) or said not in (8, 16):
        dataset.BitsAllocated = allocated


def _reason(dataset: Dataset, claimed: int, held: int) -> Reason:
    keywords = ["Rows", "Columns", "SamplesPerPixel", "BitsAllocated"]
    if int(dataset.get("NumberOfFrames") or 1) != 1:
        keywords.append("NumberOfFrames")
    said = ", ".join(f"{named(keyword)} {dataset[keyword].value}" for keyword in keywords)
    code = ReasonCode.PIXEL_DATA_SHORT if held < claimed else ReasonCode.PIXEL_DATA_LONG
    return Reason.of(code, attributes=said, claimed=claimed, held=held)
