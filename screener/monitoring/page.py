"""The page: what moved in sentences, then a picture of each figure; one file, no script, nothing loaded."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from screener.monitoring.charts import Chart
from screener.monitoring.draw import HEIGHT, LEFT, RIGHT, TOP, WIDTH, MixPicture, draw, draw_mix
from screener.monitoring.images import Images
from screener.monitoring.moved import Moved
from screener.monitoring.watch import MIXES, SHARES
from screener.monitoring.words import ABOUT, TITLES, sentence
from screener.options import ReportLook
from screener.outputs.atomic import text_written_whole
from screener.outputs.messages import load_messages
from screener.outputs.templating import template_environment, template_folders

TEMPLATE = "monitor.html.j2"
_ORDER = tuple(TITLES)


@dataclass(frozen=True, slots=True)
class Shown:
    """A chart with what moved in it."""

    chart: Chart
    moves: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows.

    baseline: its first and last day. expected: share flagged, None if not known.
    """

    ledger: str
    baseline: tuple[date, date]
    shown: tuple[Shown, ...]
    images: Images
    expected: float | None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What moved and has not come back, the last first."""
        lasting = [each for shown in self.shown for each in shown.moves if each.ended is None]
        return tuple(sentence(each) for each in sorted(lasting, key=lambda each: each.since, reverse=True))

    @property
    def past(self) -> tuple[str, ...]:
        """What moved and came back."""
        over = [each for shown in self.shown for each in shown.moves if each.ended is not None]
        return tuple(sentence(each) for each in sorted(over, key=lambda each: each.since, reverse=True))


def write_page(page: Page, out: Path) -> None:
    """Write the page; raises as text_written_whole does."""
    folders = template_folders(ReportLook())
    template = template_environment(folders, load_messages(folders)).get_template(TEMPLATE)
    days = page.images.days()
    with text_written_whole(out) as file:
        file.write(
            template.render(
                page=page,
                first=date.fromordinal(int(days[0])),
                last=date.fromordinal(int(days[-1])),
                nights=len(days),
                charts=[_chart(page, each) for each in sorted(page.shown, key=_place)],
                size={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT, "top": TOP},
            )
        )


def _chart(page: Page, shown: Shown) -> dict[str, Any]:
    chart = shown.chart
    ends = page.baseline[1].toordinal() + 1
    told = chart.name in SHARES or chart.name == "agreement"
    drawable = bool(np.isfinite(chart.value).any() and np.isfinite(chart.smooth).any())
    expected = page.expected if chart.name == "flagged" else None
    return {
        "title": TITLES[chart.name],
        "about": ABOUT[chart.name],
        "picture": draw(chart, ends, share=told, expected=expected) if drawable else None,
        "mix": _mix(page, chart.name) if drawable else None,
        "out": chart.alarm is not None,
        "sentences": [sentence(each) for each in shown.moves],
    }


def _mix(page: Page, name: str) -> MixPicture | None:
    if name not in MIXES:
        return None
    counted = page.images.screened | (name != "view")
    return draw_mix(MIXES[name](page.images), page.images, counted)


def _place(shown: Shown) -> tuple[bool, int]:
    """Return by what charts are ordered: what is out of control comes first."""
    return shown.chart.alarm is None, _ORDER.index(shown.chart.name)
