"""Waiting times as a picture: mean and longest, of each group, in each order."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes

from screener.evaluation.drawing import BLUE, GREEN, ORANGE, drawn
from screener.simulation.run import Figure, Group, WaitingTime

_STYLE = {Group.PNEUMONIA: (ORANGE, "o"), Group.MISSED: (GREEN, "D"), Group.OTHER: (BLUE, "s")}
_APART = 0.22  # of a row's height, between groups


def plot_waiting(waiting: Sequence[WaitingTime], title: str, path: Path) -> None:
    """Write a picture, PNG or SVG by its name: one row an order, the mean on the left, the longest right."""
    orders = list(dict.fromkeys(each.order for each in waiting))
    with drawn(path, 9.5, 1.9 + 0.62 * len(orders)) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        _draw(left, [(each, each.mean) for each in waiting], orders)
        _draw(right, [(each, each.longest) for each in waiting], orders)
        left.set(title="Mean waiting time", xlabel="minutes")
        right.set(title="Longest waiting time", xlabel="minutes")
        left.set_yticks(range(len(orders)), orders)
        left.set_ylim(len(orders) - 0.4, -0.6)
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=len(Group))
        figure.suptitle(title, fontsize=9, color="#444444")


def _draw(axes: Axes, figures: Sequence[tuple[WaitingTime, Figure]], orders: Sequence[str]) -> None:
    for place, (group, (colour, marker)) in enumerate(_STYLE.items()):
        own = [(each, figure) for each, figure in figures if each.group is group]
        if not own:
            continue
        rows = [orders.index(each.order) + (place - 1) * _APART for each, _ in own]
        values = [figure.value for _, figure in own]
        bars = [
            [figure.value - figure.interval[0] for _, figure in own],
            [figure.interval[1] - figure.value for _, figure in own],
        ]
        axes.errorbar(
            values,
            rows,
            xerr=bars,
            fmt=marker,
            color=colour,
            mec="white",
            ms=7,
            elinewidth=1.5,
            label=group.value,
        )
    axes.set_xlim(left=0)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
