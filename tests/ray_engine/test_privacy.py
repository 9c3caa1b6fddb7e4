"""Nothing of a patient, and nothing at all, leaves by Ray: no connection, no listener, no log."""

from pathlib import Path

import pytest

from tests.ray_engine.harness import (
    PATIENT,
    TestCluster,
    begin,
    connected_to,
    end,
    listening,
    make_radiographs,
    on,
    scan,
    wait_for,
)

pytestmark = pytest.mark.slow

# As the kernel writes them: 127.0.0.1 in both families, and nothing, which a socket not yet connected has.
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F"}
NOWHERE = {"00000000", "0" * 32}


@pytest.fixture
def identified(tmp_path: Path) -> Path:
    """Make images whose names and tags identify patients, one of which crashes its decoder."""
    root = tmp_path / "studies"
    make_radiographs(root, 6, f"{PATIENT}-image")
    make_radiographs(root / "bad", 1, f"poison-{PATIENT}")
    return root


def test_a_ray_of_ones_own_speaks_to_loopback_alone_and_leaves_nothing_behind(
    ray_installed: None, identified: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "RAY_USAGE_STATS_ENABLED"):
        monkeypatch.delenv(name, raising=False)  # it is the scan that must see to it
    make_radiographs(identified, 60, "further")
    out = tmp_path / "report.pdf"
    heard: set[str] = set()
    spoken: set[str] = set()
    with begin(identified, out, "--engine", "ray", "--workers", 1) as running:

        def workers() -> list[int]:
            pids = running.alive()
            for pid in pids:
                heard.update(listening(pid))
                spoken.update(connected_to(pid))
            return [pid for pid in pids if b"ray::RemoteWorker" in cmdline(pid)]

        [worker] = wait_for(workers)
        environment = Path(f"/proc/{worker}/environ").read_bytes().split(b"\0")
        wait_for(lambda: workers() or running.process.poll() is not None)
        [home] = {each for each in Path("/tmp").glob("screener-ray-*") if owned_by(each, running.process.pid)}
        assert home.stat().st_mode & 0o077 == 0
        found = end(running, out)
        assert running.alive() == []
    assert found.exit_code == 0, found.printed
    assert heard
    assert heard <= LOOPBACK
    assert spoken <= LOOPBACK | NOWHERE
    assert b"RAY_USAGE_STATS_ENABLED=0" in environment
    assert b"RAY_AUTH_MODE=token" in environment
    assert not home.exists()


def cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def owned_by(home: Path, pid: int) -> bool:
    """Return whether a Ray's folder belongs to the scan with this process id, which stands in its name."""
    return any(each.name.endswith(f"_{pid}") for each in home.glob("ray/session_*"))


def test_logs_and_spill_folders_of_a_cluster_hold_no_identifier(
    cluster: TestCluster, identified: Path, tmp_path: Path
) -> None:
    found = scan(identified, tmp_path / "report.pdf", *on(cluster))
    assert found.exit_code == 3, found.printed
    assert any(PATIENT in file for file in found.files)
    files = [each for each in cluster.session.rglob("*") if each.is_file()]
    assert any(each.stat().st_size for each in files if "worker" in each.name)
    telling = [each.name for each in files if PATIENT.encode() in each.read_bytes()]
    assert telling == []
