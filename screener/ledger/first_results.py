"""The first result of every file that a ledger saw: what 'screener monitor' compares from night to night."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from screener.ledger import schema as sql


@dataclass(frozen=True, slots=True)
class FirstResult:
    """What the first run that saw a file found; no identifier.

    day: ISO 8601, on which that run began. key: what judged it, see result_key.py. summary: 16-bit floats;
    empty where the image was not screened, or by a version that kept none.
    """

    day: str
    key: int
    outcome: str
    logit: float | None
    age: str
    view: str
    notes: str
    device: str
    coding: str
    summary: bytes


_FIRST = f"""
WITH firsts AS (
    SELECT min(id) AS id FROM results WHERE outcome IN ('screened', 'ineligible', '{sql.FAILED}')
    AND size <> {sql.TRANSIENT_SIZE} GROUP BY path
), begun AS (SELECT result, min(first_run) AS run FROM seen GROUP BY result)
SELECT substr(runs.started, 1, 10), results.key, outcome, logit, patient_age, view_position, notes,
    coalesce(device, ''), coalesce(coding, ''), coalesce(image_facts.summary, x'')
FROM firsts JOIN results USING (id) JOIN begun ON begun.result = firsts.id JOIN runs ON runs.id = begun.run
LEFT JOIN image_facts ON image_facts.result = firsts.id ORDER BY firsts.id"""
_RECORDS = "SELECT key, summary FROM runs WHERE coalesce(summary, '') <> '' ORDER BY id"
_MARKS = """
SELECT substr(marked, 1, 10), status, mark FROM reviews WHERE status <> 'not_screened' AND mark <> 'unsure'
ORDER BY id"""


def first_results(database: sqlite3.Connection) -> Iterator[FirstResult]:
    """Yield the first result of each file, in the order in which they came."""
    for row in database.execute(_FIRST):
        yield FirstResult(*row)


def last_records(database: sqlite3.Connection) -> dict[int, str]:
    """Return what the last run with each key says of itself, as run_record.py writes it."""
    return dict(database.execute(_RECORDS).fetchall())


def decided_marks(database: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Return the day, status and mark of each mark of which the reader was sure."""
    return database.execute(_MARKS).fetchall()
