"""Every word of PDF report and triage page: one catalogue, templates/messages.toml, ready for translation."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from screener.domain import NotScreened
from screener.errors import UsageError
from screener.note_codes import Note, NoteCode
from screener.reasons import Reason, ReasonCode
from screener.resources import resource_folder

CATALOGUE = "messages.toml"


@dataclass(frozen=True, slots=True)
class Messages:
    """Texts by key; a catalogue of a user's own goes before the shipped one, key by key.

    texts: HTML with {placeholders}, or a table with `one` and `other`.
    """

    texts: dict[str, str | dict[str, str]]

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

    def plain(self, key: str, **values: Any) -> str:
        """Return a text that holds no HTML, its placeholders filled; raises as `say` does."""
        return self._filled(key, values)

    def section(self, name: str) -> dict[str, str | dict[str, str]]:
        """Return the texts of one section by their keys in it, unfilled: for what fills them itself."""
        return {
            key.removeprefix(f"{name}."): text
            for key, text in self.texts.items()
            if key.startswith(f"{name}.")
        }

    def reason(self, reason: Reason) -> str:
        """Return a reason in words: plain text.

        Raises:
            UsageError: As `say` does.
        """
        if reason.code is ReasonCode.EARLIER_WORDS:
            return dict(reason.details).get("words", "")
        return self._filled(f"reason.{reason.code}.text", dict(reason.details))

    def note(self, note: Note) -> str:
        """Return a note in words: plain text.

        Raises:
            UsageError: As `say` does.
        """
        values = dict(note.details)
        if note.code is NoteCode.EARLIER_WORDS:
            return values.get("words", "")
        if note.code is NoteCode.WAITING and values["days"] == "1":
            return self._filled("note.waiting_one", values)
        if "population" in values:
            key = f"note.read_as.{values['population']}"
            values["read_as"] = self._filled(key if key in self.texts else "note.read_as.any_other", values)
        return self._filled(f"note.{note.code}", values)

    def missed(self, outcome: NotScreened) -> str:
        """Return why an image was not screened, and since when that is known: plain text."""
        since = outcome.known_since
        known = self._filled("reason.known_since", {"day": since}) if since else ""
        return self.reason(outcome.reason) + known

    def advice(self, codes: Iterable[ReasonCode]) -> Markup:
        """Return what to do where images were not screened for these reasons; empty if there is nothing."""
        advices = (self.texts.get(f"reason.{code}.advice", "") for code in codes)
        return Markup(" ").join(Markup(each) for each in dict.fromkeys(filter(None, advices)))

    def _filled(self, key: str, values: Mapping[str, Any]) -> str:
        text = self.texts.get(key)
        if not isinstance(text, str):
            raise UsageError(f"{CATALOGUE}: the message '{key}' is missing.")
        try:
            return text.format(**values)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise UsageError(f"{CATALOGUE}: the message '{key}' has a wrong placeholder: {error}.") from error


def load_messages(folders: Sequence[Path]) -> Messages:
    """Return the catalogue; folders: those of templates, the first that has a text wins.

    Raises:
        UsageError: A catalogue is no TOML; names file and line.
    """
    texts: dict[str, str | dict[str, str]] = {}
    for folder in reversed(folders):
        path = folder / CATALOGUE
        if path.is_file():
            loaded = _loaded(path)
            if "advice" in loaded:
                raise UsageError(
                    f"{path}: [[advice]] is no longer used: write the advice for a reason under its code, "
                    'as [reason.CODE] advice = "…" in the shipped catalogue does.'
                )
            texts |= _flat(loaded)
    return Messages(texts)


@cache
def shipped_messages() -> Messages:
    """Return the catalogue that Screener ships: what console and logs speak."""
    return load_messages((resource_folder("templates"),))


def _loaded(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a catalogue of messages: {error}.") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}.") from error


def _flat(tables: dict[str, Any]) -> dict[str, str | dict[str, str]]:
    """Return {"section.key": text}, also of sections within sections; a key outside them stands alone."""
    flat: dict[str, str | dict[str, str]] = {}
    for name, value in tables.items():
        if isinstance(value, dict) and "other" not in value:
            flat |= {f"{name}.{key}": text for key, text in _flat(value).items()}
        else:
            flat[name] = value
    return flat
