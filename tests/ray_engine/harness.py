"""One Ray cluster for all tests: a head without a CPU, two nodes with one each, all on loopback."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tests.commands.conftest import read_csv, write_dicom, write_jpeg
from tests.hostile.processes import SCREENER, Marked, marked

INSIDE = Path(__file__).parent / "inside"  # its sitecustomize.py makes some files slow, or deadly
LOOPBACK = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",
    "RAY_AUTH_MODE": "disabled",  # else it depends on whether this account has a token
}
MARK = "SCREENER_TEST_CLUSTER"
PATIENT = "PATIENT-7319"


@dataclass(slots=True)
class TestCluster:
    """The cluster, by its address; session: Ray's folder of logs and spilled objects."""

    __test__ = False

    process: "subprocess.Popen[str]"
    address: str
    session: Path
    mark: str

    def command(self, word: str) -> None:
        """Add a node, or remove the youngest one without warning."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == "done"

    def workers(self) -> list[int]:
        """Return the process ids of the actors that hold a model, or will."""
        return [pid for pid in self.alive() if "ray::RemoteWorker" in _text(pid, "cmdline")]

    def alive(self) -> list[int]:
        """Return the process ids of all that belongs to the cluster."""
        pids = [int(each.name) for each in Path("/proc").glob("[0-9]*")]
        return [pid for pid in pids if f"{MARK}={self.mark}" in _text(pid, "environ")]


@dataclass(slots=True)
class Scanned:
    """What a scan left. files: as --files-csv lists them."""

    exit_code: int
    printed: str
    out: Path
    files: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def written(self) -> tuple[bytes, bytes]:
        """Worklist and list of files, byte for byte."""
        return self.out.with_suffix(".csv").read_bytes(), self.out.with_name("files.csv").read_bytes()

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out.with_suffix(".json").read_text(encoding="utf-8"))
        return found


@pytest.fixture(scope="session")
def ray_installed() -> None:
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed: pip install 'cxr-screener[ray]'")


@pytest.fixture(scope="session")
def cluster(ray_installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestCluster]:
    mark = f"{os.getpid()}-{monotonic()}"
    path = os.pathsep.join(filter(None, (str(INSIDE), os.environ.get("PYTHONPATH", ""))))
    folder = tempfile.mkdtemp(prefix="screener-test-")  # short: the names of sockets have 107 bytes
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(
            [sys.executable, "-m", "tests.ray_engine.cluster", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, **LOOPBACK, MARK: mark, "PYTHONPATH": path},
        ) as process,
    ):
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            process.wait()
            said.seek(0)
            raise RuntimeError(f"The cluster did not start:\n{said.read()}")
        told = json.loads(line)
        found = TestCluster(process, told["address"], Path(told["session"]), mark)
        try:
            with pytest.MonkeyPatch.context() as environment:
                for name, value in LOOPBACK.items():
                    environment.setenv(name, value)
                yield found
        finally:
            process.communicate(timeout=60)
            for pid in found.alive():
                os.kill(pid, 9)
            shutil.rmtree(folder)


def begin(root: Path, out: Path, *options: object, program: Sequence[str] = SCREENER) -> Any:
    """Start a scan as a process of its own; a context manager of Marked. program: see marked()."""
    out.parent.mkdir(parents=True, exist_ok=True)
    listed = out.with_name("files.csv")
    return marked("scan", root, "--out", out, "--no-pdf", "--files-csv", listed, *options, program=program)


def end(scan: Marked, out: Path, seconds: float = 120) -> Scanned:
    """Wait for a scan and return what it left."""
    printed, _ = scan.process.communicate(timeout=seconds)
    found = Scanned(scan.process.returncode, printed, out)
    if out.with_name("files.csv").exists():
        found.files = {row["file"]: row for row in read_csv(out.with_name("files.csv"))}
    return found


def scan(root: Path, out: Path, *options: object) -> Scanned:
    """Scan from start to end."""
    with begin(root, out, *options) as running:
        return end(running, out)


def on(cluster: TestCluster) -> tuple[object, ...]:
    return ("--engine", "ray", "--ray-address", cluster.address, "--batch-size", 4)


def make_radiographs(root: Path, count: int, name: str = "slow") -> None:
    """Write images, every other one DICOM with a patient ID to look for."""
    for number in range(count):
        if number % 2:
            write_jpeg(root / f"{name}-{number:03d}.jpg", number)
        else:
            identifiers = {"PatientID": PATIENT, "AccessionNumber": PATIENT}
            write_dicom(root / f"study-{number:03d}" / f"{name}-{number:03d}.dcm", number, **identifiers)


def wait_for(condition: Any, seconds: float = 60) -> Any:
    """Return what a condition gives once it is true of something."""
    until = monotonic() + seconds
    while monotonic() < until:
        if found := condition():
            return found
        sleep(0.1)
    raise AssertionError("it never came to pass")


def listening(pid: int) -> set[str]:
    """Return the addresses, as the kernel writes them, on which a process listens for TCP."""
    return {local for local, _, state in _sockets(pid) if state == "0A"}


def connected_to(pid: int) -> set[str]:
    """Return the addresses, as the kernel writes them, to which a process has, or wants, a connection."""
    return {remote for _, remote, state in _sockets(pid) if state != "0A"}


def _sockets(pid: int) -> list[tuple[str, str, str]]:
    """Return local address, remote address and state of each TCP socket of a process: proc(5)."""
    inodes = set()
    with suppress(OSError):
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                inodes.add(os.readlink(each))
    rows = [line.split() for name in ("tcp", "tcp6") for line in _text(pid, f"net/{name}").splitlines()[1:]]
    return [
        (row[1].split(":")[0], row[2].split(":")[0], row[3]) for row in rows if f"socket:[{row[9]}]" in inodes
    ]


def _text(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="latin-1")
    except OSError:
        return ""
