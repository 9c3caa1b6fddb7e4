"""Every text in every language: none missing, no placeholder lost; numbers and dates as each writes them."""

import re
from datetime import UTC, datetime

import pytest

from screener.errors import UsageError
from screener.note_codes import Note, NoteCode
from screener.options import ENGLISH, LANGUAGES, ReportLook
from screener.outputs.catalogue import load_texts
from screener.outputs.figures import Figures
from screener.outputs.messages import shipped_messages
from screener.reasons import Reason, ReasonCode
from screener.resources import resource_folder

TRANSLATED = [language for language in LANGUAGES if language != ENGLISH]
NEVER_TRANSLATED = ("result.", "publish.")  # what is stored in an archive is one language for every reader
SAME_IN_ALL = re.compile(r"^[^a-zA-Z]*(\{\w+\}[^a-zA-Z]*)*$")
"""Texts without a word of their own: "{day}: {probability}"."""
ALIKE = {  # written as in English
    "de": {"figures.thousands", "run.checksum"},
    "es": {
        "figures.thousands", "run.checksum", "figures.day", "figures.day_of_year", "note.ap_view",
        "age.short_D", "sex.F", "sex.M", "sex.O",
    },
}  # fmt: skip


def texts_of(language):
    folder = resource_folder("templates")
    return load_texts((folder,), language), load_texts((folder,))


def forms(text):
    return text if isinstance(text, dict) else {"other": text}


def placeholders(text):
    return {name for form in forms(text).values() for name in re.findall(r"{(\w+)}", form)}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_has_a_translation(language):
    translated, english = texts_of(language)
    same = {
        key
        for key, text in english.items()
        if translated[key] == text and not key.startswith(NEVER_TRANSLATED)
        if not SAME_IN_ALL.match(forms(text)["other"])
    }
    assert same == ALIKE[language]


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_placeholder_is_lost_or_added_and_no_form(language):
    translated, english = texts_of(language)
    for key, text in english.items():
        assert placeholders(translated[key]) == placeholders(text), key
        assert forms(translated[key]).keys() == forms(text).keys(), key
        for form, words in forms(translated[key]).items():
            assert re.findall(r"</?\w+", words) == re.findall(r"</?\w+", forms(text)[form]), key


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_is_translated_that_there_is_not(language):
    translated, english = texts_of(language)
    own = {key for key in translated.keys() - english.keys() if not key.startswith("words.")}
    assert own == set()
    for key, text in translated.items():
        if key.startswith("words."):
            assert key.count("#") == text.count("#"), key


@pytest.mark.parametrize(
    ("language", "count", "share", "threshold", "day", "moment"),
    [
        ("en", "12,345", "97.3\N{NO-BREAK SPACE}%", "0.051", "4 Mar", "2026-03-04 02:05 UTC"),
        ("de", "12.345", "97,3\N{NO-BREAK SPACE}%", "0,051", "4. März", "04.03.2026, 02:05 UTC"),
        ("es", "12.345", "97,3\N{NO-BREAK SPACE}%", "0,051", "4 mar", "04/03/2026, 02:05 UTC"),
    ],
)
def test_numbers_and_dates_are_written_as_the_language_does(language, count, share, threshold, day, moment):
    figures = Figures(shipped_messages(language))
    assert figures.count(12345) == count
    assert figures.percent(0.973) == share
    assert figures.threshold(0.0513) == threshold
    assert figures.day("2026-03-04", 2026) == day
    assert figures.moment(datetime(2026, 3, 4, 2, 5, tzinfo=UTC)) == moment


def test_four_digits_stand_together_in_spanish():
    assert shipped_messages("es").say("missed.studies", count=1234) == "1234 estudios"
    assert shipped_messages("de").say("missed.studies", count=1234) == "1.234 Untersuchungen"


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [("de", "1 Untersuchung", "0 Untersuchungen"), ("es", "1 estudio", "0 estudios")],
)
def test_a_number_chooses_its_form(language, one, many):
    messages = shipped_messages(language)
    assert messages.say("missed.studies", count=1) == one
    assert messages.say("missed.studies", count=0) == many


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "age 3 months, validated for 1–5 and 18–86: read as a child's"),
        ("de", "Alter 3 Monate, validiert für 1–5 und 18–86: gelesen als Kind"),
        ("es", "edad 3 meses, validado para 1–5 y 18–86: leído como niño"),
    ],
)
def test_a_note_is_said_in_its_language_with_all_its_values(language, words):
    note = Note.of(
        NoteCode.AGE_NOT_VALIDATED_READ_AS, age="003M", validated="1–5;18–86", population="children"
    )
    assert shipped_messages(language).note(note) == words


def test_what_a_reason_names_in_english_is_translated_too():
    german = shipped_messages("de")
    large = Reason.of(ReasonCode.TOO_LARGE, what="20000 × 30000 pixels")
    assert german.reason(large) == "beschädigt oder zu groß für eine Röntgenaufnahme: 20000 × 30000 Pixel"
    gone = Reason.of(ReasonCode.STORE_OUT_OF_REACH, why="the store is out of reach: it cannot be reached")
    assert german.reason(gone).endswith("der Speicher ist nicht erreichbar: er lässt sich nicht erreichen")


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_the_shipped_model_says_of_itself_is_translated(language):
    from screener.inference.model_folder import load_model_folder
    from screener.resources import shipped_model

    model, messages = load_model_folder(shipped_model()), shipped_messages(language)
    said = [model.intended_use, *(each.validated_on for each in model.scales().each)]
    assert [text for text in said if messages.words(text) == text] == []


def test_a_language_without_a_catalogue_is_refused():
    with pytest.raises(UsageError, match="--language is en, es or de, got 'fr'"):
        ReportLook(language="fr")
