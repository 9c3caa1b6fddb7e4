"""screener audit: whether the journal of a ledger is whole, its head, and what it says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from screener.commands.console import results
from screener.commands.console_language import here, told
from screener.commands.status import print_json
from screener.errors import ExitCode, UsageError
from screener.ledger.audit import Anchor, Deed, Entry, entries, faults, head, study_shown
from screener.ledger.look import look
from screener.said import Said, Together, say


@dataclass(frozen=True, slots=True)
class _Journal:
    """What a ledger's journal says. runs: the ledger's. shown: what stands for the study asked for."""

    entries: tuple[Entry, ...]
    runs: tuple[int, ...]
    shown: str | None = None


def verify(ledger: Path, anchors: Sequence[Path]) -> ExitCode:
    """Check every entry, against the one before it and against what was kept elsewhere.

    Raises:
        UsageError: The journal is not what it was; names each fault.
    """
    kept = [anchor for path in anchors for anchor in _anchors(path)]
    journal = _read(ledger)
    if found := list(faults(journal.entries, kept, journal.runs)):
        raise UsageError("audit.not_as_written", ledger=ledger, faults=Together(tuple(found), "; "))
    count = len(journal.entries)
    if kept:
        results().print(told("audit.whole_anchored", count=count, anchored=len(kept)))
    else:
        results().print(told("audit.whole", count=count))
    if count and not kept:
        results().print(told("audit.only_an_anchor"))
    return ExitCode.DONE


def anchor(ledger: Path) -> ExitCode:
    """Print the journal's head, to be kept where whoever may write to the ledger may not."""
    found = head(_read(ledger).entries)
    if found is None:
        raise UsageError("audit.empty", ledger=ledger)
    results().print(str(found), markup=False, soft_wrap=True)
    return ExitCode.DONE


def show(ledger: Path, last: int | None, study: str | None, as_json: bool) -> ExitCode:
    """Print entries, the first first."""
    journal = _read(ledger, study)
    entries = journal.entries
    if study is not None:
        entries = tuple(each for each in entries if journal.shown is not None and journal.shown in each.what)
    entries = entries[-last:] if last else entries
    if as_json:
        print_json([_keys(each) for each in entries])
        return ExitCode.DONE
    heads = (told("audit.entry"), told("audit.when"), told("audit.who"), told("audit.what"))
    table = Table(*heads, "", box=None, padding=(0, 2, 0, 0))
    for each in entries:
        table.add_row(str(each.number), each.at, escape(each.who), each.deed, escape(here(_in_short(each))))
    results().print(table)
    return ExitCode.DONE


def _read(ledger: Path, study: str | None = None) -> _Journal:
    return look(
        ledger,
        lambda database, held: _Journal(
            tuple(entries(database)),
            tuple(run for (run,) in database.execute("SELECT id FROM runs ORDER BY id")),
            None if study is None else study_shown(database, study),
        ),
    )


def _anchors(path: Path) -> list[Anchor]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("audit.anchor_unreadable", path=path) from error
    found = [each for each in map(Anchor.read, lines) if each is not None]
    if not found:
        raise UsageError("audit.no_anchor", path=path)
    return found


def _keys(entry: Entry) -> dict[str, object]:
    return {
        "entry": entry.number,
        "at": entry.at,
        "who": entry.who,
        "deed": entry.deed,
        "what": json.loads(entry.what),
        "hash": entry.hash,
    }


def _in_short(entry: Entry) -> Said | Together:
    """Return what an entry says besides, as short as a line of a table may be."""
    what = json.loads(entry.what)
    match entry.deed:
        case Deed.RUN_BEGAN:
            return Together((say("audit.run", run=what["run"]), what["model"]))
        case Deed.RUN_ENDED:
            code = (say("audit.exit_code", code=what["exit_code"]),) if "exit_code" in what else ()
            files = tuple(f"{name} {digest[:12]}…" for name, digest in what.get("sha256", {}).items())
            return Together((say("audit.run", run=what["run"]), *code, *files))
        case Deed.MARKS_RECORDED:
            runs = ", ".join(sorted({str(each[0]) for each in what["marks"]}))
            return say("audit.marks", number=len(what["marks"]), runs=runs)
        case Deed.RESULT_PUBLISHED:
            study, told_of = what["study"][:12], {name: what[name] for name in ("kind", "target", "answer")}
            return say("audit.published", study=study, **told_of)
        case Deed.FORGOTTEN:
            erased = say("ledger.files", count=what["files"])
            studies = say("ledger.studies", count=what["studies"])
            return say("audit.forgotten", what=what["what"], files=erased, studies=studies)
    return say("audit.journal", journal=what.get("ledger", ""))
