import pytest

from screener.intake.words import (
    Subject,
    View,
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
     "PULMON", "Klatka piersiowa", "ОГК", "PORT CHEST", "LUNGS"],
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
