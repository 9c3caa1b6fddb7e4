"""What all plots share: one style, and a curve with operating points on it.

Colours are Okabe & Ito's, which colour-blind readers tell apart; shapes differ as well.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from screener.evaluation.estimates import Estimate
from screener.evaluation.intervals import FloatArray

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#767676"
_MARKS = ((ORANGE, "o"), (GREEN, "s"), (PURPLE, "D"), (GREY, "^"))
_WIDEST_CORNER = 0.3  # beyond it, magnifying the corner shows nothing new
_STYLE: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture on every machine
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#444444",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "legend.frameon": False,
    "legend.fontsize": 9,
    "savefig.dpi": 200,
}


@dataclass(frozen=True, slots=True)
class PlottedPoint:
    """Where an operating point lies on a plot; hollow: drawn as an outline.

    mark: which colour and shape, counted from 0; None: the next.
    """

    label: str
    x: Estimate
    y: Estimate
    hollow: bool = False
    mark: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A curve in the unit square whose best corner is (corner, 1), with its operating points.

    x, y: 0..1, shape (points,), joined by straight lines; steps=True holds y until the next x.
    """

    x: FloatArray
    y: FloatArray
    label: str
    corner: int
    points: tuple[PlottedPoint, ...]
    steps: bool = False


@contextmanager
def drawn(path: Path, width: float, height: float) -> Iterator[Figure]:
    """Give an empty figure, in inches, and write it when the block ends: as SVG by its name, else as PNG.

    Draws without pyplot, so that a figure drawn elsewhere never changes.
    """
    with rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        figure.savefig(path, format="svg" if path.suffix.lower() == ".svg" else "png")


def draw_curve(axes: Axes, curve: Curve) -> None:
    """Draw a curve, and its corner once more, magnified, where all operating points crowd in it."""
    _draw_once(axes, curve)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    side = _corner_side(curve)
    if side > _WIDEST_CORNER:
        return
    left = 0.08 if curve.corner else 0.46
    inset = axes.inset_axes((left, 0.38, 0.48, 0.48))
    _draw_once(inset, curve)
    edge = side / 40  # keeps a curve along the border in sight
    near, far = sorted((curve.corner, abs(curve.corner - side)))
    inset.set(xlim=(near - edge, far + edge), ylim=(1 - side - edge, 1 + edge))
    inset.locator_params(nbins=4)
    inset.tick_params(labelsize=8)
    inset.set_title("magnified", fontsize=8, fontweight="normal", color=GREY, pad=3)
    axes.indicate_inset_zoom(inset, edgecolor=GREY)


def in_words(estimate: Estimate) -> str:
    """Return a figure and its interval, three decimals."""
    if estimate.interval is None:
        return f"{estimate.value:.3f}"
    low, high = estimate.interval
    return f"{estimate.value:.3f} (95 % {low:.3f} to {high:.3f})"


def complement(estimate: Estimate) -> Estimate:
    """Return 1 minus a proportion."""
    if estimate.value is None or estimate.interval is None:
        return Estimate(None if estimate.value is None else 1 - estimate.value)
    low, high = estimate.interval
    return Estimate(1 - estimate.value, (1 - high, 1 - low))


def _draw_once(axes: Axes, curve: Curve) -> None:
    style = "steps-post" if curve.steps else "default"
    axes.plot(curve.x, curve.y, color=BLUE, linewidth=2, drawstyle=style, label=curve.label)
    for i, place in enumerate(curve.points):
        colour, marker = _MARKS[(i if place.mark is None else place.mark) % len(_MARKS)]
        if place.x.value is None or place.y.value is None:
            continue
        axes.errorbar(
            [place.x.value],
            [place.y.value],
            xerr=_bars(place.x),
            yerr=_bars(place.y),
            fmt=marker,
            color=colour,
            markersize=7,
            markerfacecolor="white" if place.hollow else colour,
            markeredgecolor=colour if place.hollow else "white",
            elinewidth=1.2,
            zorder=3,
            label=place.label,
        )


def _bars(estimate: Estimate) -> list[list[float]] | None:
    if estimate.value is None or estimate.interval is None:
        return None
    low, high = estimate.interval
    return [[max(0.0, estimate.value - low)], [max(0.0, high - estimate.value)]]


def _corner_side(curve: Curve) -> float:
    """Return the side of the smallest square in the corner that holds every bar, in steps of 0.05."""
    reach = [1.0] if not curve.points else []
    for place in curve.points:
        for estimate, corner in ((place.x, curve.corner), (place.y, 1)):
            ends = estimate.interval or (estimate.value,)
            reach += [abs(end - corner) for end in ends if end is not None]
    return max(0.05, math.ceil(max(reach, default=1.0) * 1.1 / 0.05) * 0.05)
