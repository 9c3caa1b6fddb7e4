"""Whatever dies on the cluster, every file is reported, once, and with what the local engine says of it."""

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from screener.errors import ExitCode
from screener.ledger import schema as sql
from tests.ray_engine.harness import Scanned, TestCluster, begin, end, make_radiographs, on, scan, wait_for

pytestmark = pytest.mark.slow

RADIOGRAPHS = 16
NODES = 2  # of the cluster that can work
IMPATIENT = "from screener.engines import ray; ray.NEW_SECONDS = 2.0; from screener.cli import main; main()"


@pytest.fixture(scope="module")
def radiographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("images")
    make_radiographs(root, RADIOGRAPHS)
    return root


@pytest.fixture(scope="module")
def expected(radiographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """Return what the local engine makes of the images, which are slow on the cluster only."""
    out = tmp_path_factory.mktemp("local") / "report.pdf"
    return scan(radiographs, out, "--ledger", out.with_name("ledger"))


def outcomes(ledger: Path) -> list[tuple[object, ...]]:
    """Return what a ledger says of each path, to the last bit."""
    with closing(sqlite3.connect(ledger)) as database:
        return database.execute(f"SELECT {sql.STAMP}, {sql.RESULT} FROM results ORDER BY path").fetchall()


def begun(ledger: Path) -> bool:
    """Return whether a scan has committed outcomes. Ask a copy: the scan holds its ledger alone."""
    copy = ledger.with_name("copy")
    try:
        for suffix in ("", "-wal"):
            copy.with_name(copy.name + suffix).write_bytes(
                ledger.with_name(ledger.name + suffix).read_bytes()
            )
        with closing(sqlite3.connect(copy)) as database:
            [[known]] = database.execute("SELECT count(*) FROM results")
    except (OSError, sqlite3.Error):
        return False
    return bool(known)


def test_images_give_the_same_bytes_as_on_this_machine(
    cluster: TestCluster, radiographs: Path, expected: Scanned, tmp_path: Path
) -> None:
    found = scan(radiographs, tmp_path / "report.pdf", "--ledger", tmp_path / "ledger", *on(cluster))
    assert found.exit_code == 0, found.printed
    assert len(found.files) == RADIOGRAPHS
    assert found.written == expected.written
    assert outcomes(tmp_path / "ledger") == outcomes(expected.out.with_name("ledger"))


def test_a_worker_killed_in_the_midst_costs_nothing(
    cluster: TestCluster, radiographs: Path, expected: Scanned, tmp_path: Path
) -> None:
    out, ledger = tmp_path / "report.pdf", tmp_path / "ledger"
    with begin(radiographs, out, "--ledger", ledger, *on(cluster)) as running:
        wait_for(lambda: begun(ledger))
        os.kill(cluster.workers()[0], signal.SIGKILL)
        assert running.process.poll() is None
        found = end(running, out)
    assert found.exit_code == 0, found.printed
    assert found.written == expected.written


def test_a_node_that_goes_away_costs_nothing(
    cluster: TestCluster, radiographs: Path, expected: Scanned, tmp_path: Path
) -> None:
    out, ledger = tmp_path / "report.pdf", tmp_path / "ledger"
    with begin(radiographs, out, "--ledger", ledger, *on(cluster)) as running:
        wait_for(lambda: begun(ledger) and len(cluster.workers()) == 2)
        cluster.command("remove")
        assert running.process.poll() is None
        found = end(running, out)
    cluster.command("add")
    assert found.exit_code == 0, found.printed
    assert found.written == expected.written


def test_without_any_node_left_a_scan_tells_what_it_knows_and_the_next_goes_on(
    cluster: TestCluster, radiographs: Path, expected: Scanned, tmp_path: Path
) -> None:
    out, ledger = tmp_path / "report.pdf", tmp_path / "ledger"
    with begin(radiographs, out, "--ledger", ledger, *on(cluster), program=("-c", IMPATIENT)) as running:
        wait_for(lambda: begun(ledger))
        for _ in range(NODES):
            cluster.command("remove")
        try:
            assert running.process.poll() is None
            lost = end(running, out)
        finally:
            for _ in range(NODES):
                cluster.command("add")
    assert lost.exit_code == ExitCode.INTERRUPTED, lost.printed
    assert "no worker of the cluster is left" in lost.printed
    assert lost.report["complete"] is False
    assert 0 < len(lost.files) < RADIOGRAPHS
    assert all(row == expected.files[file] for file, row in lost.files.items())
    found = scan(radiographs, out, "--ledger", ledger, *on(cluster))
    assert found.exit_code == 0, found.printed
    assert found.report["complete"] is True
    assert found.written == expected.written
    assert outcomes(ledger) == outcomes(expected.out.with_name("ledger"))


def test_a_killed_scan_goes_on_with_its_ledger(
    cluster: TestCluster, radiographs: Path, expected: Scanned, tmp_path: Path
) -> None:
    out, ledger = tmp_path / "report.pdf", tmp_path / "ledger"
    with begin(radiographs, out, "--ledger", ledger, *on(cluster)) as running:
        wait_for(lambda: begun(ledger))
        running.process.kill()
        running.process.wait()
    wait_for(lambda: not cluster.workers())  # none of a dead scan's workers stays
    with closing(sqlite3.connect(ledger)) as database:
        [[known]] = database.execute("SELECT count(*) FROM results")
    assert 0 < known < RADIOGRAPHS
    found = scan(radiographs, out, "--ledger", ledger, *on(cluster))
    assert found.exit_code == 0, found.printed
    assert found.written == expected.written


def test_a_file_that_crashes_its_decoder_costs_itself_alone(
    cluster: TestCluster, radiographs: Path, expected: Scanned, tmp_path: Path
) -> None:
    root = tmp_path / "images"
    make_radiographs(root, 6, "image")
    make_radiographs(root / "bad", 2, "poison")
    found = scan(root, tmp_path / "report.pdf", *on(cluster))
    assert found.exit_code == 3, found.printed
    failed = {row["reason"] for row in found.files.values() if row["cause"] == "failed"}
    assert failed == {"the decoder crashed (SIGSEGV)"}
    outcomes = [row["outcome"] for row in found.files.values()]
    assert (outcomes.count("screened"), outcomes.count("not_screened")) == (6, 2)


def test_a_file_that_kills_workers_is_given_up_after_some_and_costs_itself_alone(
    cluster: TestCluster, tmp_path: Path
) -> None:
    root = tmp_path / "images"
    make_radiographs(root, 6, "image")
    make_radiographs(root / "bad", 1, "assassin")
    found = scan(root, tmp_path / "report.pdf", *on(cluster))
    assert found.exit_code == 3, found.printed
    failed = [row["reason"] for row in found.files.values() if row["cause"] == "failed"]
    assert failed == ["lost 3 workers of the cluster that had this file alone (its process or its node died)"]
    assert [row["outcome"] for row in found.files.values()].count("screened") == 6
