"""What a scan tells others, whatever ended it, and that none of it changes the exit code."""

from pathlib import Path

import pytest

from screener.commands import notices
from screener.commands.ending import Ending
from screener.commands.notices import Notices, watch_with_notices
from screener.errors import ExitCode, LedgerHeldError
from tests.commands.conftest import invoke


@pytest.fixture
def pinged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the addresses asked, in order, in place of any network."""
    asked: list[str] = []
    monkeypatch.setattr(notices, "ping_and_go_on", asked.append)
    monkeypatch.setattr(notices, "ping_and_wait", lambda address: asked.append(address) or "--ping: silence")
    return asked


def done(ending: Ending) -> ExitCode:
    return ExitCode.DONE


def held(ending: Ending) -> ExitCode:
    raise LedgerHeldError.held(Path("l.sqlite"))


def bug(ending: Ending) -> ExitCode:
    raise RuntimeError


@pytest.mark.parametrize(
    ("run", "code", "end", "hook"),
    [
        (done, ExitCode.DONE, "", "well"),
        (held, ExitCode.LEDGER_HELD, "/fail", "ill"),
        (bug, ExitCode.BUG, "/fail", "ill"),
    ],
)
def test_each_end_is_told_once_to_each_and_changes_nothing(
    tmp_path: Path, pinged: list[str], capfd: pytest.CaptureFixture[str], run, code, end, hook
) -> None:
    told = Notices(
        on_success=f"touch {tmp_path}/well; exit 4",
        on_failure=f"touch {tmp_path}/ill; exit 4",
        ping="https://hc.example.org/abc",
        metrics=tmp_path / "screener.prom",
    )
    assert watch_with_notices(Ending({}), run, told) == code
    assert pinged == ["https://hc.example.org/abc/start", f"https://hc.example.org/abc{end}"]
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(["screener.prom", hook])
    assert f"screener_last_run_exit_code {int(code)}\n" in (tmp_path / "screener.prom").read_text()
    err = capfd.readouterr().err
    assert "ended with exit code 4" in err
    assert "--ping: silence" in err
    assert "abc" not in err


def test_a_notice_that_cannot_be_given_ends_the_run_before_it_begins(
    tmp_path: Path, pinged: list[str]
) -> None:
    begun: list[Ending] = []
    code = watch_with_notices(
        Ending({}), lambda ending: begun.append(ending) or ExitCode.DONE, Notices(ping="nowhere")
    )
    assert code == ExitCode.USAGE
    assert begun == pinged == []


def test_figures_that_can_no_longer_be_written_do_not_change_the_exit_code(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()

    def run(ending: Ending) -> ExitCode:
        folder.rmdir()
        return ExitCode.DONE

    assert watch_with_notices(Ending({}), run, Notices(metrics=folder / "screener.prom")) == ExitCode.DONE
    assert "screener.prom: cannot be written" in capfd.readouterr().err


def test_a_scan_of_nothing_tells_its_failure(tmp_path: Path) -> None:
    (tmp_path / "studies").mkdir()
    done = invoke(
        "scan", tmp_path / "studies", "--out", tmp_path / "r.pdf", "--no-pdf",
        "--metrics", tmp_path / "screener.prom",
        "--on-failure", f"echo $SCREENER_RUN_EXIT_CODE $SCREENER_RUN_CSV > {tmp_path}/told",
    )  # fmt: skip
    assert done.exit_code == 2
    assert (tmp_path / "told").read_text() == f"2 {tmp_path}/r.csv\n"
    assert "screener_last_run_exit_code 2" in (tmp_path / "screener.prom").read_text()
