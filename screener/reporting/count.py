"""How every file and every listed study of a run ended, counted once for all reports."""

from collections import Counter
from collections.abc import Iterator
from itertools import starmap

from screener.note_codes import NO_AGE
from screener.reporting.listing import Worklist
from screener.totals import PopulationTotals, ReasonCount, Totals
from screener.worklist import StudyRow

_OF_STUDIES = ("flagged", "not_flagged", "first", "next", "later", "ages_differ", "ages_unknown")


def count_totals(worklist: Worklist) -> Totals:
    """Return how every file and every listed study of a run ended."""
    ledger = worklist.ledger
    files, known = ledger.counts(), ledger.before.files_known()
    met, not_screened = _count_studies(worklist)
    return Totals(
        files_ignored=files.get("ignored", 0) + files.get("unsettled", 0),
        files_unsettled=files.get("unsettled", 0),
        failures_known=known.get("failed", 0),
        images_screened=files.get("screened", 0),
        images_ineligible=files.get("ineligible", 0),
        images_failed=files.get("failed", 0),
        pictures_refused=ledger.pictures_refused(),
        not_screened=not_screened,
        files_known=sum(known.values()),
        refusals_known=ledger.before.refusals_known(),
        folders_unreadable=ledger.before.folders_unreadable(),
        archives_ignored=ledger.before.archives_ignored(),
        by_population=met,
        by_reason=tuple(starmap(ReasonCount, ledger.before.not_screened())),
        **{name: sum(getattr(each, name) for each in met) for name in _OF_STUDIES},
    )


def _count_studies(worklist: Worklist) -> tuple[tuple[PopulationTotals, ...], int]:
    """Return the screened studies of each population, in the scales' order; how many were not screened."""
    not_screened = 0
    counts: dict[str, Counter[str]] = {each.population: Counter() for each in worklist.scales.each}
    for row in worklist.rows():
        if row.rank is None:
            not_screened += 1
        else:
            counts[row.population].update(_counted(row))
    met = (PopulationTotals(population=name, **found) for name, found in counts.items() if found)
    return tuple(met), not_screened


def _counted(row: StudyRow) -> Iterator[str]:
    """Yield the names of the counts that a screened study is in."""
    yield row.status.value
    if row.band:
        yield row.band.value
    if row.age_note:
        yield "ages_differ"
    if NO_AGE.intersection(row.note_codes):
        yield "ages_unknown"
