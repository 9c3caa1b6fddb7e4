"""Pulling images: all that is new, each whole, and one bad answer costs itself alone."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date, datetime, timedelta
from datetime import time as clock

import pydicom
import pytest

from screener.archives.address import WebAddress
from screener.archives.http import Access, Client
from screener.archives.words import ArchiveAwayError, ArchiveRefusedError
from screener.arrivals import pull as pulling
from screener.arrivals.hours import Hours
from screener.arrivals.pull import PullOptions, pull
from screener.arrivals.sources import WebSource
from screener.errors import ExitCode, LedgerHeldError, OutputError, UsageError
from tests.archives.certificates import make_certificate
from tests.archives.fake_archive import FakeArchive, fake_archive, sent
from tests.archives.images import CR, SECRETS, image
from tests.archives.web_server import Reply, web_server

pytestmark = pytest.mark.network


class Told:
    """Keeps what a watcher is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def begin(self, images: int, known: int) -> None:
        self.lines.append(f"{images} to pull, {known} known")

    def image(self, size: int) -> None:
        pass

    def missed(self, missed) -> None:
        self.lines.append(f"{missed.name}: {missed.why} {missed!r}")


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """Ask again at once."""
    monkeypatch.setattr(Client.__init__, "__defaults__", (lambda seconds: None,))


def pulled(archive: FakeArchive, tmp_path, told=None, seconds=2.0, **options):
    told = told or Told()
    with fake_archive(archive) as server:
        access = options.pop("access", None) or Access(WebAddress.of(server.url), seconds=seconds)
        done = pull(PullOptions(source=WebSource(access), inbox=tmp_path / "inbox", **options), told)
    for line in [*told.lines, str(done.stopped)]:
        assert not [each for each in SECRETS if each in line], line
    return done


def images_in(folder) -> list[str]:
    return sorted(
        str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID) for path in folder.rglob("*.dcm")
    )


def leftovers(tmp_path) -> list[str]:
    return [path.name for path in (tmp_path / "inbox.part").glob("*.part")]


def test_every_image_of_the_last_days_arrives_byte_for_byte(tmp_path):
    images = [image(1), image(2, study=1), image(3, study=2, Modality="CR", SOPClassUID=CR)]
    archive = FakeArchive(images)
    done = pulled(archive, tmp_path, since_days=3)
    assert (done.images, done.known, done.studies, done.exit_code) == (3, 0, 2, ExitCode.DONE)
    kept = [path.read_bytes() for path in (tmp_path / "inbox").rglob("*.dcm")]
    assert sorted(kept) == sorted(images)
    assert archive.asked_dates[0] == f"{date.today() - timedelta(days=3):%Y%m%d}-"
    assert not any("SECRET" in path.name or "1.2" in path.name for path in (tmp_path / "inbox").rglob("*"))


def test_what_is_in_the_inbox_is_not_pulled_again(tmp_path):
    archive = FakeArchive([image(1), image(2)])
    pulled(archive, tmp_path)
    archive.images.append(image(3, study=1))  # the study grew
    done = pulled(archive, tmp_path)
    assert (done.images, done.known, archive.fetched) == (1, 2, 3)


def test_what_the_ledger_knows_is_not_pulled_again(tmp_path, monkeypatch):
    class Known:
        def __init__(self, *args, **options): ...

        __enter__ = lambda self: self  # noqa: E731
        __exit__ = lambda self, *error: None  # noqa: E731

        def knows_instance(self, sop_uid):
            return sop_uid.endswith(".2")

    monkeypatch.setattr(pulling, "Ledger", Known)
    (tmp_path / "ledger.sqlite").touch()
    done = pulled(FakeArchive([image(1), image(2)]), tmp_path, ledger=tmp_path / "ledger.sqlite")
    assert (done.images, done.known) == (1, 1)


def test_other_modalities_own_results_and_other_objects_are_left_there(tmp_path):
    archive = FakeArchive(
        [
            image(1),
            image(2, SeriesDescription="Screener pneumonia triage RESEARCH"),
            image(3, SOPClassUID="1.2.840.10008.5.1.4.1.1.7"),
            image(4, Modality="OT"),
        ]
    )
    assert pulled(archive, tmp_path).images == 1


@pytest.mark.parametrize("page", [1, 2])
def test_archives_with_short_pages_are_asked_until_nothing_new_comes(tmp_path, page):
    archive = FakeArchive([image(number, study=number) for number in range(5)], page=page)
    assert pulled(archive, tmp_path).images == 5


def test_an_archive_that_repeats_its_page_is_not_asked_for_ever(tmp_path):
    assert pulled(FakeArchive([image(1), image(2, study=2)], same_page=True), tmp_path).images == 2


def test_a_list_that_the_archive_calls_incomplete_is_told(tmp_path):
    archive = FakeArchive([image(1)], headers={"Warning": '299 PACS: "There are more results"'})
    done = pulled(archive, tmp_path)
    assert (done.images, done.incomplete, done.exit_code) == (1, True, ExitCode.SOME_FAILED)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(404), id="gone"),
        pytest.param(Reply(500), id="archive's own fault"),
        pytest.param(Reply(**{**vars(sent(image(1))), "cut": 700}), id="cut"),
        pytest.param(
            Reply(200, sent(image(1)).headers, sent(image(1)).body[:-80]), id="without its end boundary"
        ),
        pytest.param(sent(image(9)), id="another image"),
        pytest.param(sent(b"<html>"), id="no image"),
        pytest.param(Reply(404), id="gone since it was listed"),
        pytest.param(Reply(body=b"<html>"), id="no multipart"),
    ],
)
def test_an_image_that_does_not_come_whole_is_named_and_leaves_nothing(tmp_path, reply):
    told = Told()
    done = pulled(FakeArchive([image(1), image(2)], instead={0: reply}), tmp_path, told, workers=1)
    assert (done.images, len(done.missed), done.exit_code) == (1, 1, ExitCode.SOME_FAILED)
    assert done.missed[0].sop_uid == "1.2.826.77.3.1"  # for --missed-csv alone
    assert images_in(tmp_path / "inbox") == ["1.2.826.77.3.2"]
    assert leftovers(tmp_path) == []
    assert pulled(FakeArchive([image(1), image(2)]), tmp_path).images == 1  # the next pull has it


def test_an_image_of_two_gigabytes_and_more_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr("screener.archives.dicomweb.MOST_IMAGE_BYTES", 4000)
    done = pulled(FakeArchive([image(1)]), tmp_path)
    assert "more than 4,000 bytes" in str(done.missed[0].why)
    assert leftovers(tmp_path) == []


def test_an_archive_that_is_busy_is_left_alone_and_what_came_is_kept(tmp_path):
    archive = FakeArchive(
        [image(number) for number in range(6)], instead=dict.fromkeys(range(2, 99), Reply(503))
    )
    done = pulled(archive, tmp_path, workers=1)
    assert (done.images, done.left, done.exit_code) == (2, 4, ExitCode.INTERRUPTED)
    assert "too much to do" in str(done.stopped)
    assert archive.fetched <= 2 + 2 * 4  # of two images that were under way, each four times
    archive.instead.clear()
    assert pulled(archive, tmp_path).images == 4


def test_bad_answers_in_a_row_end_a_pull(tmp_path):
    archive = FakeArchive(
        [image(number) for number in range(9)], instead=dict.fromkeys(range(99), Reply(500))
    )
    done = pulled(archive, tmp_path, workers=1)
    assert done.exit_code is ExitCode.INTERRUPTED
    assert pulling.MOST_FAULTS <= archive.fetched < 10


@pytest.mark.parametrize(("status", "error"), [(401, ArchiveRefusedError), (403, ArchiveRefusedError)])
def test_an_archive_that_refuses_the_account_ends_a_pull(tmp_path, status, error):
    with pytest.raises(error) as caught:
        pulled(FakeArchive([image(1)], lists=Reply(status)), tmp_path)
    assert caught.value.exit_code is ExitCode.USAGE


def test_an_archive_that_redirects_to_another_host_is_not_followed(tmp_path):
    away = Reply(302, {"Location": "https://elsewhere.example/studies"})
    with pytest.raises(ArchiveRefusedError, match=r"elsewhere\.example"):
        pulled(FakeArchive([image(1)], lists=away), tmp_path)


def test_an_archive_out_of_reach_ends_with_130(tmp_path):
    access = Access(WebAddress.of("http://127.0.0.1:1"))
    with pytest.raises(ArchiveAwayError) as caught:
        pulled(FakeArchive(), tmp_path, access=access)
    assert caught.value.exit_code is ExitCode.INTERRUPTED


def test_an_answer_that_is_no_dicom_json_is_told_without_quoting_it(tmp_path):
    with pytest.raises(Exception, match="not DICOM JSON") as caught:
        pulled(FakeArchive(lists=Reply(body=b'{"SECRETNAME"')), tmp_path)
    assert "SECRETNAME" not in str(caught.value)


@pytest.mark.parametrize("days", [-2, 0, 400], ids=["behind", "right", "far ahead"])
def test_a_clock_that_is_wrong_hides_no_study_of_today(tmp_path, monkeypatch, days):
    class Clock(date):
        @classmethod
        def today(cls):
            return date(2026, 11, 28) + timedelta(days=days)

    monkeypatch.setattr("screener.arrivals.pull.date", Clock)
    archive = FakeArchive([image(1)])
    pulled(archive, tmp_path)
    since = date(2026, 11, 25) + timedelta(days=days)
    assert set(archive.asked_dates) == {f"{since:%Y%m%d}-"}  # without an end: a study of the future is found


def test_a_certificate_that_is_not_trusted_ends_a_pull_and_names_the_remedy(tmp_path):
    certificate = make_certificate(tmp_path / "archive.pem")
    archive = FakeArchive([image(1)])
    with (
        web_server(archive.answers, certificate) as server,
        pytest.raises(ArchiveRefusedError, match="--ca FILE") as caught,
    ):
        pulled(archive, tmp_path, access=Access(WebAddress.of(server.url)))
    assert archive.fetched == 0
    assert not [each for each in SECRETS if each in str(caught.value)]


def test_an_archive_that_hangs_in_the_middle_of_an_image_is_left_after_its_time(tmp_path):
    """The rest of the night is not waited for: the image is named, the others come."""
    archive = FakeArchive([image(1), image(2)])
    go_on = threading.Event()
    whole = archive.answers

    def hang(request):
        if archive.fetched == 0 and len(request.path.split("/")) > 6:
            archive.fetched += 1
            go_on.wait(10)
        return whole(request)

    archive.answers = hang  # type: ignore[method-assign]
    try:
        done = pulled(archive, tmp_path, seconds=0.3, workers=1)
    finally:
        go_on.set()
    assert images_in(tmp_path / "inbox") == ["1.2.826.77.3.1", "1.2.826.77.3.2"]
    assert done.exit_code is ExitCode.DONE  # asked again, it was there


def test_a_full_disk_ends_a_pull_and_leaves_nothing_half_done(tmp_path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="disk is full"):
        pulled(FakeArchive([image(1)]), tmp_path)
    assert images_in(tmp_path / "inbox") == leftovers(tmp_path) == []


def test_two_pulls_into_one_inbox_are_one_too_many(tmp_path):
    held, go_on = threading.Event(), threading.Event()

    class Waits(Told):
        def begin(self, images: int, known: int) -> None:
            held.set()
            go_on.wait(10)

    first = threading.Thread(target=pulled, args=(FakeArchive([image(1)]), tmp_path, Waits()))
    first.start()
    held.wait(10)
    try:
        with pytest.raises(LedgerHeldError, match="another 'screener pull'"):
            pulled(FakeArchive([image(1)]), tmp_path)
    finally:
        go_on.set()
        first.join()
    assert images_in(tmp_path / "inbox") == ["1.2.826.77.3.1"]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 130)])
def test_a_pull_that_is_ended_midway_costs_nothing(tmp_path, number, code):
    archive = FakeArchive([image(number) for number in range(3)])
    asked = threading.Event()
    whole = archive.answers

    def slow(request):
        if archive.fetched == 2:
            asked.set()
            time.sleep(0.5)
        return whole(request)

    archive.answers = slow  # type: ignore[method-assign]
    with fake_archive(archive) as server:
        command = [sys.executable, "-m", "screener", "pull", server.url, "--to", tmp_path / "inbox"]
        process = subprocess.Popen([*command, "--workers", "1"], stderr=subprocess.PIPE, text=True)
        assert asked.wait(20)
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    assert process.returncode == code
    assert not [each for each in SECRETS if each in said]
    assert len(images_in(tmp_path / "inbox")) == 2
    assert pulled(FakeArchive(archive.images), tmp_path).images == 1
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("start", "end", "now", "may"),
    [
        (None, None, "12:00", True),
        ("20:00", None, "19:59", False),
        ("20:00", "06:00", "23:00", True),
        ("20:00", "06:00", "05:59", True),
        ("20:00", "06:00", "06:00", False),
        ("01:00", "05:00", "03:00", True),
        ("01:00", "05:00", "05:00", False),
    ],
)
def test_hours_hold_over_midnight_too(start, end, now, may):
    at = datetime.combine(date(2026, 11, 29), clock.fromisoformat(now))
    assert Hours.of(start, end).hold(at) is may


def test_outside_its_hours_an_archive_is_not_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(Hours, "hold", lambda self, now: False)
    archive = FakeArchive([image(1)])
    done = pulled(archive, tmp_path)
    assert (done.images, archive.asked_dates, done.exit_code) == (0, [], ExitCode.INTERRUPTED)


def test_when_the_hours_end_the_rest_is_left_for_the_next_night(tmp_path, monkeypatch):
    answers = iter([True] * 4 + [False] * 99)
    monkeypatch.setattr(Hours, "hold", lambda self, now: next(answers))
    done = pulled(FakeArchive([image(number) for number in range(9)]), tmp_path, workers=1)
    assert 0 < done.images < 9
    assert done.images + done.left == 9


@pytest.mark.parametrize("options", [{"since_days": -1}, {"workers": 9}, {"modalities": ("CR\\DX",)}])
def test_options_that_cannot_be_are_refused(tmp_path, options):
    with pytest.raises(UsageError, match="--"):
        PullOptions(source=WebSource(Access(WebAddress.of("http://pacs"))), inbox=tmp_path, **options)
