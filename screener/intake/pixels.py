"""Stored values to the grey levels a radiologist would see (PS3.3 C.11): one table, one look-up."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import RLELossless

from screener.domain import ByteImage
from screener.errors import IneligibleImageError, UnreadableImageError
from screener.intake.bounded import MAX_PIXELS
from screener.intake.decoders import stored_values
from screener.intake.derived import shows_colour
from screener.intake.header import text
from screener.intake.levels import Counts, Values, count_values, percentile, unwindowed_range
from screener.intake.lookup import looked_up
from screener.intake.raster import refuse_truncated
from screener.intake.reduced import reduced_values
from screener.intake.tables import FloatArray, brightness, modality_values, names_window
from screener.resolution import halved, halvings

MAX_BITS = 16

_WORKING_BYTES = 8  # for each pixel: JPEG 2000 keeps two planes of 32 bits
_UNDEFINED_LENGTH = 0xFFFFFFFF
_LEAST_CONTRAST = 0.04  # of the display range, between the 1st and the 99th percentile of the film
_MOST_AT_ONE_END = 0.95  # of the film, at which a window shows nothing but black, or nothing but white

WINDOW_REPLACED = "window replaced"
INVERTED_BY_SHAPE = "inverted by Presentation LUT Shape"


@dataclass(frozen=True, slots=True)
class Displayed:
    """A film as a radiologist would see it, and what had to be decided to show it so.

    pixels: uint8, shape (rows, columns), air dark, bone bright. notes: for the worklist. coloured: whether
    it was stored with real colour somewhere, not only as three equal greys.
    """

    pixels: ByteImage
    notes: tuple[str, ...] = ()
    coloured: bool = False


def display(dataset: Dataset, read_size: int | None = None) -> Displayed:
    """Return the film's grey levels: the same ones, whoever stored it and however.

    read_size: pixels of the short side that are enough, see resolution.py; None for all.

    Raises:
        UnreadableImageError: The pixels cannot be decoded.
        IneligibleImageError: They are of a kind that no radiograph has.
    """
    refuse_truncated()
    try:
        _check_layout(dataset)
        times = halvings(int(dataset.Rows), int(dataset.Columns), read_size)
        with warnings.catch_warnings(action="ignore"):  # they can quote values, which no log may hold
            return _shown(dataset, times)
    except (UnreadableImageError, IneligibleImageError):
        raise
    except Exception as error:  # decoders fed arbitrary bytes may raise anything
        raise UnreadableImageError(_in_words(dataset, error)) from error


def _shown(dataset: Dataset, times: int) -> Displayed:
    """Return the film, its sides halved so often: as stored where the order of values is that of greys."""
    if int(dataset.SamplesPerPixel) == 1 and text(dataset, "PhotometricInterpretation") != "PALETTE COLOR":
        scale = _scale_of(dataset)
        if times and scale.keeps_order():
            smaller = reduced_values(dataset, times)
            if smaller is not None:
                return _grey(dataset, scale, _values(dataset, scale, smaller))
            return _grey(dataset, scale, halved(_values(dataset, scale, stored_values(dataset)), times))
        shown = _grey(dataset, scale, _values(dataset, scale, stored_values(dataset)))
    else:
        shown = _captured(_colours(dataset, stored_values(dataset)))
    return replace(shown, pixels=halved(shown.pixels, times))


def _colours(dataset: Dataset, stored: NDArray[Any]) -> NDArray[np.uint8]:
    if stored.ndim == 3:
        return _eight_bits(stored, int(dataset.BitsStored))
    return _eight_bits(apply_color_lut(stored, dataset), 16)


def _captured(colour: NDArray[np.uint8]) -> Displayed:
    return Displayed(_luma(colour), coloured=shows_colour(colour))


@dataclass(frozen=True, slots=True)
class _Scale:
    """What the header says that each possible value means, from the lowest on.

    table: brightness, 0..1, of each; None where the header has no usable window. padding: which values only
    fill the frame.
    """

    bits: int
    signed: bool
    modality: FloatArray
    table: FloatArray | None
    padding: NDArray[np.bool_]
    inverted: bool

    def shades(self, table: FloatArray) -> FloatArray:
        """Return the grey level, 0..255, of each value."""
        shades = 255 * (1 - table if self.inverted else table)
        shades[self.padding] = 0
        return np.asarray(shades)

    def keeps_order(self) -> bool:
        """Return whether greys rise, or fall, with the values: only then may values be averaged."""
        low, high = self.modality.min(), self.modality.max()
        ramp = (self.modality - low) / max(high - low, 1e-9)  # what percentiles may come to
        steps = [np.diff(self.shades(each)) for each in (ramp, self.table) if each is not None]
        return all((step >= 0).all() or (step <= 0).all() for step in steps)


def _scale_of(dataset: Dataset) -> _Scale:
    bits, signed = int(dataset.BitsStored), int(dataset.PixelRepresentation) == 1
    lowest = -(1 << (bits - 1)) if signed else 0
    modality = modality_values(dataset, np.arange(lowest, lowest + (1 << bits), dtype=np.int64))
    padding = _padding(dataset, lowest, modality.size)
    return _Scale(bits, signed, modality, brightness(dataset, modality), padding, _shown_inverted(dataset))


def _values(dataset: Dataset, scale: _Scale, stored: NDArray[Any]) -> Values:
    return _offset_binary(_low_bits(dataset, stored), scale.bits, scale.signed)


def _grey(dataset: Dataset, scale: _Scale, values: Values) -> Displayed:
    notes, table = [], scale.table
    if table is None or not _shows_something(table, count_values(values, table.size), scale.padding):
        table = _without_window(values, scale.modality, scale.padding)
        if names_window(dataset):
            notes.append(WINDOW_REPLACED)
    if scale.inverted and text(dataset, "PhotometricInterpretation") != "MONOCHROME1":
        notes.append(INVERTED_BY_SHAPE)
    return Displayed(looked_up(scale.shades(table), values), tuple(notes))


def _shown_inverted(dataset: Dataset) -> bool:
    """Return whether low values are bright: MONOCHROME1 and INVERSE say the same thing, once."""
    return (
        text(dataset, "PhotometricInterpretation") == "MONOCHROME1"
        or text(dataset, "PresentationLUTShape").upper() == "INVERSE"
    )


def _shows_something(table: FloatArray, counts: Counts, padding: NDArray[np.bool_]) -> bool:
    """Return whether a window lies on the film's values: off them, all is black, or all is white."""
    film = np.where(padding, 0, counts) if counts[~padding].any() else counts
    at_ends = max(film[table == end].sum() for end in (0, 1))
    shown = np.sort(table[[percentile(film, 1), percentile(film, 99)]])
    return bool(at_ends <= _MOST_AT_ONE_END * film.sum() and shown[1] - shown[0] >= _LEAST_CONTRAST)


def _without_window(values: Values, modality: FloatArray, padding: NDArray[np.bool_]) -> FloatArray:
    """Return the brightness, 0..1, of each value, between percentiles of the film."""
    low, high = unwindowed_range(values, modality.size, padding)
    start, stop = sorted((modality[low], modality[high]))  # a negative slope turns dark into bright
    if start == stop:
        return np.zeros(modality.size)
    return np.asarray(np.clip((modality - start) / (stop - start), 0, 1))


def _padding(dataset: Dataset, lowest: int, size: int) -> NDArray[np.bool_]:
    """Return which values only fill the frame (PS3.3 C.7.5.1.1.2): black, and no part of the film."""
    padding = np.zeros(size, dtype=np.bool_)
    value, limit = dataset.get("PixelPaddingValue"), dataset.get("PixelPaddingRangeLimit")
    if isinstance(value, int):
        low, high = sorted((value, limit if isinstance(limit, int) else value))
        padding[max(low - lowest, 0) : max(high - lowest + 1, 0)] = True
    return padding


def _low_bits(dataset: Dataset, stored: NDArray[Any]) -> NDArray[Any]:
    """Return the values moved down to bit 0, where a native stream stores them higher (PS3.5 8.1.1)."""
    syntax = dataset.file_meta.TransferSyntaxUID
    shift = int(dataset.get("HighBit", dataset.BitsStored - 1)) + 1 - int(dataset.BitsStored)
    fits = shift > 0 and int(dataset.HighBit) < int(dataset.BitsAllocated)
    if fits and (not syntax.is_compressed or syntax == RLELossless):
        return stored >> shift
    return stored


def _offset_binary(stored: NDArray[Any], bits: int, signed: bool) -> Values:
    """Return uint16 that counts from the lowest possible value, of the used bits alone.

    Older scanners keep overlays in the unused ones (PS3.5 8.1.2).
    """
    words = stored.astype(np.uint16, copy=False)
    highest = np.uint16((1 << bits) - 1)
    masked = words if words.max() <= highest else words & highest
    return masked ^ np.uint16(1 << (bits - 1)) if signed else masked


def _check_layout(dataset: Dataset) -> None:
    allocated, rows, columns = (int(dataset[key].value) for key in ("BitsAllocated", "Rows", "Columns"))
    if allocated > MAX_BITS:
        raise IneligibleImageError(
            f"Bits Allocated (0028,0100) is {allocated}: radiographs have up to {MAX_BITS}"
        )
    _check_length(dataset)
    if rows * columns > MAX_PIXELS:
        raise UnreadableImageError(
            f"the header claims {columns} × {rows} pixels: too large to be a radiograph"
        )


def _check_length(dataset: Dataset) -> None:
    """Refuse a file that ends within its pixels, whatever Rows and Columns make of what is left."""
    held = dataset.get_item("PixelData")
    claimed = getattr(held, "length", _UNDEFINED_LENGTH)  # parsed, and not yet converted
    if claimed != _UNDEFINED_LENGTH and held is not None and len(held.value or b"") + 1 < claimed:
        raise UnreadableImageError("the pixels are truncated: Pixel Data (7FE0,0010) is longer than the file")


def _luma(colour: NDArray[np.uint8]) -> ByteImage:
    """Return the brightness of an RGB capture, ITU-R BT.601."""
    weighed = colour.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return np.asarray(np.clip(np.round(weighed), 0, 255), dtype=np.uint8)


def _eight_bits(colour: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Return the upper 8 of the bits stored."""
    return (colour >> max(bits - 8, 0) if colour.itemsize > 1 else colour).astype(np.uint8)


def _short_of_memory(dataset: Dataset) -> bool:
    """Return whether a decoder that only says that it failed had too little room to work in."""
    try:
        np.empty(_WORKING_BYTES * int(dataset.Rows) * int(dataset.Columns), dtype=np.uint8)
    except MemoryError:
        return True
    except Exception:  # noqa: BLE001  # a header that does not even say how large
        return False
    return False


def _in_words(dataset: Dataset, error: Exception) -> str:
    if isinstance(error, MemoryError) or _short_of_memory(dataset):
        return "the pixels cannot be decoded: they need more memory than a worker may use"
    if "more frames than" in str(error):
        return "the pixels cannot be decoded: there are more of them than the header says"
    if isinstance(error, (KeyError, AttributeError)):
        return "the pixels cannot be decoded: the header lacks an attribute that describes them"
    meta = getattr(dataset, "file_meta", None)
    syntax = getattr(meta, "TransferSyntaxUID", None)
    name = getattr(syntax, "name", "") or "unknown transfer syntax"
    if isinstance(error, NotImplementedError):
        return f"the pixels cannot be decoded: no decoder here reads {name}; see 'screener doctor'"
    return f"the pixels cannot be decoded ({name}): the stream is truncated or damaged"
