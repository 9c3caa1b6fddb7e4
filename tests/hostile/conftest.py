"""The hostile tree, scanned once for all tests that only look at what came out."""

import json
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.commands.conftest import read_csv
from tests.hostile.processes import Memory, run_watched
from tests.hostile.tree import Expected, make_hostile_tree


@dataclass(frozen=True, slots=True)
class HostileScan:
    """What a scan of the hostile tree left, what it should have left, and what it took."""

    expected: Expected
    exit_code: int
    printed: str
    files: list[dict[str, str]]
    report: dict[str, Any]
    out: Path
    memory: Memory
    seconds: float


def scan_hostile_tree(folder: Path, expected: Expected, *options: object) -> HostileScan:
    """Scan the tree in FOLDER/studies with two workers; they get 3 s and 1 GB for a file."""
    out = folder / "report.pdf"
    started = monotonic()
    exit_code, printed, memory = run_watched(
        *("scan", folder / "studies", "--out", out, "--files-csv", out.with_name("files.csv")),
        *("--workers", 2, "--batch-size", 2, "--file-timeout", 3, "--file-memory", 1024),
        *options,
        seconds=300,
    )
    seconds = monotonic() - started
    assert exit_code in (0, 3), printed
    return HostileScan(
        expected,
        exit_code,
        printed,
        read_csv(out.with_name("files.csv")),
        json.loads(out.with_suffix(".json").read_text(encoding="utf-8")),
        out,
        memory,
        seconds,
    )


@pytest.fixture(scope="session")
def hostile_scan(tmp_path_factory: pytest.TempPathFactory, shared: Path | None) -> HostileScan:
    """Return the scan of the hostile tree with 20 sound images."""
    folder = tmp_path_factory.mktemp("hostile")
    return scan_hostile_tree(folder, make_hostile_tree(folder / "studies", 20, shared))


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest) -> Path | None:
    """The folder that holds data/dicom, None where it is absent: the tree does without."""
    try:
        data: Path = request.getfixturevalue("shared_data")
    except pytest.skip.Exception:
        return None
    return data.parent
