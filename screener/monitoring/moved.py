"""What moved, when, and since which machine: an alarm explained by the images behind it."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from screener.monitoring.charts import Alarm, Chart
from screener.monitoring.images import Column, Flags, Floats, Images
from screener.monitoring.watch import MEANS, MIXES, PICTURE, SHARES

_MOST = 0.5  # of a shift: what a machine must have caused to be named
_OF_THE_MODEL = ("score", "flagged", PICTURE)


@dataclass(frozen=True, slots=True)
class Moved:
    """One alarm in full.

    before, after: the figure in the baseline and since; of a mix the share of `word`. device: the machine
    that most of the shift comes from; empty where no single one explains it. device_is_new: it sent nothing
    in the baseline. model: the name and version that came with the shift; empty where it stayed.
    """

    chart: str
    since: date
    noticed: date
    ended: date | None
    nights: int
    up: bool | None
    before: float
    after: float
    word: str = ""
    device: str = ""
    device_is_new: bool = False
    model: str = ""


def moved(chart: Chart, alarm: Alarm, images: Images, baseline: Flags) -> Moved:
    """Return what an alarm of a chart is about; baseline: of the images, which are the baseline."""
    until = len(chart.days) if alarm.ended is None else alarm.ended
    first, last = chart.days[alarm.since], chart.days[until - 1]
    since = (images.day >= first) & (images.day <= last) & ~baseline
    days = [date.fromordinal(int(chart.days[each])) for each in (alarm.since, alarm.noticed)]
    before, after, word, device = _figures(chart.name, images, baseline, since)
    return Moved(
        chart=chart.name,
        since=days[0],
        noticed=days[1],
        ended=None if alarm.ended is None else date.fromordinal(int(chart.days[alarm.ended])),
        nights=alarm.noticed - alarm.since + 1,
        up=after > before if chart.name in MIXES else alarm.up,
        before=before,
        after=after,
        word=word,
        device=device,
        device_is_new=bool(device) and not (baseline & _is(images.device, device)).any(),
        model=_new_model(images, baseline, since, int(chart.days[alarm.noticed]))
        if chart.name in _OF_THE_MODEL
        else "",
    )


def _figures(name: str, images: Images, baseline: Flags, since: Flags) -> tuple[float, float, str, str]:
    """Return the figure before and after, the word of a mix that it is about, and the machine behind it."""
    if name in MIXES:
        return _of_mix(name, images, baseline, since)
    if name == PICTURE:
        parts = _parts(images.summary, images.device, baseline, since)
        return 0.0, float(np.linalg.norm(parts.sum(axis=0))), "", _most(parts, images.device)
    values = (MEANS | SHARES)[name](images)
    parts = _parts(values[:, np.newaxis], images.device, baseline, since)
    return _mean(values[baseline]), _mean(values[since]), "", _most(parts, images.device)


def _of_mix(name: str, images: Images, baseline: Flags, since: Flags) -> tuple[float, float, str, str]:
    column = MIXES[name](images)
    size = len(column.words)
    before, after = (
        np.bincount(column.codes[chosen], minlength=size) / max(chosen.sum(), 1)
        for chosen in (baseline, since)
    )
    word = int(np.argmax(np.abs(after - before)))
    told = (float(before[word]), float(after[word]), column.words[word])
    if name == "device":
        return *told, ""
    has = (column.codes == word).astype(np.float64)
    return *told, _most(_parts(has[:, np.newaxis], images.device, baseline, since), images.device)


def _parts(values: Floats, device: Column, baseline: Flags, since: Flags) -> Floats:
    """Return what each machine adds to the shift of the mean, shape (devices, figures).

    Its share of the images since, times how far they lie from the baseline: its own, or everybody's where it
    was not there.
    """
    known = np.isfinite(values).all(axis=1)
    all_before = (
        values[known & baseline].mean(axis=0) if (known & baseline).any() else np.zeros(values.shape[1])
    )
    total = max(int((known & since).sum()), 1)
    parts = np.zeros((len(device.words), values.shape[1]))
    for code in range(len(device.words)):
        own = known & (device.codes == code)
        before, after = values[own & baseline], values[own & since]
        if len(after):
            parts[code] = (
                len(after)
                / total
                * (after.mean(axis=0) - (before.mean(axis=0) if len(before) else all_before))
            )
    return parts


def _most(parts: Floats, device: Column) -> str:
    """Return the machine that most of a shift comes from, empty where no single one does, or there is one."""
    whole = parts.sum(axis=0)
    size = float(whole @ whole)
    along = parts @ whole / size if size > 0 else np.zeros(len(parts))
    best = int(np.argmax(along)) if len(along) else 0
    sent = int((np.abs(parts).sum(axis=1) > 0).sum())
    return device.words[best] if sent > 1 and along[best] > _MOST else ""


def _new_model(images: Images, baseline: Flags, since: Flags, noticed: int) -> str:
    """Return the model that came between the change and the night on which it was noticed."""
    scored = np.isfinite(images.score)
    since = since & (images.day <= noticed)
    before = set(images.model.codes[baseline & scored].tolist())
    new = [code for code in np.unique(images.model.codes[since & scored]).tolist() if code not in before]
    return images.model.words[new[-1]] if new else ""


def _is(column: Column, word: str) -> Flags:
    return np.equal(column.codes, column.words.index(word))


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
