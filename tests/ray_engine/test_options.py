"""What is wrong with the cluster, or missing here, is said before the first file."""

import subprocess
import sys
from pathlib import Path

import pytest

from screener.errors import ExitCode
from tests.commands.conftest import invoke, write_jpeg

WITHOUT_RAY = "import sys; sys.modules['ray'] = None; from screener.cli import main; main()"


@pytest.fixture
def radiographs(tmp_path: Path) -> Path:
    write_jpeg(tmp_path / "images" / "image.jpg")
    return tmp_path / "images"


@pytest.mark.slow
def test_without_ray_the_extra_is_named(radiographs: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            WITHOUT_RAY,
            "scan",
            radiographs,
            "--out",
            tmp_path / "r.pdf",
            "--engine",
            "ray",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ExitCode.MISSING_DEPENDENCY
    assert "pip install 'cxr-screener[ray]'" in done.stderr
    assert not (tmp_path / "r.csv").exists()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nowhere"])
def test_an_address_without_a_cluster_is_refused(
    ray_installed: None, radiographs: Path, tmp_path: Path, address: str
) -> None:
    scan = [sys.executable, "-m", "screener", "scan", radiographs, "--out", tmp_path / "r.pdf", "--no-pdf"]
    done = subprocess.run(
        [*scan, "--engine", "ray", "--ray-address", address], capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitCode.USAGE, done.stderr
    assert f" error: --ray-address {address}: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(("--engine", "dask"), "--engine is local or ray, got 'dask'", id="unknown engine"),
        pytest.param(("--ray-address", "auto"), "--ray-address does nothing without", id="address alone"),
    ],
)
def test_options_that_cannot_be_are_refused(
    radiographs: Path, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    result = invoke("scan", radiographs, "--out", tmp_path / "report.pdf", *options)
    assert result.exit_code == ExitCode.USAGE
    assert said in result.output
