"""Running a command as a user would, and what its whole process tree took: time, processor, memory."""

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SCREENER_COMMAND = [sys.executable, "-m", "screener"]
DONE = (0, 3)  # 3: some images failed, as the mixed tree's do
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


@dataclass(frozen=True, slots=True)
class Ran:
    """What one command took.

    seconds: of wall time. busy: of processor, the command and all that it started and awaited. peak: MB in
    memory at once, of the whole tree, shared pages counted once; 0 where it was not watched.
    """

    seconds: float
    busy: float
    peak: float
    output: str


def run(command: Sequence[str], watch: bool = False, accept: tuple[int, ...] = DONE) -> Ran:
    """Run a command to its end; watch: also look at its memory, which costs it a little time."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # a scan's workers outlive it by a moment
    before = spent()
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    peak = [0.0]
    if watch:
        threading.Thread(target=_watch, args=(process, peak), daemon=True).start()
    output, errors = process.communicate()
    seconds = time.perf_counter() - start
    if process.returncode not in accept:
        sys.exit(f"{' '.join(command)}\nended with {process.returncode}:\n{errors[-2000:]}")
    _await_orphans()
    return Ran(seconds, spent() - before, peak[0], output)


def spent() -> float:
    """Return the seconds of processor that all commands awaited so far took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan's own totals beside what it took; screening: seconds from first file to last outcome."""

    ran: Ran
    images: int
    screening: float
    report: dict[str, object]


def scan(studies: Path | str, out: Path, *options: str, watch: bool = False) -> Scanned:
    """Scan a folder, or a URL, without PDF, unless the options say otherwise."""
    command = [*SCREENER_COMMAND, "scan", str(studies), "--out", str(out), *(options or ("--no-pdf",))]
    ran = run(command, watch)
    report = json.loads(out.with_suffix(".json").read_text())
    images, rate = report["images_screened"], report["images_per_second"]
    return Scanned(ran, images, images / rate if rate else 0.0, report)


def _await_orphans() -> None:
    """Reap what a command has left behind, so that its seconds of processor are counted."""
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _watch(process: "subprocess.Popen[str]", peak: list[float], every: float = 0.2) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(map(_proportional, _tree(process.pid))) / 1024)
        time.sleep(every)


def _tree(root: int) -> list[int]:
    """Return a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, pending = [], [root]
    while pending:
        pid = pending.pop()
        found.append(pid)
        pending.extend(children.get(pid, ()))
    return found


def _proportional(pid: int) -> int:
    """Return the kB that a process holds, pages shared with n processes counted as one n-th."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
