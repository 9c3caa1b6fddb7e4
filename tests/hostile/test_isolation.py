"""A file made to harm costs itself alone: its neighbours in the batch are screened, the run goes on."""

import json
import os
import re
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from screener.engines import local
from tests.commands.conftest import invoke, read_csv
from tests.hostile import bombs
from tests.hostile.conftest import HostileScan
from tests.hostile.processes import marked
from tests.hostile.radiographs import dicom, jpeg, png
from tests.hostile.tree import BOMBS, TOO_LARGE, write

pytestmark = pytest.mark.slow  # each test is a scan, or several

FAILED_BOMBS = [name for name, (_, outcome) in BOMBS.items() if outcome and outcome[0] == "failed"]
NEIGHBOURS = {"a.jpg": jpeg(1), "b.dcm": dicom(2), "y.png": png(3), "z.jpg": jpeg(4)}


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a batch that overruns up early: how long to wait for it is not what these tests are about."""
    monkeypatch.setattr(local, "MORE_SECONDS", 0.25)


@dataclass(frozen=True, slots=True)
class Isolated:
    """What a scan of some bombs among four sound images gave; outcomes: file -> (outcome, reason)."""

    exit_code: int
    outcomes: dict[str, tuple[str, str]]
    report: dict[str, Any]
    seconds: float


def scan_among_radiographs(folder: Path, *options: object, **content: bytes) -> Isolated:
    """Scan files together with four sound images, all in one batch of one worker."""
    root, out = folder / "studies", folder / "report.pdf"
    for name, each in {**NEIGHBOURS, **content}.items():
        write(root, name, each)
    started = monotonic()
    listed = out.with_name("files.csv")
    result = invoke("scan", root, "--out", out, "--no-pdf", "--workers", 1, "--files-csv", listed, *options)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return Isolated(
        result.exit_code,
        {row["file"]: (row["cause"] or row["outcome"], row["reason"]) for row in read_csv(listed)},
        json.loads(out.with_suffix(".json").read_text(encoding="utf-8")),
        monotonic() - started,
    )


def check_alone(scan: Isolated, **reasons: str) -> None:
    """Check that the bombs failed for these reasons, that nothing else did, and that it all adds up."""
    assert scan.exit_code == 3
    assert set(scan.outcomes) == {*NEIGHBOURS, *reasons}
    for name, reason in reasons.items():
        assert scan.outcomes[name][0] == "failed"
        assert re.search(reason, scan.outcomes[name][1]), scan.outcomes[name]
    assert Counter(outcome for outcome, _ in scan.outcomes.values()) == {
        "screened": len(NEIGHBOURS),
        "failed": len(reasons),
    }
    report = scan.report
    assert report["files_seen"] == len(scan.outcomes)
    assert report["images_screened"] == len(NEIGHBOURS)
    assert report["images_failed"] == len(reasons)
    assert report["images_ineligible"] == report["files_ignored"] == 0
    assert report["complete"] is True


@pytest.mark.parametrize("name", [name for name in FAILED_BOMBS if name != "progressive.jpg"])
def test_a_bomb_costs_itself_alone_and_its_reason_says_why(tmp_path: Path, name: str) -> None:
    make, outcome = BOMBS[name]
    assert outcome is not None
    check_alone(scan_among_radiographs(tmp_path, **{name: make()}), **{name: outcome[1]})


@pytest.mark.parametrize(
    "name", ["claims-pixels.dcm", "claims-pixels.jpg", "claims-pixels.png", "nested.dcm", "value-of-4-gb.dcm"]
)
def test_what_a_header_gives_away_costs_no_time(tmp_path: Path, name: str) -> None:
    scan = scan_among_radiographs(tmp_path, **{name: BOMBS[name][0]()})
    assert scan.seconds < 15  # a start takes 2


def test_a_picture_that_takes_for_ever_is_stopped_in_time(tmp_path: Path) -> None:
    options = ("--file-timeout", 2, "--batch-size", 5)
    scan = scan_among_radiographs(tmp_path, *options, **{"progressive.jpg": bombs.progressive_jpeg()})
    check_alone(scan, **{"progressive.jpg": r"took longer than 2 s"})
    assert scan.seconds < 40


def test_the_limit_of_time_holds_for_one_file_whatever_the_size_of_its_batch(tmp_path: Path) -> None:
    radiographs = {f"c{number:02d}.jpg": jpeg(10 + number) for number in range(11)}
    content = {"progressive.jpg": bombs.progressive_jpeg(), **radiographs}
    scan = scan_among_radiographs(tmp_path, "--file-timeout", 2, "--batch-size", 16, **content)
    assert Counter(outcome for outcome, _ in scan.outcomes.values()) == {"screened": 15, "failed": 1}
    assert scan.seconds < 60


@pytest.mark.parametrize(
    ("name", "make"),
    [
        pytest.param("many-pixels.dcm", bombs.dicom_of_many_equal_pixels, id="native code asks for it"),
        pytest.param("deflated.dcm", bombs.deflated_dicom, id="Python asks for it"),
    ],
)
def test_a_file_that_needs_more_memory_than_it_may_have_says_so(
    tmp_path: Path, name: str, make: Callable[[], bytes]
) -> None:
    scan = scan_among_radiographs(tmp_path, "--file-memory", 256, **{name: make()})
    check_alone(scan, **{name: r"\bmemory\b|more than \d+ MB"})


def test_bombs_of_every_kind_in_one_batch_cost_themselves_alone(tmp_path: Path) -> None:
    content = {
        "crash.dcm": bombs.dicom_with_jpeg_ls_claiming_many_pixels(),
        "memory.dcm": bombs.dicom_of_many_equal_pixels(),
        "pixels.png": bombs.png_claiming_many_pixels(),
        "time.jpg": bombs.progressive_jpeg(),
    }
    scan = scan_among_radiographs(
        tmp_path, "--file-memory", 256, "--file-timeout", 6, "--batch-size", 8, **content
    )
    check_alone(
        scan,
        **{
            "crash.dcm": "crashed|damaged|memory",
            "memory.dcm": "memory|damaged|crashed",
            "pixels.png": TOO_LARGE[1],
            "time.jpg": "took longer than 6 s|memory",
        },
    )


def test_no_worker_outlives_a_scan_that_is_killed(tmp_path: Path) -> None:
    write(tmp_path, "studies/progressive.jpg", bombs.progressive_jpeg())
    options = ("--out", tmp_path / "report.pdf", "--workers", 1, "--file-timeout", 600)
    with marked("scan", tmp_path / "studies", *options) as command:
        assert happens(lambda: command.busiest() > 2.5, seconds=60)  # a start takes 1: it is in native code
        assert len(command.alive()) > 2
        os.kill(command.process.pid, signal.SIGKILL)
        assert happens(lambda: not command.alive(), seconds=10), command.alive()


def test_the_memory_of_a_scan_is_bounded_by_its_limit(
    hostile_scan: HostileScan, record_property: Callable[[str, object], None]
) -> None:
    """Two workers may have 1024 MB each on top of what idle ones share; the parent stays small."""
    record_property("megabytes_resident", hostile_scan.memory.resident >> 20)
    record_property("megabytes_shared_once", hostile_scan.memory.own >> 20)
    assert hostile_scan.memory.own > 100 << 20  # else nothing was measured
    assert hostile_scan.memory.own < (2 * 1024 + 512) << 20


def happens(condition: Callable[[], object], *, seconds: float) -> bool:
    """Return whether a condition comes true within so many seconds."""
    until = monotonic() + seconds
    while monotonic() < until:
        if condition():
            return True
        sleep(0.1)
    return bool(condition())
