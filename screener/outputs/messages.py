"""Every word of PDF report and triage page: one catalogue, templates/messages.toml, ready for translation."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from screener.errors import UsageError

CATALOGUE = "messages.toml"


@dataclass(frozen=True, slots=True)
class Messages:
    """Texts by key; a catalogue of a user's own goes before the shipped one, key by key.

    texts: HTML with {placeholders}, or a table with `one` and `other`.
    """

    texts: dict[str, str | dict[str, str]]
    advices: tuple[tuple[str, str], ...]

    def say(self, key: str, count: int | None = None, **values: Any) -> Markup:
        """Return a text with its placeholders filled; every value is text, whatever characters it holds.

        count: fills {count}, and chooses between `one` and `other`.

        Raises:
            UsageError: The catalogue lacks the key, or the text has a placeholder that nothing fills.
        """
        text = self.texts.get(key)
        if isinstance(text, dict):
            text = text.get("one" if count == 1 else "other")
        if text is None:
            raise UsageError(f"{CATALOGUE}: the message '{key}' is missing.")
        numbers = {name: f"{value:,}" if type(value) is int else value for name, value in values.items()}
        if count is not None:
            numbers["count"] = f"{count:,}"
        try:
            return Markup(text).format(**numbers)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise UsageError(f"{CATALOGUE}: the message '{key}' has a wrong placeholder: {error}.") from error

    def section(self, name: str) -> dict[str, str | dict[str, str]]:
        """Return the texts of one section by their keys in it, unfilled: for what fills them itself."""
        return {
            key.removeprefix(f"{name}."): text
            for key, text in self.texts.items()
            if key.startswith(f"{name}.")
        }

    def advice(self, reason: str) -> Markup:
        """Return what to do about a reason for which a study was not screened; empty if nothing fits."""
        return Markup(next((advice for words, advice in self.advices if words in reason), ""))


def load_messages(folders: Sequence[Path]) -> Messages:
    """Return the catalogue; folders: those of templates, the first that has a text wins.

    Raises:
        UsageError: A catalogue is no TOML; names file and line.
    """
    texts: dict[str, str | dict[str, str]] = {}
    advices: tuple[tuple[str, str], ...] = ()
    for folder in reversed(folders):
        path = folder / CATALOGUE
        if path.is_file():
            loaded = _loaded(path)
            own = loaded.pop("advice", [])
            advices = (*((each["where"], each["do"]) for each in own), *advices)
            texts |= _flat(loaded)
    return Messages(texts, advices)


def _loaded(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a catalogue of messages: {error}.") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}.") from error


def _flat(tables: dict[str, Any]) -> dict[str, str | dict[str, str]]:
    """Return {"section.key": text}; a key outside sections stands alone."""
    flat: dict[str, str | dict[str, str]] = {}
    for name, value in tables.items():
        if isinstance(value, dict) and "other" not in value:
            flat |= {f"{name}.{key}": text for key, text in value.items()}
        else:
            flat[name] = value
    return flat
