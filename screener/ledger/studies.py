"""The screened studies that a ledger knows, one row each: what a site's own figures are worked out from."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from screener.errors import UsageError
from screener.ledger import schema as sql
from screener.ledger.connect import open_ledger
from screener.ledger.transaction import unusable
from screener.said import Spoken


@dataclass(frozen=True, slots=True)
class ScreenedStudy:
    """What a ledger holds of a study, no identifier among it.

    study_date: ISO 8601, empty where the image gave none. patient_age: as DICOM writes it. logit: the highest
    of its images.
    """

    study_date: str
    patient_age: str
    logit: float


@dataclass(frozen=True, slots=True)
class KnownStudies:
    """All studies screened with the model of the last complete run.

    record: what that run says of itself, as run_record.py writes it.
    """

    record: str
    studies: tuple[ScreenedStudy, ...]


_LAST_RUN = """
SELECT key, summary FROM runs WHERE complete AND summary IS NOT NULL ORDER BY id DESC LIMIT 1"""
_STUDIES = f"""
SELECT max(study_date), max(patient_age), max(logit) FROM results
WHERE key = :key AND outcome = '{sql.SCREENED}' AND current
GROUP BY study_instance_uid <> '', CASE study_instance_uid WHEN '' THEN path ELSE study_instance_uid END"""


def known_studies(path: Path, say: Callable[[Spoken], None]) -> KnownStudies:
    """Return what a ledger knows of its studies; the ledger stays as it is, in the newest format.

    Raises:
        UsageError: There is no such ledger, or no complete run in it.
        LedgerHeldError: A run holds it.
        OutputError: It cannot be read.
    """
    database = open_ledger(path, say, create=False)
    try:
        last = database.execute(_LAST_RUN).fetchone()
        if last is None:
            raise UsageError("ledger.no_complete_run", path=path)
        rows = database.execute(_STUDIES, {"key": last[0]}).fetchall()
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    finally:
        database.close()
    return KnownStudies(last[1], tuple(ScreenedStudy(date or "", age, logit) for date, age, logit in rows))
