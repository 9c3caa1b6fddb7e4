from pathlib import Path

import pytest

from screener.errors import DatasetError
from screener.training.attributes import Attributes, age_in_years, kaggle_attributes
from screener.training.dataset import LabelledImage, read_dataset
from tests.commands.conftest import write_dicom
from tests.training.conftest import write_radiograph


def dataset_of(folder: Path, table: str) -> tuple[LabelledImage, ...]:
    (folder / "labels.csv").write_text(table, encoding="utf-8")
    return read_dataset(folder / "labels.csv").images


@pytest.mark.parametrize(
    ("written", "years"),
    [
        pytest.param("34", 34.0, id="years"),
        pytest.param("1.5", 1.5, id="part of a year"),
        pytest.param("034Y", 34.0, id="DICOM years"),
        pytest.param("018M", 1.5, id="DICOM months"),
        pytest.param("026W", 26 * 7 / 365.25, id="DICOM weeks"),
        pytest.param("010D", 10 / 365.25, id="DICOM days"),
        pytest.param("0", 0.0, id="newborn"),
        pytest.param("", None, id="unknown"),
    ],
)
def test_an_age_is_read_in_years(written: str, years: float | None) -> None:
    assert age_in_years(written) == (years if years is None else pytest.approx(years))


@pytest.mark.parametrize("written", ["adult", "411", "-3", "nan", "34YY", "3-5", "1e2"])
def test_an_age_that_cannot_be_is_refused_and_the_line_named(tmp_path: Path, written: str) -> None:
    write_radiograph(tmp_path / "a.jpg", 0, 1)
    with pytest.raises(DatasetError, match=rf"labels.csv, line 3: age is '{written}', expected years"):
        dataset_of(tmp_path, f"file,label,age\na.jpg,NORMAL,34\na.jpg,NORMAL,{written}\n")


@pytest.mark.parametrize(
    ("stem", "source", "subtype"),
    [
        pytest.param("person12_bacteria_46", "person", "bacterial", id="bacterial"),
        pytest.param("person12_virus_9", "person", "viral", id="viral"),
        pytest.param("IM-0429-0001-0002", "IM", "", id="normal"),
        pytest.param("NORMAL2-IM-0429-0001", "NORMAL2-IM", "", id="normal, second source"),
        pytest.param("chest_0001", "", "", id="no rule"),
    ],
)
def test_the_kaggle_file_name_tells_source_and_subtype(stem: str, source: str, subtype: str) -> None:
    found = kaggle_attributes(stem)
    assert (found.source, found.subtype) == (source, subtype)


def test_a_csv_gives_attributes(tmp_path: Path) -> None:
    for number, name in enumerate(("a.jpg", "b.jpg", "c.jpg")):
        write_radiograph(tmp_path / name, 0, number + 1)
    images = dataset_of(
        tmp_path,
        "file,label,patient,source,view,sex,age,subtype,from_original\n"
        "a.jpg,PNEUMONIA,p1,ward 3,ap,female,018M,virus,0\n"
        "b.jpg,NORMAL,p2,,PA,m,34,normal,1\n"
        "c.jpg,NORMAL,p3,,,O,,,\n",
    )
    found = [(i.source, i.view, i.sex, i.age_years, i.subtype) for i in images]
    assert found == [("ward 3", "AP", "F", 1.5, "viral"), ("", "PA", "M", 34.0, ""), ("", "", "", None, "")]


def test_a_csv_without_such_columns_leaves_attributes_empty(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "a.jpg", 0, 1)
    [image] = dataset_of(tmp_path, "file,label\na.jpg,PNEUMONIA\n")
    assert (image.source, image.view, image.sex, image.age_years, image.subtype) == ("", "", "", None, "")


def test_kaggle_names_fill_what_a_csv_leaves_open(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "person7_bacteria_1.jpg", 1, 1)
    [image] = dataset_of(tmp_path, "file,label,patient\nperson7_bacteria_1.jpg,PNEUMONIA,p7\n")
    assert (image.patient, image.source, image.subtype) == ("p7", "person", "bacterial")


def test_text_of_a_csv_is_one_line_of_bounded_length(tmp_path: Path) -> None:
    write_radiograph(tmp_path / "a.jpg", 0, 1)
    [image] = dataset_of(tmp_path, f'file,label,source,view\na.jpg,NORMAL,"a\nb\x1b[31m c",{"x" * 500}\n')
    assert image.source == "a b [31m c"
    assert image.view == "X" * 64


HEADER = {"PatientID": "P-7", "ViewPosition": "PA", "PatientSex": "F", "PatientAge": "046Y"}


def test_a_dicom_header_gives_view_sex_and_age(tmp_path: Path) -> None:
    write_dicom(tmp_path / "NORMAL" / "a.dcm", 1, **HEADER)
    [image] = read_dataset(tmp_path).images
    assert (image.view, image.sex, image.age_years) == ("PA", "F", 46.0)


def test_a_csv_goes_before_the_dicom_header(tmp_path: Path) -> None:
    write_dicom(tmp_path / "a.dcm", 1, **HEADER)
    [image] = dataset_of(tmp_path, "file,label,patient,view,sex,age\na.dcm,NORMAL,p1,AP,,12\n")
    assert (image.patient, image.view, image.sex, image.age_years) == ("p1", "AP", "F", 12.0)


def test_what_is_known_goes_before_what_completes_it() -> None:
    assert Attributes(view="PA", age_years=0.0).completed(
        Attributes(view="AP", age_years=3.0, sex="F")
    ) == Attributes(view="PA", age_years=0.0, sex="F")
