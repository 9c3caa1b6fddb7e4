import re
import tomllib

import pytest

from screener.errors import UsageError
from screener.note_codes import Note, NoteCode
from screener.outputs.bands import FLAGGED, NOT_FLAGGED
from screener.outputs.map_place import MapPlace
from screener.outputs.messages import load_messages, shipped_messages
from screener.reasons import Reason, ReasonCode
from screener.scale import Band


@pytest.fixture
def own(tmp_path, templates):
    """Load a catalogue of one's own before the shipped one."""

    def load(text):
        (tmp_path / "messages.toml").write_text(text, encoding="utf-8")
        return load_messages((tmp_path, templates))

    return load


def test_a_translation_goes_before_the_shipped_text_and_gaps_are_filled(own):
    messages = own('language = "de"\n[worklist]\nheading = "Arbeitsliste"\n')
    assert messages.say("language") == "de"
    assert messages.say("worklist.heading") == "Arbeitsliste"
    assert messages.say("cards.heading") == "Flagged studies"


def test_a_number_chooses_its_word(templates):
    messages = load_messages((templates,))
    assert messages.say("missed.studies", count=1) == "1 study"
    assert messages.say("missed.studies", count=1200) == "1,200 studies"


def test_a_value_in_a_message_is_text(templates):
    said = load_messages((templates,)).say("summary.all_in", csv="<b>.csv")
    assert "&lt;b&gt;.csv" in said
    assert "<strong>" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("title = ", "messages.toml: not a catalogue", id="no TOML"),
        pytest.param('[worklist]\ndivider = "{treshold}"', "worklist.divider.*treshold", id="placeholder"),
        pytest.param('[worklist]\ndivider = "{threshold.__class__.x}"', "worklist.divider", id="attribute"),
    ],
)
def test_a_catalogue_that_cannot_be_used_is_named(own, text, words):
    with pytest.raises(UsageError, match=words):
        own(text).say("worklist.divider", threshold="0.5")


@pytest.mark.parametrize("code", sorted(set(ReasonCode) - {ReasonCode.EARLIER_WORDS}))
def test_every_reason_has_words_and_advice(code):
    messages = shipped_messages()
    assert messages.section(f"reason.{code}").keys() == {"text", "advice"}
    named = re.findall(r"{(\w+)}", str(messages.texts[f"reason.{code}.text"]))
    assert messages.reason(Reason.of(code, **{name: f"<{name}>" for name in named})).count("<") == len(named)
    assert messages.advice([code])


def test_no_words_stand_for_a_reason_that_there_is_not():
    keys = shipped_messages().section("reason")
    assert {key.partition(".")[0] for key in keys} - {"known_since", "some_failed"} <= set(ReasonCode)


@pytest.mark.parametrize("code", sorted(set(NoteCode) - {NoteCode.EARLIER_WORDS}))
def test_every_note_has_words(code):
    text = str(shipped_messages().texts[f"note.{code}"])
    details = {name: "7" for name in re.findall(r"{(\w+)}", text) if name != "read_as"}
    if "{read_as}" in text:
        details["population"] = "women"
    said = shipped_messages().note(Note.of(code, **details))
    assert said == text.format(**details, read_as="read with women")


def test_no_words_stand_for_a_note_that_there_is_not():
    keys = {key.partition(".")[0] for key in shipped_messages().section("note")}
    assert keys - {"read_as", "waiting_one"} <= set(NoteCode)


def test_advice_for_several_reasons_is_given_once_each():
    codes = [ReasonCode.EMPTY_FILE, ReasonCode.PIXELS_TRUNCATED, ReasonCode.OUT_OF_TIME]
    advice = shipped_messages().advice(codes)
    assert advice.count("The copy is incomplete") == 1
    assert "--file-timeout" in advice


def test_a_reason_can_be_translated(own):
    messages = own('[reason.modality]\ntext = "Modalität: {value}"\n')
    assert messages.reason(Reason.of(ReasonCode.MODALITY, value="CT")) == "Modalität: CT"
    assert messages.advice([ReasonCode.MODALITY]) == shipped_messages().advice([ReasonCode.MODALITY])


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('[reason.modality]\ntext = "{wert}"', "reason.modality.text.*wert"),
        ('[[advice]]\nwhere = "truncated"\ndo = "Send it again."', "no longer used"),
    ],
)
def test_a_catalogue_whose_reasons_cannot_be_used_is_named(own, text, match):
    with pytest.raises(UsageError, match=match):
        own(text).reason(Reason.of(ReasonCode.MODALITY, value="CT"))


def named_by_scripts(templates, known):
    """Return the keys of [triage] that the page's scripts ask for; `mark_${…}` asks for all that begin so."""
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in templates.rglob("*.js"))
    words = {f"triage.{word}" for word in re.findall(r'"([a-z_]+)"', scripts)}
    begun = tuple(f"triage.{begin}" for begin in re.findall(r"say\(`([a-z_]+)\$", scripts))
    asked = set(re.findall(r'say\("([a-z_]+)"', scripts))
    assert {f"triage.{word}" for word in asked} <= known
    return {key for key in known if key in words or key.startswith(begun)}


def named_by_help(templates):
    """Return the keys of [triage] that stand beside a key of the keyboard."""
    source = (templates / "triage" / "_help.html.j2").read_text(encoding="utf-8")
    return {f"triage.{does}" for does in re.findall(r'\("[^"]+", "([a-z_]+)"\)', source)}


BANDS = (*Band, FLAGGED, NOT_FLAGGED)
BY_MONITOR = (
    "monitor",
    *(f"monitor_{each}" for each in ["up", "down", "changed", "title", "about", "syntax"]),
)


def test_every_message_that_templates_name_is_in_the_catalogue_and_no_other(templates):
    catalogue = tomllib.loads((templates / "messages.toml").read_text(encoding="utf-8"))
    known = {
        f"{section}.{key}" if key else section
        for section, texts in catalogue.items()
        if section not in ("reason", "note")  # asked for by code
        for key in (texts if isinstance(texts, dict) else [""])
    }
    sources = [path.read_text(encoding="utf-8") for path in templates.rglob("*.html.j2")]
    quoted = {word for source in sources for word in re.findall(r"'([a-z_]+(?:\.[a-z_]+)?)'", source)}
    asked_in_code = {
        "title",
        "triage.meaning_validated",
        "triage.meaning_custom",
        "triage.meaning_of",
        "population.differs",
        "population.differs_of",
        "population.no_ages_read_as",
        "population.ages",
        "population.no_ages",
        "population.other_ages",
    }
    asked_in_code |= {f"populations.{name}" for name in ("children", "adults")}
    asked_in_code |= {"meaning.chance", "meaning.flags_all"}  # see population_bars
    by_run_words = {key for key in known if key.startswith(("unseen.", "since."))}
    by_run_words |= {key for key in known if key.startswith("result.")}  # of 'publish'
    by_run_words |= {key for key in known if key.partition(".")[0] in BY_MONITOR}
    by_run_words |= {
        key for key in known if key.startswith(("figures.", "age.", "sex.", "mail.", "console."))
    }
    by_run_words |= {f"places.{place}" for place in MapPlace}
    by_run_words |= {f"bands.{named}{band}" for named in ("", "name_") for band in BANDS}
    unasked = known - quoted - asked_in_code - by_run_words - named_by_scripts(templates, known)
    assert unasked <= named_by_help(templates)
    named = {word for source in sources for word in re.findall(r"say\('([a-z_.]*[a-z_])'", source)}
    assert named - {"bands.", "bands.name_"} <= known  # a band's name follows
