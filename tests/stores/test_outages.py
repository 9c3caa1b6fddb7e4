"""A store that fails, or hangs, costs the night and no image: the next run has them all."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.speed.slow_store import BUCKET, FOREVER, slow_store
from screener.domain import Cause, Ignored, NotScreened
from screener.ledger import Ledger
from screener.locations import ObjectUrl
from screener.reasons import Reason, ReasonCode
from screener.screening.admission import AWAY_IN_A_ROW, Admission
from screener.stores import StoreError
from screener.stores.errors import in_words
from tests.commands.conftest import make_mixed_tree, read_csv, write_jpeg
from tests.stores.harness import Bucket
from tests.stores.test_scan import scan, written

pytestmark = pytest.mark.network  # each starts a store of its own

pytest.importorskip("s3fs", reason="s3fs is not installed: pip install 'cxr-screener[s3]'")

IMPATIENT = """
import screener.screening.admission as sieve
sieve.AWAY_IN_A_ROW = 3
from screener.cli import main
main()
"""

AWAY = "cannot be read from its store: the store is out of reach"


@contextmanager
def radiographs(tmp_path: Path, count: int) -> Iterator[tuple[dict[str, float], dict[str, str]]]:
    """Serve some images; yield the faults, to be filled, and the environment."""
    for number in range(count):
        write_jpeg(tmp_path / "images" / f"{number}.jpg", number)
    faults: dict[str, float] = {}
    with slow_store(tmp_path / "images", faults=faults) as environment:
        yield faults, environment | {"AWS_MAX_ATTEMPTS": "1"}


def night(tmp_path: Path, environment: dict[str, str], *words: object, code: str = "") -> tuple[int, str]:
    """Scan with a ledger; return the exit code and what was said. code: run in place of the command."""
    command = ["-c", code] if code else ["-m", "screener"]
    outputs = ("--out", tmp_path / "report.pdf", "--no-pdf", "--files-csv", tmp_path / "files.csv")
    asked = ("scan", f"s3://{BUCKET}", *outputs, "--ledger", tmp_path / "ledger.sqlite", *words)
    done = screener_with(environment, *asked, command=command)
    return done.returncode, done.stderr + done.stdout


def screener_with(
    environment: dict[str, str], *words: object, command: Sequence[str] = ("-m", "screener")
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command, *map(str, words)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def reasons(tmp_path: Path) -> dict[str, str]:
    return {row["file"]: row["reason"] for row in read_csv(tmp_path / "files.csv")}


def test_an_image_that_a_store_never_gives_is_asked_for_again(tmp_path: Path) -> None:
    with radiographs(tmp_path, 3) as (faults, environment):
        faults["1.jpg"] = FOREVER
        exit_code, said = night(tmp_path, environment, "--file-timeout", 3)
        assert exit_code == 3, said
        assert reasons(tmp_path)["1.jpg"] == f"{AWAY}: it did not answer in time"
        assert [name for name, reason in reasons(tmp_path).items() if reason] == ["1.jpg"]
        faults.clear()
        exit_code, said = night(tmp_path, environment)
        assert (exit_code, set(reasons(tmp_path).values())) == (0, {""}), said


def test_images_that_are_refused_for_a_second_night_are_no_old_news(tmp_path: Path) -> None:
    with radiographs(tmp_path, 3) as (faults, environment):
        faults["1.jpg"] = 403
        for _ in range(2):
            exit_code, said = night(tmp_path, environment, "--new-only")
            assert exit_code == 3, said
            assert reasons(tmp_path)["1.jpg"] == "cannot be read from its store: access is denied"
            assert "1.jpg" in {row["file"] for row in read_csv(tmp_path / "report.csv")}


def test_a_store_that_goes_away_ends_the_scan_and_the_next_one_goes_on(tmp_path: Path) -> None:
    with radiographs(tmp_path, 20) as (faults, environment):
        faults.update({f"{number}.jpg": 503 for number in range(20)} | {"0.jpg": 0})
        words = ("--batch-size", 4, "--workers", 1)
        exit_code, said = night(tmp_path, environment, *words, code=IMPATIENT)
        assert exit_code == 130, said
        assert "the store is out of reach: what is known is reported" in said
        assert "Traceback" not in said
        known = reasons(tmp_path)
        assert 3 <= len(known) < 20
        assert known["1.jpg"].startswith("cannot be read from its store: the store is out of reach: ")
        faults.clear()
        exit_code, said = night(tmp_path, environment, *words)
        assert (exit_code, len(reasons(tmp_path)), set(reasons(tmp_path).values())) == (0, 20, {""}), said


@pytest.mark.parametrize("words", [(), ("--shard", "1/2")])
def test_a_store_that_hangs_from_the_start_ends_the_scan(tmp_path: Path, words: tuple[str, ...]) -> None:
    with radiographs(tmp_path, 12) as (faults, environment):
        faults.update({f"{number}.jpg": FOREVER for number in range(12)})
        waits = ("--batch-size", 8, "--workers", 1, "--file-timeout", 1)
        exit_code, said = night(tmp_path, environment, *waits, *words, code=IMPATIENT)
        assert (exit_code, "the store is out of reach: what is known" in said) == (130, True), said
        assert set(reasons(tmp_path).values()) == {f"{AWAY}: it did not answer in time"}
        faults.clear()
        exit_code, said = night(tmp_path, environment, *words)
        assert (exit_code, set(reasons(tmp_path).values())) == (0, {""}), said


def test_credentials_that_expire_in_the_night_end_the_scan() -> None:
    expired = Exception("An error occurred (ExpiredToken)")
    expired.response = {  # type: ignore[attr-defined]
        "Error": {"Code": "ExpiredToken"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    with pytest.raises(StoreError) as raised, in_words():
        raise PermissionError("The provided token has expired.") from expired
    assert raised.value.away
    assert raised.value.strerror == "the store is out of reach: the credentials have expired"


def test_a_bug_is_not_told_as_an_error_of_the_store() -> None:
    for bug in (TypeError("bug"), KeyError("bug"), ValueError("bug")):
        with pytest.raises(type(bug)), in_words():
            raise bug


def test_what_answers_and_is_no_store_is_told_so(tmp_path: Path) -> None:
    import http.server
    import threading

    class Portal(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html><body>Log in first</body></html>")

        def log_message(self, *words: object) -> None:  # type: ignore[override]
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "y",
            "AWS_MAX_ATTEMPTS": "1",
        }
        exit_code, said = night(tmp_path, environment)
        server.shutdown()
    assert (exit_code, "cannot be listed: " in said) == (2, True), said
    assert "not a single object" not in said


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"AWS_PROFILE": "nope"}, "AWS_PROFILE names no profile"),
        ({"AWS_ENDPOINT_URL": "127.0.0.1:9"}, "Invalid endpoint: 127.0.0.1:9"),
        ({"TMPDIR": "/no/such/folder"}, "TMPDIR /no/such/folder: cannot be written"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named(
    tmp_path: Path, environment: dict[str, str], says: str
) -> None:
    with radiographs(tmp_path, 1) as (_, working):
        exit_code, said = night(tmp_path, working | environment)
        assert (exit_code, says in said, "Traceback" in said) == (2, True, False), said
        if "TMPDIR" not in environment:
            done = screener_with(working | environment, "explain", f"s3://{BUCKET}/0.jpg", "--out", tmp_path)
            assert (done.returncode, says in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_a_small_bound_on_memory_is_as_good_for_a_store_as_for_a_folder(
    bucket: Bucket, tmp_path: Path
) -> None:
    make_mixed_tree(tmp_path / "studies")
    bucket.put_folder(tmp_path / "studies", "2026")
    for source, name in ((tmp_path / "studies", "local"), (bucket.url("2026"), "store")):
        scan(bucket, source, tmp_path / name / "report.pdf", "--file-memory", 256)
    assert written(tmp_path / "store" / "report.pdf") == written(tmp_path / "local" / "report.pdf")


def test_a_store_is_away_after_so_many_objects_in_a_row_and_stays_so() -> None:
    away = Reason.of(ReasonCode.STORE_OUT_OF_REACH, why="it cannot be reached")

    def outcome(reason: Reason, number: int) -> NotScreened:
        url = ObjectUrl(f"s3://bucket/{number}.dcm")
        return NotScreened(url.name, url, Cause.FAILED, reason, transient=True)

    with Ledger() as ledger:
        ledger.begin(datetime.now(UTC))
        admission = Admission(ledger, 0, lambda outcome: None)
        admission.record(outcome(away, number) for number in range(AWAY_IN_A_ROW - 1))
        admission.record([Ignored("notes", ObjectUrl("s3://bucket/notes"))])
        admission.record(
            outcome(Reason.of(ReasonCode.STORE_REFUSED, why="access is denied"), number)
            for number in range(99)
        )
        admission.record(outcome(away, number) for number in range(AWAY_IN_A_ROW - 1))
        assert not admission.store_is_away
        admission.record([outcome(away, 0)])
        admission.record(
            [Ignored("notes", ObjectUrl("s3://bucket/notes"))]
        )  # from a worker that had it in hand
        assert admission.store_is_away
