"""An age is read where it can mean one thing only; else it is unknown, and never an exception."""

import pytest

from screener.intake.dicom.age import age_of


@pytest.mark.parametrize(
    ("written", "told"),
    [
        *(
            (each, "062Y")
            for each in ("62", " 62Y", "062y", "0062Y", "Y062", "y 62", "62.0", "62,5 Y", "62歳")
        ),
        *(
            (f"62 {each}", "062Y")
            for each in ("años", "AÑOS", "ANNÉES", "ans", "anni", "anos", "JAHRE", "jaar")
        ),
        *(
            (f"62{each}", "062Y")
            for each in (" LAT", " лет", " года", " år", " y.o.", " years old", " yrs.", "A")
        ),
        *((each, "062Y") for each in ("62Y6M", "062Y06M", "62y 11m", "62 Y 0 M")),
        *(
            (f"6 {each}", "006W")
            for each in ("SEMAINES", "semanas", "settimane", "Wochen", "weken", "TYGODNI")
        ),
        *((f"3 {each}", "003M") for each in ("mois", "meses", "mesi", "Monate", "maanden", "MIESIĄCE")),
        *((f"9 {each}", "009D") for each in ("jours", "días", "giorni", "Tage", "dagen", "dni")),
        *((each, "006M") for each in ("6M", "M006", "0Y6M", "000Y06M")),
        *((each, "006W") for each in ("006W", "W006")),
        ("0Y", "000Y"),
        ("130Y", "130Y"),
        ("131Y", ""),
        ("999", ""),
    ],
)
def test_an_age_is_read_in_the_words_of_many_countries(written: str, told: str) -> None:
    assert age_of(written) == told


@pytest.mark.parametrize(
    "written",
    ["", " ", "old", "Y", "1962", "19620304", "62X", "62 T", "-62Y", "62Y/M", "60-65Y", ">89Y", "90+",
     "6Y30M", "62YM", "6M2Y", "Y62Y", "62Y62Y", "six", "..", "62 62", "\x00", "²", "٦٢",
     "62 ans et demi", "6J"],
)  # fmt: skip
def test_what_may_mean_two_things_or_nothing_is_no_age(written: str) -> None:
    assert age_of(written) is None
