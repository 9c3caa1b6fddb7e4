"""Person names as DICOM has them (PS3.5 6.2.1; H.3 and I.2 for Japanese and Korean)."""

from pathlib import Path

import pytest

from screener.domain import Identifiers
from screener.intake import read_patient_name
from screener.intake.dicom.names import shown_name
from tests.commands.conftest import write_dicom, write_jpeg


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.", "Adams, Rev. John Robert Quincy, B.A. M.Div."),
        ("Morrison-Jones^Susan^^^Ph.D., CEO", "Morrison-Jones, Susan, Ph.D., CEO"),
        ("Doe^John", "Doe, John"),
        ("Smith^Jane^Ann", "Smith, Jane Ann"),
        ("Doe", "Doe"),
        ("^Fluffy", "Fluffy"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田 太郎; やまだ たろう)"),
        ("Hong^Gildong=洪^吉洞=홍^길동", "Hong, Gildong (洪 吉洞; 홍 길동)"),
        ("=山田^太郎=", "山田 太郎"),
        ("==やまだ^たろう", "やまだ たろう"),
        ("", ""),
        ("^^^^", ""),
    ],
)  # fmt: skip
def test_a_name_is_shown_as_it_is_read(value: str, shown: str) -> None:
    assert shown_name(value) == shown


@pytest.mark.parametrize(
    ("charset", "name", "shown"),
    [
        ("ISO_IR 100", "Müller^Zoë", "Müller, Zoë"),
        ("ISO_IR 144", "Люксембург", "Люксембург"),
        ("ISO_IR 126", "Διονυσιος", "Διονυσιος"),
        ("ISO_IR 127", "قباني^لنزار", "قباني, لنزار"),
        ("ISO_IR 192", "Wang^XiaoDong=王^小东", "Wang, XiaoDong (王 小东)"),
        (["", "ISO 2022 IR 87"], "Yamada^T=山田^太郎=やまだ^たろう", "Yamada, T (山田 太郎; やまだ たろう)"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동", "Hong, Gildong (洪 吉洞; 홍 길동)"),
        ("GB18030", "Wang^XiaoDong=王^小东=", "Wang, XiaoDong (王 小东)"),
    ],
)  # fmt: skip
def test_a_name_is_read_in_its_character_set(tmp_path: Path, charset: object, name: str, shown: str) -> None:
    path = tmp_path / "a.dcm"
    write_dicom(path, SpecificCharacterSet=charset, PatientName=name, StudyInstanceUID="1.2")
    identifiers, read = read_patient_name(path, "a.dcm")
    assert read == shown
    assert (identifiers.study_instance_uid, identifiers.patient_id) == ("1.2", "P-1")


def test_what_has_no_header_or_is_gone_has_no_name(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "a.jpg")
    (tmp_path / "cut.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 50)
    for name in ("a.jpg", "cut.dcm", "absent.dcm"):
        assert read_patient_name(tmp_path / name, name) == (Identifiers(), "")
