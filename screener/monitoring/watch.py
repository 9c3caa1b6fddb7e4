"""What is watched, night by night, and how: from images to charts."""

from collections.abc import Callable

import numpy as np

from screener.monitoring.charts import Chart, chart_of, chart_of_many
from screener.monitoring.images import Codes, Column, Flags, Floats, Images

_RARE = 0.5  # images that a word which the baseline never saw counts as

MEANS: dict[str, Callable[[Images], Floats]] = {
    "score": lambda images: images.score,
    "age": lambda images: images.age,
}
SHARES: dict[str, Callable[[Images], Floats]] = {
    "flagged": lambda images: images.flagged,
    "failed": lambda images: images.failed.astype(np.float64),
    "ineligible": lambda images: images.ineligible.astype(np.float64),
    "replaced": lambda images: images.replaced,
}
MIXES: dict[str, Callable[[Images], Column]] = {
    "device": lambda images: images.device,
    "view": lambda images: images.view,
    "coding": lambda images: images.coding,
}
PICTURE = "picture"
CHARTS = (*MEANS, *SHARES, *MIXES, PICTURE)


def watch(images: Images, baseline: Callable[[Codes], Flags]) -> tuple[Chart, ...]:
    """Return a chart for each of CHARTS; baseline: tells which days are the baseline."""
    days = images.days()
    night = np.searchsorted(days, images.day)
    base = baseline(days)
    charts = []
    for name, values in MEANS.items():
        charts.append(chart_of(name, days, *_means(values(images), night, base), base))
    for name, values in SHARES.items():
        charts.append(chart_of(name, days, *_shares(values(images), night, base), base))
    for name, column in MIXES.items():
        surprise = _surprise(column(images), base[night], images.screened | (name != "view"))
        charts.append(chart_of(name, days, *_means(surprise, night, base), base))
    charts.append(chart_of_many(PICTURE, days, *_summaries(images.summary, night, base), base))
    return tuple(charts)


def _means(values: Floats, night: Codes, base: Flags) -> tuple[Floats, Floats]:
    """Return each night's mean, NaN without images, and its standard error by chance."""
    known = np.isfinite(values)
    counts = np.bincount(night[known], minlength=len(base))
    sums = np.bincount(night[known], values[known], minlength=len(base))
    of_base = values[known & base[night]]
    deviation = float(of_base.std()) if len(of_base) > 1 else float("nan")
    with np.errstate(divide="ignore", invalid="ignore"):
        return sums / counts, max(deviation, 1e-9) / np.sqrt(counts)


def _shares(values: Floats, night: Codes, base: Flags) -> tuple[Floats, Floats]:
    """Return each night's share, and its standard error as the baseline's share has it by chance.

    One image of each kind is added to the baseline (Laplace), so that no share is 0.
    """
    known = np.isfinite(values)
    counts = np.bincount(night[known], minlength=len(base))
    events = np.bincount(night[known], values[known], minlength=len(base))
    share = (events[base].sum() + 1.0) / (counts[base].sum() + 2.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return events / counts, np.sqrt(share * (1 - share) / counts)


def _surprise(column: Column, base: Flags, counted: Flags) -> Floats:
    """Return of each image how rare its word was in the baseline: -ln of its share; NaN where not counted.

    A mix that changes surprises on the mean more, or less, than it used to.
    """
    counts = np.bincount(column.codes[base & counted], minlength=len(column.words)).astype(np.float64)
    shares = np.maximum(counts, _RARE) / max(counts.sum(), 1.0)
    return np.where(counted, -np.log(shares)[column.codes], np.nan)


def _summaries(values: Floats, night: Codes, base: Flags) -> tuple[Floats, Floats]:
    """Return each night's mean summary in uncorrelated units of the baseline, and its standard error."""
    known = np.isfinite(values).all(axis=1)
    of_base = values[known & base[night]]
    shape = (len(base), values.shape[1])
    if len(of_base) <= 10 * values.shape[1]:
        return np.full(shape, np.nan), np.full(shape, np.nan)
    centre, covariance = of_base.mean(axis=0), np.cov(of_base, rowvar=False)
    scale, axes = np.linalg.eigh(covariance)
    white = (values[known] - centre) @ axes / np.sqrt(np.maximum(scale, 1e-12))
    counts = np.bincount(night[known], minlength=len(base))
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.stack([np.bincount(night[known], each, minlength=len(base)) for each in white.T], axis=1)
        return means / counts[:, np.newaxis], np.repeat(1 / np.sqrt(counts)[:, np.newaxis], shape[1], axis=1)
