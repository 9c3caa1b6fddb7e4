"""What type checkers, and the time it takes to start, make of 'import screener'."""

import subprocess
import sys
from pathlib import Path

import pytest

import screener

HERE = Path(__file__).parent
TOP = HERE.parents[1]


def test_the_package_says_that_it_is_typed() -> None:
    assert (TOP / "screener" / "py.typed").is_file()


@pytest.mark.slow
def test_a_user_s_script_passes_mypy_strict_and_wrong_uses_do_not(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import screener\n"
        "share: float = screener.load_model().predict('image.dcm').probability\n"
        "screener.load_model().predict('image.dcm', age=4)\n"
        "screener.no_such_name\n"
    )
    # With the project's settings, strict as they are, it takes what 'make check' has worked out.
    command = [sys.executable, "-m", "mypy", "--no-error-summary", str(HERE / "example.py"), str(wrong)]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    found = [line.removeprefix(str(tmp_path)) for line in done.stdout.splitlines() if ": error:" in line]
    assert len(found) == 3, done.stdout + done.stderr
    for line, number, code in zip(found, (2, 3, 4), ("assignment", "call-arg", "attr-defined"), strict=True):
        assert f"wrong.py:{number}: error:" in line
        assert line.endswith(f"[{code}]")


def test_importing_screener_loads_nothing_and_its_names_load_what_they_need() -> None:
    heavy = ("numpy", "cv2", "pydicom", "ai_edge_litert", "pandas", "tensorflow", "weasyprint", "typer")
    code = (
        f"import sys, screener\nheavy = {heavy!r}\n"
        "print(sorted(name for name in sys.modules if name.startswith('screener.')), "
        "[name for name in heavy if name in sys.modules])\n"
        "screener.ScreenerError, screener.ReasonCode\n"
        "print([name for name in heavy if name in sys.modules])\n"
        "screener.load_model, screener.scan\n"
        "print([name for name in ('tensorflow', 'pandas', 'matplotlib') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[] []", "[]", "[]"]


def test_every_name_that_is_told_can_be_had() -> None:
    for name in screener.__all__:
        assert getattr(screener, name) is not None
    assert dir(screener) == screener.__all__
    with pytest.raises(AttributeError, match="no_such_name"):
        screener.no_such_name  # type: ignore[attr-defined]  # noqa: B018


def test_errors_and_types_are_the_same_as_inside() -> None:
    from screener import errors, reasons

    assert screener.ScreenerError is errors.ScreenerError
    assert screener.ReasonCode is reasons.ReasonCode
    assert issubclass(screener.ModelRejectedError, screener.ScreenerError)
