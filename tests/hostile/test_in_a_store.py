"""Hostile objects cost themselves alone, and end as the files would have."""

import os
import re
import stat
from pathlib import Path

import pytest

from tests.commands.conftest import read_csv
from tests.hostile.conftest import HostileScan
from tests.hostile.processes import run_watched
from tests.stores.harness import Bucket

pytestmark = pytest.mark.slow

RACES_ITS_LIMITS = "bombs/many-bytes.png"


def test_a_hostile_tree_in_a_store_ends_as_it_does_in_a_folder(
    hostile_scan: HostileScan, bucket: Bucket, tmp_path: Path
) -> None:
    root = hostile_scan.out.with_name("studies")
    stored = {file for path in regular_files(root) if (file := put(bucket, path, root))}
    out = tmp_path / "report.pdf"
    exit_code, printed, _ = run_watched(
        *("scan", bucket.url("tree"), "--out", out, "--files-csv", tmp_path / "files.csv", "--no-pdf"),
        *("--workers", 2, "--batch-size", 2, "--file-timeout", 3, "--file-memory", 1024),
        seconds=300,
    )
    assert exit_code == 3, printed
    found = {row["file"]: row for row in read_csv(tmp_path / "files.csv")}
    # In a CSV a name that opens a formula has an apostrophe before it.
    local = {row["file"]: row for row in hostile_scan.files if row["file"].removeprefix("'") in stored}
    assert len(found) == len(stored) > 180
    for rows in (found, local):
        del rows[RACES_ITS_LIMITS]
    assert found == local


def regular_files(root: Path) -> list[Path]:
    """Return the files whose like a store can hold: no links, pipes or forbidden ones, and names in UTF-8."""
    # os.walk passes by what is forbidden, or has too long a name.
    found = (Path(folder) / name for folder, _, names in os.walk(root) for name in names)
    return [
        path
        for path in found
        if re.fullmatch(r"[^\x00-\x1f\x7f\ud800-\udfff]+", str(path))
        and stat.S_ISREG(mode := path.lstat().st_mode)
        and mode & 0o400
    ]


def put(bucket: Bucket, path: Path, root: Path) -> str:
    """Put a file into the bucket; return its name, empty where the server takes none that is so long."""
    file = path.relative_to(root).as_posix()
    if len(file) > 1000:  # bytes; S3 takes 1,024
        return ""
    bucket.put(f"tree/{file}", path.read_bytes())
    return file
