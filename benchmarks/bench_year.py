"""A year of nights into one ledger: kills, a new machine, a new model, forgetting. What does a night cost?

Run in parts, as it takes an hour or more: python -m benchmarks.bench_year --folder /tmp/year --nights 30
Each part goes on where the last one ended, and prints what is known so far; so many nights in all: 365.

Every night 200 small images arrive; those of 14 nights lie in the folder. Every tenth scan is killed once and
started again. From night 120 a fifth of the images comes from a new machine, whose images are blurred; from
night 200 a model reads whose contrast is equalised otherwise; from night 250 on, what is older than 180 days
is forgotten every 30 nights. 'monitor' is asked twice: before anything is forgotten, against the first 90
nights, and at the end, against nights 210 to 300. At the end of each part 'audit verify' is asked. What
--metrics writes is kept of each night.
"""

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.uid import ExplicitVRLittleEndian

from benchmarks.bench_soak import killed, made_radiographs
from benchmarks.speed import figures, inputs, processes
from screener.inference.model_folder import load_model_folder, seal_model_folder
from screener.resources import shipped_model

YEAR, FIRST = 365, date(2027, 1, 1)
LYING = 14  # nights whose images lie in the folder
NEW_MACHINE, NEW_MODEL, FORGET_FROM, FORGET_EVERY = 120, 200, 250, 30
MACHINES = (("ACME", "DX-1"), ("ACME", "DX-2"), ("Other", "CR-5"))
ASKED = {260: (1, 90), YEAR: (210, 300)}  # on the morning after which night, and the baseline's nights
CHANGES = {NEW_MACHINE: "the new machine", NEW_MODEL: "the new model"}
LATE = 10  # nights: an alarm whose figure moved so long after a change is about that change


@dataclass(frozen=True, slots=True)
class Night:
    """One night. seconds, busy: of the scan that ended, by the clock and of processors. ledger: MB."""

    number: int
    seconds: float
    kills: int
    ledger: float
    flagged: int
    busy: float = 0.0


def main() -> None:
    """Run some nights; end with 1 where the journal is not whole or a scan failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True, help="kept from part to part")
    parser.add_argument("--nights", type=int, default=30, help="of this part")
    parser.add_argument("--images", type=int, default=200, help="new ones each night")
    parser.add_argument("--seed", type=int, default=20261129)
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    done = read(arguments.folder)
    for number in range(len(done) + 1, min(YEAR, len(done) + arguments.nights) + 1):
        done.append(night(arguments, number))
        (arguments.folder / "nights.json").write_text(json.dumps([asdict(each) for each in done]))
    print((figures.as_markdown if arguments.markdown else figures.as_text)(table(done)))
    for each in (each for each in ASKED if each <= len(done)):
        print(
            (figures.as_markdown if arguments.markdown else figures.as_text)(alarms(arguments.folder, each))
        )
    print(asked(arguments.folder, len(done), "audit", "verify"))


def read(folder: Path) -> list[Night]:
    """Return the nights of earlier parts."""
    path = folder / "nights.json"
    return [Night(**each) for each in json.loads(path.read_text())] if path.exists() else []


def night(arguments: argparse.Namespace, number: int) -> Night:
    """Let images arrive and age, scan, and forget where it is time."""
    folder, chance = arguments.folder, random.Random(arguments.seed + number)
    arrive(folder / "studies", number, arguments.images)
    shutil.rmtree(folder / "studies" / f"{number - LYING:03d}", ignore_errors=True)
    command = [
        *on_day(number),
        "scan",
        str(folder / "studies"),
        "--out",
        str(folder / "reports" / "{date}.pdf"),
    ]
    command += ["--no-pdf", "--keep", "90", "--new-only", "--ledger", str(folder / "ledger.sqlite")]
    command += ["--metrics", str(folder / "screener.prom")]
    if number >= NEW_MODEL:
        command += ["--model", str(other_model(folder))]
    for name in ("reports", "metrics"):
        (folder / name).mkdir(exist_ok=True)
    kills = int(number % 10 == 0)
    for _ in range(kills):
        killed(command, chance.uniform(0.5, 6.0))
    ran = processes.run(command)
    shutil.copy(folder / "screener.prom", folder / "metrics" / f"{number:03d}.prom")
    if number in ASKED:
        ask_monitor(folder, number)
    if number >= FORGET_FROM and number % FORGET_EVERY == 0:
        print(asked(folder, number, "ledger", "forget", "--older-than", "180d"))
    report = json.loads((folder / "reports" / "latest.json").read_text())
    size = (folder / "ledger.sqlite").stat().st_size / 1e6
    return Night(number, ran.seconds, kills, size, report["studies"]["flagged"], ran.busy)


def arrive(studies: Path, number: int, count: int) -> None:
    """Write the images of one night, each a study of its own."""
    images, chance = radiographs(), np.random.default_rng(number)
    folder = studies / f"{number:03d}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for place in range(count):
        pixels = images[int(chance.integers(len(images)))]
        maker, machine = MACHINES[int(chance.integers(len(MACHINES)))]
        if number >= NEW_MACHINE and chance.random() < 0.2:
            maker, machine, pixels = "Newcomer", "X", cv2.GaussianBlur(pixels, (0, 0), 2.0)
        inputs.write_dx(
            folder / f"{place:04d}.dcm",
            pixels,
            ExplicitVRLittleEndian,
            number * 10_000 + place,
            Manufacturer=maker,
            ManufacturerModelName=machine,
            PatientAge=f"{int(chance.integers(20, 90)):03d}Y",
            StudyDate=f"{day_of(number):%Y%m%d}",
        )


@cache
def radiographs() -> list[NDArray[np.uint16]]:
    """Return the images of the year, made once."""
    return made_radiographs()


def other_model(folder: Path) -> Path:
    """Return a model like the shipped one but for the contrast that it is shown."""
    path = folder / "other-model"
    if not path.exists():
        shutil.copytree(shipped_model(), path)
        model = load_model_folder(path)
        spec = replace(model.preprocessing, clip_limit=model.preprocessing.clip_limit * 1.5)
        described = {**model.manifest, "version": "0.0.1", "preprocessing": spec.as_json()}
        for name in ("format", "files", "manifest_sha256"):
            described.pop(name, None)
        seal_model_folder(path, described)
    return path


def asked(folder: Path, number: int, *words: str) -> str:
    """Return what a command on the ledger prints on the morning of that night; ends the run if it fails."""
    done = subprocess.run(
        [*on_day(number), *words, "--ledger", str(folder / "ledger.sqlite")],
        capture_output=True,
        text=True,
        check=False,
        cwd=processes.REPOSITORY,
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout.strip()


def ask_monitor(folder: Path, number: int) -> None:
    """Keep what 'monitor' says on the morning after a night."""
    first, last = ASKED[number]
    period = f"{day_of(first)}/{day_of(last)}"
    page = folder / f"monitor-{number}.html"
    asked(
        folder,
        number,
        "monitor",
        "--baseline",
        period,
        "--out",
        str(page),
        "--json",
        str(page.with_suffix(".json")),
    )


def alarms(folder: Path, number: int) -> list[list[str]]:
    """Return each alarm that 'monitor' raised until a night, and whether something had changed."""
    told = json.loads((folder / f"monitor-{number}.json").read_text())
    rows = [["chart", "moved since night", "noticed on night", "right?"]]
    for each in sorted(told["moved"], key=lambda each: (each["since"], each["chart"])):
        since, noticed = (night_of(each[name]) for name in ("since", "noticed"))
        rows.append([each["chart"], str(since), str(noticed), verdict(each, since, number)])
    first, last = ASKED[number]
    return rows if len(rows) > 1 else [*rows, ["none", f"baseline {first} to {last}", "", ""]]


def verdict(alarm: dict[str, Any], since: int, number: int) -> str:
    """Return of which change an alarm is, if of any that the baseline had not."""
    after = ASKED[number][1]
    causes = [name for night, name in CHANGES.items() if after < night <= since + 1 and since < night + LATE]
    return f"yes: {causes[-1]}" if causes else "no"


def on_day(number: int) -> list[str]:
    return [sys.executable, "-m", "benchmarks.on_day", day_of(number).isoformat()]


def day_of(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def night_of(day: str) -> int:
    return (date.fromisoformat(day) - FIRST).days + 1


def table(nights: list[Night]) -> list[list[str]]:
    """Return the first and the last week, and every 60th night between them."""
    rows = [["nights", "seconds a night", "of processor", "ledger, MB", "kills until then"]]
    ends = sorted({7, *range(60, len(nights), 60), len(nights)})
    for end in (each for each in ends if 7 <= each <= len(nights)):
        week = nights[end - 7 : end]
        seconds, busy = (statistics.median(getattr(each, of) for each in week) for of in ("seconds", "busy"))
        kills = sum(each.kills for each in nights[:end])
        rows.append(
            [
                f"{week[0].number} to {end}",
                f"{seconds:.1f}",
                f"{busy:.1f}",
                f"{week[-1].ledger:.1f}",
                str(kills),
            ]
        )
    return rows


if __name__ == "__main__":
    main()
