"""'screener scan --monitor': reports that say whether anything has changed at this site."""

from datetime import date
from pathlib import Path

import pypdfium2
import pytest

from tests.commands.conftest import invoke
from tests.monitoring.ledgers import ledger_of
from tests.monitoring.site import DAY, site

NIGHTS, CHANGE = 80, 60


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the PDF of a night at a site that got a machine of another maker, and what the night printed."""
    folder = tmp_path_factory.mktemp("night")
    ledger_of(site(1, NIGHTS, (CHANGE, {"shares": (0.3, 0.2, 0.1, 0.4)})), folder / "l.sqlite", every=5)
    done = night(folder, "--html", "--monitor", "--monitor-baseline", str(period(0, 45)))
    assert done.exit_code == 0, done.output
    return folder / "r.pdf", done.output


def period(first: int, last: int) -> str:
    return f"{date.fromordinal(DAY + first)}/{date.fromordinal(DAY + last)}"


def night(folder: Path, *options: str):  # type: ignore[no-untyped-def]
    (folder / "studies").mkdir(exist_ok=True)
    (folder / "studies" / "notes.txt").write_text("no image")
    return invoke(
        "scan", folder / "studies", "--out", folder / "r.pdf", "--ledger", folder / "l.sqlite",
        "--workers", 1, *options,
    )  # fmt: skip


def pages_of(pdf: Path) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_the_last_page_of_the_pdf_says_what_moved_and_page_1_that_something_did(
    scanned: tuple[Path, str],
) -> None:
    pages = pages_of(scanned[0])
    since = date.fromordinal(DAY + CHANGE)
    assert f"the last since {since}: see “Has anything changed?”" in pages[0]
    assert "It changes the order" in pages[0]  # page 1 is still one page
    first, last = period(0, 45).split("/")
    assert f"against those of {first} to {last}." in pages[-1]
    assert f"The machines have changed since {since} (noticed the same night): Newcomer X, " in pages[-1]
    assert f"out of control since {since}" in pages[-1]
    assert "Window replaced" in pages[-1]
    assert "comparing with the baseline" in scanned[1]


def test_the_triage_list_says_it_too(scanned: tuple[Path, str]) -> None:
    html = scanned[0].with_suffix(".html").read_text(encoding="utf-8")
    folded = html.partition('id="moved">')[2].partition("</details>")[0]
    assert "things have changed at this site, the last since" in folded
    assert folded.count("<li>") >= 2


def test_a_short_ledger_says_that_nothing_can_be_said_yet(tmp_path: Path) -> None:
    ledger_of(site(2, 20), tmp_path / "l.sqlite", every=20)
    done = night(tmp_path, "--monitor")
    assert done.exit_code == 0, done.output
    pages = pages_of(tmp_path / "r.pdf")
    assert "Nothing can be said yet: the baseline has 10 nights with images; 30 are needed" in pages[-1]
    assert "changed at this site" not in pages[0]


def test_a_first_night_without_an_image_costs_nothing(tmp_path: Path) -> None:
    done = night(tmp_path, "--html", "--no-pdf", "--monitor")
    assert done.exit_code == 0, done.output
    assert "--monitor: --ledger: no image in it" in " ".join(done.output.split())
    assert 'id="moved"' not in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--monitor-baseline", "2026-01-01/2026-03-31"), "does nothing without --monitor"),
        (("--monitor", "--monitor-baseline", "2026"), "--monitor-baseline 2026: two days"),
        (("--monitor", "--no-pdf"), "leave out --no-pdf, or pass --html"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_file(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    done = night(tmp_path, *options)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())


def test_it_needs_a_ledger(tmp_path: Path) -> None:
    done = invoke("scan", tmp_path, "--out", tmp_path / "r.pdf", "--monitor")
    assert done.exit_code == 2
    assert "--monitor needs --ledger" in " ".join(done.output.split())
