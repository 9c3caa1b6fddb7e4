from pathlib import Path

import pytest

from tests.publishing.hospital import Hospital


@pytest.fixture
def hospital(tmp_path: Path) -> Hospital:
    """A folder for images, and a ledger that knows of none yet."""
    return Hospital(tmp_path)
