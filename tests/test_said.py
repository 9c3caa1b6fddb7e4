"""Whatever the console says: a key of the catalogue, every placeholder filled, in every language."""

import ast
import pickle
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from screener.archives.words import ArchiveError
from screener.errors import ImageError, OutputError, ScreenerError, UsageError
from screener.reasons import ReasonCode
from screener.said import ENGLISH, LANGUAGES, Note, Together, say

TOP = Path(__file__).parents[1]
SPEAKERS = {"say", "told"}
"""Functions whose first argument is a key, as is that of each error of Screener's own but an image's."""
TRANSLATED = [language for language in LANGUAGES if language != ENGLISH]
PREFIX = re.compile(r"f['\"]\w+\.\w*{[^}]*}['\"]$")  # f"archives.{code}"
PREFIX_IN_CODE = re.compile(r"(?:say|told)\(f\"(\w+\.\w*){")
KEPT = {"status"}
"""Values that an error keeps, whether its text names them or not."""
PLACEHOLDER = re.compile(r"(?<!{){(\w+)")


def catalogue(language: str) -> dict[str, str | dict[str, str]]:
    name = "console.toml" if language == ENGLISH else f"console.{language}.toml"
    sections = tomllib.loads((TOP / "templates" / name).read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, texts in sections.items() for key, text in texts.items()}


def forms(text: str | dict[str, str]) -> dict[str, str]:
    return text if isinstance(text, dict) else {"other": text}


def placeholders(text: str | dict[str, str]) -> set[str]:
    return {name for form in forms(text).values() for name in PLACEHOLDER.findall(form)}


def own_errors() -> set[str]:
    classes = {ScreenerError, ArchiveError}
    while more := {each for known in classes for each in known.__subclasses__()} - classes:
        classes |= more
    return {each.__name__ for each in classes if not issubclass(each, ImageError)}


def sources() -> list[Path]:
    return sorted((TOP / "screener").rglob("*.py"))


def keys_of(argument: ast.expr) -> Iterator[str]:
    """Yield the keys that an argument may be; none where it is put together at run time."""
    if isinstance(argument, ast.IfExp):
        yield from keys_of(argument.body)
        yield from keys_of(argument.orelse)
    elif isinstance(argument, ast.Constant):
        yield str(argument.value)
    elif isinstance(argument, ast.JoinedStr):
        assert PREFIX.match(ast.unparse(argument)), f"words in the code: {ast.unparse(argument)}"


def spoken(path: Path) -> Iterator[tuple[int, set[str], set[str] | None]]:
    """Yield line, possible keys and the names of the values, None where they are collected at run time."""
    tree, speakers = ast.parse(path.read_text(encoding="utf-8")), SPEAKERS | own_errors()
    if any(isinstance(node, ast.ClassDef) and node.name in speakers for node in ast.walk(tree)):
        speakers.add("cls")  # of methods that make such an error
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", "")
        names = {each.arg for each in node.keywords}
        values = None if None in names else {str(each) for each in names}
        if name in speakers:
            yield node.lineno, set(keys_of(node.args[0])), values
        elif isinstance(node.func, ast.Attribute) and ast.unparse(node.func).startswith("Archive"):
            keys = {f"archives.{each}" for each in keys_of(node.args[1])}  # ArchiveError.of(place, "name", …)
            yield node.lineno, keys, None if values is None else values | {"place"}


def test_every_key_is_in_the_catalogue_and_every_placeholder_is_filled() -> None:
    texts = catalogue(ENGLISH)
    for path in sources():
        for line, keys, values in spoken(path):
            where = f"{path.relative_to(TOP)}:{line}"
            for key in keys:
                assert key in texts, f"{where}: no text {key!r}"
                if values is not None:
                    counted = {"count"} if isinstance(texts[key], dict) else set()
                    kept = counted | KEPT
                    assert placeholders(texts[key]) | kept == values | kept, f"{where}: {key}"


def test_every_text_is_said_somewhere() -> None:
    words = "".join(path.read_text(encoding="utf-8") for path in (TOP / "screener").rglob("*.py"))
    quoted = {key: (f'"{key}"', f'"{key.removeprefix("archives.")}"') for key in catalogue(ENGLISH)}
    unsaid = [key for key, forms in quoted.items() if not any(each in words for each in forms)]
    prefixes = tuple(PREFIX_IN_CODE.findall(words))
    assert [key for key in unsaid if not key.startswith(prefixes)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_with_its_placeholders_and_forms(language: str) -> None:
    english, translated = catalogue(ENGLISH), catalogue(language)
    assert translated.keys() == english.keys()
    for key, text in english.items():
        assert placeholders(translated[key]) == placeholders(text), key
        assert forms(translated[key]).keys() == forms(text).keys(), key
        assert ("\n" in forms(text)["other"]) == ("\n" in forms(translated[key])["other"]), key
        if " " in PLACEHOLDER.sub("", forms(text)["other"]).strip("{}: "):
            assert translated[key] != text, f"{key} is not translated"


def test_a_value_that_is_said_itself_is_in_the_same_language(monkeypatch: pytest.MonkeyPatch) -> None:
    said = say("commands.error", error=say("commands.interrupted"))
    assert str(said) == "Error: Interrupted."
    assert said.in_language("de") == "Fehler: Unterbrochen."


def test_an_error_survives_pickling_with_its_values() -> None:
    error = OutputError("commands.bug", kind="KeyError", function="f", place="x.py:3")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert "KeyError in f, x.py:3" in str(copy)


def test_an_image_s_error_survives_pickling_with_its_reason() -> None:
    error = ImageError(ReasonCode.TOO_LARGE, limit=3)
    assert pickle.loads(pickle.dumps(error)).reason == error.reason


def test_what_is_no_key_is_said_as_it_is() -> None:
    assert str(UsageError("{braces} stay")) == "{braces} stay"


def test_numbers_are_written_as_their_language_does() -> None:
    said = say("review.note_length", field="x", length=12345, most=2000)
    assert str(said) == "x has 12,345 characters, may have 2,000"
    assert said.in_language("de") == "x hat 12.345 Zeichen, erlaubt sind 2.000"
    assert said.in_language("es") == "x tiene 12.345 caracteres; puede tener 2000"
    assert say("ledger.megabytes", megabytes=1234.56).in_language("de") == "1234,6 MB"
    assert say("archives.failed_move", place="x", code=0xA801).in_language("es").endswith("0xA801).")


def test_several_parts_are_said_together_in_one_language() -> None:
    parts = Together((say("commands.interrupted"), "x"), "; ")
    assert say("commands.error", error=parts).in_language("es") == "Error: Interrumpido.; x"


def test_a_note_is_english_text_and_knows_its_languages() -> None:
    note = Note.of(say("commands.interrupted"))
    assert note == "Interrupted."
    assert note.said.in_language("de") == "Unterbrochen."


PRINTING = {"print", "echo", "add_row", "add_column", "add_task", "Table", "TextColumn"}
MARKUP = re.compile(r"\[/?[a-z ]*\]|%[A-Za-z]|{[^}]*}|screener")
WORD = re.compile(r"[A-Za-z]{3}")


def printed_words(path: Path) -> Iterator[str]:
    """Yield each text with words of its own that is printed by its place in the code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in PRINTING:
            for argument in (*node.args, *(each.value for each in node.keywords if each.arg == "title")):
                parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
                texts = [str(each.value) for each in parts if isinstance(each, ast.Constant)]
                if WORD.search(MARKUP.sub("", " ".join(texts))):
                    yield f"{path.relative_to(TOP)}:{node.lineno}: {texts}"


def test_commands_print_no_words_of_their_own() -> None:
    speakers = [path for path in sources() if {"commands", "cli"} & set(path.parts)]
    assert [words for path in speakers for words in printed_words(path)] == []


def test_a_number_with_a_format_gets_the_marks_of_the_language() -> None:
    said = say("commands.log_lost", path=1.5, why=say("evaluation.percent", number=97.25))
    assert str(said).startswith("1.5: 97.2%; ")
    assert said.in_language("de").startswith("1.5: 97,2 %; ")  # what was typed stays as it was typed
