"""The ledger's tables, as SQL, and the way to them from every older format."""

from screener.ledger.schema import RESULT, STAMP

APPLICATION_ID = 0x53435231  # "SCR1": tells a ledger from any other SQLite database
VERSION = 11

_RESULT_2 = RESULT.replace(", patient_sex", "").replace("reason_code, reason_details", "reason")
_STAMP_2 = STAMP.replace("key", "model")

# results: what is known of a file, by its path and by what judged it (result_key.py); what a change has
# overtaken stays, no longer current, for the runs that reported it. listed: the first complete run that
# reported it; a run that is not complete counts for nothing.
# seen: from which run to which, without a gap, a file gave that result. summary: see run_record.py.
_FORMAT_2 = f"""
CREATE TABLE results (
    id INTEGER PRIMARY KEY,
    {_STAMP_2},
    {_RESULT_2.replace("logit", "logit REAL").replace("activation_map", "activation_map BLOB")},
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

# reviews: what readers made of studies in reports. study: the UID, or the path's bytes where there is none.
# Nothing in it ever changes or goes. REPLACE deletes without firing triggers (sqlite.org/lang_conflict.html),
# hence the third; a new row's id is -1 before it has one.
_REVIEWS = """
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, model TEXT NOT NULL,
    has_uid INTEGER NOT NULL, study NOT NULL, study_id TEXT NOT NULL, status TEXT NOT NULL,
    mark TEXT NOT NULL CHECK (mark IN ('agree', 'disagree', 'unsure')), note TEXT NOT NULL,
    reader TEXT NOT NULL CHECK (reader <> ''), marked TEXT NOT NULL, recorded TEXT NOT NULL
);
CREATE INDEX by_reviewed ON reviews (run, study);
CREATE TRIGGER reviews_never_change BEFORE UPDATE ON reviews
    BEGIN SELECT RAISE(ABORT, 'reviews are only ever added to'); END;
CREATE TRIGGER reviews_never_go BEFORE DELETE ON reviews
    BEGIN SELECT RAISE(ABORT, 'reviews are only ever added to'); END;
CREATE TRIGGER reviews_are_never_replaced BEFORE INSERT ON reviews
    WHEN EXISTS (SELECT 1 FROM reviews WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'reviews are only ever added to'); END;
"""

# Earlier results of a patient are found by the index; what was screened before has no sex.
_PATIENTS = """
ALTER TABLE results ADD COLUMN patient_sex TEXT NOT NULL DEFAULT '';
CREATE INDEX by_patient ON results (patient_id, model) WHERE patient_id <> '';
"""
# ctime_ns: when the file's inode last changed: an image replaced in place may keep size and mtime, never
# that. NULL where it is unknown: of objects, and in ledgers before format 5.
_CTIME = "ALTER TABLE results ADD COLUMN ctime_ns INTEGER;"
# reason_code, reason_details: see reasons.py. Before format 6 there was one column of English words.
_REASONS = """
ALTER TABLE results RENAME COLUMN reason TO reason_code;
ALTER TABLE results ADD COLUMN reason_details TEXT NOT NULL DEFAULT '';
UPDATE results SET reason_code = CASE
        WHEN reason_code LIKE 'folder cannot be read: %' THEN 'folder_unreadable'
        WHEN reason_code LIKE 'the rest of it cannot be listed: %' THEN 'listing_broken'
        WHEN picture_refused THEN 'picture_refused'
        ELSE 'earlier_words' END,
    reason_details = CASE
        WHEN reason_code LIKE 'folder cannot be read: %' THEN json_object('why', substr(reason_code, 24))
        WHEN reason_code LIKE 'the rest of it cannot be listed: %'
            THEN json_object('why', substr(reason_code, 34))
        WHEN picture_refused THEN ''
        ELSE json_object('words', reason_code) END
    WHERE outcome IN ('failed', 'ineligible');
"""
# published: what was sent where, and the answer, see published.py; settled: of a receiver and a run, that all
# studies up to it were answered. Nothing in them ever changes or goes: as of reviews.
_PUBLISHED = """
CREATE TABLE published (
    id INTEGER PRIMARY KEY, study TEXT NOT NULL CHECK (study <> ''), kind TEXT NOT NULL,
    sop_uid TEXT NOT NULL, series_uid TEXT NOT NULL, content TEXT NOT NULL, model TEXT NOT NULL,
    run INTEGER NOT NULL, target TEXT NOT NULL, asked TEXT NOT NULL, answered TEXT NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN ('stored', 'refused', 'committed', 'not_committed')),
    why TEXT NOT NULL
);
CREATE INDEX by_published ON published (study, kind, target);
CREATE INDEX by_own_uid ON published (sop_uid);
CREATE UNIQUE INDEX stored_once ON published (target, sop_uid) WHERE answer = 'stored';
CREATE TRIGGER published_never_changes BEFORE UPDATE ON published
    BEGIN SELECT RAISE(ABORT, 'what was published is only ever added to'); END;
CREATE TRIGGER published_never_goes BEFORE DELETE ON published
    BEGIN SELECT RAISE(ABORT, 'what was published is only ever added to'); END;
CREATE TRIGGER published_is_never_replaced BEFORE INSERT ON published
    WHEN EXISTS (SELECT 1 FROM published WHERE id = NEW.id OR (NEW.answer = 'stored'
        AND answer = 'stored' AND target = NEW.target AND sop_uid = NEW.sop_uid))
    BEGIN SELECT RAISE(ABORT, 'what was published is only ever added to'); END;
CREATE TABLE settled (id INTEGER PRIMARY KEY, target TEXT NOT NULL, run INTEGER NOT NULL);
"""
# result_keys: see result_key.py. digest: all that older formats kept of a key, until a run has it again.
_KEYS = """
CREATE TABLE result_keys (
    id INTEGER PRIMARY KEY, network TEXT NOT NULL DEFAULT '', gate TEXT NOT NULL DEFAULT '',
    preprocessing TEXT NOT NULL DEFAULT '', intake INTEGER NOT NULL DEFAULT 0,
    gate_rule INTEGER NOT NULL DEFAULT 0,
    shard TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '',
    UNIQUE (network, gate, preprocessing, intake, gate_rule, shard, digest)
);
INSERT INTO result_keys (digest, shard)
    SELECT model, CASE instr(model, ' ') WHEN 0 THEN '' ELSE substr(model, instr(model, ' ') + 1) END
    FROM (SELECT model FROM results UNION SELECT model FROM runs) WHERE model <> '';
ALTER TABLE results RENAME COLUMN model TO key;
UPDATE results SET key = coalesce((SELECT id FROM result_keys WHERE digest = results.key), 0);
ALTER TABLE runs ADD COLUMN key INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET key = coalesce((SELECT id FROM result_keys WHERE digest = runs.model), 0);
ALTER TABLE runs DROP COLUMN model;
"""
# notes: one a line, see note_codes.py. Before format 9 they were English words.
NOTES_8 = {
    "window replaced": "window_replaced",
    "inverted by Presentation LUT Shape": "inverted_by_shape",
    "turned as Patient Orientation says": "turned_by_tag",
    "turned: lay on its side": "turned_from_side",
    "turned: looked upside down": "turned_upright",
    "inverted: looked negative": "inverted_by_look",
    "unusual picture": "unusual_picture",
    "activation outside the chest": "outside_chest",
}
_NOTES = "".join(
    f"UPDATE results SET notes = replace(notes, '{words}', '{code}') WHERE instr(notes, '{words}');\n"
    for words, code in NOTES_8.items()
)
# audit: who did what when, see audit.py. Nothing in it ever changes or goes. audit_keys: under which key a
# study stands in entries; it goes with the study, and then nobody can tell any more whose the entries were.
_AUDIT = """
CREATE TABLE audit (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, deed TEXT NOT NULL, what TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit journal is only ever added to'); END;
CREATE TRIGGER audit_never_goes BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit journal is only ever added to'); END;
CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit journal is only ever added to'); END;
CREATE TABLE audit_keys (study PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;
"""
# image_facts: what 'screener monitor' compares, see domain.ImageFacts. summary: 16-bit floats, little-endian.
_FACTS = """
CREATE TABLE image_facts (
    result INTEGER PRIMARY KEY, device TEXT NOT NULL, coding TEXT NOT NULL, summary BLOB NOT NULL
);
"""
SCHEMA = _FORMAT_2 + _REVIEWS + _PATIENTS + _CTIME + _REASONS + _PUBLISHED + _KEYS + _NOTES + _AUDIT + _FACTS

# Format 1 knew the files of its last run only, wrote over what had changed, and gave `listed` as a date.
_FROM_1 = f"""
DROP VIEW outcomes;
DROP INDEX by_instance;
DROP INDEX by_content;
DROP INDEX by_result;
ALTER TABLE results RENAME TO old_results;
ALTER TABLE seen RENAME TO old_seen;
ALTER TABLE runs RENAME TO old_runs;
{_FORMAT_2}
INSERT INTO runs (id, started, finished, complete, model, files)
    SELECT id, started, finished, complete, model, files FROM old_runs;
INSERT INTO results (id, {_STAMP_2}, {_RESULT_2}, listed)
    SELECT id, {_STAMP_2}, {_RESULT_2},
        (SELECT min(runs.id) FROM runs WHERE complete AND substr(finished, 1, 10) = listed)
    FROM old_results;
INSERT INTO seen (id, file, result, first_run, last_run)
    SELECT id, file, result, (SELECT max(id) FROM runs), (SELECT max(id) FROM runs) FROM old_seen;
DROP TABLE old_results;
DROP TABLE old_seen;
DROP TABLE old_runs;
"""
UPGRADES = {
    1: _FROM_1,
    2: _REVIEWS,
    3: _PATIENTS,
    4: _CTIME,
    5: _REASONS,
    6: _PUBLISHED,
    7: _KEYS,
    8: _NOTES,
    9: _AUDIT,
    10: _FACTS,
}  # from each older format to the one after it
