"""screener ledger: what a ledger holds, whether it is whole, a copy, its size, and what it is to forget."""

from calendar import monthrange
from datetime import date
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from screener.commands.console import log, results
from screener.commands.console_language import here, told
from screener.commands.status import print_json, run_keys, runs_table, state_keys
from screener.errors import ExitCode, UsageError
from screener.ledger.forget import Forgotten, Whose, forget
from screener.ledger.look import LedgerState, look_into
from screener.ledger.upkeep import back_up, faults_of, vacuum
from screener.reporting.past_runs import past_runs
from screener.said import Said, Together, say


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
        raise UsageError("ledger.not_whole", ledger=ledger, faults=Together(faults, "; "))
    results().print(told("ledger.whole"))
    return ExitCode.DONE


def backup(ledger: Path, to: Path) -> ExitCode:
    """Copy a ledger while nobody writes to it."""
    sizes = back_up(ledger, to, log)
    results().print(escape(told("ledger.copied", to=to, size=_bytes(sizes.after))), soft_wrap=True)
    return ExitCode.DONE


def compact(ledger: Path) -> ExitCode:
    """Give unused room back to the disk."""
    sizes = vacuum(ledger, log)
    results().print(told("ledger.compacted", before=_bytes(sizes.before), after=_bytes(sizes.after)))
    return ExitCode.DONE


def forget_what(ledger: Path, whose: Whose, dry_run: bool) -> ExitCode:
    """Erase a patient, a study, or what is old, and say how much that was; never whose."""
    if whose.patient == "":
        raise UsageError("ledger.no_patient")
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
        raise UsageError("ledger.age", age=age)
    if unit == "d":
        return date.fromordinal(max(1, today.toordinal() - int(number)))
    months = today.year * 12 + today.month - 1 - int(number) * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def _in_words(found: Forgotten, whose: Whose, dry_run: bool) -> list[str]:
    counts = {
        "files": say("ledger.files", count=found.files),
        "studies": say("ledger.studies", count=found.studies),
        "marks": say("ledger.marks", count=found.marks),
        "records": say("ledger.records", count=found.published),
    }
    lines = [told("ledger.would_be_forgotten" if dry_run else "ledger.forgotten", **counts)]
    if found.still_there:
        key = "ledger.still_there" if whose.before is None else "ledger.older_left"
        lines.append(told(key, count=found.still_there))
    if found.files and not dry_run:
        lines.append(told("ledger.elsewhere"))
    return lines


def _held(state: LedgerState) -> list[tuple[str, str]]:
    complete = sum(run.complete for run in state.runs)
    began = [run.started for run in state.runs] or [told("ledger.none")]
    return [
        (told("ledger.info_format"), str(state.format)),
        (told("ledger.info_size"), here(_bytes(state.bytes))),
        (told("ledger.info_held"), told("ledger.yes" if state.held else "ledger.no")),
        (told("ledger.info_runs"), told("ledger.info_runs_held", runs=len(state.runs), complete=complete)),
        (told("ledger.info_first_run"), began[0]),
        (told("ledger.info_last_run"), began[-1]),
        (told("ledger.info_files"), told("ledger.number", number=state.files_known)),
        (
            told("ledger.info_results"),
            told("ledger.info_results_held", results=state.results, overtaken=state.overtaken),
        ),
        (told("ledger.info_marks"), told("ledger.number", number=state.marks)),
        (told("ledger.info_published"), told("ledger.number", number=state.published)),
    ]


def _bytes(count: int) -> Said:
    return say("ledger.megabytes", megabytes=count / 1e6)
