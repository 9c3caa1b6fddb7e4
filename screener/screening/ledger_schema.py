"""The ledger's tables and queries, as SQL. What they mean is said in ledger.py."""

APPLICATION_ID = 0x53435231  # "SCR1": tells a ledger from any other SQLite database
VERSION = 1

IGNORED, SCREENED, UNSETTLED, FAILED = "ignored", "screened", "unsettled", "failed"

IDENTIFIERS = (
    "study_instance_uid, sop_instance_uid, patient_id, accession_number, study_date, "
    "view_position, patient_age"
)
RESULT = (
    f"outcome, reason, picture_refused, {IDENTIFIERS}, "
    "logit, activation_map, pixel_digest, content_digest, notes, quarter_turns, inverted"
)
STAMP = "path, size, mtime_ns, model, decoders"

# results: what is known of a file, by its path and the model that judged it.
# seen: the files of the run at hand; a run begins by emptying it.
SCHEMA = f"""
CREATE TABLE results (
    id INTEGER PRIMARY KEY,
    {STAMP},
    {RESULT.replace("logit", "logit REAL").replace("activation_map", "activation_map BLOB")},
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
    SELECT seen.id, seen.file, results.id AS result, {STAMP}, {RESULT}, listed
    FROM seen JOIN results ON seen.result = results.id;
"""

# A copy has the study, the SOP Instance UID and the pixels of another file: the first by name stands for all.
_FIRST_COPY = f"""
CASE WHEN outcome = '{SCREENED}' AND sop_instance_uid <> '' THEN first_value(file) OVER (
    PARTITION BY study_instance_uid, sop_instance_uid, outcome, pixel_digest ORDER BY file, id
) ELSE file END"""

_OTHER_PIXELS = f"""
outcome = '{SCREENED}' AND sop_instance_uid <> '' AND EXISTS (
    SELECT 1 FROM results AS other JOIN seen AS with_it ON with_it.result = other.id
    WHERE other.sop_instance_uid = outcomes.sop_instance_uid
    AND other.pixel_digest <> outcomes.pixel_digest AND other.outcome = '{SCREENED}')"""

TOLD = f"file, path, {RESULT}, listed"
_TOLD = f"{TOLD}, {_FIRST_COPY} AS first_copy, {_OTHER_PIXELS} AS other_pixels"

BY_FILE = f"SELECT {_TOLD} FROM outcomes ORDER BY file, id"

# A study is its UID, or the file itself where there is none; ties by study_id, then by file.
# With :new_only, a study is told when an image of it was in no earlier complete report.
IN_WORKLIST_ORDER = f"""
WITH images AS (
    SELECT {_TOLD}, study_instance_uid <> '' AS has_uid,
           CASE study_instance_uid WHEN '' THEN path ELSE study_instance_uid END AS study,
           CASE study_instance_uid WHEN '' THEN file ELSE study_instance_uid END AS study_id
    FROM outcomes WHERE outcome NOT IN ('{IGNORED}', '{UNSETTLED}')
), studies AS (
    SELECT has_uid, study, max(printed(logit)) AS probability
    FROM images GROUP BY has_uid, study
    HAVING NOT :new_only OR sum(listed IS NULL)
)
SELECT {", ".join(f"images.{column}" for column in TOLD.split(", "))}, first_copy, other_pixels
FROM images JOIN studies USING (has_uid, study)
ORDER BY studies.probability DESC NULLS LAST, study_id, has_uid, study, file
"""

# What an unchanged file gave before; a failure only if nothing that decodes has changed since.
KNOWN = f"""
SELECT id FROM results WHERE path = :path AND model = :model AND size = :size AND mtime_ns = :mtime_ns
AND (outcome <> '{FAILED}' OR decoders = :decoders)"""

# Of files that are no longer where they were, those that a file of this size may have been.
MOVED = f"""
SELECT id, path, content_digest FROM results
WHERE size = :size AND content_digest <> '' AND model = :model
AND sop_instance_uid <> '' AND outcome <> '{FAILED}'"""

# The row keeps its id: two names of one path in one run are two files seen, and neither is lost.
ON_CONFLICT = f"""ON CONFLICT (path, model) DO UPDATE SET
{", ".join(f"{each} = excluded.{each}" for each in f"{STAMP}, {RESULT}, listed".split(", "))} RETURNING id"""

COPY_TO = f"""
INSERT INTO results ({STAMP}, {RESULT}, listed)
SELECT :path, :size, :mtime_ns, model, decoders, {RESULT}, listed FROM results WHERE id = :id {ON_CONFLICT}"""

LISTED_FAILURE = f"""
SELECT min(listed) FROM results
WHERE path = :path AND size = :size AND mtime_ns = :mtime_ns AND outcome = '{FAILED}'"""

MARK_LISTED = f"""
UPDATE results SET listed = :date
WHERE listed IS NULL AND outcome <> '{UNSETTLED}' AND id IN (SELECT result FROM seen)"""
