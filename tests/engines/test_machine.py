"""A machine that lacks something says so in one message with the remedy, before the first file."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from screener.domain import Cause, FileKind, ImageFile, NotScreened, PreprocessingSpec
from screener.engines import local, machine, worker_process
from screener.engines.local import LocalEngine
from screener.engines.worker import ScreenerSetup
from screener.errors import MissingDependencyError, OutputError
from screener.intake import raster
from screener.intake.dicom import layout
from screener.intake.dicom import open as dicom
from screener.outputs.messages import shipped_messages
from screener.reasons import ReasonCode
from screener.resources import shipped_model
from screener.screening import scan
from tests.commands.conftest import write_jpeg
from tests.outcomes import why
from tests.reasons import words

MB = 1 << 20
SETUP = ScreenerSetup(shipped_model() / "model.tflite", PreprocessingSpec())


def limited(soft: int, hard: int) -> Callable[[int], tuple[int, int]]:
    return lambda _: (soft, hard)


def screener(
    *arguments: object, before: Sequence[str] = (), **more: object
) -> "subprocess.CompletedProcess[str]":
    command = [*before, sys.executable, "-m", "screener", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    write_jpeg(tmp_path / "studies" / "image.jpg")
    return tmp_path / "studies"


@pytest.fixture
def hard_limit() -> Sequence[str]:
    """Return what runs a command under a hard limit of 2000 MB that it may not raise."""
    if not shutil.which("prlimit") or not shutil.which("setpriv"):
        pytest.skip("no prlimit or setpriv (Debian: apt install util-linux)")
    drop = ["setpriv", "--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource"]
    if os.geteuid() != 0:
        drop = []
    command = ["prlimit", f"--as={2000 * MB}", *drop]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody drop CAP_SYS_RESOURCE")
    return command


@pytest.mark.slow
def test_under_a_hard_limit_on_memory_a_scan_is_done_and_says_so_once(
    hard_limit: Sequence[str], studies: Path, tmp_path: Path
) -> None:
    done = screener("scan", studies, "--out", tmp_path / "r.pdf", "--no-pdf", before=hard_limit)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("this account may map 2000 MB a process (ulimit -H -v)") == 1
    told = screener("doctor", before=hard_limit)
    assert told.returncode == 0, told.stdout
    assert "this account may map 2000 MB a process" in " ".join(told.stdout.replace("│", " ").split())


@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [150, 400])
def test_too_little_memory_to_load_the_libraries_is_said_before_they_are(
    tmp_path: Path, megabytes: int
) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * MB, megabytes * MB))

    mail = tmp_path / "mail.txt"
    told = ("--out", tmp_path / "r.pdf", "--summary", mail)
    for command in (
        ("scan", tmp_path, *told),
        ("report", "--ledger", tmp_path / "ledger.sqlite", *told),
        ("doctor",),
        ("explain", __file__, "--out", tmp_path / "e.png"),
        ("models", "list"),
    ):
        mail.write_text("Screener: that of the night before")
        done = screener(*command, preexec_fn=few)
        assert done.returncode == 5, (command, done.stderr)
        assert f"rror: Memory is limited to {megabytes} MB a process (ulimit -v)" in done.stderr
        if mail in command:
            assert mail.read_text().startswith("Screener: ENDED WITH AN ERROR, exit code 5")


@pytest.mark.parametrize(
    ("hard", "ceiling"),
    [
        pytest.param(resource.RLIM_INFINITY, 5000 * MB, id="no limit"),
        pytest.param(8000 * MB, 5000 * MB, id="a limit above"),
        pytest.param(3000 * MB, 3000 * MB, id="a limit below"),
    ],
)
def test_a_worker_gets_what_was_asked_but_never_more_than_the_hard_limit(
    monkeypatch: pytest.MonkeyPatch, hard: int, ceiling: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", limited(hard, hard))
    assert machine.memory_ceiling(5000 * MB) == ceiling
    assert bool(machine.memory_words(4000 * MB)) == (ceiling < 5000 * MB)


def test_workers_that_do_not_start_are_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "start", os._exit)  # called with two arguments: fails
    image = ImageFile(Path("/a.jpg"), "a.jpg", FileKind.JPEG)
    with pytest.raises(MissingDependencyError, match="ulimit -H -v"), LocalEngine(SETUP, 1) as engine:
        for _ in engine.screen([image] for _ in range(50)):
            pass


def test_without_a_temporary_folder_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", failing(FileNotFoundError(2, "none")))
    with pytest.raises(OutputError, match="let TMPDIR name a folder") as told_by_engine:
        LocalEngine(SETUP, 1)
    with pytest.raises(OutputError) as told_by_scan:
        scan._check_temporary(copies=True)
    assert str(told_by_scan.value) == str(told_by_engine.value)


def test_a_long_temporary_folder_without_a_short_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/" + "x" * 120)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="at most 70 bytes"):
        machine.socket_folder()


@pytest.mark.parametrize("number", [2, 13, 30, 38])
def test_without_semaphores_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr("multiprocessing.context.BaseContext.Lock", failing(OSError(number, "why")))
    with pytest.raises(MissingDependencyError, match=r"/dev/shm cannot be used: why\. .*\nMount a tmpfs"):
        LocalEngine(SETUP, 1)


def test_a_full_shared_memory_is_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multiprocessing.context.BaseContext.Lock", failing(OSError(28, "")))
    with pytest.raises(MissingDependencyError, match=r"/dev/shm is full: .*\n.*--shm-size"):
        LocalEngine(SETUP, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("without", "code", "said"),
    [
        pytest.param("mount -t tmpfs -o ro tmpfs /dev/shm", 5, "/dev/shm cannot be used", id="read-only"),
        pytest.param(
            "mount -t tmpfs -o ro tmpfs /tmp; mount -t tmpfs -o ro tmpfs /var/tmp; cd /proc",
            6, "TMPDIR", id="no temporary folder",
        ),
    ],
)  # fmt: skip
def test_scan_and_doctor_name_what_the_machine_lacks(without: str, code: int, said: str) -> None:
    top = Path(__file__).parents[2]
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mount namespaces are not allowed here")
    if str(top).startswith(("/tmp", "/var/tmp")):
        pytest.skip("the project lies in the folder that would be hidden")
    studies, out = top / "sample_data" / "studies" / "exports", top / "r.pdf"
    for command in (f"scan {studies} --no-pdf --out {out}", "doctor"):
        script = f"{without}; exec {sys.executable} -m screener {command}"
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", script],
            capture_output=True, text=True, check=False,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(top)},
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert said in " ".join((done.stdout + done.stderr).replace("│", " ").split())
        assert "Traceback" not in done.stderr
    assert not out.with_suffix(".csv").exists()


def test_whatever_ran_out_of_memory_gets_the_advice_for_that(make_dicom: Callable[..., Path]) -> None:
    """The reasons that decoders give, and the engine's own, for one and the same cause."""
    error = MemoryError()
    future = failing(error)
    reasons = [
        layout.why_not_decoded(dicom.open_dicom(make_dicom(pixels_of_a_radiograph())).dataset, error),
        dicom._reason(error),
        raster._reason(error),
        local._result(type("Future", (), {"result": future})(), worker_process.DEFAULT_LIMITS),
    ]
    assert {reason.code for reason in reasons} == {ReasonCode.OUT_OF_MEMORY}
    assert "--file-memory" in shipped_messages().advice([ReasonCode.OUT_OF_MEMORY])


def pixels_of_a_radiograph() -> object:
    import numpy as np

    return np.zeros((8, 8), dtype=np.uint16)


def failing(error: BaseException) -> Callable[..., object]:
    def fail(*_: object) -> object:
        raise error

    return fail


def test_the_outcome_of_an_image_that_needs_too_much_names_the_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "screen", hungry)
    image = ImageFile(Path("/a.jpg"), "a.jpg", FileKind.JPEG)
    with LocalEngine(SETUP, 1) as engine:
        [[outcome]] = engine.screen([[image]])
    assert isinstance(outcome, NotScreened)
    assert outcome.cause is Cause.FAILED
    assert "more memory than a worker may use" in words(outcome)


def hungry(files: Sequence[ImageFile]) -> list[NotScreened]:
    """Stand for screen_batch; asks for more than any worker may have."""
    return [NotScreened(str(bytearray(1 << 43)), file.path, Cause.FAILED, why("")) for file in files]
