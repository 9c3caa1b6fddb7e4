"""Images per second: each contender on each input, in turn, so that what else the machine does hits all."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed import figures, processes
from benchmarks.speed.figures import Sample, Summary

START = 8  # images of the scan that shows what starting costs

Contender = Callable[[], Sample]


@dataclass(frozen=True, slots=True)
class Input:
    """One folder to scan, and who is compared on it.

    few: a folder of START of its files. rivals: names of speed.rivals. options: of the scan.
    """

    name: str
    many: Path
    few: Path
    rivals: tuple[str, ...] = ()
    floor: bool = True
    options: tuple[str, ...] = ()


def measured(inputs: list[Input], repeats: int, say: Callable[[str], None]) -> dict[str, dict[str, Summary]]:
    """Return the summary of each contender on each input."""
    results = {}
    for each in inputs:
        contenders = contenders_on(each)
        samples: dict[str, list[Sample]] = {name: [] for name in contenders}
        for repeat in range(repeats):
            for name, contender in contenders.items():
                say(f"{each.name}: {name}, {repeat + 1} of {repeats}")
                samples[name].append(contender())
        results[each.name] = {name: figures.summarise(some) for name, some in samples.items()}
    return results


def contenders_on(each: Input) -> Mapping[str, Contender]:
    """Return who is compared on an input, Screener first."""
    found: dict[str, Contender] = {figures.SCREENER: lambda: steady(each)}
    for rival in each.rivals:
        found[rival] = lambda rival=rival: _child("benchmarks.speed.rivals", rival, each.many)  # type: ignore[misc]
    if each.floor:
        found[figures.FLOOR] = lambda: floor(each.many)
    return found


def steady(each: Input, *options: str) -> Sample:
    """Return what a scan does once it runs: the whole one less one of a few files, which mostly starts."""
    few = processes.scan(each.few, each.few.parent / "few.pdf", "--no-pdf", *each.options, *options)
    many = processes.scan(each.many, each.many.parent / "many.pdf", "--no-pdf", *each.options, *options)
    return Sample(many.images - few.images, many.screening - few.screening, many.ran.busy - few.ran.busy)


def floor(folder: Path) -> Sample:
    """Return decoding alone and inference alone, on all cores."""
    parts = [_child("benchmarks.speed.floor", part, folder) for part in ("decode", "inference")]
    return figures.floor_of(*parts, cores=processes.cores())


def _child(module: str, what: str, folder: Path) -> Sample:
    ran = processes.run([sys.executable, "-m", module, what, str(folder)])
    return Sample(**json.loads(ran.output.splitlines()[-1]))
