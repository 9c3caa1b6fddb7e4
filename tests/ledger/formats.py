"""SQL that makes of a ledger one of an older format, as far as it holds nothing newer."""

from screener.ledger import ResultKey

KEY = ResultKey("m", "gate", '{"size": 224}', 4, 2, "1/3")
BEFORE_FACTS = "DROP TABLE image_facts;"  # format 10
BEFORE_AUDIT = BEFORE_FACTS + "DROP TABLE audit; DROP TABLE audit_keys;"  # format 9
BEFORE_KEYS = f"""
    {BEFORE_AUDIT}
    ALTER TABLE results RENAME COLUMN key TO model;
    UPDATE results SET model = (
        SELECT CASE digest WHEN '' THEN '{KEY.earlier}' ELSE digest END FROM result_keys WHERE id = model);
    ALTER TABLE runs RENAME TO later_runs;
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, complete INTEGER NOT NULL DEFAULT 0,
        model TEXT NOT NULL, files INTEGER, summary TEXT
    );
    INSERT INTO runs SELECT id, started, finished, complete, (
        SELECT CASE digest WHEN '' THEN '{KEY.earlier}' ELSE digest END FROM result_keys
        WHERE result_keys.id = later_runs.key), files, summary FROM later_runs;
    DROP TABLE later_runs;
    DROP TABLE result_keys;
"""  # format 7
BEFORE_PUBLISHED = BEFORE_KEYS + "DROP TABLE published; DROP TABLE settled;"  # format 6
BEFORE_REASONS = (
    BEFORE_PUBLISHED
    + """
    UPDATE results SET reason_code = json_extract(reason_details, '$.words') WHERE reason_details <> '';
    ALTER TABLE results DROP COLUMN reason_details;
    ALTER TABLE results RENAME COLUMN reason_code TO reason;
"""
)
BEFORE_CTIME = BEFORE_REASONS + "ALTER TABLE results DROP COLUMN ctime_ns;"
BEFORE_PATIENTS = BEFORE_CTIME + "DROP INDEX by_patient; ALTER TABLE results DROP COLUMN patient_sex;"
