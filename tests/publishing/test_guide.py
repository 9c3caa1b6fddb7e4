"""docs/pacs.md, typed: from an empty archive to results in its studies, and the units that do it nightly."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest
import typer

from screener.cli import app
from tests.archives.orthanc import NEEDED, require, running_orthanc

TOP = Path(__file__).parents[2]
GUIDE = (TOP / "docs" / "pacs.md").read_text(encoding="utf-8")
PROGRAMS = Path(sys.executable).parent
BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UNIT = re.compile(r"`/etc/systemd/system/([\w-]+\.service)`.*?^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_a_newcomer_gets_from_an_empty_archive_to_results_in_its_studies(tmp_path) -> None:
    require(*NEEDED, "dcmsend", "dsrdump", "curl")
    section = GUIDE.partition("## Try it in ten minutes")[2].partition("\n## ")[0]
    _install, send, night, look = BLOCK.findall(section)
    (tmp_path / "archive").mkdir()
    with running_orthanc(
        tmp_path / "archive", AuthenticationEnabled=False, DicomAlwaysAllowStore=True
    ) as archive:
        typed(send, tmp_path, archive, called="-aec ORTHANC ")
        said = typed(night, tmp_path, archive)
        assert said.rstrip().endswith(told_to_expect(section))
        find, show = look.splitlines()
        found = re.search(r"[0-9a-f-]{44}", typed(find, tmp_path, archive))
        assert found
        report = typed(show.replace("THE-ID-THAT-IT-NAMED", found[0]), tmp_path, archive)
        assert "Probability of pneumonia" in report
        pull = next(line for line in night.splitlines() if line.startswith("screener pull"))
        assert "0 images pulled" in typed(pull, tmp_path, archive)
        ledger, outbox = tmp_path / "ledger.sqlite", tmp_path / "outbox"
        outbox.mkdir()
        drawn = f"screener publish --ledger {ledger} --to {outbox} --dicom sc,gsps"
        assert re.search(r": [1-5] sc, [1-5] gsps stored", typed(drawn, tmp_path, archive))
        studies = archive.ask("/tools/find", "POST", b'{"Level": "Study", "Query": {}, "Expand": true}')
        assert sorted(len(study["Series"]) for study in studies) == [1, 3, 3, 3, 3, 4]


def told_to_expect(section: str) -> str:
    """Return what the guide says that the last command says."""
    told = re.search(r"The last command says `([^`]+)`", section)
    assert told
    return told[1]


def typed(commands: str, folder: Path, archive, called: str = "") -> str:
    """Return what commands of the guide print, with an archive and a folder of the test's own."""
    port = archive.root.rpartition(":")[2]
    own = commands.replace("localhost:8042", f"127.0.0.1:{port}").replace("/tmp/try", str(folder))
    own = own.replace("localhost 4242", f"{called}127.0.0.1 {archive.port}")
    done = subprocess.run(
        ["bash", "-c", f"set -e -o pipefail\n{own}"],
        cwd=TOP,
        env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{own}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize(("name", "text"), UNIT.findall(GUIDE), ids=lambda each: each.partition("\n")[0])
def test_systemd_finds_no_fault_in_the_units_of_the_guide(tmp_path, name, text) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze absent (Debian: apt install systemd)")
    (tmp_path / name).write_text(text.replace("/opt/screener/bin/", f"{PROGRAMS}/"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_unit_of_the_guide_is_looked_at() -> None:
    assert [name for name, _ in UNIT.findall(GUIDE)] == ["screener-receive.service", "screener-night.service"]


@pytest.mark.slow
def test_the_module_for_mercure_puts_a_report_for_each_study_into_its_folder(tmp_path) -> None:
    script = GUIDE.partition("```\n#!/bin/sh")[2].partition("```")[0]
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    shutil.copy(TOP / "sample_data/studies/2026-11-19/SAMPLE-001/pa.dcm", tmp_path / "in")
    folders = {"MERCURE_IN_DIR": str(tmp_path / "in"), "MERCURE_OUT_DIR": str(tmp_path / "out")}
    done = subprocess.run(
        ["sh", "-c", script.replace("/tmp/", f"{tmp_path}/")],
        env={**os.environ, **folders, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [report] = (tmp_path / "out").iterdir()
    assert pydicom.dcmread(report).PatientID == "SAMPLE-001"


def commands_of_the_guide() -> list[str]:
    """Return every screener command that docs/pacs.md tells to type, or a unit runs."""
    joined = GUIDE.replace("\\\n", " ")
    return re.findall(
        r"(?:^|/opt/screener/bin/)screener ((?:pull|scan|publish|receive|doctor) [^\n|]*?)(?: \|\||$)",
        joined,
        re.M,
    )


@pytest.mark.parametrize("line", commands_of_the_guide())
def test_every_command_of_the_guide_is_one(line: str) -> None:
    name, *arguments = shlex.split(re.sub(r"\s+#.*", "", line).rstrip("'"))
    group = typer.main.get_command(app)
    group.commands[name].make_context(name, arguments)  # type: ignore[attr-defined]


def test_the_guide_has_commands() -> None:
    assert len(commands_of_the_guide()) >= 12
