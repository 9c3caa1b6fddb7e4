"""'screener install-service': what it writes is what systemd and the other programs understand."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from screener.cli import app
from screener.commands.install_service import service_files
from screener.errors import UsageError
from screener.resources import resource_folder
from tests.commands.conftest import invoke


@pytest.fixture
def root(tmp_path: Path) -> Path:
    done = invoke("install-service", "--root", tmp_path, "--studies", "/mnt/pacs")
    assert done.exit_code == 0, done.output
    return tmp_path


def needs(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"no {program} here")


def test_dry_run_prints_every_file_and_writes_none(tmp_path: Path) -> None:
    done = invoke("install-service", "--dry-run", "--root", tmp_path)
    for file in service_files(tmp_path, "/studies"):
        assert f"# ----- {file.path}\n{file.text}" in done.output
    assert list(tmp_path.iterdir()) == []


def test_unit_and_options_name_this_installation_and_these_studies(root: Path) -> None:
    unit = (root / "etc/systemd/system/screener.service").read_text()
    program = unit.partition("ExecStart=")[2].split()[0]
    assert Path(program).exists()
    assert "RequiresMountsFor=/mnt/pacs\n" in unit
    assert 'paths = ["/mnt/pacs"]' in (root / "etc/screener.toml").read_text()
    assert (root / "etc/screener.toml").stat().st_mode & 0o777 == 0o644


def test_it_says_so_where_the_unit_s_sandbox_hides_the_studies(tmp_path: Path) -> None:
    for folder, setting in (("/home/me/studies", "ProtectHome"), ("/var/tmp/x", "PrivateTmp")):
        done = invoke("install-service", "--root", tmp_path, "--studies", folder)
        words = " ".join(done.output.split())
        assert f"{folder}: the unit cannot see this path, as {setting}=yes hides" in words
    unit = (resource_folder("templates") / "service" / "screener.service").read_text()
    assert {"ProtectHome=yes", "PrivateTmp=yes"} <= set(unit.splitlines())
    assert (
        "/mnt/pacs: the unit cannot"
        not in invoke("install-service", "--root", tmp_path, "--studies", "/mnt/pacs", "--replace").output
    )


def test_systemd_finds_nothing_wrong_with_the_units(root: Path) -> None:
    needs("systemd-analyze")
    units = sorted((root / "etc/systemd/system").iterdir())
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if "screener" in line] == []
    units[0].write_text(units[0].read_text() + "NoSuchSetting=1\n")
    spoilt = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", units[0]], capture_output=True, text=True, check=False
    )
    assert "NoSuchSetting" in spoilt.stderr


def test_account_group_and_folders_come_to_be(root: Path) -> None:
    needs("systemd-sysusers", "systemd-tmpfiles")
    if os.getuid():
        pytest.skip("only root makes accounts")
    subprocess.run(["systemd-sysusers", f"--root={root}"], check=True, capture_output=True)
    assert "screener:" in (root / "etc/passwd").read_text()
    subprocess.run(["systemd-tmpfiles", f"--root={root}", "--create"], check=True, capture_output=True)
    groups = dict(line.split(":")[:3:2] for line in (root / "etc/group").read_text().splitlines())
    for folder, mode, group in (
        ("var/lib/screener", 0o710, "radiology"),
        ("var/lib/screener/reports", 0o2750, "radiology"),
        ("var/log/screener", 0o750, "screener"),
    ):
        told = (root / folder).stat()
        assert (told.st_mode & 0o7777, told.st_gid) == (mode, int(groups[group]))


def test_the_options_that_it_writes_are_all_known(root: Path) -> None:
    done = invoke("config", "check", "--config", root / "etc/screener.toml")
    assert done.exit_code == 0, done.output


def test_what_is_there_stays_unless_it_is_to_be_replaced_and_the_options_stay_always(root: Path) -> None:
    for name in ("etc/screener.toml", "etc/logrotate.d/screener"):
        (root / name).write_text("mine")
    again = invoke("install-service", "--root", root, "--studies", "/mnt/pacs").output
    assert f"{root}/etc/logrotate.d/screener: kept, it says something else; --replace" in again
    assert f"{root}/etc/systemd/system/screener.timer: there already" in again
    invoke("install-service", "--root", root, "--studies", "/mnt/pacs", "--replace")
    assert (root / "etc/logrotate.d/screener").read_text() != "mine"
    assert (root / "etc/screener.toml").read_text() == "mine"


@pytest.mark.parametrize("studies", ["studies", "/a b", '/a"b', "/a%b", "s3://bucket"])
def test_a_folder_that_no_unit_can_name_is_refused(tmp_path: Path, studies: str) -> None:
    with pytest.raises(UsageError, match="a full path without spaces"):
        service_files(tmp_path, studies)


def test_the_completion_is_what_the_program_gives_today() -> None:
    given = (
        CliRunner().invoke(app, [], env={"_SCREENER_COMPLETE": "source_bash"}, prog_name="screener").output
    )
    shipped = resource_folder("templates") / "service" / "completion.bash"
    assert shipped.read_text() == given


def test_retention_is_a_setting(root: Path, tmp_path: Path) -> None:
    """The monthly unit's command takes ledger and age from the file alone."""
    unit = (root / "etc/systemd/system/screener-retention.service").read_text()
    command = unit.partition("ExecStart=")[2].split("\n")[0].split()
    assert command[1:] == ["ledger", "forget", "--config", "/etc/screener.toml"]
    config = root / "etc/screener.toml"
    ledger = tmp_path / "none.sqlite"
    config.write_text(config.read_text().replace("/var/lib/screener/ledger.sqlite", str(ledger)))
    done = invoke("ledger", "forget", "--config", config)
    assert done.exit_code == 2
    assert "none.sqlite: no such file" in done.output.replace("\n", "")
