from pathlib import Path

import pytest

from screener.options import ScanOptions
from screener.screening.run import shared_out


@pytest.mark.parametrize(
    ("files", "workers", "size"),
    [(1, 2, 1), (10, 2, 2), (16, 2, 4), (63, 2, 15), (64, 2, 16), (100_000, 2, 16), (10, 32, 1)],
)
def test_few_files_are_shared_out_among_all_workers(files: int, workers: int, size: int) -> None:
    options = ScanOptions(
        paths=(Path("s"),), out=Path("r.pdf"), model=Path("m"), batch_size=16, workers=workers
    )
    assert shared_out(options, files).batch_size == size
