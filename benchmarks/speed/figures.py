"""Measurements to one table: medians, spread, ratios, and the bounds that guard them. Pure."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SCREENER, NOTEBOOK, TF_DATA, PYDICOM, FLOOR = "screener", "notebook", "tf.data", "pydicom", "floor"


@dataclass(frozen=True, slots=True)
class Sample:
    """One repeat of one contender on one input.

    images: how many were done. seconds: wall time of the steady state. busy: seconds of processor, of the
    whole process tree.
    """

    images: int
    seconds: float
    busy: float

    @property
    def rate(self) -> float:
        """Images per second."""
        return self.images / self.seconds

    @property
    def cost(self) -> float:
        """Milliseconds of processor for one image."""
        return 1000 * self.busy / self.images


@dataclass(frozen=True, slots=True)
class Summary:
    """What the repeats of one contender on one input give.

    rate: images per second, the median; low, high: the slowest and the fastest repeat. cost: milliseconds
    of processor for one image, the least of the repeats: a busy machine only ever adds to it.
    """

    rate: float
    low: float
    high: float
    cost: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table below the rates: what was measured, what it gave, and whether that is the aim.

    name: what bounds.json calls its value. value: the ratio or number that an aim is about. met: None where
    there is no aim.
    """

    name: str
    what: str
    value: float
    said: str
    aim: str = ""
    met: bool | None = None


def summarise(samples: Sequence[Sample]) -> Summary:
    """Return median, spread and least cost of repeats."""
    rates = [sample.rate for sample in samples]
    return Summary(statistics.median(rates), min(rates), max(rates), min(sample.cost for sample in samples))


def floor_of(decode: Sample, inference: Sample, cores: int) -> Sample:
    """Return what nothing can beat: decoding and inference alone, spread over all cores without a gap.

    decode, inference: seconds of wall time with every core at it.
    """
    core_seconds = cores * (decode.seconds / decode.images + inference.seconds / inference.images)
    busy = decode.busy / decode.images + inference.busy / inference.images
    return Sample(decode.images, decode.images * core_seconds / cores, decode.images * busy)


def rate_table(results: Mapping[str, Mapping[str, Summary]]) -> list[list[str]]:
    """Return the table's cells, header first: for each input each contender, and Screener against it."""
    rows = [["input", "", "images/s", "spread", "ms of a core", "Screener is"]]
    for name, contenders in results.items():
        for number, (contender, summary) in enumerate(contenders.items()):
            rows.append(
                [
                    name if not number else "",
                    contender,
                    f"{summary.rate:.1f}",
                    f"{summary.low:.1f}–{summary.high:.1f}",
                    f"{summary.cost:.1f}",
                    against(contenders[SCREENER], contender, summary),
                ]
            )
    return rows


def against(own: Summary, contender: str, other: Summary) -> str:
    """Return in words how Screener compares with another; nothing for itself."""
    if contender == SCREENER:
        return ""
    ratio = own.rate / other.rate
    return f"{ratio:.0%} of it" if contender == FLOOR else f"{ratio:.1f} × as fast"


def figure_table(figures: Iterable[Figure]) -> list[list[str]]:
    """Return the cells of the figures, header first."""
    rows = [["what", "measured", "aim", "met"]]
    for each in figures:
        met = "" if each.met is None else ("yes" if each.met else "NO")
        rows.append([each.what, each.said, each.aim, met])
    return rows


def as_text(rows: Sequence[Sequence[str]]) -> str:
    """Return cells in columns that line up."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return cells as a table of GitHub's Markdown."""
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def breaches(figures: Iterable[Figure], bounds: Mapping[str, float]) -> list[str]:
    """Return in words each figure that lies below its bound, and each bound that nothing measured.

    A bound on what should be small is written as a negative one: '-600' means at most 600.
    """
    values = {each.name: each.value for each in figures}
    said = []
    for name, bound in bounds.items():
        if name not in values:
            said.append(f"{name}: not measured")
        elif bound >= 0 and values[name] < bound:
            said.append(f"{name}: {values[name]:.3g}, at least {bound:g} wanted")
        elif bound < 0 and values[name] > -bound:
            said.append(f"{name}: {values[name]:.3g}, at most {-bound:g} wanted")
    return said
