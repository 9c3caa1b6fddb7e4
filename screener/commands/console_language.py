"""The language of the console: that of the machine's locale. Reports have --language instead."""

import os

from screener.said import ENGLISH, LANGUAGES, Spoken, say


def console_language() -> str:
    """Return the language of the first of LC_ALL, LC_MESSAGES and LANG that is set (POSIX); else English."""
    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    language = named.partition(".")[0].partition("_")[0]
    return language if language in LANGUAGES else ENGLISH


def told(key: str, **values: object) -> str:
    """Return a text of templates/console.toml in the console's language: see said.say."""
    return here(say(key, **values))


def here(said: Spoken | str) -> str:
    """Return what is said in the console's language; plain text as it is."""
    return said if isinstance(said, str) else said.in_language(console_language())
