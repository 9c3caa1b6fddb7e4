"""What the parent alone takes for very many files: the ledger, the totals and the worklist made from it.

Outcomes are made up: no image is read and no worker runs. `python benchmarks/bench_ledger_scale.py 1000000`
prints a line for each step: seconds, files a second, the most memory so far, size on disk. With `--shards 2`
the outcomes go into so many ledgers, which `screener merge` then joins.
"""

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from screener.domain import Cause, Finding, Identifiers, Ignored, NotScreened, Outcome, Prediction
from screener.engines.local import LocalEngine
from screener.inference.model_folder import load_model_folder
from screener.intake import Root
from screener.ledger import Ledger, ResultKey, Stamp
from screener.options import MergeOptions, ScanOptions
from screener.options.shard import Shard
from screener.outputs.pseudonyms import unmasked
from screener.reporting.merge import merge
from screener.reporting.write import RunFacts, write_reports
from screener.resources import shipped_model
from screener.screening.scan import make_scale

BATCH = 16  # outcomes committed together, as workers bring them
SIZES = 1000  # of files: uncompressed images differ by their headers alone
ROOT = Path("/studies")
NOBODY = Identifiers()


def outcomes(count: int) -> Iterator[Outcome]:
    """Yield made-up outcomes: 88 % screened, 8 ineligible, 1 failed, 3 ignored; studies of 1 to 3 images."""
    rng = random.Random(0)
    study, left = 0, 0
    for number in range(count):
        if not left:
            study, left = study + 1, rng.choice((1, 1, 1, 2, 2, 3))
        left -= 1
        uid = f"1.2.826.0.1.3680043.8.498.{study:032d}"
        identifiers = Identifiers(
            uid, f"{uid}.{left}", f"P{study:08d}", f"A{study:08d}", "2026-11-20", "PA", "046Y"
        )
        file = f"2026/11/{number // 5000:05d}/{number:09d}.dcm"
        yield _outcome(file, identifiers, rng)


def _outcome(file: str, identifiers: Identifiers, rng: random.Random) -> Outcome:
    kind, path = rng.random(), ROOT / file
    digest = f"{rng.getrandbits(256):064x}"
    if kind < 0.03:
        return Ignored(file, path)
    if kind < 0.04:
        reason = "the pixels are truncated: Pixel Data (7FE0,0010) is longer than the file"
        return NotScreened(file, path, Cause.FAILED, reason, identifiers, content_digest=digest)
    if kind < 0.12:
        reason = "View Position (0018,5101) is LATERAL: only frontal views are screened"
        return NotScreened(file, path, Cause.INELIGIBLE, reason, identifiers, content_digest=digest)
    activation_map = np.full((7, 7), rng.gauss(0, 1), dtype=np.float32)
    prediction = Prediction(rng.gauss(-1, 3), activation_map)
    pixels = f"{rng.getrandbits(256):064x}"
    return Finding(file, path, identifiers, prediction, pixels, content_digest=digest)


@contextmanager
def step(name: str, count: int, ledger: Path) -> Iterator[None]:
    """Print what a step took."""
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    size = sum(each.stat().st_size for each in ledger.parent.glob(f"{ledger.name}*")) / 1e6
    rate = f"{count / seconds:10.0f} files/s"
    print(f"{name:<24}{seconds:9.1f} s {rate} {memory:6d} MB memory {size:8.0f} MB ledger", flush=True)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--folder", type=Path, help="on the disk to measure; default: a temporary one")
    parser.add_argument("--shards", type=int, default=1)
    count = (arguments := parser.parse_args()).files
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        if arguments.shards > 1:
            shards(Path(folder), count, arguments.shards)
        else:
            two_nights(Path(folder), count)


def two_nights(folder: Path, count: int) -> None:
    """Record all outcomes in one ledger, and know them again."""
    path = folder / "ledger.sqlite"
    options = _options(folder, path)
    with Ledger(path, key=ResultKey("m"), decoders="d") as ledger:
        night(ledger, count, options, path, "first night")
    with step("open it again", count, path):
        ledger = Ledger(path, key=ResultKey("m"), decoders="d")
    with ledger:
        night(ledger, count, options, path, "night after")
    print(f"worklist {options.csv.stat().st_size / 1e6:.0f} MB, files.csv ", end="")
    print(f"{(options.files_csv or path).stat().st_size / 1e6:.0f} MB")


def shards(folder: Path, count: int, number: int) -> None:
    """Record the outcomes in several ledgers, and merge them."""
    paths = []
    for index in range(1, number + 1):
        paths.append(folder / f"{index}.sqlite")
        options = replace(_options(folder, paths[-1]), shard=f"{index}/{number}")
        with Ledger(paths[-1], key=ResultKey("m"), decoders="d") as ledger:
            night(ledger, count, options, paths[-1], f"shard {index} of {number}")
    asked = MergeOptions(ledgers=tuple(paths), out=folder / "merged.pdf", pdf=False)
    with step("merge", count, paths[0]):
        summary = merge(asked, lambda message: None)
    print(f"{summary.totals.files_seen} files, {summary.totals.flagged} studies flagged")


def _options(folder: Path, ledger: Path) -> ScanOptions:
    return ScanOptions(
        paths=(ROOT,),
        model=shipped_model(),
        out=folder / "report.pdf",
        pdf=False,
        files_csv=folder / "files.csv",
        ledger=ledger,
    )


def night(ledger: Ledger, count: int, options: ScanOptions, path: Path, name: str) -> None:
    """Record, or know again, all outcomes; then write the lists."""
    model = load_model_folder(options.model)
    started = datetime.now().astimezone()
    ledger.begin(started)
    known = 0
    shard = Shard.of(options.shard)
    with step(f"{name}: outcomes", count, path):
        waiting: list[Outcome] = []
        stamps: dict[Path, Stamp] = {}
        for number, outcome in enumerate(outcomes(count)):
            if not shard.holds(getattr(outcome, "identifiers", NOBODY).study_instance_uid or outcome.file):
                continue
            stamp = Stamp(8_000_000 + number % SIZES, 1_700_000_000_000_000_000)
            if ledger.reuse(outcome.file, outcome.path, stamp):
                known += 1
                continue
            waiting.append(outcome)
            stamps[outcome.path] = stamp
            if len(waiting) == BATCH:
                ledger.record(waiting, stamps)
                waiting.clear()
                stamps.clear()
        ledger.record(waiting, stamps)
    facts = RunFacts(
        model=model,
        scale=make_scale(model, options),
        roots=(Root(ROOT, ""),),
        started=started,
        complete=True,
        images_per_second=0.0,
    )
    with LocalEngine(None, 1) as reader, step(f"{name}: lists", count, path):
        summary = write_reports(ledger, reader, options, facts, unmasked, lambda message: None)
    with step(f"{name}: end of run", count, path):
        ledger.finish(summary.finished, True, summary.totals.files_seen)
    print(f"{known} known, {summary.totals.files_seen} files, {summary.totals.flagged} studies flagged")


if __name__ == "__main__":
    main()
