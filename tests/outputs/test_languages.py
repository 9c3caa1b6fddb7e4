"""Every text in every language: none missing, no placeholder lost; numbers and dates as each writes them."""

import json
import re
from datetime import UTC, datetime
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from screener.commands import scan
from screener.commands.console import make_progress, results
from screener.commands.console_language import console_language
from screener.commands.run_summary import print_summary, totals_in_words
from screener.errors import ExitCode, UsageError
from screener.note_codes import Note, NoteCode
from screener.options import OutputOptions, ReportLook
from screener.outputs.catalogue import in_words, load_texts
from screener.outputs.figures import Figures
from screener.outputs.messages import shipped_messages
from screener.outputs.run_text import run_text
from screener.outputs.unfinished_text import MEANINGS, failed_text, unfinished_text
from screener.reasons import Reason, ReasonCode
from screener.resources import resource_folder, shipped_model
from screener.said import ENGLISH, LANGUAGES, say
from screener.totals import Totals
from tests.outcomes import missed

TRANSLATED = [language for language in LANGUAGES if language != ENGLISH]
NEVER_TRANSLATED = ("result.",)  # what is stored in an archive is one language for every reader
NAMES_OF_STANDARDS = "monitor_syntax."
SAME_IN_ALL = re.compile(r"^[^a-zA-Z]*(\{\w+\}[^a-zA-Z]*)*$")
"""Texts without a word of their own: "{day}: {probability}"."""
ALIKE = {  # written as in English
    "de": {"figures.thousands", "run.checksum", "monitor_title.score"},
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
        if not SAME_IN_ALL.match(forms(text)["other"]) and not key.startswith(NAMES_OF_STANDARDS)
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
        ("de", "Alter 3 Monate, validiert für 1–5 und 18–86: beurteilt wie bei Kindern"),
        ("es", "edad 3 meses, validado para 1–5 y 18–86: analizado como de niño"),
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
def test_what_the_shipped_model_says_of_itself_is_translated_in_reports_and_on_the_radiologists_page(
    language,
):
    manifest = json.loads((shipped_model() / "manifest.json").read_text(encoding="utf-8"))
    page = (Path(__file__).parents[2] / "docs" / f"radiologist.{language}.md").read_text(encoding="utf-8")
    said = [
        manifest["intended_use"],
        *manifest["validated_population"]["not_validated_for"],
        *(each["validated_on"] for each in manifest["populations"].values()),
    ]
    words = shipped_messages(language).words
    assert [text for text in said if words(text) == text] == []
    assert [text for text in said if words(text) not in page] == []


def test_a_language_without_a_catalogue_is_refused():
    with pytest.raises(UsageError, match="--language is en, es or de, got 'fr'"):
        ReportLook(language="fr")


TOTALS = Totals(files_ignored=2, images_screened=1, images_failed=3, failures_known=1, flagged=1)


@pytest.mark.parametrize(
    ("language", "head", "line"),
    [
        (
            "de",
            "Screener: 1 zuerst ansehen; 2 Bilder neu fehlerhaft (1 aus früheren Berichten bekannt).",
            "Untersuchungen markiert: 1, ab 0,31 (high_sensitivity)",
        ),
        (
            "es",
            "Screener: 1 para ver primero; 2 nuevas imágenes fallidas (1 ya en informes anteriores).",
            "estudios señalados:     1, desde 0,31 (high_sensitivity)",
        ),
    ],
)
def test_the_mail_is_written_in_the_reports_language(make_summary, language, head, line):
    summary = make_summary(totals=TOTALS, exit_code=ExitCode.SOME_FAILED)
    lines = run_text(summary, (Path("/r.pdf"),), messages=shipped_messages(language)).splitlines()
    assert lines[0] == head
    assert line in lines
    assert lines[-1] == shipped_messages(language).say("page.notice")


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_run_without_a_report_leaves_no_english_but_its_error(language):
    translated, _ = texts_of(language)
    began = datetime(2026, 3, 4, 2, 5, 6)
    english = unfinished_text(began).splitlines()
    said = unfinished_text(began, partial(in_words, translated)).splitlines()
    assert [line for line in said if line in english and line] == []
    for code in MEANINGS:
        english = failed_text(code, "", began).splitlines()
        said = failed_text(code, "", began, partial(in_words, translated)).splitlines()
        assert [line for line in said if line in english and line] == [], code


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANG": "es_MX.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "es"}, "es"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_console_speaks_the_language_of_the_machine(monkeypatch, variables, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert console_language() == language


def test_the_end_of_a_run_is_printed_in_that_language_and_the_log_is_not(
    make_summary, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    summary = make_summary(totals=TOTALS)
    print_summary(results(), OutputOptions(out=tmp_path / "r.pdf", look=ReportLook(language="es")), summary)
    printed = capsys.readouterr().out
    assert "6 Dateien gesehen: 1 Bild ausgewertet, 0 ungeeignet, 3 fehlerhaft (2 neu, 1 bekannt)" in printed
    assert "kein Medizinprodukt" in printed
    assert totals_in_words(TOTALS).startswith("6 files seen: 1 image screened, 0 ineligible, 3 failed (2 new")


def test_what_passes_by_on_a_terminal_is_in_that_language(monkeypatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    console = Console(file=StringIO(), force_terminal=False, width=200)
    reporter = scan._OnTerminal(make_progress(console))
    reporter.outcome(missed("a.dcm", Reason.of(ReasonCode.PIXELS_TRUNCATED)))
    reporter.say(say("reporting.writing_worklist"))
    printed = console.file.getvalue().splitlines()
    assert printed == [
        "fehlerhaft a.dcm: die Pixel sind abgeschnitten: Die Datei endet mitten darin",
        "Die Arbeitsliste wird geschrieben",
    ]
