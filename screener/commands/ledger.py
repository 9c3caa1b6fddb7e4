"""screener ledger: what a ledger holds, whether it is whole, a copy, its size, and what it is to forget."""

from calendar import monthrange
from datetime import date
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from screener.commands.console import log, results
from screener.commands.status import print_json, run_keys, runs_table, state_keys
from screener.errors import ExitCode, UsageError
from screener.ledger.forget import Forgotten, Whose, forget
from screener.ledger.look import LedgerState, look_into
from screener.ledger.upkeep import back_up, faults_of, vacuum
from screener.reporting.past_runs import past_runs


def info(ledger: Path, as_json: bool) -> ExitCode:
    """Print what a ledger holds."""
    state = look_into(ledger)
    if as_json:
        print_json(state_keys(state))
        return ExitCode.DONE
    table = Table.grid(padding=(0, 2))
    for name, value in _held(state):
        table.add_row(name, value)
    results().print(table)
    return ExitCode.DONE


def runs(ledger: Path, as_json: bool) -> ExitCode:
    """Print all runs that a ledger knows, the last one first."""
    past = past_runs(look_into(ledger))
    if as_json:
        print_json([run_keys(each) for each in past])
    else:
        results().print(runs_table(past))
    return ExitCode.DONE


def check(ledger: Path) -> ExitCode:
    """Print whether a ledger is whole.

    Raises:
        UsageError: It is not.
    """
    faults = faults_of(ledger, log)
    if faults:
        raise UsageError(
            f"--ledger {ledger}: damaged: {'; '.join(faults)}.\nPut the last backup in its place. "
            "Without one, a scan sets a ledger aside that it cannot use, and begins anew."
        )
    results().print("The ledger is whole.")
    return ExitCode.DONE


def backup(ledger: Path, to: Path) -> ExitCode:
    """Copy a ledger while nobody writes to it."""
    sizes = back_up(ledger, to, log)
    results().print(escape(f"{to}: {_bytes(sizes.after)}, checked."), soft_wrap=True)
    return ExitCode.DONE


def compact(ledger: Path) -> ExitCode:
    """Give unused room back to the disk."""
    sizes = vacuum(ledger, log)
    results().print(f"{_bytes(sizes.before)} before, {_bytes(sizes.after)} now.")
    return ExitCode.DONE


def forget_what(ledger: Path, whose: Whose, dry_run: bool) -> ExitCode:
    """Erase a patient, a study, or what is old, and say how much that was; never whose."""
    if whose.patient == "":
        raise UsageError("--patient: no ID given.")
    found = forget(ledger, whose, log, try_only=dry_run)
    for line in _in_words(found, whose, dry_run):
        results().print(line, soft_wrap=True)
    return ExitCode.DONE


def before_of(age: str, today: date) -> date:
    """Return the day that lies so long ago; age: as it is typed, "10y", "18m" or "90d".

    Raises:
        UsageError: It is something else.
    """
    number, unit = age[:-1], age[-1:].lower()
    if not number.isdecimal() or not 0 < int(number) < 10_000 or unit not in ("y", "m", "d"):
        raise UsageError(f"--older-than {age}: a number of years, months or days, such as 10y, 18m or 90d.")
    if unit == "d":
        return date.fromordinal(max(1, today.toordinal() - int(number)))
    months = today.year * 12 + today.month - 1 - int(number) * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def _in_words(found: Forgotten, whose: Whose, dry_run: bool) -> list[str]:
    done = "would be forgotten" if dry_run else "forgotten"
    lines = [
        f"{found.files} {_of(found.files, 'file', 'files')} of {found.studies} "
        f"{_of(found.studies, 'study', 'studies')} {done}, with {found.marks} "
        f"{_of(found.marks, 'mark', 'marks')} and {found.published} "
        f"{_of(found.published, 'record', 'records')} of publishing."
    ]
    if found.still_there and whose.before is not None:
        lines.append(
            f"{found.still_there} older {_of(found.still_there, 'file', 'files')} left: the last complete "
            "run still found them in the folders. Delete them there first."
        )
    elif found.still_there:
        lines.append(
            f"{found.still_there} of them still lay in the folders at the last complete run: the next scan "
            "screens and lists them anew, unless they are deleted there."
        )
    if found.files and not dry_run:
        lines.append("Reports, backups and logs written before still hold what they hold.")
    return lines


def _of(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _held(state: LedgerState) -> list[tuple[str, str]]:
    ended = [run for run in state.runs if run.complete]
    return [
        ("format", str(state.format)),
        ("size", _bytes(state.bytes)),
        ("held by a run now", "yes" if state.held else "no"),
        ("runs", f"{len(state.runs)}, {len(ended)} of them complete"),
        ("first run", state.runs[0].started if state.runs else "none"),
        ("last run", state.runs[-1].started if state.runs else "none"),
        ("files known", f"{state.files_known:,}"),
        ("results", f"{state.results:,}, {state.overtaken:,} of them overtaken by a change or another model"),
        ("readers' marks", f"{state.marks:,}"),
        ("results published", f"{state.published:,}"),
    ]


def _bytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
