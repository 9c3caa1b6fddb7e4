"""A site whose images are numbers: three machines, weekends, children and adults."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from screener.monitoring.images import Column, Images

DEVICES = ("ACME DX-1", "ACME DX-2", "Other CR", "Newcomer X")
VIEWS = ("PA", "AP")
CODINGS = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.90", "jpeg")
DAY = 739_000  # an ordinal of the calendar
NUMBERS = 8


@dataclass(frozen=True)
class Mix:
    """What a night's images are drawn from. shares: of the devices. shift: of the last device's pictures."""

    shares: tuple[float, ...] = (0.5, 0.3, 0.2, 0.0)
    old: float = 0.35  # share of patients of 60 years and more
    failed: float = 0.01
    ineligible: float = 0.08
    replaced: float = 0.04
    score: float = 0.0  # added to every score
    shift: float = 0.8  # of the newcomer's pictures, in standard deviations of one number
    model: int = 0


def night(rng: np.random.Generator, day: int, mix: Mix) -> dict[str, Any]:
    weekend = day % 7 in (5, 6)
    count = int(rng.poisson(80 if weekend else 200))
    device = rng.choice(4, count, p=mix.shares)
    adult_share = mix.old + (0.05 if weekend else 0.0)
    old = rng.random(count) < adult_share
    age = np.where(old, rng.uniform(60, 95, count), rng.uniform(0, 60, count))
    ended = rng.random(count)
    failed, ineligible = ended < mix.failed, (ended >= mix.failed) & (ended < mix.failed + mix.ineligible)
    screened = ~(failed | ineligible)
    score = rng.normal(-2.0 + 0.02 * (age - 40) + 0.1 * device + mix.score, 1.5)
    summary = rng.normal(0, 1, (count, NUMBERS)) + 0.3 * device[:, np.newaxis]
    summary[device == 3, 0] += mix.shift
    replaced = (rng.random(count) < mix.replaced).astype(float)
    view = (rng.random(count) < (0.5 if weekend else 0.4)).astype(np.int64)
    return {
        "day": np.full(count, day), "screened": screened, "failed": failed, "ineligible": ineligible,
        "score": np.where(screened, score, np.nan), "flagged": np.where(screened, score > 0, np.nan),
        "replaced": np.where(screened, replaced, np.nan), "age": age,
        "summary": np.where(screened[:, np.newaxis], summary, np.nan),
        "device": device, "view": view, "coding": np.minimum(device, 2), "model": np.full(count, mix.model),
    }  # fmt: skip


def site(seed: int, nights: int, *changes: tuple[int, dict[str, Any]]) -> Images:
    """Return the images of so many nights; changes: from which night on which parts of the mix are others."""
    rng, mix, drawn = np.random.default_rng(seed), Mix(), []
    for number in range(nights):
        for since, change in changes:
            if since == number:
                mix = replace(mix, **change)
        drawn.append(night(rng, DAY + number, mix))
    columns = {name: np.concatenate([each[name] for each in drawn]) for name in drawn[0]}
    words = {"device": DEVICES, "view": VIEWS, "coding": CODINGS, "model": ("net@1", "net@2")}
    return Images(
        **{name: Column(value, words[name]) if name in words else value for name, value in columns.items()}
    )
