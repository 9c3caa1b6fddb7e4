"""Every word of PDF report and triage page, from the catalogue of a language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from markupsafe import Markup

from screener.ages import age_parts
from screener.domain import NotScreened
from screener.errors import UsageError
from screener.language import Language, language_of
from screener.note_codes import BETWEEN_AGES, Note, NoteCode
from screener.outputs.catalogue import CATALOGUE, Texts, in_words, load_texts
from screener.reasons import Reason, ReasonCode
from screener.resources import resource_folder
from screener.said import ENGLISH

_Text = TypeVar("_Text", str, Markup)


@dataclass(frozen=True, slots=True)
class Messages:
    """Texts by key; a catalogue of a user's own goes before the shipped one, key by key.

    texts: HTML with {placeholders}, or a table with `one` and `other`.
    """

    texts: Texts

    @property
    def language(self) -> Language:
        """The language that the catalogue says it is in."""
        return language_of(str(self.texts.get("language", ENGLISH)))

    def say(self, key: str, count: int | None = None, **values: Any) -> Markup:
        """Return a text with its placeholders filled; every value is text, whatever characters it holds.

        count: fills {count}, and chooses the form of the text, where it has several.

        Raises:
            UsageError: The catalogue lacks the key, or the text has a placeholder that nothing fills.
        """
        numbers = {
            name: self.language.count(value) if type(value) is int else value
            for name, value in values.items()
        }
        return self._filled(key, numbers, count, Markup)

    def plain(self, key: str, count: int | None = None, **values: Any) -> str:
        """Return a text that holds no HTML; what fills it, {count} too, stays as it is; else as `say`."""
        return self._filled(key, values, count, str)

    def words(self, text: str) -> str:
        """Return a text that was written elsewhere, such as in a model's folder: see in_words."""
        return in_words(self.texts, text)

    def section(self, name: str) -> Texts:
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
        details = {name: self.words(value) for name, value in reason.details}
        return self._filled(f"reason.{reason.code}.text", details, None, str)

    def note(self, note: Note) -> str:
        """Return a note in words: plain text.

        Raises:
            UsageError: As `say` does.
        """
        values = dict(note.details)
        if note.code is NoteCode.EARLIER_WORDS:
            return values.get("words", "")
        if note.code is NoteCode.WAITING and values["days"] == "1":
            return self._filled("note.waiting_one", values, None, str)
        if "age" in values:
            values["age"] = self.age_in_words(values["age"])
        if "validated" in values:
            values["validated"] = self.plain("figures.and").join(values["validated"].split(BETWEEN_AGES))
        if "population" in values:
            key = f"note.read_as.{values['population']}"
            values["read_as"] = self._filled(
                key if key in self.texts else "note.read_as.any_other", values, None, str
            )
        return self._filled(f"note.{note.code}", values, None, str)

    def age(self, age: str) -> str:
        """Return an age as DICOM writes it, "046Y", as people do: "46 y"; empty where it is unknown."""
        parts = age_parts(age)
        return self.plain(f"age.short_{parts[1]}", count=parts[0]) if parts else ""

    def age_in_words(self, age: str) -> str:
        """Return an age for a sentence: "46" for "046Y", "3 months" for "003M"; what is none, as it is."""
        parts = age_parts(age)
        return self.plain(f"age.{parts[1]}", count=parts[0]) if parts else age

    def sex(self, sex: str) -> str:
        """Return a patient's sex as DICOM writes it, "F", as people do; as it is where it is neither."""
        return str(self.texts.get(f"sex.{sex}", sex))

    def some_failed(self, failed: int, images: int, reasons: str) -> str:
        """Return that images of a study failed of which others were screened, and why."""
        return self.plain("reason.some_failed", failed=failed, images=images, reasons=reasons)

    def missed(self, outcome: NotScreened) -> str:
        """Return why an image was not screened, and since when that is known: plain text."""
        since = outcome.known_since
        known = self.plain("reason.known_since", day=since) if since else ""
        return self.reason(outcome.reason) + known

    def advice(self, codes: Iterable[ReasonCode]) -> Markup:
        """Return what to do where images were not screened for these reasons; empty if there is nothing."""
        advices = (self.texts.get(f"reason.{code}.advice", "") for code in codes)
        return Markup(" ").join(Markup(each) for each in dict.fromkeys(filter(None, advices)))

    def _filled(self, key: str, values: Mapping[str, Any], count: int | None, kind: type[_Text]) -> _Text:
        text = self.texts.get(key)
        if isinstance(text, dict):
            text = text.get("other" if count is None else self.language.form(count)) or text["other"]
        if text is None:
            raise UsageError("outputs.message_missing", catalogue=CATALOGUE, name=key)
        counted = {} if count is None else {"count": count if kind is str else self.language.count(count)}
        try:
            return kind(kind(text).format(**values, **counted))
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise UsageError(
                "outputs.wrong_placeholder", catalogue=CATALOGUE, name=key, error=error
            ) from error


@dataclass(frozen=True, slots=True)
class SpokenReason:
    """Why an image was not screened, to be told within a sentence in that sentence's language."""

    reason: Reason

    def in_language(self, language: str) -> str:
        """Return the reason in words: plain text."""
        return shipped_messages(language).reason(self.reason)


def load_messages(folders: Sequence[Path], language: str = ENGLISH) -> Messages:
    """Return the catalogue in a language; raises as load_texts."""
    return Messages(load_texts(folders, language))


@cache
def shipped_messages(language: str = ENGLISH) -> Messages:
    """Return the catalogue that Screener ships: what console and logs speak."""
    return load_messages((resource_folder("templates"),), language)
