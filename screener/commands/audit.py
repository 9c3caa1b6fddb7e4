"""screener audit: whether the journal of a ledger is whole, its head, and what it says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from screener.commands.console import results
from screener.commands.status import print_json
from screener.errors import ExitCode, UsageError
from screener.ledger.audit import Anchor, Deed, Entry, entries, faults, head, study_shown
from screener.ledger.look import look


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
        raise UsageError(
            f"--ledger {ledger}: the audit journal is not as it was written: {'; '.join(found)}."
        )
    count = len(journal.entries)
    against = f", {len(kept)} of them as anchored" if kept else ""
    words = f"{count} {'entry' if count == 1 else 'entries'}{against}: none changed, removed or put in."
    results().print(words)
    if count and not kept:
        results().print(
            "Whether the last ones were cut off, only an anchor shows: see 'screener audit anchor'."
        )
    return ExitCode.DONE


def anchor(ledger: Path) -> ExitCode:
    """Print the journal's head, to be kept where whoever may write to the ledger may not."""
    found = head(_read(ledger).entries)
    if found is None:
        raise UsageError(f"--ledger {ledger}: its audit journal is empty: it begins with the next scan.")
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
    table = Table("entry", "when", "who", "what", "", box=None, padding=(0, 2, 0, 0))
    for each in entries:
        table.add_row(str(each.number), each.at, escape(each.who), each.deed, escape(_in_short(each)))
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
        raise UsageError(f"--anchor {path}: cannot be read.") from error
    found = [each for each in map(Anchor.read, lines) if each is not None]
    if not found:
        raise UsageError(f"--anchor {path}: no line in it is one that 'screener audit anchor' printed.")
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


def _in_short(entry: Entry) -> str:
    """Return what an entry says besides, as short as a line of a table may be."""
    what = json.loads(entry.what)
    match entry.deed:
        case Deed.RUN_BEGAN:
            return f"run {what['run']}, {what['model']}"
        case Deed.RUN_ENDED:
            code = f", exit code {what['exit_code']}" if "exit_code" in what else ""
            files = "".join(f", {name} {digest[:12]}…" for name, digest in what.get("sha256", {}).items())
            return f"run {what['run']}{code}{files}"
        case Deed.MARKS_RECORDED:
            return (
                f"{len(what['marks'])} of run {', '.join(sorted({str(each[0]) for each in what['marks']}))}"
            )
        case Deed.RESULT_PUBLISHED:
            return f"{what['kind']} of {what['study'][:12]}… to {what['target']}: {what['answer']}"
        case Deed.FORGOTTEN:
            return f"{what['what']}: {what['files']} files of {what['studies']} studies"
    return f"journal {what.get('ledger', '')}"
