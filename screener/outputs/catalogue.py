"""The texts that people read, by key: templates/messages.toml, and beside it one catalogue for each language.

This module loads nothing but the standard library, so that a machine that cannot load more still tells.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from screener.errors import UsageError, why
from screener.said import ENGLISH

CATALOGUE = "messages.toml"
_NUMBER = re.compile(r"[0-9]+")

Texts: TypeAlias = dict[str, str | dict[str, str]]
"""By "section.key": a text, or a table of its forms by what Language.form returns."""


def load_texts(folders: Sequence[Path], language: str = ENGLISH) -> Texts:
    """Return the texts in a language; what has not been translated stays English.

    folders: those of templates, the first that has a text wins, whatever its language.

    Raises:
        UsageError: A catalogue is no TOML; names file and line.
    """
    names = (CATALOGUE,) if language == ENGLISH else (CATALOGUE, f"messages.{language}.toml")
    texts: Texts = {}
    for path in (folder / name for folder in reversed(folders) for name in names):
        if path.is_file():
            loaded = _loaded(path)
            if "advice" in loaded:
                raise UsageError("outputs.old_advice", path=path)
            texts |= _flat(loaded)
    return texts


def in_words(texts: Texts, text: str) -> str:
    """Return a text that was written elsewhere, such as in a model's folder, as far as it is translated.

    texts: have it by its English words under [words], each number in it as #; else its parts between colons.
    """
    if (whole := _word(texts, text)) is not None:
        return whole
    return ": ".join(_word(texts, part) or part for part in text.split(": "))


def _word(texts: Texts, text: str) -> str | None:
    found = texts.get(f"words.{_NUMBER.sub('#', text)}")
    if not isinstance(found, str):
        return None
    numbers = iter(_NUMBER.findall(text))
    return re.sub("#", lambda _: next(numbers, "#"), found)


def _loaded(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("outputs.no_catalogue", path=path, error=error) from error
    except OSError as error:
        raise UsageError("outputs.catalogue_unreadable", path=path, error=why(error)) from error


def _flat(tables: dict[str, Any]) -> Texts:
    """Return {"section.key": text}, also of sections within sections; a key outside them stands alone."""
    flat: Texts = {}
    for name, value in tables.items():
        if isinstance(value, dict) and "other" not in value:
            flat |= {f"{name}.{key}": text for key, text in _flat(value).items()}
        else:
            flat[name] = value
    return flat
