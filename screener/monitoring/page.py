"""The page: what moved in sentences, then a picture of each figure; one file, no script, nothing loaded."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from screener.monitoring.compare import Comparison, Shown
from screener.monitoring.draw import HEIGHT, LEFT, RIGHT, TOP, WIDTH, MixPicture, draw, draw_mix
from screener.monitoring.watch import MIXES, SHARES
from screener.monitoring.words import ORDER, sentence
from screener.options import ReportLook
from screener.outputs.atomic import text_written_whole
from screener.outputs.messages import Messages, load_messages
from screener.outputs.templating import template_environment, template_folders
from screener.said import ENGLISH

TEMPLATE = "monitor.html.j2"


def write_page(comparison: Comparison, ledger: str, out: Path, language: str = ENGLISH) -> None:
    """Write the page; ledger: its name; raises as text_written_whole does."""
    folders = template_folders(ReportLook())
    messages = load_messages(folders, language)
    template = template_environment(folders, messages).get_template(TEMPLATE)
    days = comparison.images.days()
    period = comparison.baseline.period
    with text_written_whole(out) as file:
        file.write(
            template.render(
                ledger=ledger,
                images=len(comparison.images),
                nights=len(days),
                first=date.fromordinal(int(days[0])),
                last=date.fromordinal(int(days[-1])),
                base=period,
                sentences=[sentence(each, messages) for each in comparison.lasting],
                past=[sentence(each, messages) for each in comparison.past],
                charts=[_chart(comparison, each, messages) for each in sorted(comparison.shown, key=_place)],
                size={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT, "top": TOP},
            )
        )


def _chart(comparison: Comparison, shown: Shown, messages: Messages) -> dict[str, Any]:
    chart = shown.chart
    ends = comparison.baseline.period.last.toordinal() + 1
    told = chart.name in SHARES or chart.name == "agreement"
    drawable = bool(np.isfinite(chart.value).any() and np.isfinite(chart.smooth).any())
    expected = comparison.expected if chart.name == "flagged" else None
    return {
        "title": messages.plain(f"monitor_title.{chart.name}"),
        "about": messages.plain(f"monitor_about.{chart.name}"),
        "picture": draw(chart, ends, messages, share=told, expected=expected) if drawable else None,
        "mix": _mix(comparison, chart.name, messages) if drawable else None,
        "out": chart.alarm is not None,
        "sentences": [sentence(each, messages) for each in shown.moves],
    }


def _mix(comparison: Comparison, name: str, messages: Messages) -> MixPicture | None:
    if name not in MIXES:
        return None
    counted = comparison.images.screened | (name != "view")
    return draw_mix(MIXES[name](comparison.images), comparison.images, counted, messages)


def _place(shown: Shown) -> tuple[bool, int]:
    """Return by what charts are ordered: what is out of control comes first."""
    return shown.chart.alarm is None, ORDER.index(shown.chart.name)
