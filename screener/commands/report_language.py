"""The language of a run's summary, that of its report, where nothing but the command line is known of it."""

from contextlib import suppress
from functools import partial

from screener.errors import ScreenerError
from screener.outputs.catalogue import in_words, load_texts
from screener.outputs.unfinished_text import Translation
from screener.resources import resource_folder
from screener.said import ENGLISH, LANGUAGES


def report_language(asked: object) -> str:
    """Return the language that --language asks for; English where it does not exist."""
    return str(asked) if asked in LANGUAGES else ENGLISH


def translation(language: str) -> Translation:
    """Return what translates the texts of a run that has nothing to report; English where it cannot."""
    with suppress(ScreenerError):
        if language != ENGLISH:
            return partial(in_words, load_texts((resource_folder("templates"),), language))
    return str
