"""Seven nights into one ledger, each scan killed at random and started again: what is lost, what is doubled?

Run: make bench-soak   (or: python -m benchmarks.bench_soak --studies 300 --nights 3)

Every night so many new studies arrive, small images with a study and an instance of their own; those of
earlier nights stay. The scan is killed (SIGKILL, to its whole process group) at a random moment, some times
over, and then left to end. After each night the worklist must hold every study exactly once, with the
probability that an undisturbed scan of the same image gives; and the ledger must know every file once. Ends
with 1 where it does not.
"""

import argparse
import csv
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.uid import ExplicitVRLittleEndian

from benchmarks.speed import figures, inputs, processes

SIDE = 320  # pixels: small images, so that the ledger's share is large
DIFFERENT = 40  # images; more would only take longer to make


@dataclass(frozen=True, slots=True)
class Night:
    """One night: seconds of wall time, and of processor; MB at most; what was wrong."""

    number: int
    kills: int
    whole: float
    busy: float
    peak: float
    ledger: float
    wrong: list[str]


def main() -> None:
    """Print a line for each night; end with 1 if anything was lost or doubled."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--studies", type=int, default=1500, help="new ones each night")
    parser.add_argument("--nights", type=int, default=7)
    parser.add_argument("--kills", type=int, default=3, help="at most, each night")
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screener-soak-") as folder:
        nights = list(soaked(Path(folder), arguments))
    rows = [["night", "kills", "studies", "seconds", "of processor", "MB at most", "ledger, MB", "wrong"]]
    for each in nights:
        rows.append(
            [
                str(each.number),
                str(each.kills),
                f"{each.number * arguments.studies:,}",
                f"{each.whole:.0f}",
                f"{each.busy:.0f}",
                f"{each.peak:.0f}",
                f"{each.ledger:.1f}",
                "; ".join(each.wrong) or "nothing",
            ]
        )
    print((figures.as_markdown if arguments.markdown else figures.as_text)(rows))
    sys.exit(any(each.wrong for each in nights))


def soaked(folder: Path, arguments: argparse.Namespace) -> Iterator[Night]:
    """Yield each night as it ends."""
    chance = random.Random(arguments.seed)
    radiographs = made_radiographs()
    expected = undisturbed(folder, radiographs)
    studies = folder / "studies"
    for number in range(1, arguments.nights + 1):
        arrive(studies, radiographs, range((number - 1) * arguments.studies, number * arguments.studies))
        night = scanned(folder, studies, number, chance.randint(1, arguments.kills), chance)
        wrong = differences(folder, number * arguments.studies, expected)
        done = Night(**night, wrong=wrong)
        print(done, file=sys.stderr, flush=True)
        yield done


def scanned(
    folder: Path, studies: Path, number: int, kills: int, chance: random.Random
) -> dict[str, float | int]:
    """Scan with random kills, then undisturbed; return what the night took."""
    out, ledger = folder / "report.pdf", folder / "night.ledger"
    command = [*processes.SCREENER_COMMAND, "scan", str(studies), "--out", str(out), "--no-pdf"]
    command += ["--ledger", str(ledger)]
    began, before = time.perf_counter(), processes.spent()
    for _ in range(kills):
        killed(command, chance.uniform(0.5, 8.0))
    ran = processes.run(command, watch=True)
    return {
        "number": number,
        "kills": kills,
        "whole": time.perf_counter() - began,
        "busy": processes.spent() - before,
        "peak": ran.peak,
        "ledger": ledger.stat().st_size / 1e6,
    }


def killed(command: list[str], after: float) -> None:
    """Start a command and kill it, with all that it started, unless it ends before."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # workers, in a group of their own, die with the fork server
        process.wait()


def differences(folder: Path, count: int, expected: list[str]) -> list[str]:
    """Return in words what is lost, doubled or changed after a night with so many studies."""
    wrong = []
    with (folder / "report.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    times = Counter(row["study_id"] for row in rows)
    wanted = {study_uid(number) for number in range(count)}
    wrong += [f"{len(wanted - set(times))} lost"] if wanted - set(times) else []
    wrong += [f"{len(set(times) - wanted)} unknown"] if set(times) - wanted else []
    doubled = sum(each > 1 for each in times.values())
    wrong += [f"{doubled} doubled"] if doubled else []
    number_of = {study_uid(number): number for number in range(count)}
    changed = sum(
        row["probability"] != expected[number_of[row["study_id"]] % len(expected)]
        for row in rows
        if row["study_id"] in number_of
    )
    wrong += [f"{changed} with another probability"] if changed else []
    report = json.loads((folder / "report.json").read_text())
    if not report["complete"] or report["files_seen"] != count:
        wrong.append(f"complete {report['complete']}, {report['files_seen']} files seen")
    with sqlite3.connect(folder / "night.ledger") as database:
        [[known, paths]] = database.execute(
            "SELECT count(*), count(DISTINCT path) FROM results WHERE current"
        )
    database.close()
    return wrong + (
        [f"the ledger knows {known} files in {paths} places"] if (known, paths) != (count,) * 2 else []
    )


def undisturbed(folder: Path, radiographs: list[NDArray[np.uint16]]) -> list[str]:
    """Return the probability that each image gets in a scan that nobody disturbs, as printed."""
    studies = folder / "undisturbed"
    arrive(studies, radiographs, range(len(radiographs)))
    processes.scan(studies, folder / "undisturbed.pdf")
    with (folder / "undisturbed.csv").open(newline="") as stream:
        found = {row["study_id"]: row["probability"] for row in csv.DictReader(stream)}
    return [found[study_uid(number)] for number in range(len(radiographs))]


def arrive(studies: Path, radiographs: list[NDArray[np.uint16]], numbers: range) -> None:
    """Write the studies of one night, a folder for each hundred."""
    for number in numbers:
        folder = studies / f"{number // 100:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        inputs.write_dx(
            folder / f"{number:06d}.dcm",
            radiographs[number % len(radiographs)],
            ExplicitVRLittleEndian,
            number,
        )


def study_uid(number: int) -> str:
    """Return the Study Instance UID that inputs.write_dx writes."""
    return f"{inputs.UID_ROOT}.9.{number}"


def made_radiographs() -> list[NDArray[np.uint16]]:
    """Return small 12-bit images that all differ: sample images under exposures of their own."""
    chance = np.random.default_rng(1)
    radiographs = []
    for number in range(DIFFERENT):
        sources = inputs.sample_jpegs()
        radiograph = cv2.imread(str(sources[number % len(sources)]), cv2.IMREAD_GRAYSCALE)
        small = cv2.resize(radiograph, (SIDE, SIDE), interpolation=cv2.INTER_AREA) / 255
        radiographs.append(np.round(4095 * small ** chance.uniform(0.8, 1.25)).astype(np.uint16))
    return radiographs


if __name__ == "__main__":
    main()
