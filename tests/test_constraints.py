"""CI and 'make' install the same releases everywhere: constraints.txt pins all that the extras bring."""

import re
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PINS = Path(__file__).parents[1] / "constraints.txt"
EXTRAS = "cxr-screener[train,ray,s3,dev]"  # what 'make setup-dev' installs


def pinned() -> list[str]:
    lines = PINS.read_text(encoding="utf-8").splitlines()
    return [canonicalize_name(line.partition("==")[0]) for line in lines if not line.startswith("#")]


def brought_by(requirement: str) -> set[str]:
    """Return the normalised names of all installed distributions that a requirement brings."""
    found: set[tuple[str, str]] = set()
    waiting = [Requirement(requirement)]
    while waiting:
        each = waiting.pop()
        for extra in {"", *each.extras}:
            key = (canonicalize_name(each.name), extra)
            if key not in found and (wanted := requirements(each.name)) is not None:
                found.add(key)
                waiting += [one for one in wanted if applies(one, extra)]
    return {name for name, _ in found}


def requirements(name: str) -> Iterable[Requirement] | None:
    try:
        return [Requirement(text) for text in requires(name) or ()]
    except PackageNotFoundError:
        return None  # optional, and not installed here


def applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def test_everything_that_setup_dev_installs_is_pinned() -> None:
    installed = brought_by(EXTRAS) - {"cxr-screener", "pip", "setuptools"}
    assert len(installed) > 50
    assert sorted(installed - set(pinned())) == []


def test_pins_name_each_distribution_once_and_say_nothing_else() -> None:
    pin = re.compile(r"#.*|[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*")
    assert [line for line in PINS.read_text(encoding="utf-8").splitlines() if not pin.fullmatch(line)] == []
    assert [name for name, count in Counter(pinned()).items() if count > 1] == []
