"""What a ledger on disk remembers from one run to the next."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from screener.domain import Cause, Ignored, NotScreened
from screener.errors import LedgerHeldError, OutputError, UsageError
from screener.intake import content_digest
from screener.ledger import Ledger, ResultKey, Stamp, known_files
from screener.ledger import connect as ledger_file
from screener.operating_points import Calibration, printed
from tests.outcomes import SCALES, found, missed, why
from tests.reasons import words

NIGHT, NEXT_NIGHT = datetime(2026, 11, 20, 2), datetime(2026, 11, 21, 2)
STAMP = Stamp(1000, 5)


def probability(logit):
    return printed(Calibration(1.0, 0.0, 0.5).probability(logit))


@pytest.fixture
def night(tmp_path):
    """Run one night over outcomes with one stamp each; return what it told, reused files first asked for."""

    def run(*outcomes, when=NIGHT, stamp=STAMP, complete=True, new_only=False, model="m1", decoders="d1"):
        with Ledger(tmp_path / "ledger.sqlite", key=ResultKey(model), decoders=decoders) as ledger:
            ledger.begin(when)
            fresh = [each for each in outcomes if not ledger.reuse(each.file, each.path, stamp)]
            ledger.record(fresh, {each.path: stamp for each in fresh})
            told = {each.file: each for each in ledger.images(SCALES, new_only)}
            known = ledger.before.files_known().get("failed", 0)
            ledger.finish(when, complete, len(outcomes))
        return [each.file for each in fresh], told, known

    return run


def test_an_unchanged_file_is_not_screened_again(night):
    night(found("a", 1.0), found("b", 2.0))
    fresh, told, _ = night(found("a", -9.0), found("c", 0.0), when=NEXT_NIGHT)
    assert fresh == ["c"]
    assert told["a"].prediction.logit == 1.0
    assert list(told) == ["a", "c"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"stamp": Stamp(1001, 5)}, id="size"),
        pytest.param({"stamp": Stamp(1000, 6)}, id="time"),
        pytest.param({"model": "m2"}, id="model"),
    ],
)
def test_a_changed_file_or_model_is_screened_again(night, change):
    night(found("a", 1.0))
    fresh, told, _ = night(found("a", 2.0), when=NEXT_NIGHT, **change)
    assert fresh == ["a"]
    assert told["a"].prediction.logit == 2.0


def test_a_failure_is_tried_again_once_its_decoders_change(night):
    night(missed("a"), missed("b", cause=Cause.INELIGIBLE))
    assert night(missed("a"), missed("b"))[0] == []
    assert night(missed("a"), missed("b"), decoders="d2")[0] == ["a"]


def test_a_failure_that_an_earlier_report_listed_is_known_since_then(night):
    _, told, known = night(missed("a", "damaged"))
    assert (words(told["a"]), known) == ("damaged", 0)
    _, told, known = night(missed("a", "damaged"), missed("b", "cut"), when=NEXT_NIGHT)
    assert {file: words(each) for file, each in told.items()} == {
        "a": "damaged; known since 2026-11-20",
        "b": "cut",
    }
    assert known == 1


def test_a_failure_stays_known_where_new_decoders_fail_too(night):
    night(missed("a", "damaged"))
    fresh, told, known = night(missed("a", "still damaged"), when=NEXT_NIGHT, decoders="d2")
    assert (fresh, known) == (["a"], 1)
    assert words(told["a"]) == "still damaged; known since 2026-11-20"


def test_a_failure_stays_known_where_it_was_readable_in_between(night):
    night(missed("a", "damaged"))
    night(found("a"), decoders="d2")
    _, told, known = night(missed("a", "damaged again"), when=NEXT_NIGHT, decoders="d1", model="m2")
    assert known == 1
    assert words(told["a"]) == "damaged again; known since 2026-11-20"


def test_a_failure_is_known_to_the_next_run_of_one_opened_ledger(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        for when, reason, known in ((NIGHT, "damaged", 0), (NEXT_NIGHT, "still damaged", 1)):
            ledger.begin(when)
            failed = missed("a", reason)
            ledger.record([failed], {failed.path: STAMP})
            assert ledger.before.files_known().get("failed", 0) == known
            ledger.finish(when, True, 1)


def test_a_run_that_was_cut_short_makes_nothing_known(night):
    night(missed("a", "damaged"), complete=False)
    fresh, told, known = night(missed("a", "damaged"), when=NEXT_NIGHT)
    assert (fresh, known) == ([], 0)
    assert words(told["a"]) == "damaged"


def test_only_studies_with_something_new_are_listed(night):
    night(found("a", study="1"), found("b", study="2"), missed("c", study="3"))
    outcomes = (found("a", study="1"), found("a2", study="1"), found("b", study="2"), missed("c", study="3"))
    _, told, _ = night(*outcomes, when=NEXT_NIGHT, new_only=True)
    assert list(told) == ["a", "a2"]


def test_what_only_an_incomplete_report_listed_is_listed_again(night):
    night(found("a"), complete=False)
    assert list(night(found("a"), when=NEXT_NIGHT, new_only=True)[1]) == ["a"]


def test_what_became_readable_changed_or_met_another_model_is_listed_again(night):
    night(missed("a"), found("b"), found("c"))
    assert list(night(found("a"), found("b"), when=NEXT_NIGHT, new_only=True, decoders="d2")[1]) == ["a"]
    assert list(night(found("b"), when=NEXT_NIGHT, new_only=True, stamp=Stamp(7, 7))[1]) == ["b"]
    assert list(night(found("c"), when=NEXT_NIGHT, new_only=True, model="m2")[1]) == ["c"]


@pytest.fixture
def replaced(tmp_path, night):
    """Screen a file, change it with its size and time kept, and return what the next night screens."""

    def replace_it(change, *, kept_digest=True, kept_ctime=True):
        path = tmp_path / "image.dcm"
        path.write_bytes(b"image")
        os.utime(path, ns=(10**18, 10**18))
        digest = content_digest(path) if kept_digest else ""
        before = path.stat()
        ctime = before.st_ctime_ns if kept_ctime else None
        night(_at(found("image.dcm", 1.0), path, digest), stamp=Stamp(5, before.st_mtime_ns, ctime))
        change(path)
        os.utime(path, ns=(10**18, 10**18))
        after = path.stat()
        assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
        stamp = Stamp(5, after.st_mtime_ns, after.st_ctime_ns)
        fresh = [night(_at(found("image.dcm", 2.0), path), when=NEXT_NIGHT, stamp=stamp)[0] for _ in range(2)]
        assert fresh[1] == []  # the third night knows what the second found
        return fresh[0]

    return replace_it


def test_an_image_replaced_in_place_is_screened_though_its_size_and_time_are_kept(replaced):
    assert replaced(lambda path: path.write_bytes(b"egami")) == ["image.dcm"]


def test_an_image_replaced_by_a_rename_is_screened_though_its_size_and_time_are_kept(replaced, tmp_path):
    def change(path):
        (tmp_path / "other").write_bytes(b"egami")
        os.replace(tmp_path / "other", path)

    assert replaced(change) == ["image.dcm"]


@pytest.mark.parametrize(("ctime", "known"), [(7, True), (8, False), (None, True)])
def test_an_image_whose_inode_changed_is_not_promised_as_known(night, tmp_path, ctime, known):
    night(found("a", 1.0), stamp=Stamp(1000, 5, 7))
    with Ledger(tmp_path / "ledger.sqlite", key=ResultKey("m1"), decoders="d1") as ledger:
        assert ledger.knows(found("a").path, Stamp(1000, 5, ctime)) is known


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.chmod(0o600), id="chmod"),
        pytest.param(lambda path: path.rename(path.with_name("x")).rename(path), id="renamed and back"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()), id="written again, as rsync does"),
        pytest.param(lambda path: path.with_name("link").hardlink_to(path), id="a link more"),
    ],
)
def test_an_image_whose_content_stays_is_not_screened_again(replaced, change):
    assert replaced(change) == []


def test_a_result_without_a_digest_is_found_anew_where_the_inode_changed(replaced):
    assert replaced(lambda path: path.chmod(0o600), kept_digest=False) == ["image.dcm"]


def test_a_ledger_that_kept_no_inode_time_is_believed_once(replaced):
    """As an older version of Screener left it."""
    assert replaced(lambda path: path.chmod(0o600), kept_ctime=False) == []


@pytest.fixture
def moved(tmp_path, night):
    """Screen a file one night, move it, and return whether the next night knows it."""

    def move(sop="1.2.3", content=None, copy=False):
        old, new = tmp_path / "old.dcm", tmp_path / "new.dcm"
        old.write_bytes(b"image")
        digest = content_digest(old)
        first = found("old.dcm", study="1", sop=sop)
        stamp = Stamp(5, old.stat().st_mtime_ns)
        night(_at(first, old, digest), stamp=stamp)
        (shutil.copy if copy else os.replace)(old, new)
        if content:
            new.write_bytes(content)
        return (
            night(_at(found("new.dcm", study="1", sop=sop), new), when=NEXT_NIGHT, stamp=Stamp(5, 99))[0]
            == []
        )

    return move


def _at(outcome, path, digest=""):
    return replace(outcome, path=path, content_digest=digest)


def test_a_moved_file_is_known_by_its_uid_and_content(moved):
    assert moved()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"sop": ""}, id="no UID"),
        pytest.param({"content": b"IMAGE"}, id="other content"),
        pytest.param({"copy": True}, id="a copy, as the old one is still there"),
    ],
)
def test_anything_less_is_screened_again(moved, change):
    assert not moved(**change)


def test_a_failed_image_that_moved_is_tried_again(tmp_path, night):
    old, new = tmp_path / "old.dcm", tmp_path / "new.dcm"
    old.write_bytes(b"image")
    failed = _at(missed("old.dcm", study="1", sop_instance_uid="1.2.3"), old, content_digest(old))
    night(failed, stamp=Stamp(5, 5))
    old.rename(new)
    fresh, _, _ = night(
        _at(found("new.dcm", study="1", sop="1.2.3"), new), when=NEXT_NIGHT, stamp=Stamp(5, 5)
    )
    assert fresh == ["new.dcm"]


def test_two_names_of_one_path_are_two_files_seen(tmp_path):
    with Ledger(tmp_path / "l") as ledger:
        ledger.begin(NIGHT)
        one = found("a")
        ledger.record([one, NotScreened("b", one.path, Cause.FAILED, why("damaged"))])
        assert sum(ledger.counts().values()) == 2


def test_an_unsettled_file_is_counted_and_forgotten(tmp_path):
    young = Ignored("a", tmp_path / "a", unsettled=True)
    with Ledger(tmp_path / "l") as ledger:
        ledger.begin(NIGHT)
        ledger.record([young], {young.path: STAMP})
        assert ledger.counts() == {"unsettled": 1}
        assert list(ledger.images(SCALES)) == []
        ledger.finish(NIGHT, True, 1)
        ledger.begin(NEXT_NIGHT)
        assert not ledger.reuse("a", young.path, STAMP)


RECORD_AND_DIE = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from screener.ledger import Ledger, ResultKey, Stamp, known_files
from tests.outcomes import found, missed

ledger = Ledger(Path(sys.argv[1]), key=ResultKey("m1"), decoders="d1")
ledger.begin(datetime(2026, 11, 20, 2))
for batch in ([found("a"), missed("b")], [found("c")]):
    ledger.record(batch, {each.path: Stamp(1000, 5) for each in batch})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_that_is_killed_has_kept_every_batch_that_came(tmp_path, night):
    killed = subprocess.run([sys.executable, "-c", RECORD_AND_DIE, tmp_path / "ledger.sqlite"], check=False)
    assert killed.returncode == -signal.SIGKILL
    fresh, told, _ = night(found("a"), missed("b"), found("c"), found("d"))
    assert fresh == ["d"]
    assert sorted(told) == ["a", "b", "c", "d"]


def test_a_second_run_is_refused_while_the_first_holds_the_ledger(tmp_path):
    with Ledger(tmp_path / "l") as first:
        first.begin(NIGHT)
        with pytest.raises(LedgerHeldError, match="another run holds it"):
            Ledger(tmp_path / "l")
    Ledger(tmp_path / "l").__exit__(None, None, None)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda content: bytes(4096) + content[4096:], id="first page zeroed"),
        pytest.param(lambda content: content[:5000], id="truncated"),
        pytest.param(lambda content: content[:4096] + bytes(len(content) - 4096), id="zeroed"),
        pytest.param(lambda content: b"overwritten " * 900, id="overwritten from its first byte on"),
    ],
)
def test_a_damaged_ledger_is_set_aside_and_said_so(tmp_path, night, spoil):
    night(*(found(f"{i}", study="1") for i in range(50)))
    path, said = tmp_path / "ledger.sqlite", []
    spoilt = spoil(path.read_bytes())
    path.write_bytes(spoilt)
    with Ledger(path, say=said.append) as ledger:
        ledger.begin(NIGHT)
        assert ledger.counts() == {}
    assert "is damaged: set aside as ledger.sqlite.damaged-" in str(said[0])
    [aside] = tmp_path.glob("ledger.sqlite.damaged-*")
    assert aside.read_bytes() == spoilt


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff\xe0" * 200, bytes(128) + b"DICM" * 100, b"rank,study_id\n" * 90]
)
def test_a_file_that_never_was_a_ledger_is_left_alone(tmp_path, content):
    path = tmp_path / "film.dcm"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is no ledger, and never was"):
        Ledger(path)
    assert (path.read_bytes(), len(list(tmp_path.iterdir()))) == (content, 1)


def test_a_database_of_something_else_is_left_alone(tmp_path):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE patients (name)")
    other.close()
    with pytest.raises(UsageError, match="a database of something else"):
        Ledger(path)
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT count(*) FROM patients").fetchone() == (0,)
    other.close()


def test_a_ledger_is_private(tmp_path, night):
    night(found("a"))
    assert (tmp_path / "ledger.sqlite").stat().st_mode & 0o777 == 0o600


MOUNTS = (
    rb"""
21 1 8:1 / / rw - ext4 /dev/sda1 rw
30 21 0:40 / /mnt/share rw - nfs4 server:/share rw
31 21 0:41 / /mnt/with\040space rw - cifs //server/share rw
32 21 0:42 / /home/me/cloud rw - fuse.rclone remote: rw
33 30 8:2 / /mnt/share/local rw - xfs /dev/sdb1 rw
34 21 0:43 / /mnt/r\303\251seau rw - nfs server:/a rw
35 21 0:44 / /mnt/latin-\351 rw - cifs //server/b rw
36 21 0:45 / /mnt/back\134slash rw shared:7 - nfs server:/c rw
37 21 0:46 / /mnt/tab\011and\012line rw - 9p server rw
"""
    + "38 21 0:47 / /mnt/Aufnahmen-ä rw - nfs4 server:/d rw\n".encode()
    + "39 21 0:48 / /mnt/日本 rw - ext4 /dev/sdc rw\n".encode()
    + (b"40 21 0:49 / /mnt/raw-\xe9 rw - nfs server:/e rw\n\nshort\n")
)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/l", ""),
        ("/mnt/share/l", "nfs4"),
        ("/mnt/share/deep/er/l", "nfs4"),
        ("/mnt/with space/l", "cifs"),
        ("/home/me/cloud/l", "fuse.rclone"),
        ("/mnt/share/local/l", ""),
        ("/mnt/sharedisk/l", ""),
        ("/mnt/réseau/l", "nfs"),
        ("/mnt/Aufnahmen-ä/deep/l", "nfs4"),
        ("/mnt/Aufnahmen-äh/l", ""),
        ("/mnt/日本/l", ""),
        ("/mnt/latin-\udce9/l", "cifs"),
        ("/mnt/raw-\udce9/l", "nfs"),
        ("/mnt/back\\slash/l", "nfs"),
        ("/mnt/tab\tand\nline/l", "9p"),
    ],
)
def test_a_network_file_system_is_told_by_its_mount(monkeypatch, path, kind):
    monkeypatch.setattr(ledger_file, "_mounts", lambda: MOUNTS)
    assert ledger_file.network_file_system(Path(path)) == kind


def test_a_ledger_on_a_network_file_system_is_refused_with_a_hint(tmp_path, monkeypatch):
    monkeypatch.setattr(ledger_file, "network_file_system", lambda path: "nfs4")
    with pytest.raises(UsageError, match="Name a folder on a local disk"):
        Ledger(tmp_path / "l")


def test_a_disk_that_is_full_when_known_files_are_counted_is_an_output_that_cannot_be_written(
    tmp_path, night
):
    night(found("a"))
    with Ledger(tmp_path / "ledger.sqlite", key=ResultKey("m1"), decoders="d1") as ledger:
        ledger.begin(NEXT_NIGHT)
        ledger._database.execute("PRAGMA query_only = ON")  # as a full disk does, it refuses to write
        with pytest.raises(OutputError, match="cannot be used"):
            ledger.reuse("a", found("a").path, STAMP)


def test_a_query_that_finds_no_room_is_an_output_that_cannot_be_written(ledger_without_tables):
    with pytest.raises(OutputError, match="cannot be used"):
        list(ledger_without_tables.outcomes())


@pytest.fixture
def ledger_without_tables():
    with Ledger() as ledger:
        ledger._database.execute("DROP VIEW outcomes")
        yield ledger


def test_a_moved_image_is_known_among_many_of_its_size(tmp_path, monkeypatch):
    files = {f"{number}.dcm": tmp_path / f"{number}.dcm" for number in range(2 * known_files.MANY)}
    for name, place in files.items():
        place.write_bytes(name.encode().rjust(10))
    stamp = Stamp(10, 5)
    known = [
        replace(found(name, 1.0, "1.2", sop=name), path=place, content_digest=content_digest(place))
        for name, place in files.items()
    ]
    with Ledger(tmp_path / "ledger", key=ResultKey("m")) as ledger:
        ledger.begin(datetime(2026, 11, 20))
        ledger.record(known, {each.path: stamp for each in known})
    looked = []
    monkeypatch.setattr(
        "os.path.lexists", lambda path: looked.append(path) or Path(os.fsdecode(path)).exists()
    )
    moved = files["30.dcm"].rename(tmp_path / "moved.dcm")
    with Ledger(tmp_path / "ledger", key=ResultKey("m")) as ledger:
        ledger.begin(datetime(2026, 11, 21))
        assert ledger.reuse("moved.dcm", moved, stamp)
        assert not ledger.reuse("other.dcm", tmp_path / "other.dcm", stamp)
    assert len(looked) == 1


def test_no_file_of_the_same_run_is_taken_for_one_that_moved(tmp_path, monkeypatch):
    radiograph = tmp_path / "image.dcm"
    radiograph.write_bytes(b"image")
    looked = []
    monkeypatch.setattr("os.path.lexists", lambda path: looked.append(path))
    with Ledger(tmp_path / "ledger", key=ResultKey("m")) as ledger:
        ledger.begin(datetime(2026, 11, 20))
        first = replace(found("first", 1.0, "1.2", sop="1"), content_digest=content_digest(radiograph))
        ledger.record([first], {first.path: Stamp(5, 5)})
        assert not ledger.reuse("image.dcm", radiograph, Stamp(5, 5))
    assert looked == []
