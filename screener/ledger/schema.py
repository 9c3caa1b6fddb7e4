"""The ledger's tables and queries, as SQL. What they mean is said in journal.py."""

APPLICATION_ID = 0x53435231  # "SCR1": tells a ledger from any other SQLite database
VERSION = 9

IGNORED, SCREENED, UNSETTLED, FAILED = "ignored", "screened", "unsettled", "failed"
TRANSIENT_SIZE = -2  # see journal.TRANSIENT
ELSEWHERE = "elsewhere"  # another shard's: no run of this ledger sees it

IDENTIFIERS = (
    "study_instance_uid, sop_instance_uid, patient_id, accession_number, study_date, "
    "view_position, patient_age, patient_sex"
)
RESULT = (
    f"outcome, reason_code, reason_details, picture_refused, {IDENTIFIERS}, "
    "logit, activation_map, pixel_digest, content_digest, notes, quarter_turns, inverted"
)
_RESULT_2 = RESULT.replace(", patient_sex", "").replace("reason_code, reason_details", "reason")
STAMP = "path, size, mtime_ns, key, decoders"
_STAMP_2 = STAMP.replace("key", "model")

# results: what is known of a file, by its path and by what judged it (result_key.py); what a change has
# overtaken stays, no longer current, for the runs that told it. listed: the first complete run that told
# it; a run that is not complete counts for nothing.
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
# that. NULL where it was not told: of objects, and in ledgers before format 5.
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
SCHEMA = _FORMAT_2 + _REVIEWS + _PATIENTS + _CTIME + _REASONS + _PUBLISHED + _KEYS + _NOTES

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
}  # from each older format to the one after it


def shown_run(run: int) -> str:
    """Return SQL that makes a run the one that the queries below tell of."""
    return f"""
DROP VIEW IF EXISTS temp.outcomes;
DROP VIEW IF EXISTS temp.present;
DROP VIEW IF EXISTS temp.shown;
CREATE TEMP VIEW shown AS SELECT {run:d} AS run;
CREATE TEMP VIEW present AS SELECT * FROM main.seen WHERE first_run <= {run:d} AND last_run >= {run:d};
CREATE TEMP VIEW outcomes AS
    SELECT present.id, present.file, results.id AS result, {STAMP}, {RESULT}, CASE WHEN listed < {run:d}
        THEN (SELECT substr(finished, 1, 10) FROM main.runs WHERE runs.id = listed) END AS listed
    FROM present JOIN main.results ON present.result = results.id;
"""


# A copy has the study, the SOP Instance UID and the pixels of another file: the first by name stands for all.
_FIRST_COPY = f"""
CASE WHEN outcome = '{SCREENED}' AND sop_instance_uid <> '' THEN first_value(file) OVER (
    PARTITION BY study_instance_uid, sop_instance_uid, outcome, pixel_digest ORDER BY file, id
) ELSE file END"""

# CASE, not AND: SQLite before 3.41 would look through all files without a UID for each of them.
_OTHER_PIXELS = f"""
CASE WHEN outcome = '{SCREENED}' AND sop_instance_uid <> '' THEN EXISTS (
    SELECT 1 FROM results AS other JOIN present AS with_it ON with_it.result = other.id
    WHERE other.sop_instance_uid = outcomes.sop_instance_uid
    AND other.pixel_digest <> outcomes.pixel_digest AND other.outcome = '{SCREENED}') ELSE 0 END"""

# Images that were read smaller than they are (their digest begins with :stream) and have the UIDs of another
# image with another digest: copies or not, which only their pixels at full resolution tell.
UNDECIDED = f"""
SELECT result, file, path, pixel_digest FROM outcomes
WHERE outcome = '{SCREENED}' AND sop_instance_uid <> '' AND substr(pixel_digest, 1, length(:stream)) = :stream
AND CASE WHEN sop_instance_uid <> '' THEN EXISTS (
    SELECT 1 FROM results AS other JOIN present AS with_it ON with_it.result = other.id
    WHERE other.sop_instance_uid = outcomes.sop_instance_uid
    AND other.study_instance_uid = outcomes.study_instance_uid
    AND other.pixel_digest <> outcomes.pixel_digest AND other.outcome = '{SCREENED}') ELSE 0 END
ORDER BY result"""
DECIDE = "UPDATE results SET pixel_digest = :digest WHERE id = :result"

TOLD = f"file, path, {RESULT}, listed"
_TOLD = f"{TOLD}, {_FIRST_COPY} AS first_copy, {_OTHER_PIXELS} AS other_pixels"

# mask(kind, value): what a name is shown as; names that are not shown must not set the order.
BY_FILE = f"SELECT {_TOLD}, NULL FROM outcomes ORDER BY mask('file', file), id"

_KEY = """study_instance_uid <> '' AS has_uid,
           CASE study_instance_uid WHEN '' THEN path ELSE study_instance_uid END AS study"""

# A study is its UID, or the file itself where there is none; ties by study_id, then by file.
# With :new_only, a study is told when an image of it was in no earlier complete report.
# The image of the highest score decides: SQLite takes `flagged` from the row that holds the maximum
# (sqlite.org/lang_select.html#bareagg).
# With :max_wait, studies not flagged that were first seen more days ago come before the others not flagged,
# the oldest first. Days are those of the calendar: a night that starts a minute early is a night.
IN_WORKLIST_ORDER = f"""
WITH images AS (
    SELECT {_TOLD}, {_KEY},
           CASE study_instance_uid WHEN '' THEN mask('file', file)
           ELSE mask('study', study_instance_uid) END AS study_id
    FROM outcomes WHERE outcome NOT IN ('{IGNORED}', '{UNSETTLED}')
), studies AS (
    SELECT has_uid, study, max(calibrated(logit, patient_age)) AS score,
           flagged(logit, patient_age) AS flagged
    FROM images GROUP BY has_uid, study
    HAVING NOT :new_only OR sum(listed IS NULL)
), first_seen AS (
    SELECT {_KEY}, min(min(coalesce(first_run, listed), coalesce(listed, first_run))) AS run
    FROM main.results LEFT JOIN main.seen ON seen.result = results.id
    WHERE :max_wait IS NOT NULL GROUP BY 1, 2
), waits AS (
    SELECT has_uid, study, CAST(
        julianday(substr(now.started, 1, 10)) - julianday(substr(runs.started, 1, 10)) AS INTEGER) AS days
    FROM first_seen JOIN main.runs ON runs.id = first_seen.run
    JOIN main.runs AS now ON now.id = (SELECT run FROM shown)
), both AS (
    SELECT has_uid, study, score, flagged, NULL AS days, 1 AS listed FROM studies
    UNION ALL SELECT has_uid, study, NULL, NULL, days, 0 FROM waits
), joined AS (  -- by sorting: SQLite joins the two without an index, in quadratic time
    SELECT has_uid, study, max(score) AS score, max(flagged) AS flagged, max(days) AS days
    FROM both GROUP BY has_uid, study HAVING max(listed)
), placed AS (
    SELECT has_uid, study, score, :max_wait IS NOT NULL AND flagged = 0 AS below,
           CASE WHEN flagged = 0 AND days > :max_wait THEN days END AS waiting
    FROM joined
)
SELECT {", ".join(f"images.{column}" for column in TOLD.split(", "))}, first_copy, other_pixels, waiting
FROM images JOIN placed USING (has_uid, study)
ORDER BY score IS NULL, below, waiting DESC NULLS LAST, score DESC, study_id, has_uid, study,
    mask('file', file)
"""

# What an unchanged file gave before. A failure, and whose a file is, only if nothing that decodes has changed
# since: its header may be read otherwise now.
KNOWN = f"""
SELECT id, outcome, ctime_ns, content_digest FROM results WHERE path = :path AND key = :key AND current
AND size = :size AND mtime_ns = :mtime_ns
AND (outcome NOT IN ('{FAILED}', '{ELSEWHERE}') OR decoders = :decoders)"""

# Of files that earlier runs knew, those that a file of this size may have been, if they are gone.
MOVED = f"""
SELECT id, path, content_digest FROM results
WHERE size = :size AND content_digest <> '' AND key = :key AND current
AND sop_instance_uid <> '' AND outcome <> '{FAILED}' AND id <= :before"""
MOVED_WITH = f"{MOVED} AND content_digest = :content_digest"

CHANGED_INODE = "UPDATE results SET ctime_ns = :ctime_ns WHERE id = :id"
OVERTAKEN = "UPDATE results SET current = 0 WHERE path = :path AND key = :key AND current"

_NAMED = ", ".join(f":{each}" for each in f"{STAMP}, {RESULT}".split(", "))
SAME = f"""
SELECT id FROM results
WHERE path = :path AND key = :key AND current AND ({STAMP}, {RESULT}) IS ({_NAMED})"""
INSERT = (
    f"INSERT INTO results ({STAMP}, {RESULT}, listed, ctime_ns) "
    f"VALUES ({_NAMED}, :listed, :ctime_ns) RETURNING id"
)

COPY_TO = f"""
INSERT INTO results ({STAMP}, {RESULT}, listed, ctime_ns)
SELECT :path, :size, :mtime_ns, key, decoders, {RESULT}, listed, :ctime_ns
FROM results WHERE id = :id RETURNING id"""

# Failures that complete reports have listed, overtaken ones too. No index of `results` finds them: looking
# through all of it took 0.1 s for each new failure in a ledger of a million files. Nothing that a run records
# before its end changes them, so they are gathered once, when a run first needs them.
LISTED_FAILURES = f"""
CREATE TEMP TABLE IF NOT EXISTS listed_failures AS
SELECT path, size, mtime_ns, min(listed) AS listed FROM main.results
WHERE outcome = '{FAILED}' AND listed IN (SELECT id FROM main.runs WHERE complete)
GROUP BY path, size, mtime_ns"""
LISTED_FAILURES_BY_PATH = "CREATE INDEX IF NOT EXISTS temp.by_failed_path ON listed_failures (path)"
FORGET_LISTED_FAILURES = "DROP TABLE IF EXISTS temp.listed_failures"

LISTED_FAILURE = """
SELECT min(listed) FROM listed_failures WHERE path = :path AND size = :size AND mtime_ns = :mtime_ns"""

# A run marks part by part and is complete after the last: what one that was killed in between marked is free.
MARK_LISTED = f"""
UPDATE results SET listed = :run
WHERE id BETWEEN :first AND :last AND outcome <> '{UNSETTLED}' AND size <> {TRANSIENT_SIZE}
AND (listed IS NULL OR listed IN (SELECT id FROM runs WHERE NOT complete))
AND EXISTS (SELECT 1 FROM present WHERE present.result = results.id)"""

FORGET_UNSETTLED = f"UPDATE results SET current = 0 WHERE outcome = '{UNSETTLED}' AND current"

SEEN_AGAIN = """
UPDATE seen SET last_run = :run WHERE result = :result AND file = :file AND last_run = :run - 1"""
SEEN = "INSERT INTO seen (file, result, first_run, last_run) VALUES (:file, :result, :run, :run)"

REVIEW = "run, model, has_uid, study, study_id, status, mark, note, reader, marked"
_NAMED_REVIEW = ", ".join(f":{each}" for each in REVIEW.split(", "))
_ONE_REVIEW = "run, has_uid, study, mark, note, reader, marked"  # what tells one from another
ADD_REVIEW = f"""
INSERT INTO reviews ({REVIEW}, recorded) SELECT {_NAMED_REVIEW}, :recorded WHERE NOT EXISTS (
    SELECT 1 FROM reviews
    WHERE ({_ONE_REVIEW}) = ({", ".join(f":{each}" for each in _ONE_REVIEW.split(", "))}))"""
REVIEWS = f"SELECT {REVIEW} FROM reviews ORDER BY id"

# A study's result is as old as the youngest result of one of its images.
ANALYSED = """
WITH images AS (
    SELECT study_instance_uid AS study,
        (SELECT min(first_run) FROM main.seen AS any_run WHERE any_run.result = present.result) AS first
    FROM present JOIN main.results ON results.id = present.result WHERE study_instance_uid <> ''
), studies AS (SELECT study, max(first) AS run FROM images GROUP BY study)
SELECT study, started FROM studies JOIN main.runs ON runs.id = studies.run"""

# What earlier runs said of a patient's studies, under the model of the run that is shown. One image more than
# :most is enough to know that the ID is no patient's: no ID costs more than that, however many images have
# it.
EARLIER = f"""
WITH found AS (
    SELECT id, {_KEY}, study_date, logit, patient_age FROM results
    WHERE patient_id = :patient AND patient_id <> '' AND key = (SELECT key FROM runs WHERE id = :run)
    AND outcome = '{SCREENED}' AND current LIMIT :most + 1
)
SELECT has_uid, study, max(study_date), max(logit), max(patient_age), substr(min(runs.started), 1, 10),
    (SELECT count(*) FROM found), min(first_run) < :run
FROM found JOIN seen ON seen.result = found.id JOIN runs ON runs.id = first_run
GROUP BY has_uid, study
"""
