"""Palette colour to RGB (PS3.3 C.7.6.3.1.5, C.7.9.2), in every byte order and depth of entries."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import DataElement, Dataset
from pydicom.pixels.processing import apply_color_lut

from screener.intake.grayscale.lut_item import look_up_table

_COLOURS = ("Red", "Green", "Blue")


def through_palette(dataset: Dataset, indices: NDArray[Any], little_endian: bool) -> NDArray[np.uint8]:
    """Return the colours, uint8, of palette indices; shape (rows, columns, 3).

    Not pydicom's apply_color_lut: in 3.0.2 it takes no notice of the byte order, and its index wraps at 256
    where the entries have 8 bits. Segmented palettes it reads as they should be.

    Raises:
        ValueError: There is no palette. KeyError, AttributeError: A part of it is missing.
    """
    if "SegmentedRedPaletteColorLookupTableData" in dataset:
        colours = apply_color_lut(indices, dataset)[..., :3]
        return np.asarray(colours >> 8 if colours.itemsize > 1 else colours, dtype=np.uint8)
    values = indices.astype(np.int64)
    tables = [look_up_table(_item(dataset, colour), little_endian) for colour in _COLOURS]
    surplus = max(table.bits for table in tables) - 8
    channels = [table.looked_up(values).astype(np.int64) >> surplus for table in tables]
    return np.stack(channels, axis=-1).astype(np.uint8)


def _item(dataset: Dataset, colour: str) -> Dataset:
    """Return one colour's table as an item of a LUT sequence, which it is but for its keywords."""
    item = Dataset()
    for part in ("Descriptor", "Data"):
        element = dataset[f"{colour}PaletteColorLookupTable{part}"]
        item.add(DataElement(f"LUT{part}", element.VR, element.value))
    return item
