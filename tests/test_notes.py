import pytest

from screener.domain import Identifiers
from screener.notes import OUTSIDE_CHEST, image_notes, patient_notes


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
    assert patient_notes(Identifiers(patient_age=age), (1, 5)) == (note,)


@pytest.mark.parametrize("age", ["001Y", "005Y", "012M", "071M"])
def test_an_age_within_the_validated_range_is_not(age):
    assert patient_notes(Identifiers(patient_age=age), (1, 5)) == ()


def test_a_model_that_names_no_ages_gives_no_note_of_them():
    assert patient_notes(Identifiers(patient_age="046Y"), None) == ()


def test_a_view_from_the_front_is_noted():
    assert patient_notes(Identifiers(patient_age="003Y", view_position="AP"), (1, 5)) == ("AP",)
    assert patient_notes(Identifiers(patient_age="003Y", view_position="PA"), (1, 5)) == ()


def test_where_the_activation_lies_is_told_of_flagged_films_only():
    notes = ("window replaced", OUTSIDE_CHEST)
    assert image_notes(notes, flagged=True) == notes
    assert image_notes(notes, flagged=False) == ("window replaced",)
