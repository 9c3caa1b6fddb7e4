import pytest

from screener.domain import Identifiers
from screener.note_codes import Note, NoteCode
from screener.notes import image_notes, patient_notes
from screener.operating_points import Calibration, OperatingPoint
from screener.scale import Scale, Scales
from tests.reasons import noted


def scales(*ages, default="all"):
    """Return scales for populations by name and ages; of one without a name for ages alone."""
    named = [each if isinstance(each, tuple) and isinstance(each[0], str) else ("all", each) for each in ages]
    made = (
        Scale(Calibration(1.0, 0.0, 0.5), OperatingPoint("p", 0.5), 0.5, (), name, years)
        for name, years in named
    )
    return Scales(tuple(made), default)


BOTH = scales(("children", (1, 5)), ("adults", (18, 94)), default="adults")


@pytest.mark.parametrize(
    ("age", "note"),
    [
        pytest.param("046Y", "age 46, validated for 1–5", id="an adult"),
        pytest.param("006Y", "age 6, validated for 1–5", id="past the last birthday"),
        pytest.param("011M", "age 11 months, validated for 1–5", id="an infant"),
        pytest.param("001D", "age 1 day, validated for 1–5", id="a newborn"),
        pytest.param("051W", "age 51 weeks, validated for 1–5", id="weeks"),
        pytest.param("", "age unknown; validated for 1–5", id="unknown"),
        pytest.param("old", "age unknown; validated for 1–5", id="no age"),
    ],
)
def test_an_age_outside_the_validated_range_is_noted(age, note):
    assert noted(patient_notes(Identifiers(patient_age=age), scales((1, 5)))) == (note,)


@pytest.mark.parametrize("age", ["001Y", "005Y", "012M", "071M"])
def test_an_age_within_the_validated_range_is_not(age):
    assert noted(patient_notes(Identifiers(patient_age=age), scales((1, 5)))) == ()


def test_a_model_that_names_no_ages_gives_no_note_of_them():
    assert noted(patient_notes(Identifiers(patient_age="046Y"), scales(None))) == ()


@pytest.mark.parametrize(
    ("age", "note"),
    [
        pytest.param("", "age unknown: read as an adult's", id="unknown"),
        pytest.param("011Y", "age 11, validated for 1–5 and 18–94: read as a child's", id="nearer"),
        pytest.param("012Y", "age 12, validated for 1–5 and 18–94: read as an adult's", id="as near"),
        pytest.param("003M", "age 3 months, validated for 1–5 and 18–94: read as a child's", id="below all"),
        pytest.param("097Y", "age 97, validated for 1–5 and 18–94: read as an adult's", id="above all"),
    ],
)
def test_where_no_population_was_validated_the_note_says_as_whose_the_image_was_read(age, note):
    assert noted(patient_notes(Identifiers(patient_age=age), BOTH)) == (note,)


@pytest.mark.parametrize("age", ["003Y", "046Y"])
def test_an_age_within_any_population_is_not_noted(age):
    assert noted(patient_notes(Identifiers(patient_age=age), BOTH)) == ()


def test_images_read_as_those_of_one_population_are_noted_by_its_ages():
    children = scales(("children", (1, 5)), default="children")
    assert noted(patient_notes(Identifiers(patient_age="046Y"), children)) == (
        "age 46, validated for 1–5: read as a child's",
    )


def test_a_view_from_the_front_is_noted():
    assert noted(patient_notes(Identifiers(patient_age="003Y", view_position="AP"), scales((1, 5)))) == (
        "AP",
    )
    assert noted(patient_notes(Identifiers(patient_age="003Y", view_position="PA"), scales((1, 5)))) == ()


def test_where_the_activation_lies_is_told_of_flagged_images_only():
    notes = (Note(NoteCode.WINDOW_REPLACED), Note(NoteCode.OUTSIDE_CHEST))
    assert image_notes(notes, flagged=True) == notes
    assert image_notes(notes, flagged=False) == notes[:1]


def test_a_note_comes_back_from_a_ledgers_line_and_words_without_a_code_stay():
    for note in (Note(NoteCode.AP_VIEW), Note.of(NoteCode.AGE_NOT_VALIDATED, age="46", validated="1–5")):
        assert Note.from_line(note.as_line()) == note
    assert noted([Note.from_line("as it was said")]) == ("as it was said",)
