"""Images changed in one respect, to see what a model goes by.

All functions take images as uint8, shape (rows, columns), air dark, of any size, and return new ones; what
is drawn at random comes from the generator given, so that the same seed gives the same bytes.
"""

from screener.training.lungs import lung_fields, lung_masks
from screener.training.opacity import paint_consolidation

from .markers import marker_mask, marker_pasted, markers_erased, markers_moved
from .radiographs import (
    blurred,
    cropped,
    exposure,
    frame_masked,
    frame_swapped,
    gamma,
    jpeg,
    lungs_masked,
)

__all__ = [
    "blurred",
    "cropped",
    "exposure",
    "frame_masked",
    "frame_swapped",
    "gamma",
    "jpeg",
    "lung_fields",
    "lung_masks",
    "lungs_masked",
    "marker_mask",
    "marker_pasted",
    "markers_erased",
    "markers_moved",
    "paint_consolidation",
]
