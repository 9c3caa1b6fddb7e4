"""An object is read through a private, bounded copy, and is told to be what a file would be."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest
from pydicom.uid import JPEGLSLossless

from screener.domain import Cause, FileKind, Ignored, ImageFile, NotScreened, ObjectFile
from screener.errors import ImageError, IneligibleImageError, UnreadableImageError
from screener.intake import (
    UnreachableImageError,
    at_hand,
    classify,
    each_at_hand,
    open_image,
    read_study_uid,
)
from screener.intake import staging as objects
from screener.intake.dicom.names import read_patient_name
from tests.commands.conftest import radiograph
from tests.conftest import CHEST
from tests.outcomes import why
from tests.reasons import refusal, words
from tests.stores.harness import Bucket

MakeDicom = Callable[..., Path]
RADIOGRAPH = radiograph(1).astype(np.uint16) * 16


def put(bucket: Bucket, path: Path, key: str = "") -> ObjectFile:
    return ObjectFile(bucket.put(key or path.name, path.read_bytes()), key or path.name)


def test_an_object_gives_what_the_file_gives(bucket: Bucket, make_dicom: MakeDicom) -> None:
    path = make_dicom(RADIOGRAPH)
    file = put(bucket, path)
    local = classify(path, path.name)
    assert isinstance(local, ImageFile)
    with at_hand(file) as here:
        assert isinstance(here, ImageFile)
        assert (here.kind, here.name, here.whole) == (FileKind.DICOM, "image.dcm", True)
        assert here.path.read_bytes() == path.read_bytes()
        found = open_image(here)
        assert found.identifiers == open_image(local).identifiers
        assert (found.radiograph().pixels == open_image(local).radiograph().pixels).all()


def test_the_copy_is_in_no_folder_and_gone_afterwards(
    bucket: Bucket, make_png: MakeDicom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(bucket, make_png(radiograph(1)))
    (folder := tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with at_hand(file) as here:
        assert here.path.is_file()  # type: ignore[union-attr]
        assert os.readlink(here.path).startswith(str(folder))
        assert list(folder.iterdir()) == []
        opened = here.path
    assert not opened.exists()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("notes.txt", b"no image", Ignored),
        ("IM0001", b"\0" * 600, Ignored),
        (
            "image.jpg",
            b"no image",
            NotScreened(file="image.jpg", path=Path(), cause=Cause.FAILED, reason=why("")),
        ),
        (
            "scan.tif",
            b"II*\0" + b"\0" * 600,
            NotScreened(file="", path=Path(), cause=Cause.INELIGIBLE, reason=why("")),
        ),
    ],
)
def test_what_is_no_image_is_told_as_of_a_file(
    bucket: Bucket, tmp_path: Path, name: str, content: bytes, expected: object
) -> None:
    (path := tmp_path / name).write_bytes(content)
    local = classify(path, name)
    with at_hand(put(bucket, path)) as here:
        assert type(here) is type(local) is (expected if isinstance(expected, type) else type(expected))
        assert here.path == bucket.url(name)
        assert getattr(here, "reason", None) == getattr(local, "reason", None)
        assert getattr(here, "cause", None) == getattr(local, "cause", None)


def test_a_large_image_is_read_in_parts(
    bucket: Bucket, make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "PART", 40_000)
    path = make_dicom(RADIOGRAPH)
    file = put(bucket, path)
    with at_hand(file) as here:
        assert isinstance(here, ImageFile)
        assert here.whole
        assert here.path.read_bytes() == path.read_bytes()
    assert bucket.asked("GET", "image.dcm") == -(-path.stat().st_size // 40_000) > 2


def test_an_image_that_ends_with_a_part_is_whole(
    bucket: Bucket, make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_dicom(RADIOGRAPH)
    monkeypatch.setattr(objects, "PART", path.stat().st_size)
    with at_hand(put(bucket, path)) as here:
        assert isinstance(here, ImageFile)
        assert here.whole
        assert here.path.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("syntax", [None, JPEGLSLossless])
def test_of_a_large_object_that_is_no_radiograph_the_header_is_read_alone(
    bucket: Bucket, make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch, syntax: str | None
) -> None:
    monkeypatch.setattr(objects, "PART", 8_000)
    path = make_dicom(
        RADIOGRAPH,
        Modality="US",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.6.1",
        **{"syntax": syntax} if syntax else {},
    )
    with at_hand(put(bucket, path)) as here:
        assert isinstance(here, ImageFile)
        image = open_image(here)
        assert image.identifiers.patient_id == CHEST["PatientID"]
        with pytest.raises(IneligibleImageError) as raised:
            image.radiograph()
    local = classify(path, path.name)
    assert isinstance(local, ImageFile)
    with pytest.raises(IneligibleImageError) as at_home:
        open_image(local).radiograph()
    assert str(raised.value) == str(at_home.value)
    assert bucket.asked("GET", "image.dcm") == 1


@pytest.mark.parametrize("kind", ["dicom", "png"])
def test_no_more_is_copied_than_a_radiograph_may_hold(
    bucket: Bucket, make_dicom: MakeDicom, make_png: MakeDicom, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(objects, "PART", 8_000)
    monkeypatch.setattr(objects, "MOST", 20_000)
    path = make_dicom(RADIOGRAPH) if kind == "dicom" else make_png(radiograph(1))
    assert path.stat().st_size > 20_000
    with at_hand(put(bucket, path)) as here:
        assert isinstance(here, ImageFile)
        assert here.path.stat().st_size == 8_000
        with refusal(UnreadableImageError, match="too large to be a radiograph"):
            open_image(here).radiograph()
    assert bucket.asked("GET", path.name) == 1


def test_an_object_that_changes_meanwhile_is_left_for_the_next_run(
    bucket: Bucket, make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "PART", 40_000)
    path = make_dicom(RADIOGRAPH)
    for replaced_before in (40_000, 80_000):  # of which part
        file = put(bucket, path)
        read = objects.read_object

        def and_replaced(url, start, end, version="", before=replaced_before, read=read):  # type: ignore[no-untyped-def]
            if start == before:
                bucket.put("image.dcm", path.read_bytes()[::-1])
            return read(url, start, end, version)

        with monkeypatch.context() as patched:
            patched.setattr(objects, "read_object", and_replaced)
            with refusal(UnreachableImageError, match="changed while it was read"), at_hand(file):
                pass


def test_an_object_without_a_byte_is_an_empty_file(bucket: Bucket, tmp_path: Path) -> None:
    (path := tmp_path / "empty.jpg").touch()
    with at_hand(put(bucket, path)) as here:
        assert here == replace(classify(path, path.name), path=bucket.url("empty.jpg"))  # type: ignore[type-var]


def test_the_objects_that_follow_are_asked_for_meanwhile(
    bucket: Bucket, make_png: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "AHEAD", 2)
    local = make_png(radiograph(1))
    files: list[ImageFile | ObjectFile] = [put(bucket, local, f"{number}.png") for number in range(6)]
    files.insert(1, ImageFile(local, "image.png", FileKind.PNG))
    files.insert(3, ObjectFile(bucket.url("gone"), "gone"))
    asked: list[str] = []
    read = objects.read_object
    monkeypatch.setattr(
        objects, "read_object", lambda url, start, end: asked.append(url.name) or read(url, start, end)
    )
    seen = []
    for file, given in each_at_hand(files):
        following = [each for each in files[files.index(file) + 1 :] if isinstance(each, ObjectFile)]
        deadline = monotonic() + 10
        while not {each.path.name for each in following[:2]} <= set(asked):
            assert monotonic() < deadline, "nothing was asked for ahead"
            sleep(0.01)
        try:
            with given as here:
                assert here.path.read_bytes() == local.read_bytes()  # type: ignore[union-attr]
                seen.append(here.name)
        except UnreachableImageError:
            seen.append("gone")
        assert here.name == file.name or seen[-1] == "gone"
        assert len(asked) <= sum(isinstance(each, ObjectFile) for each in files[: len(seen)]) + 2
    assert seen == [file.name for file in files]
    assert sorted(asked) == sorted(file.path.name for file in files if isinstance(file, ObjectFile))


def test_an_object_that_is_gone_may_come_back(bucket: Bucket) -> None:
    file = ObjectFile(bucket.url("Jane-Doe.dcm"), "Jane-Doe.dcm")
    with pytest.raises(UnreachableImageError) as raised, at_hand(file):
        pass
    assert words(raised.value) == "cannot be read from its store: there is no such object or bucket"


def test_no_room_for_the_copy_is_no_fault_of_the_image(
    bucket: Bucket, make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(bucket, make_dicom(RADIOGRAPH))
    monkeypatch.setattr("tempfile.tempdir", "/proc")
    with refusal(UnreachableImageError, match="cannot be copied to read it: "), at_hand(file):
        pass


def test_a_full_disk_for_the_copy_is_told_as_one(
    bucket: Bucket, make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = put(bucket, make_dicom(RADIOGRAPH))
    monkeypatch.setattr("screener.intake.staging.tempfile.TemporaryFile", full)
    said = "cannot be copied to read it: the disk is full"
    with refusal(UnreachableImageError, match=said), at_hand(file):
        pass


def test_a_study_is_told_from_the_beginning_of_an_object(
    bucket: Bucket, make_dicom: MakeDicom, make_png: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screener.intake.dicom.study.HEAD", 4_000)
    assert read_study_uid(put(bucket, make_dicom(RADIOGRAPH))) == CHEST["StudyInstanceUID"]
    assert bucket.asked("GET", "image.dcm") == 1
    assert read_study_uid(put(bucket, make_dicom(RADIOGRAPH, name="none.dcm", StudyInstanceUID=None))) == ""
    assert bucket.asked("GET", "none.dcm") == 2
    assert read_study_uid(put(bucket, make_png(radiograph(1)))) == ""
    assert read_study_uid(ObjectFile(bucket.url("gone"), "gone")) is None


def test_a_study_behind_the_beginning_of_an_object_is_found(
    bucket: Bucket, make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screener.intake.dicom.study.HEAD", 300)
    assert read_study_uid(put(bucket, make_dicom(RADIOGRAPH))) == CHEST["StudyInstanceUID"]


def test_a_name_is_read_from_an_object(bucket: Bucket, make_dicom: MakeDicom, make_png: MakeDicom) -> None:
    identifiers, name = read_patient_name(put(bucket, make_dicom(RADIOGRAPH)).path, "image.dcm")
    assert (identifiers.patient_id, name) == (CHEST["PatientID"], "Secretname, Jane")
    assert read_patient_name(put(bucket, make_png(radiograph(1))).path, "image.png")[1] == ""
    assert read_patient_name(bucket.url("gone"), "gone")[1] == ""


def test_a_damaged_object_is_as_damaged_as_the_file(bucket: Bucket, make_dicom: MakeDicom) -> None:
    path = make_dicom(RADIOGRAPH)
    path.write_bytes(path.read_bytes()[:-5_000])
    local = classify(path, path.name)
    assert isinstance(local, ImageFile)
    with pytest.raises(ImageError) as at_home:
        open_image(local).radiograph()
    with at_hand(put(bucket, path)) as here, pytest.raises(ImageError) as raised:
        open_image(here).radiograph()  # type: ignore[arg-type]
    assert str(raised.value) == str(at_home.value)
