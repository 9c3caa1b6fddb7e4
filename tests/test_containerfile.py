"""The Containerfile: small, without root's rights, and with what it copies there.

What its steps do is tried by .ci/try_containerfile.py, which takes two minutes and is run by hand.
"""

import json
import re
from pathlib import Path

import pytest

from screener import __version__

TOP = Path(__file__).parents[1]
FILE = TOP / "Containerfile"

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="no repository here")


def steps() -> list[tuple[str, str]]:
    """Return (instruction, its arguments), comments left out and continued lines joined."""
    lines = "\n".join(line for line in FILE.read_text().splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [tuple(line.split(" ", 1)) for line in joined.splitlines() if line.strip()]


def last(instruction: str) -> str:
    return [words for name, words in steps() if name == instruction][-1]


def test_everything_that_is_copied_is_in_the_repository_and_in_the_context() -> None:
    context = {line[1:] for line in (TOP / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        name.removeprefix("./")
        for instruction, words in steps()
        if instruction == "COPY" and "--from" not in words
        for name in words.split()[:-1]
    }
    assert copied == context
    assert all((TOP / name).exists() for name in copied)


def test_what_a_wheel_needs_is_copied() -> None:
    built = (TOP / "pyproject.toml").read_text()
    needed = set(re.findall(r'^"?(templates|models|man)\b', built, re.MULTILINE)) | {"screener", "README.md"}
    copied = " ".join(words for name, words in steps() if name == "COPY")
    assert all(name in copied for name in needed)


def test_the_image_runs_without_roots_rights() -> None:
    user, group = last("USER").split(":")
    assert int(user) >= 1000
    assert int(group) >= 1000
    assert f"--uid {user} " in " ".join(words for name, words in steps() if name == "RUN")


def test_the_image_says_what_it_is_and_whether_it_works() -> None:
    assert f'image.version="{__version__}"' in last("LABEL")
    assert json.loads(last("HEALTHCHECK").split("CMD")[1]) == ["screener", "models", "verify"]
    assert json.loads(last("ENTRYPOINT")) == ["screener"]


def test_nothing_of_training_is_installed_and_all_is_pinned() -> None:
    installs = [words for name, words in steps() if name == "RUN" and "pip install" in words]
    assert len(installs) == 1
    assert "-c constraints.txt" in installs[0]
    assert "train" not in installs[0].replace("constraints", "")
    assert "[train" not in FILE.read_text()


def test_the_libraries_are_those_that_the_installation_guide_names() -> None:
    guide = (TOP / "docs" / "install.md").read_text(encoding="utf-8")
    [named] = re.findall(r"apt install (?:python3-venv )?(.+)", guide)
    packages = re.search(r"--no-install-recommends (.+?) +&&", " ".join(w for n, w in steps() if n == "RUN"))
    assert packages is not None
    assert set(packages[1].split()) == set(named.split())
