"""What the processes of one scan do, told from outside through /proc: parent, fork server, workers."""

import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_VARIABLE = "SCREENER_TEST_MARK"  # in the environment, which every descendant inherits
SCREENER = ("-m", "screener")
HASTY = (
    "-c",
    "from screener.engines import local; local.MORE_SECONDS = 0.5; from screener.cli import main; main()",
)
"""Screener, but a batch that overruns is given up early: no test here is about how long to wait for it."""
_EVERY = 0.2  # seconds between two looks
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Memory:
    """The most memory that the processes of a scan held together, in bytes.

    resident: what each maps, pages that several share counted for each. own: shared pages counted once.
    """

    resident: int = 0
    own: int = 0


@dataclass(frozen=True, slots=True)
class Marked:
    """A command with a mark in its environment, by which its descendants are known, even orphaned ones."""

    process: "subprocess.Popen[str]"
    mark: str

    def alive(self) -> list[int]:
        """Return the process ids of the command and its descendants, dead ones not reaped aside."""
        return [int(each.name) for each in Path("/proc").glob("[0-9]*") if self.mark in _environment(each)]

    def busiest(self) -> float:
        """Return the seconds of processor time that the busiest of its descendants has used."""
        return max((_cpu_seconds(pid) for pid in self.alive() if pid != self.process.pid), default=0.0)

    def memory(self) -> Memory:
        """Return the memory that all of them hold now."""
        found = Memory()
        for pid in self.alive():
            resident, own = _memory(pid)
            found.resident += resident
            found.own += own
        return found


@contextmanager
def marked(*arguments: object, program: Sequence[str] = SCREENER) -> Iterator[Marked]:
    """Start a command of Screener's with a mark; whatever of it is left in the end is killed.

    program: what Python is told to run.
    """
    mark = uuid.uuid4().hex
    command = [sys.executable, *program, *(str(each) for each in arguments)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, _VARIABLE: mark},
    ) as process:
        found = Marked(process, mark)
        try:
            yield found
        finally:
            for pid in found.alive():
                _kill(pid)


def run_watched(*arguments: object, seconds: float) -> tuple[int, str, Memory]:
    """Run a command of HASTY; return its exit code, what it printed, and the most memory it held."""
    most, ended = Memory(), threading.Event()

    def watch(command: Marked) -> None:
        while not ended.wait(_EVERY):
            now = command.memory()
            most.resident, most.own = max(most.resident, now.resident), max(most.own, now.own)

    with marked(*arguments, program=HASTY) as command:
        watcher = threading.Thread(target=watch, args=(command,))
        watcher.start()
        try:
            printed, _ = command.process.communicate(timeout=seconds)
        finally:
            ended.set()
            watcher.join()
        return command.process.returncode, printed, most


def _environment(process: Path) -> str:
    try:
        return (process / "environ").read_bytes().decode("latin-1")
    except OSError:  # it has ended, or is somebody else's
        return ""


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS  # utime, stime: proc(5)


def _memory(pid: int) -> tuple[int, int]:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]
    except OSError:
        return 0, 0
    kilobytes = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
    return kilobytes.get("Rss", 0) << 10, kilobytes.get("Pss", 0) << 10


def _kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return
