"""CI runs as on a machine that has never seen the project."""

import os
import subprocess
import uuid
from pathlib import Path

import pytest

CI = Path(__file__).parents[1] / ".ci" / "run"
HIDDEN = ("/tmp", "/var/tmp", "/dev/shm")

pytestmark = pytest.mark.skipif(not CI.exists(), reason="no repository: a source distribution leaves .ci out")


def ran(*command: str, ci: Path = CI, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [ci, *command], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


@pytest.fixture
def namespaces() -> None:
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/dev/shm"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare")
    if done.returncode:
        pytest.skip("mount namespaces are not allowed here")


def test_what_earlier_runs_left_is_out_of_sight(namespaces: None) -> None:
    name = f"left-by-an-earlier-run-{uuid.uuid4().hex}"
    left = [Path(folder, name) for folder in HIDDEN]
    for each in left:
        each.touch()
    try:
        done = ran("sh", "-c", f"ls {' '.join(map(str, left))}; ls -A $HOME; echo home $HOME; ls Makefile")
    finally:
        assert all(each.exists() for each in left)
        for each in left:
            each.unlink()
    assert done.stdout == "home /tmp/home\nMakefile\n", done.stderr
    assert done.stderr.count(name) == len(left)  # "No such file or directory"


@pytest.mark.parametrize("below", HIDDEN)
def test_a_project_that_lies_in_a_hidden_folder_stays_where_it_is(namespaces: None, below: str) -> None:
    top = Path(below, f"project-{uuid.uuid4().hex}")
    ci = top / ".ci" / "run"
    ci.parent.mkdir(parents=True)
    try:
        ci.write_bytes(CI.read_bytes())
        ci.chmod(0o755)
        done = ran("sh", "-c", "pwd; ls -A; touch kept", ci=ci)
        assert (top / "kept").exists()
    finally:
        subprocess.run(["rm", "-rf", top], check=True)
    assert done.stdout == f"{top}\n.ci\n", done.stderr


def test_the_exit_code_is_the_commands(namespaces: None) -> None:
    assert ran("sh", "-c", "exit 7").returncode == 7


def test_where_namespaces_are_not_allowed_it_runs_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "unshare").chmod(0o755)
    done = ran("sh", "-c", "echo here; exit 3", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (done.returncode, done.stdout) == (3, "here\n")
    assert "no mount namespaces here" in done.stderr
