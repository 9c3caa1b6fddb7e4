import csv
import io
from pathlib import Path

import numpy as np
import pytest

from screener.domain import Cause, Finding, Identifiers, Ignored, NotScreened, Prediction
from screener.errors import OutputError
from screener.outputs.worklist_csv import FileWords, write_files_csv, write_worklist_csv
from screener.reasons import ReasonCode
from screener.scale import Band, Scales
from tests.outcomes import why
from tests.reasons import words

HEADER = (
    b"rank,study_id,patient_id,accession_number,study_date,view,images,probability,status,reason,file,model,"
    b"notes,band,reason_code,population\n"
)


@pytest.fixture
def written(tmp_path):
    """Write rows, give back the bytes."""

    def write(*rows):
        path = tmp_path / "report.csv"
        write_worklist_csv(iter(rows), "net@1.0.0", path)
        return path.read_bytes()

    return write


def test_an_empty_worklist_is_its_header(written):
    assert written() == HEADER


def test_a_screened_study_is_one_exact_line(written, make_row):
    line = b"1,1.2.3,P1,A1,2025-11-21,PA,1,0.750000,flagged,,a/b.dcm,net@1.0.0,,,,all\n"
    assert written(make_row()) == HEADER + line


def test_a_flagged_study_tells_its_band(written, make_row):
    assert written(make_row(band=Band.NEXT, notes=("AP",))).endswith(b",net@1.0.0,AP,next,,all\n")


def test_a_study_not_screened_has_no_rank_and_no_probability(written, make_missed_row):
    line = (
        b",1.2.3,P1,A1,2025-11-21,PA,0,,not_screened,The file is empty.,a/b.dcm,net@1.0.0,,,modality;view,\n"
    )
    codes = (ReasonCode.MODALITY, ReasonCode.VIEW)
    assert written(make_missed_row(reason_codes=codes)) == HEADER + line


@pytest.mark.parametrize(
    ("probability", "printed"), [(0.0, b"0.000000"), (1.0, b"1.000000"), (1e-6, b"0.000001")]
)
def test_a_probability_has_six_decimals(written, make_row, probability, printed):
    assert b"," + printed + b"," in written(make_row(probability=probability))


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param('say "a", b', '"say ""a"", b"', id="quote and comma"),
        pytest.param("a\nb", '"a\nb"', id="line feed"),
        pytest.param("a\rb", '"a\rb"', id="carriage return"),
        pytest.param("a\r\nb", '"a\r\nb"', id="both, kept as they are"),
        pytest.param("a\r\n", '"a\r\n"', id="both at the end"),
        pytest.param("Zoë 検査", "Zoë 検査", id="UTF-8"),
        pytest.param(r"\xff.dcm", r"\xff.dcm", id="escaped bytes"),
    ],
)
def test_a_value_is_quoted_where_rfc_4180_asks_for_it(written, make_row, value, field):
    text = written(make_row(patient_id=value)).decode("utf-8")
    assert f",{field},A1," in text
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["patient_id"] == value


def test_rows_are_taken_one_by_one(tmp_path, make_row):
    def rows():
        for rank in range(1, 4):
            yield make_row(rank=rank)
        raise RuntimeError("the ledger broke")

    path = tmp_path / "report.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="ledger"):
        write_worklist_csv(rows(), "net@1.0.0", path)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["report.csv"]


def test_a_missing_folder_is_an_output_error(tmp_path):
    with pytest.raises(OutputError):
        write_worklist_csv([], "net@1.0.0", tmp_path / "missing" / "report.csv")


def test_with_a_bom_pandas_reads_the_same_list(tmp_path, make_row):
    pandas = pytest.importorskip("pandas", reason="needs the extra 'train'")
    row = make_row(patient_id="Zoë 検査", reason="a\nb")
    for excel in (False, True):
        write_worklist_csv([row], "net@1.0.0", tmp_path / f"{excel}.csv", excel=excel)
    plain, with_bom = (pandas.read_csv(tmp_path / f"{excel}.csv") for excel in (False, True))
    pandas.testing.assert_frame_equal(plain, with_bom)
    assert list(with_bom.columns) == HEADER.decode().strip().split(",")
    assert (tmp_path / "True.csv").read_bytes().startswith(b"\xef\xbb\xbfrank,")
    assert (tmp_path / "False.csv").read_bytes().startswith(b"rank,")


def test_a_list_with_names_has_them_in_a_last_column(tmp_path, make_row):
    path = tmp_path / "r.csv"
    write_worklist_csv([make_row(patient_name="=Müller, Zoë")], "net@1.0.0", path, names=True)
    header, line = path.read_text(encoding="utf-8").splitlines()
    assert header == HEADER.decode().strip() + ",patient_name"
    assert line.endswith(""",all,"'=Müller, Zoë\"""")


def test_each_file_seen_is_one_line_with_its_outcome(tmp_path, scale):
    prediction = Prediction(0.0, np.zeros((7, 7), np.float32))
    outcomes = [
        Finding("a.dcm", Path("/a.dcm"), Identifiers(study_instance_uid="1.2"), prediction, "00"),
        Finding("b.jpg", Path("/b.jpg"), Identifiers(), prediction, "00"),
        NotScreened("c.dcm", Path("/c.dcm"), Cause.FAILED, why("Cut, short."), Identifiers("1.3")),
        NotScreened("d.png", Path("/d.png"), Cause.INELIGIBLE, why("Colour.")),
        Ignored("e.txt", Path("/e.txt")),
    ]
    path = tmp_path / "files.csv"
    write_files_csv(iter(outcomes), FileWords(Scales.one(scale), words), path, 0o640)
    assert path.read_text(encoding="utf-8") == (
        "file,study_id,outcome,cause,reason,probability,reason_code\n"
        "a.dcm,1.2,screened,,,0.500000,\n"
        "b.jpg,b.jpg,screened,,,0.500000,\n"
        'c.dcm,1.3,not_screened,failed,"Cut, short.",,earlier_words\n'
        "d.png,d.png,not_screened,ineligible,Colour.,,earlier_words\n"
        "e.txt,,ignored,,,,\n"
    )
    assert path.stat().st_mode & 0o777 == 0o640
