import os

import pytest

from screener.domain import Cause, FileKind, Ignored, ImageFile, NotScreened
from screener.intake import classify, count_files, find_files, scan_roots
from screener.reasons import Reason, ReasonCode
from tests.intake.radiographs import GREY
from tests.reasons import words

JPEG = b"\xff\xd8\xff\xe0" + bytes(20)
TIFF = b"II*\x00" + bytes(20)


@pytest.fixture
def studies(tmp_path):
    folder = tmp_path / "studies"
    folder.mkdir()
    return folder


@pytest.fixture
def fill(studies):
    def write(*names, content=JPEG):
        for name in names:
            path = studies / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    return write


def walked(folder):
    """Return every outcome of a walk, after checking that the count agrees and nothing comes twice."""
    roots = scan_roots([folder])
    seen = list(find_files(roots))
    assert count_files(roots) == len(seen)
    assert len(set(map(name_of, seen))) == len(seen)
    return seen


def name_of(seen):
    return seen.name if isinstance(seen, ImageFile) else seen.file


def names(folder):
    return [name_of(each) for each in walked(folder)]


def only(folder):
    [seen] = walked(folder)
    return seen


def test_every_file_comes_once_by_name_within_each_folder(studies, fill):
    fill("b.jpg", "a.jpg", "ward/c.jpg", "ward/a/z.jpg", "Z.jpg", "annex/d.jpg")
    assert names(studies) == ["Z.jpg", "a.jpg", "b.jpg", "annex/d.jpg", "ward/c.jpg", "ward/a/z.jpg"]


def test_an_image_carries_its_absolute_path(studies, fill):
    fill("ward/a.jpg")
    assert only(studies) == ImageFile(studies / "ward/a.jpg", "ward/a.jpg", FileKind.JPEG)


@pytest.mark.parametrize("name", [".a.jpg", ".cache/a.jpg", ".cache/deep/a.jpg", "ward/.a.jpg"])
def test_hidden_files_are_ignored_whatever_they_hold(studies, fill, name):
    fill(name)
    assert only(studies) == Ignored(name, studies / name)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("a.jpg", b"", "named .jpg, but the file is empty", id="empty"),
        pytest.param("a.JPEG", b"hello", "named .jpeg, but its content is no image", id="text"),
        pytest.param("a.dcm", b"hello", "named .dcm, but its content is no image", id="DICOM that is text"),
        pytest.param("a.png", TIFF, "named .png, but its content is a TIFF image", id="another format"),
    ],
)
def test_a_name_that_promises_an_image_must_keep_its_word(studies, fill, name, content, reason):
    fill(name, content=content)
    seen = only(studies)
    assert (seen.file, seen.path, seen.cause, words(seen)) == (name, studies / name, Cause.FAILED, reason)


@pytest.mark.parametrize("name", ["a.tif", "a.bmp", "scan"])
def test_other_image_formats_are_ineligible(studies, fill, name):
    fill(name, content=TIFF)
    seen = only(studies)
    assert seen.cause is Cause.INELIGIBLE
    assert words(seen) == "TIFF image: only DICOM, JPEG and PNG are screened"


@pytest.mark.parametrize(
    ("name", "content"),
    [("notes.txt", b"hello"), ("empty", b""), ("a.zip", b"PK\x03\x04"), ("LIST", b"x")],
)
def test_what_is_plainly_no_image_is_ignored(studies, fill, name, content):
    fill(name, content=content)
    assert only(studies) == Ignored(name, studies / name)


def test_content_counts_and_not_the_name(tmp_path, make_png, make_dicom):
    png, dicom = make_png(GREY, name="image.jpg"), make_dicom(GREY, name="IM0001")
    assert classify(png, "image.jpg") == ImageFile(png, "image.jpg", FileKind.PNG)
    assert classify(dicom, "IM0001") == ImageFile(dicom, "IM0001", FileKind.DICOM)


@pytest.mark.parametrize("little", [True, False], ids=["explicit", "implicit"])
def test_dicom_without_preamble_is_dicom(make_dicom, little):
    syntax = "1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2"
    path = make_dicom(GREY, syntax=syntax, preamble=False)
    assert classify(path, "a").kind is FileKind.DICOM


def test_a_loop_of_links_ends(studies, fill):
    fill("ward/a.jpg")
    (studies / "ward/loop").symlink_to(studies)
    (studies / "self").symlink_to("self")
    assert names(studies) == ["self", "ward/a.jpg"]


def test_a_folder_keeps_its_own_name_where_a_link_leads_to_it_too(studies, fill):
    fill("ward/a.jpg")
    (studies / "alias").symlink_to(studies / "ward")
    assert names(studies) == ["ward/a.jpg"]


def test_a_linked_folder_elsewhere_is_walked_once(studies, tmp_path):
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "a.jpg").write_bytes(JPEG)
    for alias in ("first", "second"):
        (studies / alias).symlink_to(archive)
    assert names(studies) == ["first/a.jpg"]


def test_a_broken_link_fails_where_its_name_promises_an_image(studies):
    (studies / "a.jpg").symlink_to("gone.jpg")
    (studies / "notes").symlink_to("gone")
    image, notes = walked(studies)
    assert image.cause is Cause.FAILED
    assert "link" in words(image)
    assert notes == Ignored("notes", studies / "notes")


def test_a_link_that_cannot_be_looked_up_costs_itself_alone(studies, fill):
    fill("b.jpg")
    (studies / "a.jpg").symlink_to("x" * 300)  # longer than any file system allows a name to be
    broken, whole = walked(studies)
    assert broken.cause is Cause.FAILED
    assert isinstance(whole, ImageFile)


def test_a_pipe_is_never_opened(studies):
    os.mkfifo(studies / "a.jpg")  # opening it would wait for ever
    assert words(only(studies)) == "named .jpg, but it is no regular file"


def test_bytes_that_are_no_utf_8_are_spelt_out(studies, fill):
    fill(os.fsdecode(b"w\xe4rd/\xff.jpg"))
    seen = only(studies)
    assert seen.name == r"w\xe4rd/\xff.jpg"
    assert seen.path.read_bytes() == JPEG


def test_a_name_keeps_its_line_feed_and_its_letters(studies, fill):
    fill("two\nlines.jpg", "Zoë 検査.jpg")
    assert names(studies) == ["Zoë 検査.jpg", "two\nlines.jpg"]


def test_an_unreadable_folder_is_one_failed_entry(studies, fill, monkeypatch):
    fill("closed/a.jpg", "closed/b.jpg", "open/c.jpg")
    scandir = os.scandir

    def refusing(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    closed, whole = walked(studies)
    reason = Reason.of(ReasonCode.FOLDER_UNREADABLE, why="Permission denied")
    assert closed == NotScreened("closed", studies / "closed", Cause.FAILED, reason)
    assert words(closed) == "folder cannot be read: Permission denied"
    assert whole.name == "open/c.jpg"


def test_a_file_that_cannot_be_opened_fails(studies, monkeypatch, fill):
    fill("a.jpg")

    def refuse(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    assert words(only(studies)) == "cannot be opened: Input/output error"


def test_an_empty_folder_has_no_files(studies):
    (studies / "ward").mkdir()
    assert walked(studies) == []


def test_several_roots_are_walked_one_after_another(tmp_path):
    for name in ("b/1.jpg", "a/2.jpg", "3.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(JPEG)
    roots = scan_roots([tmp_path / "b", tmp_path / "3.jpg", tmp_path / "a"])
    assert [each.name for each in find_files(roots)] == ["b/1.jpg", "3.jpg", "a/2.jpg"]
    assert count_files(roots) == 3
