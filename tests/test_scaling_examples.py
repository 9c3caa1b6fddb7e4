"""The scripts in docs/scaling.md, run as they stand there, give the bytes of one scan of everything."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from screener.errors import ExitCode
from tests.commands.conftest import invoke, make_mixed_tree, write_dicom

DOCUMENT = (Path(__file__).parents[1] / "docs" / "scaling.md").read_text(encoding="utf-8")
SHARDS = 2
FAILED = ExitCode.SOME_FAILED  # the mixed tree has damaged images
LEAVE_LEDGER = 'while [ "$1" != --ledger ]; do shift; done; touch "$2"'  # all that a shell needs of a scan


def examples(heading: str) -> list[str]:
    """Return the blocks of code below a heading."""
    [section] = re.findall(rf"^### {heading}\n(.*?)(?=^##|\Z)", DOCUMENT, re.M | re.S)
    return re.findall(r"^```\w+\n(.*?)^```$", section, re.M | re.S)


ARRAY, MERGE = examples("SLURM")
[JOB] = examples("Kubernetes")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where scripts run: a home, a folder for what is temporary, and a `screener` on the path."""

    root: Path
    home: Path
    temporary: Path
    path: str

    def run(self, script: str, **environment: object) -> int:
        """Run a script of the document, whose /studies are ours; return its exit code."""
        ours = {"HOME": self.home, "TMPDIR": self.temporary, "PATH": self.path, **environment}
        done = subprocess.run(
            ["sh", "-c", script.replace("/studies", str(self.root))],
            cwd=self.home,
            env={**os.environ, **{name: str(value) for name, value in ours.items()}},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return done.returncode

    def array(self) -> list[int]:
        """Run the SLURM array; return the exit codes of its tasks."""
        told = {"SLURM_ARRAY_TASK_COUNT": SHARDS, "SLURM_CPUS_PER_TASK": 1}
        return [self.run(ARRAY, SLURM_ARRAY_TASK_ID=index, **told) for index in range(1, SHARDS + 1)]


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("studies")
    make_mixed_tree(root)
    for number in range(4):
        write_dicom(root / "monday" / f"{number}.dcm", number, StudyInstanceUID=f"1.2.3.{number}")
    return root


@pytest.fixture(scope="module")
def expected(studies: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the worklist of one scan of everything."""
    out = tmp_path_factory.mktemp("whole") / "report.pdf"
    whole = invoke("scan", studies, "--out", out, "--no-pdf", "--ledger", out.with_name("ledger"))
    assert whole.exit_code == FAILED
    return out.with_suffix(".csv").read_bytes()


def machine(root: Path, folder: Path, program: str) -> Machine:
    """Make a machine on which `screener` is this program, in the words of a shell."""
    for name in ("home", "temporary", "bin"):
        (folder / name).mkdir()
    (folder / "bin" / "screener").write_text(f"#!/bin/sh\n{program}\n", encoding="utf-8")
    (folder / "bin" / "screener").chmod(0o755)
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return Machine(root, folder / "home", folder / "temporary", path)


@pytest.fixture
def here(studies: Path, tmp_path: Path) -> Machine:
    return machine(studies, tmp_path, f'exec {sys.executable} -m screener "$@"')


@pytest.mark.parametrize("script", [ARRAY, MERGE], ids=["array", "merge"])
def test_a_shell_can_read(script: str) -> None:
    assert script.startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)


@pytest.mark.slow
def test_the_slurm_array_and_its_merge_give_the_bytes_of_one_scan_and_go_on_the_next_night(
    here: Machine, expected: bytes
) -> None:
    assert here.array() == [0] * SHARDS
    assert {each.name for each in (here.home / "ledgers").iterdir()} == {"shard-1.sqlite", "shard-2.sqlite"}
    assert here.run(MERGE) == FAILED
    assert (here.home / "report.csv").read_bytes() == expected
    assert (here.home / "report.pdf").exists()
    assert list(here.temporary.iterdir()) == []  # ledgers hold patient IDs: no copy stays
    assert here.array() == [0] * SHARDS
    ledgers = sorted((here.home / "ledgers").iterdir())
    joined = invoke("merge", *ledgers, "--out", here.home / "later.pdf", "--no-pdf")
    assert joined.exit_code == 0, joined.output  # what failed the night before is known
    assert "known since" in (here.home / "later.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("program", "well"),
    [
        pytest.param(f"{LEAVE_LEDGER}; exit 0", True, id="done"),
        pytest.param(f"{LEAVE_LEDGER}; exit 3", True, id="some images failed"),
        pytest.param(f"{LEAVE_LEDGER}; exit 130", False, id="interrupted"),
        pytest.param(f"{LEAVE_LEDGER}; exit 1", False, id="a bug"),
        pytest.param("exit 2", False, id="never begun"),
        pytest.param(f'{LEAVE_LEDGER}; rm -r "$HOME/ledgers"', False, id="its ledger cannot be taken back"),
    ],
)
def test_a_slurm_task_has_failed_unless_its_ledger_may_be_merged(
    tmp_path: Path, program: str, well: bool
) -> None:
    done = machine(tmp_path, tmp_path, program).array()
    assert [code == 0 for code in done] == [well] * SHARDS


def test_a_slurm_task_that_cannot_bring_its_ledger_leaves_it_as_it_is(tmp_path: Path) -> None:
    one = machine(tmp_path, tmp_path, LEAVE_LEDGER)
    (one.home / "ledgers" / "shard-1.sqlite").mkdir(parents=True)  # cp refuses a folder
    assert one.array()[0] != 0
    assert (one.home / "ledgers" / "shard-1.sqlite").is_dir()


@pytest.mark.slow
def test_the_kubernetes_job_gives_the_bytes_of_one_scan(here: Machine, expected: bytes) -> None:
    job: dict[str, Any] = yaml.safe_load(JOB)
    count = job["spec"]["completions"]
    pod = job["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert {each["name"] for each in container["volumeMounts"]} == {each["name"] for each in pod["volumes"]}
    assert container["command"] == ["sh", "-c"]
    [script] = container["args"]
    # Kubernetes itself replaces $(NAME) and $$ before a shell sees them; there must be none.
    assert not re.search(r"\$\(\w|\$\$", script)
    assert script.count(f"/{count} ") == 1
    script = script.replace(f"/{count} ", f"/{SHARDS} ").replace("/ledgers", str(here.home))
    assert [here.run(script, JOB_COMPLETION_INDEX=index) for index in range(SHARDS)] == [0] * SHARDS
    out = here.home / "merged.pdf"
    ledgers = [here.home / f"{index}.sqlite" for index in range(SHARDS)]
    joined = invoke("merge", *ledgers, "--out", out, "--no-pdf")
    assert joined.exit_code == FAILED, joined.output
    assert out.with_suffix(".csv").read_bytes() == expected
