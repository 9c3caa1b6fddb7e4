"""Erasing from a ledger what privacy law asks to erase: results, file names, marks, records of publishing."""

import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from screener.ledger import schema as sql
from screener.ledger.audit import Audit, Deed
from screener.ledger.connect import open_ledger
from screener.ledger.transaction import Transaction, unusable
from screener.ledger.upkeep import compact
from screener.said import Spoken

_APPEND_ONLY = ("reviews", "published")  # whose triggers refuse every deletion but this one

# Files of a patient: by ID, and those without one in the patient's studies. `chosen` holds results' ids.
_OF_PATIENT = """
SELECT id FROM results WHERE patient_id = :patient OR (patient_id = '' AND study_instance_uid <> ''
    AND study_instance_uid IN (SELECT study_instance_uid FROM results WHERE patient_id = :patient))"""
_OF_STUDY = """
SELECT id FROM results WHERE study_instance_uid = :study
UNION SELECT results.id FROM results JOIN seen ON seen.result = results.id
WHERE study_instance_uid = '' AND file = :study"""
# An image is as old as its study date says, or, without one, as the first run that saw it. What the last
# complete run still found lies in the folders: forgotten, it would be screened and listed anew.
_OLDER = f"""
SELECT results.id FROM results WHERE outcome NOT IN ('{sql.IGNORED}', '{sql.UNSETTLED}')
AND coalesce(nullif(study_date, ''), (
    SELECT substr(min(runs.started), 1, 10) FROM seen JOIN runs ON runs.id = first_run
    WHERE seen.result = results.id)) < :before"""
_STILL_THERE = """
SELECT path FROM results JOIN seen ON seen.result = results.id
WHERE last_run >= (SELECT max(id) FROM runs WHERE complete)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """What is to be forgotten: exactly one of these is given.

    patient: a patient ID. study: a Study Instance UID, or the file of a study without one, as the worklist
    names it. before: images of an earlier date.
    """

    patient: str | None = None
    study: str | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased, or would be: files, studies, readers' marks, records of what was published.

    still_there: of those erased, files that the last complete run found; of `before`, older files that were
    left for that reason.
    """

    files: int
    studies: int
    marks: int
    published: int
    still_there: int


def forget(path: Path, whose: Whose, say: Callable[[Spoken], None], *, try_only: bool = False) -> Forgotten:
    """Erase from a ledger, so that its file holds nothing of it any more; return how much that was.

    What was erased is overwritten (secure_delete), and the file written anew. Runs keep their totals.
    try_only: count, and erase nothing.

    Raises:
        UsageError: There is no such ledger.
        LedgerHeldError: A run holds it.
        OutputError: The disk is full; then nothing is erased.
    """
    database = open_ledger(path, say, create=False)
    try:
        database.execute("PRAGMA secure_delete = ON").fetchall()
        still_there = _choose(database, whose)
        found = _count(database, still_there)
        if not try_only and found.files:
            with Transaction(database, path):
                _erase(database)
                Audit(database).add(Deed.FORGOTTEN, **_details(whose, found))
            compact(database)
        return found
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    finally:
        database.close()


def _details(whose: Whose, found: Forgotten) -> dict[str, Any]:
    """Return what the audit journal says of it: how much, and never whose."""
    if whose.before is not None:
        what = f"older than {whose.before.isoformat()}"
    else:
        what = "a patient" if whose.patient is not None else "a study"
    return {"what": what, **asdict(found)}


def _choose(database: sqlite3.Connection, whose: Whose) -> int:
    """Make the table `chosen`, of what goes; return how much lies in the folders still."""
    query = _OF_PATIENT if whose.patient is not None else _OF_STUDY if whose.study is not None else _OLDER
    values = {
        "patient": whose.patient,
        "study": whose.study,
        "before": whose.before and whose.before.isoformat(),
    }
    database.execute("PRAGMA temp_store = MEMORY")
    database.execute(f"CREATE TEMP TABLE chosen AS {query}", values)
    database.execute("CREATE UNIQUE INDEX temp.by_chosen ON chosen (id)")
    chosen, there = "id IN (SELECT id FROM chosen)", f"path IN ({_STILL_THERE})"
    [[still_there]] = database.execute(f"SELECT count(DISTINCT path) FROM results WHERE {chosen} AND {there}")
    if whose.before is not None:
        database.execute(f"DELETE FROM chosen WHERE id IN (SELECT id FROM results WHERE {there})")
    database.execute("""
        CREATE TEMP TABLE studies AS SELECT DISTINCT study_instance_uid <> '' AS has_uid,
            CASE study_instance_uid WHEN '' THEN path ELSE study_instance_uid END AS study
        FROM results WHERE id IN (SELECT id FROM chosen)""")
    # A study of which something else stays keeps its marks.
    database.execute("""
        DELETE FROM studies WHERE has_uid AND study IN (
            SELECT study_instance_uid FROM results WHERE id NOT IN (SELECT id FROM chosen))""")
    return int(still_there)


_MARKS = "reviews WHERE (has_uid, study) IN (SELECT has_uid, study FROM studies)"
_SENT = "published WHERE study IN (SELECT study FROM studies)"


def _count(database: sqlite3.Connection, still_there: int) -> Forgotten:
    counts = [
        int(database.execute(f"SELECT count({what}) FROM {rows}").fetchone()[0])
        for what, rows in (
            ("DISTINCT path", "results WHERE id IN (SELECT id FROM chosen)"),
            ("*", "studies"),
            ("*", _MARKS),
            ("*", _SENT),
        )
    ]
    files, studies, marks, published = counts
    return Forgotten(files, studies, marks, published, still_there)


def _erase(database: sqlite3.Connection) -> None:
    """Delete what was chosen; the triggers that keep tables append-only are away meanwhile."""
    triggers = database.execute(
        f"SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' AND tbl_name IN {_APPEND_ONLY}"
    ).fetchall()
    for name, _ in triggers:
        database.execute(f"DROP TRIGGER main.{name}")
    database.execute(f"DELETE FROM {_MARKS}")
    database.execute(f"DELETE FROM {_SENT}")
    for _, made in triggers:
        database.execute(made)
    database.execute("DELETE FROM audit_keys WHERE study IN (SELECT study FROM studies)")
    database.execute("DELETE FROM image_facts WHERE result IN (SELECT id FROM chosen)")
    database.execute("DELETE FROM seen WHERE result IN (SELECT id FROM chosen)")
    database.execute("DELETE FROM results WHERE id IN (SELECT id FROM chosen)")
