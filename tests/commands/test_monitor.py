"""'screener monitor' as it is typed: from a ledger to a page."""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from screener.agreement import Mark, Review
from screener.domain import Status
from screener.ledger import Ledger, ResultKey, Stamp
from tests.commands.conftest import invoke
from tests.ledger.formats import BEFORE_FACTS
from tests.monitoring.ledgers import ledger_of
from tests.monitoring.site import DAY, site
from tests.outcomes import found

NIGHTS, CHANGE = 80, 60


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ledger of a site that got a machine of another maker, and whose readers agree ever less."""
    path = tmp_path_factory.mktemp("monitor") / "ledger.sqlite"
    ledger_of(site(1, NIGHTS, (CHANGE, {"shares": (0.3, 0.2, 0.1, 0.4)})), path, every=5)
    monday = DAY + (1 - DAY) % 7
    marks = [
        Review(
            1, "net@1", (True, f"1.{week}.{each}"), f"1.{week}.{each}", Status.FLAGGED,
            Mark.AGREE if each < (16 if week < 6 else 4) else Mark.DISAGREE, "", "A",
            marked(monday + 7 * week),
        )
        for week in range(11) for each in range(20)
    ]  # fmt: skip
    with Ledger(path, create=False) as opened:
        opened.reviews.add(marks, marked(DAY + NIGHTS))
    return path


def marked(day: int) -> datetime:
    return datetime.fromordinal(day).astimezone()


class Page(HTMLParser):
    """What a page holds: its tags, and whether each that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_and_output_say_what_moved_when_and_since_which_machine(ledger: Path, tmp_path: Path) -> None:
    out, numbers = tmp_path / "monitor.html", tmp_path / "monitor.json"
    done = invoke("monitor", "--ledger", ledger, "--out", out, "--json", numbers)
    assert done.exit_code == 0, done.output
    since = date.fromordinal(DAY + CHANGE)
    said = f"The machines have changed since {since} (noticed the same night): Newcomer X, "
    assert said in done.output
    assert "Readers agree less often since " in done.output
    page = out.read_text(encoding="utf-8")
    assert said in page
    assert "http" not in page.replace("http-equiv", "")
    parsed = Page(page)
    assert parsed.open == []
    assert parsed.tags.count("svg") > 11
    assert "script" not in parsed.tags
    told = json.loads(numbers.read_text())
    assert told["images"] > 1000
    [device] = [each for each in told["moved"] if each["chart"] == "device"]
    assert (device["word"], device["since"]) == ("Newcomer X", since.isoformat())
    assert {each["name"] for each in told["charts"]} >= {"score", "age", "picture", "agreement"}
    assert len(told["charts"][0]["value"]) == len(told["charts"][0]["days"]) == NIGHTS


def test_no_identifier_is_on_the_page(ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "monitor.html"
    invoke("monitor", "--ledger", ledger, "--out", out)
    assert not re.search(r"\b1\.\d+\.1\b|\d\.dcm", out.read_text(encoding="utf-8"))


def test_a_file_counts_once_however_often_it_is_screened_again(ledger: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(ledger.read_bytes())

    def counted() -> int:
        invoke("monitor", "--ledger", copy, "--out", tmp_path / "m.html", "--json", tmp_path / "m.json")
        return int(json.loads((tmp_path / "m.json").read_text())["images"])

    before = counted()
    with Ledger(copy, key=ResultKey("another network")) as opened:
        opened.begin(marked(DAY + NIGHTS))
        again = [replace(found("0.dcm", 9.0, "1.0"), path=Path("/studies/0.dcm"))]
        opened.record(again, {each.path: Stamp(9, 5) for each in again})
        opened.finish(marked(DAY + NIGHTS), True, 1)
    assert counted() == before


def test_a_period_of_ones_own_is_the_baseline(ledger: Path, tmp_path: Path) -> None:
    period = f"{date.fromordinal(DAY + 5)}/{date.fromordinal(DAY + 50)}"
    done = invoke("monitor", "--ledger", ledger, "--out", tmp_path / "m.html", "--baseline", period)
    assert done.exit_code == 0, done.output
    shown = (tmp_path / "m.html").read_text(encoding="utf-8")
    assert "Baseline: {} to {}".format(*period.split("/")) in shown


@pytest.mark.parametrize(
    ("baseline", "words"),
    [
        ("2026", "two days, such as"),
        ("2026-02-01/2026-01-01", "its end lies before its begin"),
        (f"{date.fromordinal(DAY)}/{date.fromordinal(DAY + 9)}", "10 nights with images in it"),
        (f"{date.fromordinal(DAY)}/{date.fromordinal(DAY + 99)}", "no image came after it"),
    ],
)
def test_what_is_no_baseline_is_refused(ledger: Path, tmp_path: Path, baseline: str, words: str) -> None:
    done = invoke("monitor", "--ledger", ledger, "--out", tmp_path / "m.html", "--baseline", baseline)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())
    assert not (tmp_path / "m.html").exists()


def test_a_ledger_that_kept_nothing_says_so(ledger: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(ledger.read_bytes())
    with closing(sqlite3.connect(copy)) as database, database:
        database.executescript(BEFORE_FACTS + "PRAGMA user_version = 10;")
    done = invoke("monitor", "--ledger", copy, "--out", tmp_path / "m.html")
    assert done.exit_code == 2
    assert "keeps nothing yet of what is compared" in " ".join(done.output.split())


def test_images_that_an_older_version_screened_cost_no_chart(ledger: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(ledger.read_bytes())
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("DELETE FROM image_facts")
    done = invoke("monitor", "--ledger", copy, "--out", tmp_path / "m.html", "--json", tmp_path / "m.json")
    assert done.exit_code == 0, done.output
    told = {each["name"]: each for each in json.loads((tmp_path / "m.json").read_text())["charts"]}
    assert set(told["picture"]["value"]) == {None}
    assert np.isfinite(told["score"]["value"]).all()
    assert "The ledger knows nothing of this yet." in (tmp_path / "m.html").read_text(encoding="utf-8")
