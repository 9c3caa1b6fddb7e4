"""What earlier runs said of other studies of the same patient."""

import os
import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from screener.ledger import schema as sql
from screener.ledger.transaction import unusable

MOST_IMAGES = 100  # of one patient ID: with more it is a machine's placeholder, such as "0", and nobody's
_REMEMBERED = 1024  # IDs: a patient's studies, and a placeholder, are asked for again and again


@dataclass(frozen=True, slots=True)
class EarlierStudy:
    """A study that an earlier run screened.

    key: as StudyRow.key. date: ISO 8601, of the study; of the run where the study has none. age: as DICOM
    writes it, then; empty where unknown.
    """

    key: tuple[bool, str]
    date: str
    logit: float
    age: str


class Patients:
    """The studies in a ledger by patient ID, before the run that it shows."""

    def __init__(self, database: sqlite3.Connection, path: Path | None, run: int) -> None:
        self._database, self._path, self._run = database, path, run
        self._found = lru_cache(_REMEMBERED)(self._find)

    def earlier(self, patient_id: str) -> tuple[EarlierStudy, ...]:
        """Return a patient's studies that earlier runs screened with this run's model, the last one first.

        None without an ID, or where so many images have it that it names nobody.

        Raises:
            OutputError: The ledger is damaged.
        """
        return self._found(patient_id) if patient_id else ()

    def _find(self, patient_id: str) -> tuple[EarlierStudy, ...]:
        values = {"patient": patient_id, "run": self._run, "most": MOST_IMAGES}
        try:
            rows = self._database.execute(sql.EARLIER, values).fetchall()
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error
        studies = [
            EarlierStudy(
                (bool(has_uid), study if has_uid else os.fsdecode(study)), day or screened, logit, age
            )
            for has_uid, study, day, logit, age, screened, images, before in rows
            if before and images <= MOST_IMAGES
        ]
        return tuple(sorted(studies, key=lambda each: each.date, reverse=True))
