"""The ledger's queries, as SQL. What they mean is said in journal.py, the tables in formats.py."""

IGNORED, SCREENED, UNSETTLED, FAILED = "ignored", "screened", "unsettled", "failed"
TRANSIENT_SIZE = -2  # see entries.TRANSIENT
ELSEWHERE = "elsewhere"  # another shard's: no run of this ledger sees it

IDENTIFIERS = (
    "study_instance_uid, sop_instance_uid, patient_id, accession_number, study_date, "
    "view_position, patient_age, patient_sex"
)
RESULT = (
    f"outcome, reason_code, reason_details, picture_refused, {IDENTIFIERS}, "
    "logit, activation_map, pixel_digest, content_digest, notes, quarter_turns, inverted"
)
STAMP = "path, size, mtime_ns, key, decoders"


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

OUTCOME_COLUMNS = f"file, path, {RESULT}, listed"
_COLUMNS = f"{OUTCOME_COLUMNS}, {_FIRST_COPY} AS first_copy, {_OTHER_PIXELS} AS other_pixels"

# mask(kind, value): what a name is shown as; names that are not shown must not set the order.
BY_FILE = f"SELECT {_COLUMNS}, NULL FROM outcomes ORDER BY mask('file', file), id"

_KEY = """study_instance_uid <> '' AS has_uid,
           CASE study_instance_uid WHEN '' THEN path ELSE study_instance_uid END AS study"""

# A study is its UID, or the file itself where there is none; ties by study_id, then by file.
# With :new_only, a study is listed when an image of it was in no earlier complete report.
# The image of the highest score decides: SQLite takes `flagged` from the row that holds the maximum
# (sqlite.org/lang_select.html#bareagg).
# With :max_wait, studies not flagged that were first seen more days ago come before the others not flagged,
# the oldest first. Days are those of the calendar: a night that starts a minute early is a night.
IN_WORKLIST_ORDER = f"""
WITH images AS (
    SELECT {_COLUMNS}, {_KEY},
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
SELECT {", ".join(f"images.{column}" for column in OUTCOME_COLUMNS.split(", "))},
    first_copy, other_pixels, waiting
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

ADD_FACTS = "INSERT INTO image_facts (result, device, coding, summary) VALUES (?, ?, ?, ?)"
COPY_FACTS = """
INSERT INTO image_facts (result, device, coding, summary)
SELECT ?, device, coding, summary FROM image_facts WHERE result = ?"""

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
