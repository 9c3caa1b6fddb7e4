"""screener simulate: what a list in order of suspicion would change for those who wait."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from screener import __version__
from screener.commands.console import log, make_progress, progress_console, results, shown
from screener.commands.console_language import here, told
from screener.commands.train import missing_train_extra
from screener.errors import ExitCode, UsageError
from screener.inference.model_folder import load_model_folder
from screener.ledger.studies import known_studies
from screener.outputs.atomic import check_writable, text_written_whole
from screener.reporting.run_record import from_record
from screener.said import Said, Together, say
from screener.scale import ALL
from screener.simulation.orders import ReadingOrder, orders_of
from screener.simulation.run import Figure, WaitingTime, simulate
from screener.simulation.setting import WHOLE_DAY, Department, PatientGroup, Plan, Point
from screener.simulation.site import Arrivals, arrivals_of, patients_of_model, patients_of_site

_GIVEN = "given"
_PLOTS = (".png", ".svg")
_COLUMNS = ("order", "group", "images", "mean", "longest", "change_of_mean", "change_of_longest")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateOptions:
    """Everything 'screener simulate' can vary.

    arrivals: images a day; None where the ledger is to tell. department: the other options of Department, by
    their names. shares: of populations, by name.
    """

    model: Path
    plan: Plan
    department: Mapping[str, Any]
    ledger: Path | None = None
    arrivals: float | None = None
    prevalence: float | None = None
    sensitivity: float | None = None
    specificity: float | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    csv: Path | None = None
    json: Path | None = None
    plot: Path | None = None

    def __post_init__(self) -> None:
        if (self.sensitivity is None) != (self.specificity is None):
            raise UsageError("simulation.both_or_neither")
        if self.sensitivity is not None and self.shares:
            raise UsageError("simulation.share_or_sensitivity")
        if self.ledger is not None and self.shares:
            raise UsageError("simulation.share_or_ledger")
        if self.arrivals is None and self.ledger is None:
            raise UsageError("simulation.no_arrivals")
        if self.sensitivity is not None and self.prevalence is None:
            raise UsageError("simulation.no_prevalence")
        if self.plot is not None and self.plot.suffix.lower() not in _PLOTS:
            raise UsageError("simulation.plot_name", plot=self.plot)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What is simulated; arrivals: as counted in the ledger, None where they were given."""

    department: Department
    patients: tuple[PatientGroup, ...]
    arrivals: Arrivals | None


def simulate_list(options: SimulateOptions) -> ExitCode:
    """Print how long images would wait in each order, and write it where asked to."""
    for path in filter(None, (options.csv, options.json, options.plot)):
        check_writable(path, picture=path is options.plot)
    if options.plot:
        _check_plots()
    setting = _setting(options)
    plan = options.plan
    console = progress_console()
    progress = make_progress(console) if console.is_terminal else None
    with shown(progress):
        task = (
            progress.add_task(told("simulation.simulating"), total=plan.repeats, note="")
            if progress
            else None
        )

        def advance() -> None:
            if progress is not None and task is not None:
                progress.advance(task)

        waiting = simulate(setting.department, setting.patients, plan, advance)
    _print(setting, plan, waiting)
    if options.csv:
        _write_csv(waiting, options.csv)
    if options.json:
        with text_written_whole(options.json) as file:
            json.dump(_as_json(setting, plan, waiting), file, indent=2, ensure_ascii=False)
            file.write("\n")
    if options.plot:
        from screener.simulation.plot import plot_waiting

        plot_waiting(waiting, str(_in_short(setting)), options.plot)
    return ExitCode.DONE


def _check_plots() -> None:
    try:
        import matplotlib  # noqa: F401  # before anything is simulated
    except ImportError as error:
        raise missing_train_extra("--plot", error) from error


def _setting(options: SimulateOptions) -> _Setting:
    """Return what is simulated, out of ledger, model and what was given."""
    known = known_studies(options.ledger, log) if options.ledger else None
    studies = known.studies if known else ()
    arrivals = arrivals_of(studies) if known and options.arrivals is None else None
    per_day = arrivals.per_day if arrivals else options.arrivals
    assert per_day is not None
    department = Department(arrivals=per_day, **options.department)
    if options.sensitivity is not None and options.specificity is not None:
        assert options.prevalence is not None
        point = Point(_GIVEN, options.sensitivity, options.specificity)
        return _Setting(
            department,
            (PatientGroup(ALL, 1.0, options.prevalence, (point,), say("simulation.given")),),
            arrivals,
        )
    if known:
        scales = from_record(known.record).scales
        return _Setting(department, patients_of_site(scales, studies, options.prevalence), arrivals)
    scales = load_model_folder(options.model).scales()
    return _Setting(department, patients_of_model(scales, options.shares, options.prevalence), arrivals)


def _print(setting: _Setting, plan: Plan, waiting: Sequence[WaitingTime]) -> None:
    console = results()
    for line in _assumed(setting, plan):
        console.print(escape(here(line)), soft_wrap=True)
    heads = ("order", "images", "mean_wait", "change", "longest_wait", "change")
    table = Table(*(told(f"simulation.head_{each}") for each in heads))
    orders = {each.name: _order(each) for each in orders_of(plan)}
    for each in waiting:
        row = (each.mean, each.change_of_mean, each.longest, each.change_of_longest)
        table.add_row(
            orders[each.order],
            told(f"simulation.group_{each.group.name.lower()}"),
            *map(_cell, row),
            end_section=each is _last(waiting, each),
        )
    console.print(table)
    console.print(told("simulation.end", days=plan.days), soft_wrap=True)


def _order(order: ReadingOrder) -> str:
    rule = say(f"simulation.order_{order.rule}")
    if order.max_wait is None:
        return here(rule)
    return told("simulation.capped", order=rule, hours=order.max_wait / 60)


def _last(waiting: Sequence[WaitingTime], row: WaitingTime) -> WaitingTime:
    return [each for each in waiting if each.order == row.order][-1]


def _assumed(setting: _Setting, plan: Plan) -> list[Said]:
    """Return in sentences what was simulated, so that nobody need guess what a figure rests on."""
    lines = [_in_short(setting)]
    if setting.arrivals:
        counted = setting.arrivals
        counts = {"count": counted.studies, "days": counted.days, "since": counted.since}
        lines.append(say("simulation.counted", **counts))
    lines.extend(map(_patients, setting.patients))
    lines.append(say("simulation.plan_told", repeats=plan.repeats, days=plan.days, seed=plan.seed))
    return lines


def _patients(group: PatientGroup) -> Said:
    points = (
        say(
            "simulation.point",
            name=say("simulation.given") if each.name == _GIVEN else each.name,
            sensitivity=100 * each.sensitivity,
            specificity=100 * each.specificity,
        )
        for each in group.points
    )
    return say(
        "simulation.patients",
        name=say("simulation.all") if group.name == ALL else group.name,
        share=100 * group.share,
        prevalence=100 * group.prevalence,
        source=group.source,
        points=Together(tuple(points), "; "),
    )


def _in_short(setting: _Setting) -> Said:
    of = setting.department
    return say(
        "simulation.department",
        arrivals=of.arrivals,
        arrival_hours=_hours(of.arrival_hours),
        readers=say("simulation.readers_told", count=of.readers),
        reading_hours=_hours(of.reading_hours),
        minutes=of.reading_minutes,
        busy=100 * of.utilisation,
        scored=_scored(of.scan_at),
    )


def _scored(at: float | None) -> Said:
    return say("simulation.as_it_comes") if at is None else say("simulation.by_a_scan", hour=at)


def _hours(hours: tuple[float, float]) -> Said:
    if hours == WHOLE_DAY:
        return say("simulation.around_the_clock")
    return say("simulation.from_to", start=hours[0], end=hours[1])


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    low, high = figure.interval
    digits = 0 if abs(figure.value) >= 100 else 1
    return told(f"simulation.figure_{digits}", value=figure.value, low=low, high=high)


def _write_csv(waiting: Sequence[WaitingTime], path: Path) -> None:
    with text_written_whole(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        ends = ("", "_low", "_high")
        writer.writerow([*_COLUMNS[:3], *(f"{name}{end}" for name in _COLUMNS[3:] for end in ends)])
        for each in waiting:
            figures = (each.mean, each.longest, each.change_of_mean, each.change_of_longest)
            cells = [cell for figure in figures for cell in _numbers(figure)]
            writer.writerow([each.order, each.group.value, f"{each.images:g}", *cells])


def _numbers(figure: Figure | None) -> list[str]:
    return [""] * 3 if figure is None else [f"{each:.3f}" for each in (figure.value, *figure.interval)]


def _as_json(setting: _Setting, plan: Plan, waiting: Sequence[WaitingTime]) -> dict[str, Any]:
    counted = setting.arrivals
    return {
        "version": __version__,
        "department": asdict(setting.department) | {"utilisation": setting.department.utilisation},
        "arrivals_from_ledger": None if counted is None else asdict(counted) | {"since": str(counted.since)},
        "patients": [asdict(each) | {"source": str(each.source)} for each in setting.patients],
        "plan": asdict(plan),
        "minutes": [asdict(each) for each in waiting],
    }
