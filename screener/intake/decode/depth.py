"""How deep stored values are, where the header says less: BitsStored and HighBit against what is there.

Bits that the header does not count are part of the picture, or overlays that older scanners kept there
(PS3.5 8.1.2). Neighbouring pixels tell which: where the uncounted bits change from one pixel to the next, a
picture without them falls from white to black, and a picture beneath an overlay goes on as it was.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import HTJ2K, JPEG2000, JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless, RLELossless

from screener.errors import UnreadableImageError
from screener.intake.decode.codestream import codestream_of
from screener.intake.decode.encapsulated import one_frame
from screener.reasons import Reason, ReasonCode

LOSSY = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless, JPEG2000, HTJ2K)

_UNBROKEN, _BROKEN = 0.25, 0.5  # of the range of values: the median step at a change of the bits above
_MOST_DRAWN = 0.5  # share of a picture that overlays cover
_STILL = 0.9  # share of pixels that differ from their neighbour, and yet share the bits of an overlay with it
_OVERSHOOT = 16  # one part in so many of the range of values
_FEW = 0.01  # share of a picture's pixels


def fit_depth(dataset: Dataset, values: NDArray[Any]) -> None:
    """Let BitsStored and HighBit say what the values hold, where they cannot be right.

    values: as decoded, shape (rows, columns), or (rows, columns, 3). Changes the data set, which must be a
    copy.

    Raises:
        UnreadableImageError: They cannot be right, and nobody can tell what is.
    """
    if values.ndim != 2:
        _check_colour(dataset, values)
        return
    shift = high_bit_shift(dataset)
    if shift and not _is_overlay(values, shift):
        if _surplus(values, dataset).any():
            raise UnreadableImageError(_reason(dataset, values))
        dataset.HighBit, shift = int(dataset.BitsStored) - 1, 0  # the values lie at bit 0, whatever it says
    if int(dataset.PixelRepresentation) == 1:
        values = values.astype(f"i{values.itemsize}")  # moved down with its sign
    _fit_bits_stored(dataset, values >> shift if shift else values)


def high_bit_shift(dataset: Dataset) -> int:
    """Return by how many bits a native stream stores its values higher than at bit 0 (PS3.5 8.1.1)."""
    syntax = dataset.file_meta.TransferSyntaxUID
    high = int(dataset.get("HighBit", dataset.BitsStored - 1))
    if high >= int(dataset.BitsAllocated) or (syntax.is_compressed and syntax != RLELossless):
        return 0
    return max(high + 1 - int(dataset.BitsStored), 0)


def overshoots(values: NDArray[Any], dataset: Dataset) -> bool:
    """Return whether values exceed their range by no more than a lossy codec, or a filter, adds to it.

    By a little anywhere, as where white is noisy, or in few pixels, as along a sharp edge.
    """
    stored, signed = int(dataset.BitsStored), int(dataset.PixelRepresentation) == 1
    lowest = -(1 << (stored - 1)) if signed else 0
    highest, room = lowest + (1 << stored) - 1, (1 << stored) // _OVERSHOOT
    if values.min() >= lowest - room and values.max() <= highest + room:
        return True
    beyond = np.count_nonzero(values < lowest) + np.count_nonzero(values > highest)
    return bool(beyond < _FEW * values.size)


def breaks(values: NDArray[Any], bits: int, signed: bool) -> bool:
    """Return whether a picture breaks where its top bit changes, read with that many bits and such a sign."""
    words = _words(values)
    step = _step(words, words >> np.uint16(bits - 1) & np.uint16(1), bits, signed)
    return step is not None and step > _BROKEN


def _fit_bits_stored(dataset: Dataset, values: NDArray[Any]) -> None:
    stored, signed = int(dataset.BitsStored), int(dataset.PixelRepresentation) == 1
    if not _surplus(values, dataset).any():
        return  # of values that fit, a false sign cannot be told from padding far below the radiograph
    stream = codestream_of(one_frame(dataset))
    width = min(stream.bits if stream else 16, 8 * values.itemsize)
    lossy = dataset.file_meta.TransferSyntaxUID in LOSSY
    if stored >= width or (lossy and overshoots(values, dataset)):
        return  # within_bits_stored clips it
    depth = width if stream and width % 8 else _depth(_words(values), stored, signed, width)
    if depth is None:
        raise UnreadableImageError(_reason(dataset, values))
    if depth > stored:
        _check_sign(values, depth, signed)
        dataset.BitsStored, dataset.HighBit = depth, depth - 1


def _check_sign(values: NDArray[Any], bits: int, signed: bool) -> None:
    """Refuse values that make a broken picture as the header has their sign, and a whole one otherwise."""
    if breaks(values, bits, signed) and not breaks(values, bits, not signed):
        raise UnreadableImageError(
            ReasonCode.ATTRIBUTE_VALUE, attribute="Pixel Representation (0028,0103)", value=int(signed)
        )


def _depth(words: NDArray[np.uint16], stored: int, signed: bool, width: int) -> int | None:
    """Return the depth above which there is nothing but overlays; None where that cannot be told."""
    broken = False
    for depth in range(stored, width):
        above = _above(words, depth, signed)
        step = _step(words, above, depth, signed)
        if not above.any() or (step is not None and step < _UNBROKEN):
            drawn = np.count_nonzero(above) < _MOST_DRAWN * above.size
            sure = drawn and (broken or depth == stored) and not (signed and breaks(words, depth, signed))
            return depth if sure else None
        broken = broken or (step is not None and step > _BROKEN)
    return width if broken else None


def _step(words: NDArray[np.uint16], changing: NDArray[np.uint16], bits: int, signed: bool) -> float | None:
    """Return the median step, 0..1 of the range of so many bits, between neighbours where some others change.

    None where they do not change.
    """
    low = ((words & ((1 << bits) - 1)) ^ ((1 << (bits - 1)) if signed else 0)).astype(np.int32)
    steps = [np.abs(np.diff(low, axis=axis))[np.diff(changing, axis=axis) != 0] for axis in (0, 1)]
    found = np.concatenate(steps)
    return float(np.median(found)) / (1 << bits) if found.size else None


def _surplus(values: NDArray[Any], dataset: Dataset) -> NDArray[np.uint16]:
    """Return the bits of each value above those stored, none where they only repeat its sign."""
    stored, signed = int(dataset.BitsStored), int(dataset.PixelRepresentation) == 1
    words = _words(values)
    if stored >= 16 or (not signed and int(words.max()) >> stored == 0):
        return np.zeros(1, np.uint16)
    return _above(words, stored, signed)


def _above(words: NDArray[np.uint16], bits: int, signed: bool) -> NDArray[np.uint16]:
    """Return the bits of each value above these; 0 where they only repeat its sign.

    Some machines repeat it up to the top, and some leave the bits above clear: whichever explains more.
    """
    above = words >> np.uint16(bits)
    if not signed or not above.any():
        return above
    cells = (words.astype(np.int16).astype(np.int32) + (1 << (bits - 1))) >> bits
    fewer = np.count_nonzero(cells) < np.count_nonzero(above)
    return cells.astype(np.uint16) if fewer else above


def _is_overlay(values: NDArray[Any], shift: int) -> bool:
    """Return whether the bits below a picture are empty, or change so seldom that they are drawn there."""
    low = _words(values) & np.uint16((1 << shift) - 1)
    if not low.any():
        return True
    differ = np.diff(values, axis=1) != 0
    return bool(differ.any() and (np.diff(low, axis=1) == 0)[differ].mean() > _STILL)


def _check_colour(dataset: Dataset, values: NDArray[Any]) -> None:
    if values.itemsize > 1 and int(values.max()) >> int(dataset.BitsStored):
        raise UnreadableImageError(_reason(dataset, values))


def _words(values: NDArray[Any]) -> NDArray[np.uint16]:
    return values.astype(np.uint16, copy=False)


def _reason(dataset: Dataset, values: NDArray[Any]) -> Reason:
    return Reason.of(
        ReasonCode.BITS_STORED,
        bits_stored=dataset.BitsStored,
        high_bit=dataset.HighBit,
        lowest=values.min(),
        highest=values.max(),
    )
