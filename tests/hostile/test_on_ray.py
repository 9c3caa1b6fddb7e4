"""Hostile files cost themselves alone on a cluster too, and nothing that is written differs by a byte."""

import pytest

from tests.hostile.conftest import HostileScan
from tests.ray_engine.harness import TestCluster, scan

pytestmark = pytest.mark.slow


def test_a_hostile_tree_gives_the_same_bytes_on_a_cluster(
    hostile_scan: HostileScan, cluster: TestCluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = scan(
        hostile_scan.out.with_name("studies"),
        tmp_path_factory.mktemp("on-ray") / "report.pdf",
        *("--batch-size", 2, "--file-timeout", 3, "--file-memory", 1024),
        *("--engine", "ray", "--ray-address", cluster.address),
    )
    assert found.exit_code == hostile_scan.exit_code, found.printed
    listed = hostile_scan.out.with_name("files.csv").read_bytes()
    assert listed.count(b"\n") > 200
    local = (hostile_scan.out.with_suffix(".csv").read_bytes(), listed)
    assert list(map(without_racers, found.written)) == list(map(without_racers, local))


def without_racers(written: bytes) -> list[bytes]:
    """Return lines without those of the one file whose outcome is which of its limits it reaches first."""
    lines = written.split(b"\n")
    kept = [line for line in lines if b"bombs/many-bytes.png" not in line]
    assert len(kept) == len(lines) - 1
    return kept
