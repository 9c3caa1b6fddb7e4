"""Images of a store, screened by a Ray of this machine's own, give the same bytes as the local engine's."""

from pathlib import Path

import pytest

from tests.commands.conftest import make_mixed_tree
from tests.stores.harness import Bucket
from tests.stores.test_scan import scan, written

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("ray_installed")
def test_a_cluster_reads_images_from_a_store_itself(bucket: Bucket, tmp_path: Path) -> None:
    make_mixed_tree(tmp_path / "studies")
    bucket.put_folder(tmp_path / "studies", "2026")
    scan(bucket, tmp_path / "studies", tmp_path / "local" / "report.pdf")
    scan(bucket, bucket.url("2026"), tmp_path / "ray" / "report.pdf", "--engine", "ray")
    assert written(tmp_path / "ray" / "report.pdf") == written(tmp_path / "local" / "report.pdf")
    assert bucket.asked("GET", "pa.dcm") == 1
