"""Stored values to the grey levels a radiologist would see (PS3.3 C.11): one table, one look-up."""

import warnings
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian

from screener.domain import ByteImage
from screener.errors import IneligibleImageError, UnreadableImageError
from screener.intake.decode.depth import high_bit_shift
from screener.intake.decode.dispatch import stored_values
from screener.intake.decode.fit import fit_to_stream
from screener.intake.decode.length import fit_to_length
from screener.intake.decode.palette import through_palette
from screener.intake.decode.reduced import reduced_values
from screener.intake.dicom.derived import shows_colour
from screener.intake.dicom.described import fit_stored, photometric_interpretation
from screener.intake.dicom.header import text
from screener.intake.dicom.layout import check_layout, check_length, why_not_decoded
from screener.intake.dicom.tidy import tidied
from screener.intake.grayscale.apply_lut import looked_up
from screener.intake.grayscale.auto_window import Counts, Values, count_values, percentile, unwindowed_range
from screener.intake.grayscale.geometry import Geometry, geometry_of
from screener.intake.grayscale.luts import FloatArray, brightness, modality_values, names_window
from screener.intake.grayscale.shutter import bounds, open_field
from screener.intake.raster import refuse_truncated
from screener.note_codes import Note, NoteCode
from screener.preprocessing.resolution import halvings
from screener.sampling import Sampling

_LEAST_CONTRAST = 0.04  # of the display range, between the 1st and the 99th percentile of the radiograph
_MOST_AT_ONE_END = 0.95  # of the radiograph, at which a window shows nothing but black, or nothing but white


@dataclass(frozen=True, slots=True)
class Displayed:
    """A radiograph as a radiologist would see it, and what had to be decided to show it so.

    pixels: uint8, shape (rows, columns), air dark, bone bright. notes: for the worklist. coloured: whether
    it was stored with real colour somewhere, not only as three equal greys. sampling: as of Radiograph.
    """

    pixels: ByteImage
    notes: tuple[Note, ...] = ()
    coloured: bool = False
    sampling: Sampling | None = None

    def turned(self, geometry: Geometry) -> Self:
        """Return the image turned and drawn out as it is to be shown."""
        sampling = geometry.sampling(self.sampling) if self.sampling else None
        pixels, notes = geometry.applied(self.pixels), self.notes + geometry.notes
        return replace(self, pixels=pixels, notes=notes, sampling=sampling)


def display(dataset: Dataset, read_size: int | None = None) -> Displayed:
    """Return the radiograph's grey levels: the same ones, whoever stored it and however.

    read_size: pixels of the short side that are enough, see preprocessing/resolution.py; None for all.

    Raises:
        UnreadableImageError: The pixels cannot be decoded.
        IneligibleImageError: They are of a kind that no radiograph has.
    """
    refuse_truncated()
    try:
        check_length(dataset)
        said = photometric_interpretation(dataset)
        dataset = tidied(dataset)
        fit_to_stream(dataset)
        fit_to_length(dataset)
        fit_stored(dataset)
        check_layout(dataset)
        with warnings.catch_warnings(action="ignore"):  # they can quote values, which no log may hold
            geometry = geometry_of(dataset)
            enough = read_size if geometry.aspect == 1 else None  # drawn out, samples would lie elsewhere
            times = halvings(int(dataset.Rows), int(dataset.Columns), enough)
            return _shown(dataset, times, said).turned(geometry)
    except (UnreadableImageError, IneligibleImageError):
        raise
    except Exception as error:  # decoders fed arbitrary bytes may raise anything
        raise UnreadableImageError(why_not_decoded(dataset, error)) from error


def _shown(dataset: Dataset, times: int, said: str) -> Displayed:
    """Return the image, its sides halved so often; whole where its codec or the order of greys forbids it.

    said: Photometric Interpretation of the header, which may not be that of the stream.
    """
    if int(dataset.SamplesPerPixel) != 1 or text(dataset, "PhotometricInterpretation") == "PALETTE COLOR":
        return _captured(dataset, _colours(dataset, stored_values(dataset)), said)
    scale = _scale_of(dataset)
    shuttered = "ShutterShape" in dataset  # its edges are those of the image as it is stored
    if shuttered or not scale.keeps_order():
        times = 0
    smaller = reduced_values(dataset, times) if times else None
    stored = stored_values(dataset) if smaller is None else smaller.values
    if int(dataset.BitsStored) != scale.bits:  # the values were deeper: once more, with what is known now
        return _shown(dataset, times, said)
    values = _values(dataset, scale, stored)
    if smaller is None:
        return _grey(dataset, scale, values)
    sampling = Sampling.of((int(dataset.Rows), int(dataset.Columns)), times, smaller.low_pass)
    return replace(_grey(dataset, scale, values), sampling=sampling)


def _colours(dataset: Dataset, stored: NDArray[Any]) -> NDArray[np.uint8]:
    if stored.ndim == 3:
        return _eight_bits(stored, int(dataset.BitsStored))
    return through_palette(dataset, stored, dataset.file_meta.TransferSyntaxUID != ExplicitVRBigEndian)


def _captured(dataset: Dataset, colour: NDArray[np.uint8], said: str) -> Displayed:
    """Return the luma of a capture; as grey values to be windowed where the header says that it is grey."""
    luma, coloured = _luma(colour), shows_colour(colour)
    if said.startswith("MONOCHROME"):
        dataset.PhotometricInterpretation, dataset.PixelRepresentation = said, 0
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
        scale = _scale_of(dataset)
        return replace(_grey(dataset, scale, _values(dataset, scale, luma)), coloured=coloured)
    field = open_field(dataset, *luma.shape)
    return Displayed(luma if field is None else luma * field, coloured=coloured)


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
    shift = high_bit_shift(dataset)
    return _offset_binary(stored >> shift if shift else stored, scale.bits, scale.signed)


def _grey(dataset: Dataset, scale: _Scale, values: Values) -> Displayed:
    notes, table = [], scale.table
    field = open_field(dataset, *values.shape)
    seen = values if field is None else np.ascontiguousarray(values[bounds(field)])
    counts = count_values(seen, scale.modality.size)
    if table is None or not _shows_something(table, counts, scale.padding):
        table = brightness(
            dataset, scale.modality, lambda look: _shows_something(look, counts, scale.padding)
        )
    if table is None:
        table = _without_window(seen, scale.modality, scale.padding)
        if names_window(dataset):
            notes.append(Note(NoteCode.WINDOW_REPLACED))
    if scale.inverted and text(dataset, "PhotometricInterpretation") != "MONOCHROME1":
        notes.append(Note(NoteCode.INVERTED_BY_SHAPE))
    grey = looked_up(scale.shades(table), values)
    return Displayed(grey if field is None else grey * field, tuple(notes))


def _shown_inverted(dataset: Dataset) -> bool:
    """Return whether low values are bright: MONOCHROME1 and INVERSE say the same thing, once."""
    return (
        text(dataset, "PhotometricInterpretation") == "MONOCHROME1"
        or text(dataset, "PresentationLUTShape").upper() == "INVERSE"
    )


def _shows_something(table: FloatArray, counts: Counts, padding: NDArray[np.bool_]) -> bool:
    """Return whether a window lies on the radiograph's values: off them, all is black, or all is white."""
    inside = np.where(padding, 0, counts) if counts[~padding].any() else counts
    at_ends = max(inside[table == end].sum() for end in (0, 1))
    shown = np.sort(table[[percentile(inside, 1), percentile(inside, 99)]])
    return bool(at_ends <= _MOST_AT_ONE_END * inside.sum() and shown[1] - shown[0] >= _LEAST_CONTRAST)


def _without_window(values: Values, modality: FloatArray, padding: NDArray[np.bool_]) -> FloatArray:
    """Return the brightness, 0..1, of each value, between percentiles of the radiograph."""
    low, high = unwindowed_range(values, modality.size, padding)
    start, stop = sorted((modality[low], modality[high]))  # a negative slope turns dark into bright
    if start == stop:
        return np.zeros(modality.size)
    return np.asarray(np.clip((modality - start) / (stop - start), 0, 1))


def _padding(dataset: Dataset, lowest: int, size: int) -> NDArray[np.bool_]:
    """Return which values only fill the frame (PS3.3 C.7.5.1.1.2): black, and no part of the radiograph."""
    padding = np.zeros(size, dtype=np.bool_)
    value, limit = dataset.get("PixelPaddingValue"), dataset.get("PixelPaddingRangeLimit")
    if isinstance(value, int):
        low, high = sorted((value, limit if isinstance(limit, int) else value))
        padding[max(low - lowest, 0) : max(high - lowest + 1, 0)] = True
    return padding


def _offset_binary(stored: NDArray[Any], bits: int, signed: bool) -> Values:
    """Return uint16 that counts from the lowest possible value, of the used bits alone.

    Older scanners keep overlays in the unused ones (PS3.5 8.1.2).
    """
    words = stored.astype(np.uint16, copy=False)
    highest = np.uint16((1 << bits) - 1)
    masked = words if words.max() <= highest else words & highest
    return masked ^ np.uint16(1 << (bits - 1)) if signed else masked


def _luma(colour: NDArray[np.uint8]) -> ByteImage:
    """Return the brightness of an RGB capture, ITU-R BT.601."""
    weighed = colour.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return np.asarray(np.clip(np.round(weighed), 0, 255), dtype=np.uint8)


def _eight_bits(colour: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Return the upper 8 of the bits stored."""
    return (colour >> max(bits - 8, 0) if colour.itemsize > 1 else colour).astype(np.uint8)
