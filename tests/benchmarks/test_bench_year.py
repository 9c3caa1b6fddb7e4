"""The year of nights: its clock, its images, and its other model."""

import subprocess
import sys
from pathlib import Path

import pydicom
import pytest

from benchmarks.bench_year import NEW_MACHINE, Night, arrive, other_model, table
from screener.inference.model_folder import load_model_folder
from screener.resources import shipped_model
from screener.screening.scan import result_key

TOP = Path(__file__).parents[2]


def test_a_command_believes_the_day_that_it_is_given() -> None:
    code = (
        "from benchmarks.on_day import move_to; move_to('2031-05-06')\n"
        "from datetime import date, datetime, timedelta\n"
        "from screener.reporting.dated import DatedReports\n"
        "moment = datetime.now().astimezone()\n"
        "print(date.today(), moment.date(), moment - timedelta(days=1) < moment)\n"
        "print(datetime.fromisoformat(moment.isoformat()) == moment)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TOP)
    assert done.stdout == "2031-05-06 2031-05-06 True\nTrue\n"


@pytest.mark.parametrize(
    ("number", "makers"), [(1, {"ACME", "Other"}), (NEW_MACHINE, {"ACME", "Other", "Newcomer"})]
)
def test_the_new_machine_sends_from_its_night_on(tmp_path: Path, number: int, makers: set[str]) -> None:
    arrive(tmp_path, number, 20)
    read = [pydicom.dcmread(each, stop_before_pixels=True) for each in (tmp_path / f"{number:03d}").iterdir()]
    assert {each.Manufacturer for each in read} == makers
    assert len({each.StudyInstanceUID for each in read}) == 20


def test_the_other_model_is_whole_and_its_results_are_others(tmp_path: Path) -> None:
    other = load_model_folder(other_model(tmp_path))
    assert result_key(other) != result_key(load_model_folder(shipped_model()))


def test_the_table_has_first_and_last_week() -> None:
    nights = [Night(each, float(each), int(each == 10), each / 10, 3, each / 2) for each in range(1, 71)]
    assert [row[0] for row in table(nights)[1:]] == ["1 to 7", "54 to 60", "64 to 70"]
    assert table(nights)[-1] == ["64 to 70", "67.0", "33.5", "7.0", "1"]
