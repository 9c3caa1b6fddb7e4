"""What a ledger keeps of past runs, what it makes of older formats, and who has waited."""

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from screener.domain import NotScreened
from screener.errors import UsageError
from screener.ledger import Ledger, ResultKey, Stamp, formats, journal, schema
from screener.ledger.rows import as_row
from screener.ledger.transaction import Transaction
from screener.note_codes import NoteCode
from screener.operating_points import Calibration, printed
from screener.reasons import Reason, ReasonCode
from tests.ledger.formats import (
    BEFORE_AUDIT,
    BEFORE_CTIME,
    BEFORE_KEYS,
    BEFORE_PATIENTS,
    BEFORE_PUBLISHED,
    BEFORE_REASONS,
    KEY,
)
from tests.outcomes import SCALES, found, missed
from tests.reasons import noted, words

FIRST = datetime(2026, 11, 20, 2)
STAMP = Stamp(1000, 5)


def probability(logit):
    return printed(Calibration(1.0, 0.0, 0.5).probability(logit))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def night(path):
    """Scan outcomes on the night of a number, each with its own stamp or the usual one."""

    def run(number, *outcomes, stamp=STAMP, complete=True, decoders="d"):
        when = FIRST + timedelta(days=number)
        with Ledger(path, key=KEY, decoders=decoders) as ledger:
            ledger.begin(when)
            fresh = [each for each in outcomes if not ledger.reuse(each.file, each.path, stamp)]
            ledger.record(fresh, {each.path: stamp for each in fresh})
            told = shown_by(ledger)
            ledger.keep(f"night {number}")
            ledger.finish(when, complete, len(outcomes))
        return told

    return run


def shown_by(ledger):
    """Return all that a ledger tells of the run it shows."""
    rows = [
        (
            each.file,
            words(each) if isinstance(each, NotScreened) else "",
            getattr(each, "prediction", each).__class__.__name__,
        )
        for each in ledger.outcomes()
    ]
    logits = [each.prediction.logit for each in ledger.images(SCALES) if hasattr(each, "prediction")]
    new = [each.file for each in ledger.images(SCALES, new_only=True)]
    return rows, logits, new, ledger.counts(), ledger.before.files_known().get("failed", 0)


def again(path, run):
    with Ledger(path, create=False) as ledger:
        ledger.show(run)
        return shown_by(ledger)


def test_each_run_is_told_again_as_it_was_whatever_came_after(path, night):
    told = [
        night(0, found("a", 1.0), missed("b"), found("c", 2.0, "1.2")),
        night(1, found("a", 1.0), missed("b"), found("c", 2.0, "1.2")),
        night(2, found("a", -1.0), found("b", 3.0), stamp=Stamp(7, 7)),
        night(3, found("c", 2.0, "1.2"), found("d", 0.5), complete=False),
        night(4, found("a", -1.0), found("d", 0.5), missed("e")),
    ]
    assert [again(path, run) for run in (1, 2, 3, 4, 5)] == told


def test_a_failure_told_again_is_known_only_in_the_runs_after_the_first(path, night):
    night(0, missed("a", "damaged"))
    night(1, missed("a", "damaged"))
    assert again(path, 1)[0] == [("a", "damaged", "NotScreened")]
    assert again(path, 2)[0] == [("a", "damaged; known since 2026-11-20", "NotScreened")]


def killed_while_it_marks(path, monkeypatch, when, *outcomes):
    """Scan outcomes in a run that dies when it has marked the first as listed."""
    monkeypatch.setattr(journal, "MARKED_TOGETHER", 1)
    with Ledger(path, key=ResultKey("m"), decoders="d") as ledger:
        ledger.begin(when)
        ledger.record(outcomes, {each.path: STAMP for each in outcomes})
        left = iter([True])
        monkeypatch.setattr(ledger, "_writing", lambda: next(left) and Transaction(ledger._database, path))
        with pytest.raises(StopIteration):
            ledger.finish(when, True, len(outcomes))
    with sqlite3.connect(path) as database:
        assert [row for [row] in database.execute("SELECT listed FROM results ORDER BY id")] == [1, None]
    database.close()


def test_a_run_killed_while_it_marks_what_is_listed_has_listed_nothing(path, night, monkeypatch):
    radiographs = missed("a", "damaged"), found("b", 1.0)
    killed_while_it_marks(path, monkeypatch, FIRST, *radiographs)
    rows, _, new, _, known = night(1, *radiographs)
    assert (rows[0][1], new, known) == ("damaged", ["b", "a"], 0)
    rows, _, new, _, known = night(2, *radiographs)
    assert (rows[0][1], new, known) == ("damaged; known since 2026-11-21", [], 1)


def test_a_failure_is_not_known_from_a_run_killed_while_it_marked_it(path, night, monkeypatch):
    killed_while_it_marks(path, monkeypatch, FIRST, missed("a", "damaged"), found("b"))
    told = night(1, missed("a", "damaged yet"), decoders="d2")
    assert (told[0], told[4]) == ([("a", "damaged yet", "NotScreened")], 0)
    told = night(2, missed("a", "cut"), decoders="d3")
    assert (told[0], told[4]) == ([("a", "cut; known since 2026-11-21", "NotScreened")], 1)


def test_the_end_of_a_run_takes_no_more_room_for_more_images(path, monkeypatch):
    monkeypatch.setattr(journal, "MARKED_TOGETHER", 100)
    room = []
    for count in (3000, 6000):
        with Ledger(path.with_name(f"{count}.sqlite")) as ledger:
            ledger.begin(FIRST)
            ledger.record(found(f"{number}") for number in range(count))
            ledger._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            ledger._database.execute("PRAGMA wal_autocheckpoint = 100")
            ledger.finish(FIRST, True, count)
            room.append(path.with_name(f"{count}.sqlite-wal").stat().st_size)
    assert room[1] < 1.5 * room[0]


def test_a_run_tells_what_it_kept_of_itself(path, night):
    night(0, found("a"))
    night(1, found("a"), complete=False)
    with Ledger(path, create=False) as ledger:
        runs = ledger.runs()
    assert [(run.number, run.complete, run.summary) for run in runs] == [
        (1, True, "night 0"),
        (2, False, "night 1"),
    ]


def test_unchanged_files_take_no_more_room_each_night(path, night):
    for number in range(5):
        night(number, *(found(f"{i}") for i in range(20)))
    with Ledger(path) as ledger:
        [[rows]] = ledger._database.execute("SELECT count(*) FROM seen")
        [[results]] = ledger._database.execute("SELECT count(*) FROM results")
    assert (rows, results) == (20, 20)


def test_what_has_no_stamp_and_gives_the_same_again_takes_no_more_room(path):
    for number in range(3):
        with Ledger(path, key=ResultKey("m")) as ledger:
            ledger.begin(FIRST + timedelta(days=number))
            ledger.record([missed("a")])
            assert ledger.size() == 1
            [[results]] = ledger._database.execute("SELECT count(*) FROM results")
            assert results == 1


@pytest.fixture
def format_1(path):
    """Return a ledger as the first format had it: two complete runs over a failed and a screened file."""
    later = ("patient_sex", "reason_code", "reason_details")
    result = [each for each in schema.RESULT.split(", ") if each not in later]
    columns = f"path, size, mtime_ns, model, decoders, {', '.join(result)}, reason, listed"
    with sqlite3.connect(path) as database:
        database.executescript(SCHEMA_1 + f"PRAGMA application_id = {formats.APPLICATION_ID};")
        database.execute("PRAGMA user_version = 1")
        for day in (20, 21):
            database.execute(
                "INSERT INTO runs (started, finished, complete, model, files) VALUES (?, ?, 1, ?, 2)",
                (f"2026-11-{day}T02:00:00", f"2026-11-{day}T02:30:00", KEY.earlier),
            )
        for file, outcome in (("a", found("a", 1.5, "1.2")), ("b", missed("b", "damaged"))):
            row, reason = as_row(outcome), "damaged" if file == "b" else ""
            found_then = (row[each] for each in result)
            values = [bytes(outcome.path), 1000, 5, KEY.earlier, "d", *found_then, reason, "2026-11-20"]
            database.execute(
                f"INSERT INTO results ({columns}) VALUES ({', '.join('?' * len(values))})", values
            )
            database.execute("INSERT INTO seen (file, result) SELECT ?, max(id) FROM results", (file,))
    database.close()
    return path


def test_a_ledger_of_the_first_format_is_upgraded_and_remembers_everything(format_1, night):
    rows, logits, new, counts, known = night(
        2, found("a", -9.0, "1.2"), missed("b", "other"), found("c", 0.1)
    )
    assert logits == [1.5, 0.1]  # 'a' was not screened again
    assert rows[1][1] == "damaged; known since 2026-11-20"
    assert (new, counts, known) == (["c"], {"screened": 2, "failed": 1}, 1)
    with sqlite3.connect(format_1) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (formats.VERSION,)
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    database.close()
    assert tables == {
        *("results", "seen", "runs", "reviews", "published", "settled", "result_keys"),
        *("audit", "audit_keys", "image_facts"),
    }


def test_runs_of_the_first_format_have_no_report_to_write_again(format_1):
    with Ledger(format_1, create=False) as ledger:
        assert [run.summary for run in ledger.runs()] == ["", ""]


def test_a_ledger_of_the_second_format_is_upgraded_and_keeps_everything(path, night):
    night(0, found("a", 1.5, "1.2"), missed("b", "damaged"))
    told = night(1, found("a", 1.5, "1.2"), missed("b", "damaged"), found("c"))
    with sqlite3.connect(path) as database:
        database.executescript("DROP TABLE reviews; PRAGMA user_version = 2;" + BEFORE_PATIENTS)
        before = list(database.iterdump())
        assert schema_of(database) == schema_of_format_2()
    database.close()
    assert again(path, 2) == told
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (formats.VERSION,)
        database.executescript(BEFORE_PATIENTS)
        after = list(database.iterdump())
    database.close()
    assert set(before) <= set(after)
    assert next(line.split("(")[0].strip() for line in after if line not in before) == "CREATE TABLE reviews"
    with Ledger(path) as ledger:
        assert list(ledger.reviews) == []
        assert [run.summary for run in ledger.runs()] == ["night 0", "night 1"]


def test_a_ledger_of_the_third_format_is_upgraded_and_finds_a_patients_earlier_studies(path, night):
    night(0, found("a", 1.5, "1.2", patient_id="P"))
    with sqlite3.connect(path) as database:
        database.executescript(BEFORE_PATIENTS + "PRAGMA user_version = 3;")
    database.close()
    night(1, found("b", 0.5, "1.3", patient_id="P", patient_sex="F"))
    with Ledger(path, create=False) as ledger:
        ledger.show(2)
        assert [(each.key, each.logit) for each in ledger.patients.earlier("P")] == [((True, "1.2"), 1.5)]
        assert [each.identifiers.patient_sex for each in ledger.images(SCALES)] == ["F"]


def test_a_ledger_of_the_fourth_format_is_upgraded_and_screens_nothing_anew(path, night):
    told = night(0, found("a", 1.5, "1.2"))
    with sqlite3.connect(path) as database:
        database.executescript(BEFORE_CTIME + "PRAGMA user_version = 4;")
    database.close()
    assert night(1, found("a", 9.0, "1.2"))[0] == told[0]  # the score, not the one that is offered


def test_a_ledger_of_the_fifth_format_is_upgraded_and_keeps_its_words(path, night):
    """What counts folders goes by codes, and the sentences that were written stay as they were."""
    night(0, missed("ward"), missed("a"), missed("b"), found("c"))
    old = {
        "ward": "folder cannot be read: Permission denied",
        "a": "the decoder crashed (SIGSEGV)",
        "b": "cut",
    }
    with sqlite3.connect(path) as database:
        database.executescript(BEFORE_REASONS + "PRAGMA user_version = 5;")
        for file, reason in old.items():
            query = "UPDATE results SET reason = ? WHERE id = (SELECT result FROM seen WHERE file = ?)"
            database.execute(query, (reason, file))
    database.close()
    with Ledger(path, create=False) as ledger:
        ledger.show(1)
        told = {each.file: each for each in ledger.outcomes() if isinstance(each, NotScreened)}
        assert ledger.before.folders_unreadable() == 1
    assert told["ward"].reason == Reason.of(ReasonCode.FOLDER_UNREADABLE, why="Permission denied")
    assert {file: words(each) for file, each in told.items()} == old


@pytest.mark.parametrize(
    "older",
    [
        pytest.param(BEFORE_REASONS + "PRAGMA user_version = 5;", id="fifth"),
        pytest.param(BEFORE_PUBLISHED + "PRAGMA user_version = 6;", id="sixth"),
        pytest.param(BEFORE_KEYS + "PRAGMA user_version = 7;", id="seventh"),
    ],
)
def test_an_older_ledgers_digest_becomes_columns_once_a_run_has_the_same_key(path, night, older):
    told = night(0, found("a", 1.5, "1.2"))
    with sqlite3.connect(path) as database:
        database.executescript(older)
        assert {model for (model,) in database.execute("SELECT model FROM results")} == {KEY.earlier}
    database.close()
    Ledger(path, create=False).__exit__(None, None, None)  # as 'report' opens it: it has no key
    with sqlite3.connect(path) as database:
        assert keys_in(database) == [("", "", "", 0, 0, "1/3", KEY.earlier)]
    database.close()
    assert night(1, found("a", 9.0, "1.2"))[0] == told[0]  # the score, not the one that is offered
    with sqlite3.connect(path) as database:
        assert keys_in(database) == [("m", "gate", '{"size": 224}', 4, 2, "1/3", "")]
        assert {key for (key,) in database.execute("SELECT key FROM runs")} == {1}
    database.close()


def test_a_ledger_of_the_eighth_format_is_upgraded_and_keeps_its_notes(path, night):
    told = night(0, found("a", 1.5, "1.2"), found("b"))
    written = "\n".join([*formats.NOTES_8, "as it was said"])
    with sqlite3.connect(path) as database:
        database.execute("UPDATE results SET notes = ? WHERE study_instance_uid = '1.2'", (written,))
        database.executescript(BEFORE_AUDIT + "PRAGMA user_version = 8;")
    database.close()
    with Ledger(path, create=False) as ledger:
        ledger.show(1)
        notes = {each.file: each.notes for each in ledger.outcomes()}
    assert [note.code for note in notes["a"]] == [*formats.NOTES_8.values(), NoteCode.EARLIER_WORDS]
    assert noted(notes["a"]) == (*formats.NOTES_8, "as it was said")
    assert notes["b"] == ()
    assert night(1, found("a", 9.0, "1.2"), found("b"))[0][0] == told[0][0]  # nothing is screened anew


def test_each_part_of_a_result_key_sets_results_apart(path):
    others = [
        replace(KEY, **{name: value})
        for name, value in {
            "network": "n",
            "gate": "",
            "preprocessing": "{}",
            "intake": 5,
            "gate_rule": 1,
            "shard": "",
        }.items()
    ]
    for key in (KEY, *others, KEY):
        Ledger(path, key=key).__exit__(None, None, None)
    with sqlite3.connect(path) as database:
        assert len(keys_in(database)) == len(others) + 1
    database.close()
    assert len({key.earlier for key in (KEY, *others)}) == len(others) + 1


def keys_in(database):
    return database.execute(
        "SELECT network, gate, preprocessing, intake, gate_rule, shard, digest FROM result_keys"
    ).fetchall()


def test_a_new_ledger_and_an_upgraded_one_are_laid_out_alike(format_1, tmp_path):
    layouts = []
    for place in (format_1, tmp_path / "new"):
        Ledger(place).__exit__(None, None, None)
        with sqlite3.connect(place) as database:
            layouts.append(schema_of(database))
        database.close()
    assert layouts[0] == layouts[1]


def schema_of(database):
    """Return what a database is laid out as, by name, white space aside."""
    rows = database.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    return {name: " ".join(text.replace('"', "").split()) for name, text in rows}


def schema_of_format_2():
    database = sqlite3.connect(":memory:")
    database.executescript(SCHEMA_2)
    found = schema_of(database)
    database.close()
    return found


def test_a_ledger_of_a_newer_version_is_left_alone(path, night):
    night(0, found("a"))
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(UsageError, match="written by a newer version of Screener"):
        Ledger(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "no such file", id="absent"),
        pytest.param(bytes(4096), "no ledger, or a damaged one", id="damaged"),
        pytest.param(b"no database at all" * 100, "no ledger, or a damaged one", id="something else"),
    ],
)
def test_a_ledger_that_is_only_read_is_neither_made_nor_set_aside(path, content, message):
    if content:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        Ledger(path, create=False)
    assert [each.name for each in path.parent.iterdir()] == ([path.name] if content else [])


@pytest.fixture
def lifted(path):
    """Return files in order, with days waiting, after nights that each add one study."""

    def run(days, nights):
        with Ledger(path, key=ResultKey("m")) as ledger:
            for number, seen in enumerate(nights):
                ledger.begin(FIRST + timedelta(days=number))
                for each in seen:
                    if not ledger.reuse(each.file, each.path, STAMP):
                        ledger.record([each], {each.path: STAMP})
            images = ledger.images(SCALES, max_wait=days)
            return [(each.file, getattr(each, "waiting_days", None)) for each in images]

    return run


def nights_of(*outcomes, gap=0):
    """One more study each night, after which all stay."""
    return [outcomes[: i + 1] for i in range(len(outcomes))] + [outcomes] * gap


def test_who_has_waited_longer_stands_below_the_flagged_the_oldest_first(lifted):
    oldest, old = found("oldest", -3.0, "1.1"), found("old", -2.0, "1.2")
    flagged, recent, failed = found("flagged", 1.0, "1.3"), found("recent", -1.0, "1.4"), missed("failed")
    listed = lifted(2, nights_of(oldest, old, flagged, recent, failed))
    assert listed == [("flagged", None), ("oldest", 4), ("old", 3), ("recent", None), ("failed", None)]


def test_as_many_days_as_allowed_are_not_longer(lifted):
    assert lifted(3, nights_of(found("a", -2.0), gap=3)) == [("a", None)]


def test_one_day_more_is(lifted):
    assert lifted(2, nights_of(found("a", -2.0), gap=3)) == [("a", 3)]


def test_a_flagged_study_that_waits_is_not_marked(lifted):
    assert lifted(0, nights_of(found("a", 2.0), gap=3)) == [("a", None)]


def test_equals_in_waiting_run_by_falling_probability(lifted):
    both = (found("low", -3.0), found("high", -2.0))
    assert lifted(1, [both, both, both]) == [("high", 2), ("low", 2)]


def test_a_study_waits_since_its_first_image_whatever_became_of_that(path, lifted):
    first = missed("cut", study="1.2")
    whole = replace(found("whole", -2.0, "1.2"))
    listed = lifted(1, [(first,), (), (whole,)])
    assert listed == [("whole", 2)]


def test_a_new_model_does_not_make_a_study_new(path, lifted):
    lifted(1, nights_of(found("a", -2.0), gap=2))
    with Ledger(path, key=ResultKey("another")) as ledger:
        ledger.begin(FIRST + timedelta(days=9))
        ledger.record([found("a", -2.5)], {})
        [only] = ledger.images(SCALES, max_wait=5)
    assert only.waiting_days == 9


def test_names_that_are_not_shown_do_not_set_the_order(path):
    told = {("file", "a"): "z", ("file", "b"): "y", ("study", "1.2"): "x"}
    with Ledger(mask=lambda kind, name: told[kind, name]) as ledger:
        ledger.record([found("a", 1.0), found("b", 1.0)])
        assert [each.file for each in ledger.images(SCALES)] == ["b", "a"]
        assert [each.file for each in ledger.outcomes()] == ["b", "a"]


SCHEMA_1 = """

CREATE TABLE results (
    id INTEGER PRIMARY KEY,
    path, size, mtime_ns, model, decoders,
    outcome, reason, picture_refused, study_instance_uid, sop_instance_uid, patient_id,
    accession_number, study_date, view_position, patient_age, logit REAL, activation_map BLOB,
    pixel_digest, content_digest, notes, quarter_turns, inverted,
    listed TEXT,
    UNIQUE (path, model)
);
CREATE INDEX by_instance ON results (sop_instance_uid, pixel_digest);
CREATE INDEX by_content ON results (size, content_digest) WHERE content_digest <> '';
CREATE TABLE seen (id INTEGER PRIMARY KEY, file TEXT NOT NULL, result INTEGER NOT NULL);
CREATE INDEX by_result ON seen (result);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, complete INTEGER NOT NULL DEFAULT 0,
    model TEXT NOT NULL, files INTEGER
);
CREATE VIEW outcomes AS
    SELECT seen.id, seen.file, results.id AS result, path, size, mtime_ns, model, decoders, outcome,
    reason, picture_refused, study_instance_uid, sop_instance_uid, patient_id, accession_number,
    study_date, view_position, patient_age, logit, activation_map, pixel_digest, content_digest,
    notes, quarter_turns, inverted, listed
    FROM seen JOIN results ON seen.result = results.id;

"""

SCHEMA_2 = """

CREATE TABLE results (
    id INTEGER PRIMARY KEY,
    path, size, mtime_ns, model, decoders,
    outcome, reason, picture_refused, study_instance_uid, sop_instance_uid, patient_id,
    accession_number, study_date, view_position, patient_age,
    logit REAL, activation_map BLOB, pixel_digest, content_digest,
    notes, quarter_turns, inverted,
    listed INTEGER, current INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX by_path ON results (path, model) WHERE current;
CREATE INDEX by_instance ON results (sop_instance_uid, pixel_digest);
CREATE INDEX by_content ON results (size, content_digest) WHERE content_digest <> '';
CREATE TABLE seen (
    id INTEGER PRIMARY KEY, file TEXT NOT NULL, result INTEGER NOT NULL,
    first_run INTEGER NOT NULL, last_run INTEGER NOT NULL
);
CREATE INDEX by_result ON seen (result);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, complete INTEGER NOT NULL DEFAULT 0,
    model TEXT NOT NULL, files INTEGER, summary TEXT
);
"""
