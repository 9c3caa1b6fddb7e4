"""How many studies at which probability, on a stretched axis: at low prevalence nearly all lie near 0."""

import math
from dataclasses import dataclass

BIN_WIDTH = 0.7  # logits
AXIS = 7.7  # logits to either side of 0.5: 0.0005 to 0.9995; what lies beyond is in the outermost bins
_FARTHEST_MARK = AXIS - BIN_WIDTH  # so that there is room for a bin on both sides of any threshold
TICKS = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999)


@dataclass(frozen=True, slots=True)
class Histogram:
    """Screened studies by probability; no bin holds both flagged and unflagged ones.

    edges: of the bins, rising, in 0..1 of the axis. counts: one fewer. threshold: its place on the axis,
    which is one of the edges.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    threshold: float

    @property
    def flagged(self) -> int:
        """Studies at the threshold or above."""
        return sum(self.counts) - self.not_flagged

    @property
    def not_flagged(self) -> int:
        """Studies below the threshold."""
        below = zip(self.edges, self.counts, strict=False)
        return sum(count for edge, count in below if edge < self.threshold)


class HistogramCount:
    """Counts probabilities one by one, so that any number of studies fits."""

    def __init__(self, threshold: float) -> None:
        """threshold: printed, 0..1; at or above it is flagged."""
        self._threshold = threshold
        self._mark = max(-_FARTHEST_MARK, min(_FARTHEST_MARK, axis_logit(threshold)))
        self._below = math.ceil((self._mark + AXIS) / BIN_WIDTH - 1e-9)
        above = math.ceil((AXIS - self._mark) / BIN_WIDTH - 1e-9)
        self._counts = [0] * (self._below + above)

    def add(self, probability: float) -> None:
        """Count one study; probability: printed, 0..1."""
        place = self._below + math.floor((axis_logit(probability) - self._mark) / BIN_WIDTH)
        # The status is decided by the printed numbers: rounding on the axis never moves a study across.
        low, high = (self._below, len(self._counts)) if probability >= self._threshold else (0, self._below)
        self._counts[max(low, min(place, high - 1))] += 1

    def result(self) -> Histogram:
        """Return what was counted so far."""
        edges = [self._mark + (number - self._below) * BIN_WIDTH for number in range(len(self._counts) + 1)]
        places = tuple(max(0.0, min(1.0, _place(edge))) for edge in edges)
        return Histogram(places, tuple(self._counts), _place(self._mark))


def axis_logit(probability: float) -> float:
    """Return the logit of a probability, at most AXIS from 0."""
    if probability <= 0:
        return -AXIS
    if probability >= 1:
        return AXIS
    return max(-AXIS, min(AXIS, math.log(probability / (1 - probability))))


def axis_ticks() -> tuple[tuple[float, str], ...]:
    """Return (place in 0..1, label) of each mark on the axis."""
    return tuple((_place(axis_logit(tick)), f"{tick:g}") for tick in TICKS)


def _place(logit: float) -> float:
    return (logit + AXIS) / (2 * AXIS)
