"""Where on the image an activation map is strongest, as a code: what a reader who sees no picture is told."""

from enum import StrEnum

from screener.domain import FloatImage


class MapPlace(StrEnum):
    """A ninth of the image, as one looks at it: nobody knows whether the patient's left is on the right."""

    UPPER_LEFT = "upper_left"
    UPPER_MIDDLE = "upper_middle"
    UPPER_RIGHT = "upper_right"
    MIDDLE_LEFT = "middle_left"
    MIDDLE = "middle"
    MIDDLE_RIGHT = "middle_right"
    LOWER_LEFT = "lower_left"
    LOWER_MIDDLE = "lower_middle"
    LOWER_RIGHT = "lower_right"
    NOWHERE = "nowhere"


_NINTHS: tuple[MapPlace, ...] = tuple(MapPlace)[:9]


def map_place(cells: FloatImage) -> MapPlace:
    """Return the ninth that holds the highest cell; NOWHERE where none is above 0.

    cells: logits, of an image stretched to a square; any shape (rows, columns).
    """
    if not cells.max() > 0:
        return MapPlace.NOWHERE
    row, column = divmod(int(cells.argmax()), cells.shape[1])
    return _NINTHS[3 * _third(row, cells.shape[0]) + _third(column, cells.shape[1])]


def _third(at: int, size: int) -> int:
    """Return in which third, 0 to 2, the middle of a cell lies."""
    return (2 * at + 1) * 3 // (2 * size)
