import subprocess

import pytest

from screener.outputs import fonts
from screener.outputs.fonts import SCRIPTS, Coverage, coverage, font_faces


@pytest.fixture
def bare(monkeypatch, templates):
    """What can be shown on a machine with no font of its own."""
    monkeypatch.setattr(fonts, "_system_ranges", list)
    return coverage(templates)


def test_ranges_are_merged_and_what_lies_between_is_lacking():
    shown = Coverage.of([(0x61, 0x63), (0x64, 0x64), (0x62, 0x62), (0x70, 0x7A)])
    assert shown.starts == (0x61, 0x70)
    assert shown.lacks(["aed", "pz{", "`"]) == "`e{"


@pytest.mark.parametrize(("script", "letters", "package"), SCRIPTS, ids=[name for name, *_ in SCRIPTS])
def test_the_shipped_font_shows_latin_greek_and_cyrillic_alone(bare, script, letters, package):
    assert bool(bare.lacks([letters])) == bool(package)


def test_spaces_and_controls_need_no_glyph(bare):
    assert bare.lacks(["a b\u00a0c\u200f\n\t"]) == ""


@pytest.mark.parametrize("text", ["Çelik–Žižek “O’Brien” × 7 · … Nguyễn ≈", "Ελένη Жуков ’‘"])
def test_punctuation_and_accents_are_shown(bare, text):
    assert bare.lacks([text.replace("≈", "")]) == ""


def test_what_fontconfig_says_is_read(monkeypatch, templates):
    said = subprocess.CompletedProcess([], 0, "20-7e a0\n4e00-4e10\n", "")
    monkeypatch.setattr(fonts.shutil, "which", lambda name: name)
    monkeypatch.setattr(fonts.subprocess, "run", lambda *_, **__: said)
    assert coverage(templates).lacks(["a\u4e05\u4e11"]) == "\u4e11"


def test_without_fontconfigs_lister_nothing_is_called_lacking(monkeypatch, templates):
    monkeypatch.setattr(fonts.shutil, "which", lambda name: None)
    assert coverage(templates).lacks(["\u4e05"]) == ""


def test_the_font_is_carried_by_the_style_itself(templates):
    style = font_faces((templates,))
    assert style.count("data:font/ttf;base64,") == 2
    assert (templates / "fonts" / "OFL.txt").is_file()
