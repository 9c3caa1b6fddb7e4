"""Templates and the shipped model are found from a wheel and from a checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from screener.resources import SHIPPED_MODEL, resource_folder, shipped_model

REPOSITORY = Path(__file__).parents[1]

ASK = "from screener.resources import *; print(resource_folder('templates')); print(shipped_model())"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(REPOSITORY),
    ]
    subprocess.run(command, check=True, capture_output=True)
    [path] = folder.glob("*.whl")
    return path


@pytest.mark.slow
def test_a_wheel_puts_nothing_but_the_package_on_the_top_level(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"screener", "cxr_screener"}
    assert f"screener/resources_in_wheel/models/{SHIPPED_MODEL}/model.tflite" in names
    assert "screener/resources_in_wheel/templates/report.html.j2" in names
    assert "screener/resources_in_wheel/templates/triage/page.html.j2" in names
    assert "screener/resources_in_wheel/templates/triage/start.js" in names
    assert "screener/resources_in_wheel/templates/service/screener.service" in names
    assert "screener/resources_in_wheel/templates/monitor.html.j2" in names
    assert "screener/outputs/schemas/report.schema.json" in names
    assert "screener/outputs/schemas/worklist.tableschema.json" in names


@pytest.mark.slow
def test_an_installed_wheel_finds_its_own_templates_and_model(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(pip, check=True)
    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        env={"PYTHONPATH": str(target)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    for line in asked.stdout.splitlines():
        assert Path(line).is_relative_to(target)
        assert Path(line).is_dir()


def test_a_checkout_finds_its_own_templates_and_model() -> None:
    assert resource_folder("templates") == REPOSITORY / "templates"
    assert shipped_model() == REPOSITORY / "models" / SHIPPED_MODEL
    assert (shipped_model() / "manifest.json").is_file()


def test_the_shipped_model_is_small_and_nothing_else_is_large() -> None:
    size = sum(path.stat().st_size for path in (REPOSITORY / "models").rglob("*") if path.is_file())
    assert size < 30_000_000
