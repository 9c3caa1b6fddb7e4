"""What the console says, in its reader's language: a key of templates/console.toml and its values.

Whoever raises an error or prints a line names the key; the words are in the catalogue alone, one for each
language. English is what logs, journals and Python callers get.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Protocol, TypeAlias

from screener.language import ENGLISH as ENGLISH
from screener.language import Language

LANGUAGES = (ENGLISH, "es", "de")

_PACKAGE = Path(__file__).parent
_FOLDERS = (_PACKAGE / "resources_in_wheel" / "templates", _PACKAGE.parent / "templates")


class Spoken(Protocol):
    """What can be said in each language: a sentence, several together, or the words of another catalogue."""

    def in_language(self, language: str) -> str: ...


Value: TypeAlias = "str | int | float | Spoken"
"""What fills a placeholder: text and numbers as they are, and what is said itself, in the same language."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for people.

    key: "section.name" of the catalogue, whose {placeholders} the values fill. A value named `count` chooses
    the form of a text that has several, `one` and `other`. What is no key is said as it is.
    """

    key: str
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        return self.in_language(ENGLISH)

    def in_language(self, language: str) -> str:
        """Return the sentence in a language, in English where it has not been translated."""
        text = _texts(language).get(self.key) or _texts(ENGLISH).get(self.key)
        if text is None:
            return self.key
        values = {name: _in_language(value, language) for name, value in self.values}
        if isinstance(text, dict):
            text = text["one" if values.get("count") == 1 else "other"]
        return _Formatter(language).vformat(text, (), values)


class _Formatter(Formatter):
    """Fills placeholders; a number with a format, such as {share:.1f}, is written as the language does."""

    def __init__(self, language: str) -> None:
        self._language = Language(language)

    def format_field(self, value: Any, format_spec: str) -> str:
        written = str(super().format_field(value, format_spec))
        if self._language.code == ENGLISH or not format_spec or not isinstance(value, int | float):
            return written
        whole, point, rest = written.partition(".")
        if "," in format_spec:
            whole = self._language.count(int(whole.replace(",", "")))
        return whole + self._language.figure(point) + rest


@dataclass(frozen=True, slots=True)
class Together:
    """Several sentences, or parts of one, as one value. between: what stands between two of them."""

    parts: "tuple[Value, ...]"
    between: "str | Spoken" = ", "

    def __str__(self) -> str:
        return self.in_language(ENGLISH)

    def in_language(self, language: str) -> str:
        """Return all of them in a language."""
        between = str(_in_language(self.between, language))
        return between.join(str(_in_language(part, language)) for part in self.parts)


class Note(str):
    """A note for BaseException.add_note: text in English, and what it says in every language."""

    said: Said | Together

    @classmethod
    def of(cls, said: Said | Together) -> "Note":
        note = cls(said)
        note.said = said
        return note


def _in_language(value: Value, language: str) -> str | int | float:
    return value if isinstance(value, str | int | float) else value.in_language(language)


def say(key: str, **values: object) -> Said:
    """Return a sentence; whatever is no number and no sentence, such as a path, is taken as its text."""
    return Said(key, tuple((name, _value(value)) for name, value in values.items()))


def _value(value: Any) -> Value:
    said = getattr(value, "said", value)  # an error says what it is
    return said if isinstance(said, str | int | float) or hasattr(said, "in_language") else str(said)


@cache
def _texts(language: str) -> Mapping[str, str | dict[str, str]]:
    """Return the texts of a language by "section.name"; none where the installation lacks the catalogue."""
    name = "console.toml" if language == ENGLISH else f"console.{language}.toml"
    for path in (folder / name for folder in _FOLDERS):
        if path.is_file():
            sections = tomllib.loads(path.read_text(encoding="utf-8"))
            return {
                f"{section}.{key}": text for section, texts in sections.items() for key, text in texts.items()
            }
    return {}
