import errno
import os
import stat

import pytest

from screener.commands.console import Log
from screener.errors import ExitCode, OutputError, UsageError
from screener.outputs import atomic
from screener.outputs.atomic import check_writable, noting_written, text_written_whole, written_whole
from screener.outputs.unfinished_text import write_run_text


@pytest.fixture
def target(tmp_path):
    return tmp_path / "report.csv"


def break_off(opening, part, failure):
    """Write a part of the file, then fail."""
    with opening as file:
        file.write(part)
        raise failure


def bits(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("image", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", bytes(128) + b"DICM"])
def test_no_list_or_log_takes_the_place_of_an_image(target, image):
    target.write_bytes(image)
    with pytest.raises(UsageError, match="an image lies there"):
        check_writable(target)
    with pytest.raises(UsageError, match="an image lies there"):
        write_run_text("in short", target)
    with pytest.raises(UsageError, match="an image lies there"):
        Log(target)
    assert target.read_bytes() == image
    check_writable(target, picture=True)


def test_a_finished_file_has_what_was_written(target):
    with written_whole(target) as file:
        file.write(b"whole")
    assert target.read_bytes() == b"whole"
    assert os.listdir(target.parent) == ["report.csv"]


def test_a_failure_halfway_leaves_the_old_file_whole_and_no_temporary(target):
    target.write_bytes(b"old")
    with pytest.raises(RuntimeError, match="halfway"):
        break_off(written_whole(target), b"new, but not all of it", RuntimeError("halfway"))
    assert target.read_bytes() == b"old"
    assert os.listdir(target.parent) == ["report.csv"]


def test_an_interrupt_halfway_leaves_no_temporary(target):
    with pytest.raises(KeyboardInterrupt):
        break_off(text_written_whole(target), "half", KeyboardInterrupt())
    assert os.listdir(target.parent) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_as_one_and_keeps_the_old_file(target, monkeypatch, number):
    target.write_bytes(b"old")

    def full(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OutputError, match="the disk is full") as raised, written_whole(target) as file:
        file.write(b"new")
    assert str(raised.value).startswith(f"{target}: cannot be written: the disk is full")
    assert "Free space there, then run again." in str(raised.value)
    assert target.read_bytes() == b"old"
    assert os.listdir(target.parent) == ["report.csv"]


@pytest.mark.parametrize("umask", [0o000, 0o077])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_mode_asked_for_is_the_mode_whatever_the_umask(target, mode, umask):
    before = os.umask(umask)
    try:
        with written_whole(target, mode) as file:
            file.write(b"x")
    finally:
        os.umask(before)
    assert bits(target) == mode


def test_nobody_else_reads_the_file_before_it_is_finished(target):
    with written_whole(target, 0o644) as file:
        (temporary,) = target.parent.iterdir()
        assert temporary.name.startswith(".")
        assert bits(temporary) == 0o600
        file.write(b"x")


def test_a_link_is_replaced_and_not_followed(target, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"kept")
    target.symlink_to(other)
    with written_whole(target) as file:
        file.write(b"new")
    assert other.read_bytes() == b"kept"
    assert not target.is_symlink()


def test_a_check_leaves_nothing_behind(target):
    check_writable(target)
    assert os.listdir(target.parent) == []


def test_a_check_leaves_an_old_file_as_it_is(target):
    target.write_bytes(b"old")
    check_writable(target)
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda folder: folder / "missing" / "report.csv", id="missing folder"),
        pytest.param(lambda folder: folder, id="a folder"),
        pytest.param(lambda folder: folder / ("x" * 300), id="name too long"),
        pytest.param(lambda folder: os_fifo(folder / "pipe"), id="a pipe"),
    ],
)
def test_a_place_that_cannot_be_written_is_an_output_error(make, tmp_path):
    path = make(tmp_path)
    for attempt in (check_writable, lambda path: written_whole(path).__enter__()):
        with pytest.raises(OutputError) as caught:
            attempt(path)
        assert caught.value.exit_code is ExitCode.OUTPUT
        assert str(path) in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_closed_to_this_account_is_an_output_error(target):
    target.parent.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        check_writable(target)


def os_fifo(path):
    os.mkfifo(path)
    return path


def test_what_was_written_whole_is_noted_and_nothing_else(target):
    with noting_written() as written:
        with written_whole(target) as file:
            file.write(b"x")
        with pytest.raises(ValueError, match="no"), written_whole(target.with_name("other")):
            raise ValueError("no")
    assert written == [target]
