import pytest

from screener.intake.dicom.terms import (
    Subject,
    View,
    body_part,
    described_view,
    other_word,
    plain,
    subject,
    view,
)


def test_words_are_compared_without_accents_case_and_punctuation():
    assert plain(" Tórax_PA. ") == "TORAX PA"


@pytest.mark.parametrize(
    "text",
    ["Tórax_PA.", "CHESTPA", "CHEST^1V", "Rö-Thorax in 2 Ebenen", "胸部", "cxr1v", "CHEST + HAND",
     "Torace LL",
     "PULMON", "Klatka piersiowa", "ОГК", "PORT CHEST", "LUNGS",
     "PECHO", "Pulmão", "POLMONI", "THORAKS", "Akciğer", "GÖĞÜS", "Mellkas", "Plíce", "THX", "Płuca",
     "Poitrine", "Borstkas", "Keuhkot", "Plămâni", "Prsni koš", "Θώρακας", "Гръден кош", "Легкие", "흉부",
     "肺", "DADA AP", "ทรวงอก", "छाती", "صدر", "חזה", "HRUDNÍK", "peito", "Toraks PA", "CHST"],
)  # fmt: skip
def test_the_chest_is_found_in_its_many_spellings(text):
    assert subject(text) is Subject.CHEST


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("XR THORACIC SPINE AP", "THORACIC SPINE"),
        ("columna dorsal", "COLUMNA DORSAL"),
        ("T-SPINE", "SPINE"),
        ("Right hand", "HAND"),
        ("PANORAMIC", "PANORAMIC"),
        ("RIBS", "RIBS"),
    ],
)
def test_another_part_is_found_and_named(text, word):
    assert subject(text) is Subject.OTHER
    assert other_word(text) == word


@pytest.mark.parametrize(
    "value",
    ["HEAD", "NECK", "ABDOMEN", "WHOLEBODY", "UP EXM", "TSPINE", "Rodilla", "Joelho", "GENOU", "Kolano",
     "колено", "DİZ", "FUSS", "LOWER LIMB", "MAIN", "FACE", "腹部"],
)  # fmt: skip
def test_a_body_part_other_than_the_chest_is_known_in_many_languages(value):
    assert body_part(value) is Subject.OTHER


@pytest.mark.parametrize(
    "value",
    ["", "TORSO", "X-RAY", "GENERAL", "PORTABLE", "DIGITAL", "BODY", "HEART", "UNKNOWN", "n/a", "*", "PX7",
     "RÖNTGEN", "SOSPECHOSO", "ELECTIVE"],
)  # fmt: skip
def test_an_unknown_word_is_no_other_body_part(value):
    assert body_part(value) is None


@pytest.mark.parametrize("text", ["HEAD OF BED UP", "EL PACIENTE", "DE FACE", "MAIN SERIES", "CHEST C-ARM"])
def test_a_description_is_not_searched_for_words_that_mean_more(text):
    assert subject(text) is not Subject.OTHER


@pytest.mark.parametrize("text", ["", "ORCHESTRA", "BILATERAL", "PLATE 3", "ROUTINE"])
def test_other_words_name_no_part(text):
    assert subject(text) is None
    assert other_word(text) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PA", View.PA),
        ("p.a.", View.PA),
        ("Postero-Anterior", View.PA),
        ("AP PORTABLE", View.AP),
        ("anteroposterior", View.AP),
        ("CHEST FRONTAL", View.FRONTAL),
        ("LEFT LATERAL", View.LATERAL),
        ("LL", View.LATERAL),
        ("LLD", View.LATERAL),
        ("LAO", View.LATERAL),
        ("Thorax seitlich", View.LATERAL),
        ("postero-anterior oblique", View.LATERAL),
        ("AP LATERAL DECUBITUS", View.LATERAL),
        ("BILATERAL", None),
        ("ERECT", None),
        ("", None),
    ],
)
def test_a_view_is_told_by_its_words(text, found):
    assert view(text) is found


def test_a_description_of_both_views_is_that_of_the_frontal_one():
    assert described_view("CHEST, PA & LATERAL") is View.PA
    assert described_view("CHEST AP AND OBLIQUE") is View.AP
    assert described_view("CHEST LATERAL") is View.LATERAL
