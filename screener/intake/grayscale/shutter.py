"""The display shutter of a header (PS3.3 C.7.6.11): what lies outside is not to be seen."""

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from screener.domain import ByteImage
from screener.intake.dicom.header import text

_EDGES = (  # rows and columns are counted from 1, the edges are within
    "ShutterUpperHorizontalEdge",
    "ShutterLowerHorizontalEdge",
    "ShutterLeftVerticalEdge",
    "ShutterRightVerticalEdge",
)
_LEAST = 0.05  # of the radiograph: a shutter that leaves less was written for another one


def open_field(dataset: Dataset, rows: int, columns: int) -> ByteImage | None:
    """Return 1 where the shutters leave a picture open, else 0, shape (rows, columns); None without one.

    rows, columns: of the radiograph as it was read, which may be smaller than the one whose edges are given.
    Several shapes leave open what lies within all of them. One whose numbers make no sense is passed over.
    """
    said = text(dataset, "ShutterShape").upper()
    if not said:
        return None
    field = np.ones((int(dataset.Rows), int(dataset.Columns)), dtype=np.uint8)
    shapes = {"RECTANGULAR": _rectangle, "CIRCULAR": _circle, "POLYGONAL": _polygon}
    for shape in said.split("\\"):
        if draw := shapes.get(shape.strip()):
            try:
                within = draw(dataset, np.zeros_like(field))
            except (OverflowError, TypeError, ValueError):
                continue
            if within.mean() >= _LEAST:
                field &= within
    if field.all() or field.mean() < _LEAST:
        return None
    return np.asarray(cv2.resize(field, (columns, rows), interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def bounds(field: ByteImage) -> tuple[slice, slice]:
    """Return the smallest rectangle of rows and columns around what is open."""
    rows, columns = np.flatnonzero(field.any(axis=1)), np.flatnonzero(field.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _rectangle(dataset: Dataset, field: ByteImage) -> ByteImage:
    (upper,), (lower,), (left,), (right,) = (_numbers(dataset, keyword) for keyword in _EDGES)
    field[max(upper - 1, 0) : max(lower, 0), max(left - 1, 0) : max(right, 0)] = 1
    return field


def _circle(dataset: Dataset, field: ByteImage) -> ByteImage:
    row, column = _numbers(dataset, "CenterOfCircularShutter")
    (radius,) = _numbers(dataset, "RadiusOfCircularShutter")
    y, x = np.ogrid[1 : field.shape[0] + 1, 1 : field.shape[1] + 1]
    return np.asarray((y - row) ** 2 + (x - column) ** 2 <= radius**2, dtype=np.uint8)


def _polygon(dataset: Dataset, field: ByteImage) -> ByteImage:
    corners: NDArray[np.int32] = np.array(_numbers(dataset, "VerticesOfThePolygonalShutter"), np.int32)
    if corners.size < 6 or corners.size % 2:
        raise ValueError("no polygon")
    points = corners.reshape(-1, 2)[:, ::-1] - 1  # given as row and column
    return np.asarray(cv2.fillPoly(field, [points], color=(1,)), dtype=np.uint8)


def _numbers(dataset: Dataset, keyword: str) -> list[int]:
    value = dataset.get(keyword)  # not as text, which is cut off: a polygon may have many corners
    return [int(each) for each in np.atleast_1d(np.asarray(value, dtype=np.float64))]
