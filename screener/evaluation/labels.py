"""The two classes of a labelled dataset."""

import numpy as np

from screener.errors import DatasetError
from screener.evaluation.intervals import IntArray
from screener.said import Said, Together, say

CLASS_NAMES = ("NORMAL", "PNEUMONIA")
"""What labels 0 and 1 are called, in folders and in predictions.csv."""


def require_both_classes(labels: IntArray, what: Said) -> None:
    """Check that 0 and 1 both occur.

    labels: 0 or 1, shape (n,). what: needs both, as a sentence begins.

    Raises:
        DatasetError: A class is absent; says which, and what needs it.
    """
    missing = [name for value, name in enumerate(CLASS_NAMES) if not np.any(labels == value)]
    if missing:
        names = Together(tuple(missing), say("evaluation.or"))
        raise DatasetError("evaluation.one_class", what=what, images=len(labels), missing=names)
