"""Whether a picture without tags has colours, and those of a photograph, as no radiograph has."""

import cv2
import numpy as np
from numpy.typing import NDArray

from screener.domain import Hues

_SIDE = 96  # pixels: enough to see colours, too few for noise and for the colours of single letters
_TINT_TERMS = 4  # of a polynomial in luma: tints of film, paper and screens, and duotones, are smooth
_CLEAR = 12.0  # of 8-bit chroma: more than compression and uneven light change it
_LEAST = 0.1  # of the pixels: more than arrows, letters and a logo cover


def hues_of(colour: NDArray[np.uint8]) -> Hues:
    """Return whether much of a picture is grey, tinted, or in colours that are no tint of its greys.

    A radiograph that was photographed or scanned may be tinted: its chroma then follows from its luma. In a
    photograph of anything else, or below a heat map, pixels of one luma have different hues.

    colour: uint8, shape (rows, columns, 3), red first; luma and chroma are those of ITU-R BT.601.
    """
    rows, columns = colour.shape[:2]
    by = max(1, min(rows, columns) // _SIDE)
    size = (max(1, columns // by), max(1, rows // by))
    small = cv2.resize(colour, size, interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32)
    luma = small @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    chroma = np.stack([(small[:, 2] - luma) * 0.564, (small[:, 0] - luma) * 0.713], axis=1)
    if not _much(chroma):
        return Hues.GREY
    terms = np.vander((luma - 128) / 128, _TINT_TERMS)
    tint = terms @ np.linalg.lstsq(terms, chroma, rcond=None)[0]
    return Hues.MANY if _much(chroma - tint) else Hues.TINT


def hues_of_jpeg(content: bytes) -> Hues:
    """Return hues_of a JPEG in colours, decoded at an eighth of its size; damage is not looked for."""
    decoded = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_REDUCED_COLOR_8)
    return Hues.GREY if decoded is None else hues_of(np.asarray(decoded[..., ::-1], dtype=np.uint8))


def _much(chroma: NDArray[np.floating]) -> bool:
    return float(np.mean(np.linalg.norm(chroma, axis=1) > _CLEAR)) > _LEAST
