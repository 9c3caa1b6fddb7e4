"""What is said of a change: one sentence for each thing that moved, in the words of the catalogue."""

from screener.monitoring.images import UNKNOWN
from screener.monitoring.moved import Moved
from screener.monitoring.watch import MIXES, PICTURE, SHARES
from screener.outputs.figures import Figures
from screener.outputs.messages import Messages

ORDER = (
    "score", "flagged", "picture", "age", "device", "view", "coding", "failed", "ineligible", "replaced",
    "agreement",
)  # fmt: skip


def sentence(moved: Moved, messages: Messages) -> str:
    """Return what moved, when, by how much, and since which machine."""
    noticed = (
        messages.plain("monitor.same_night")
        if moved.nights == 1
        else messages.plain("monitor.on_night", nights=moved.nights)
    )
    parts = [
        messages.plain(
            "monitor.since" if moved.ended is None else "monitor.until",
            what=_what(moved, messages),
            since=Figures(messages).full_day(moved.since),
            ended="" if moved.ended is None else Figures(messages).full_day(moved.ended),
            noticed=noticed,
            figures=_figures(moved, messages),
        )
    ]
    if moved.device == UNKNOWN:
        parts.append(messages.plain("monitor.device_unnamed"))
    elif moved.device:
        key = "monitor.device_new" if moved.device_is_new else "monitor.device"
        parts.append(messages.plain(key, device=moved.device))
    if moved.model:
        parts.append(messages.plain("monitor.model", model=moved.model))
    return " ".join(parts)


def shown(word: str, messages: Messages) -> str:
    """Return a word of a mix as people know it: a transfer syntax by its name."""
    if word == UNKNOWN:
        return messages.plain("monitor.unknown")
    key = f"monitor_syntax.{word}"
    return messages.plain(key) if key in messages.texts else word


def figure(name: str, value: float, messages: Messages) -> str:
    """Return a chart's figure as it is printed."""
    if name in SHARES or name in ("agreement", "share"):
        return share(value, messages)
    if name == "age":
        return messages.plain("monitor.years", years=f"{value:.0f}")
    return Figures(messages).written(f"{value:.2f}").replace("-", "\N{MINUS SIGN}")


def share(value: float, messages: Messages) -> str:
    """Return a share, 0..1, as charts print it."""
    return messages.plain("monitor.share", number=Figures(messages).written(f"{100 * value:.1f}"))


def _what(moved: Moved, messages: Messages) -> str:
    if moved.chart == PICTURE or moved.chart in MIXES:
        return messages.plain(f"monitor_changed.{moved.chart}")
    return messages.plain(f"monitor_{'up' if moved.up else 'down'}.{moved.chart}")


def _figures(moved: Moved, messages: Messages) -> str:
    if moved.chart == PICTURE:
        return ""
    name = "share" if moved.chart in MIXES else moved.chart
    after, before = (figure(name, each, messages) for each in (moved.after, moved.before))
    if moved.word:
        word = shown(moved.word, messages)
        return messages.plain("monitor.figures_of", word=word, after=after, before=before)
    return messages.plain("monitor.figures", after=after, before=before)
