"""What the run that a ledger shows left out, and what it has to do with the runs before it."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from screener.intake import ARCHIVE_SUFFIXES
from screener.ledger import schema as sql
from screener.reasons import ReasonCode

_LOOKED_BACK = 100  # runs, for one of the same folders

_KNOWN = "SELECT outcome, count(*) FROM outcomes WHERE listed IS NOT NULL GROUP BY outcome"
_REFUSALS_KNOWN = "SELECT count(*) FROM outcomes WHERE picture_refused AND listed IS NOT NULL"
_OF_FOLDER = f"reason_code IN ('{ReasonCode.FOLDER_UNREADABLE}', '{ReasonCode.LISTING_BROKEN}')"
_FOLDERS = f"SELECT count(*) FROM outcomes WHERE outcome = '{sql.FAILED}' AND {_OF_FOLDER}"

_NOT_SCREENED = f"""
SELECT outcome, reason_code, count(*) FROM outcomes
WHERE outcome NOT IN ('{sql.SCREENED}', '{sql.IGNORED}', '{sql.UNSETTLED}')
GROUP BY 1, 2 ORDER BY 1 DESC, 2"""

_ARCHIVES = f"""
SELECT count(*) FROM outcomes WHERE outcome = '{sql.IGNORED}'
AND ({" OR ".join(f"lower(file) LIKE '%{suffix}'" for suffix in ARCHIVE_SUFFIXES)})"""

_OTHER_MODEL = """
SELECT EXISTS (
    SELECT 1 FROM main.runs AS old, main.runs AS now WHERE now.id = (SELECT run FROM shown)
    AND old.complete AND old.id < now.id AND old.key <> now.key)"""

# A study is listed again if only the model that judged its images is new.
_AGAIN = f"""
WITH listed_now AS (
    SELECT study_instance_uid <> '' AS has_uid,
        CASE study_instance_uid WHEN '' THEN path ELSE study_instance_uid END AS study,
        listed IS NULL AS is_new, EXISTS (
            SELECT 1 FROM main.results AS old
            WHERE old.path = outcomes.path AND old.current AND old.key <> outcomes.key
            AND old.size = outcomes.size AND old.mtime_ns = outcomes.mtime_ns
            AND old.listed IN (SELECT id FROM main.runs WHERE complete AND id < (SELECT run FROM shown))
        ) AS was_listed
    FROM outcomes WHERE outcome NOT IN ('{sql.IGNORED}', '{sql.UNSETTLED}')
)
SELECT count(*) FROM (
    SELECT 1 FROM listed_now GROUP BY has_uid, study
    HAVING sum(is_new) AND NOT sum(is_new AND NOT was_listed))"""

# Neither under its name nor, moved, under another.
_GONE = f"""
SELECT count(*) FROM (
    SELECT DISTINCT path, size, content_digest FROM main.seen JOIN main.results ON results.id = seen.result
    WHERE first_run <= :before AND last_run >= :before AND last_run < (SELECT run FROM shown)
    AND outcome NOT IN ('{sql.IGNORED}', '{sql.UNSETTLED}') AND size >= 0 AND NOT {_OF_FOLDER}
) AS old
WHERE NOT EXISTS (
    SELECT 1 FROM main.results AS now JOIN present ON present.result = now.id
    WHERE now.path = old.path AND now.current)
AND NOT EXISTS (
    SELECT 1 FROM main.results AS now JOIN present ON present.result = now.id
    WHERE old.content_digest <> '' AND now.content_digest <> ''
    AND now.size = old.size AND now.content_digest = old.content_digest)"""

_RUN_BEFORE = """
SELECT started, finished IS NOT NULL FROM main.runs
WHERE id = (SELECT max(id) FROM main.runs WHERE id < (SELECT run FROM shown)) AND NOT complete"""
_COMPLETE_BEFORE = """
SELECT id, summary FROM main.runs
WHERE complete AND summary IS NOT NULL AND id < (SELECT run FROM shown) ORDER BY id DESC LIMIT :most"""


class Rows(Protocol):
    """Yields a query's rows; raises OutputError where the disk is full."""

    def __call__(self, query: str, values: dict[str, Any] | None = None) -> Iterator[tuple[Any, ...]]: ...


class Before:
    """Queries about a shown run and those before it; key: the number of the ledger's own result key."""

    def __init__(self, rows: Rows, key: int) -> None:
        self._rows, self._key = rows, key

    def any_run(self) -> bool:
        """Return whether there was one, before this one begins."""
        return next(self._rows("SELECT 1 FROM main.runs LIMIT 1"), None) is not None

    def model_changed(self) -> bool:
        """Return whether the last run, before this one begins, went by another model, or another Screener."""
        last = next(self._rows("SELECT key FROM main.runs ORDER BY id DESC LIMIT 1"), None)
        return last is not None and last[0] != self._key

    def files_known(self) -> dict[str, int]:
        """Return by outcome how many files an earlier complete report listed, unchanged since."""
        return dict(self._rows(_KNOWN))

    def refusals_known(self) -> int:
        """Return how many refused pictures an earlier complete report listed."""
        return self._count(_REFUSALS_KNOWN)

    def folders_unreadable(self) -> int:
        """Return how many of the failed entries are whole folders."""
        return self._count(_FOLDERS)

    def not_screened(self) -> Iterator[tuple[str, str, int]]:
        """Yield (outcome, reason code, files) of those ineligible and failed, ineligible first."""
        yield from self._rows(_NOT_SCREENED)

    def archives_ignored(self) -> int:
        """Return how many of the ignored files are archives by their names, which may hold images."""
        return self._count(_ARCHIVES)

    def studies_again(self) -> int:
        """Return how many studies are new only in that another model judged them, or another Screener."""
        return self._count(_AGAIN) if self._count(_OTHER_MODEL) else 0

    def images_gone(self, same: Callable[[dict[str, Any]], bool]) -> int | None:
        """Return how many images of the last complete run of the same folders were not found this time.

        same: whether what a run says of itself is of the same folders. None where there is no such run.
        """
        for run, record in self._rows(_COMPLETE_BEFORE, {"most": _LOOKED_BACK}):
            if same(json.loads(record)["run"]):
                return self._count(_GONE, {"before": run})
        return None

    def not_ended(self) -> tuple[str, bool]:
        """Return when the run before began, if it did not end, and whether it was interrupted.

        Empty, and false, where it ended or there was none.
        """
        return next(((started, bool(finished)) for started, finished in self._rows(_RUN_BEFORE)), ("", False))

    def _count(self, query: str, values: dict[str, Any] | None = None) -> int:
        [[count]] = self._rows(query, values)
        return int(count)
