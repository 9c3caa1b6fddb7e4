"""screener doctor: what this machine can do, and what is missing, before the night finds out."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from screener import __version__
from screener.archives.check import Step
from screener.commands.console import results
from screener.commands.console_language import here, told
from screener.engines.machine import check_machine, memory_words, socket_folder
from screener.engines.worker_process import DEFAULT_LIMITS
from screener.errors import ExitCode, ScreenerError
from screener.inference.classifier import Classifier
from screener.inference.model_folder import load_model_folder
from screener.intake.decode.dispatch import decoder_libraries, decoders
from screener.ledger import Ledger
from screener.ledger.connect import check_local
from screener.locations import Location
from screener.options import ReportLook
from screener.outputs.atomic import check_writable
from screener.outputs.fonts import SCRIPTS, coverage
from screener.outputs.report_pdf import check_pdf
from screener.resources import resource_folder
from screener.said import Said, Spoken, Together, say
from screener.stores import store_libraries

_LIBRARIES = ("ai-edge-litert", "numpy", "opencv-python-headless", "pillow", "pydicom", "weasyprint")


@dataclass(frozen=True, slots=True)
class Checkup:
    """One line of the doctor's list.

    code: the exit code that a scan would end with, DONE if well. note: well, but worth knowing.
    """

    what: Said | str
    found: Spoken | str
    code: ExitCode = ExitCode.DONE
    note: bool = False

    @property
    def mark(self) -> str:
        if self.code is not ExitCode.DONE:
            colour, word = "red", told("doctor.fault")
        elif self.note:
            colour, word = "yellow", told("doctor.note")
        else:
            colour, word = "green", told("doctor.ok")
        return f"[{colour}]{word}[/]"


def doctor(model: Path, out: Location | None, ledger: Path | None, archive: Iterable[Step] = ()) -> ExitCode:
    """Print what 'scan' needs and whether it is there; return the exit code that a scan would meet.

    archive: what an archive lets this machine do, where one is asked, too.
    """
    findings = [
        Checkup("screener", say("doctor.version", version=__version__, python=sys.version.split()[0])),
        *(_library(name) for name in _LIBRARIES),
        *(Checkup(say("doctor.decoder_library", name=name), state) for name, state in decoder_libraries()),
        *(_decoder(name, state) for name, state in decoders()),
        _tried(say("doctor.model"), lambda: _model(model)),
        _tried(say("doctor.pdf_library"), _pdf_library),
        *_fonts(),
        _tried(say("doctor.temporary_files"), _temporary),
        _tried(say("doctor.workers"), _workers),
        _memory(),
        *_stores(),
    ]
    if out is not None:
        findings.append(_tried(say("doctor.outputs"), lambda: _writable(out)))
    if ledger is not None:
        findings.append(_tried(say("doctor.ledger"), lambda: _ledger(ledger)))
    findings += [_of_archive(step) for step in archive]
    table = Table("", told("doctor.what"), told("doctor.found"))
    for finding in findings:
        table.add_row(finding.mark, escape(here(finding.what)), escape(here(finding.found)))
    results().print(table)
    return next((finding.code for finding in findings if finding.code is not ExitCode.DONE), ExitCode.DONE)


def _of_archive(step: Step) -> Checkup:
    code = ExitCode.DONE if step.error is None else step.error.exit_code
    return Checkup(step.what, step.found, code, step.note)


def _tried(what: Said, check: Callable[[], Spoken]) -> Checkup:
    try:
        return Checkup(what, check())
    except ScreenerError as error:
        return Checkup(what, error.said, error.exit_code)


def _decoder(syntax: str, readers: str | Said) -> Checkup:
    code = ExitCode.DONE if isinstance(readers, str) else ExitCode.MISSING_DEPENDENCY
    return Checkup(say("doctor.reads", syntax=syntax), readers, code)


def _library(name: str) -> Checkup:
    try:
        return Checkup(name, version(name))
    except PackageNotFoundError:
        return Checkup(name, say("doctor.not_installed", name=name), ExitCode.MISSING_DEPENDENCY)


def _model(path: Path) -> Said:
    model = load_model_folder(path)
    Classifier(model.network)
    return say("doctor.model_opens", model=model.identity)


def _pdf_library() -> Said:
    check_pdf(ReportLook())
    return say("doctor.pdf_loads")


def _writable(out: Location) -> Said:
    check_writable(out)
    return say("doctor.can_be_written", path=out)


def _ledger(path: Path) -> Spoken:
    if not path.exists():
        check_local(path)
        check_writable(path)
        return say("doctor.can_be_begun", path=path)
    told_of: list[Spoken] = []
    with Ledger(path, say=told_of.append) as ledger:
        if told_of:
            return Together(tuple(told_of), "; ")
        return say("doctor.ledger_whole", path=path, count=ledger.size())


def _fonts() -> list[Checkup]:
    """Say for each script whether the PDF can show it; boxes in a name are no reason not to scan."""
    shown = coverage(resource_folder("templates"))
    findings = []
    for script, letters, package in SCRIPTS:
        lacking = bool(shown.lacks([letters]))
        found = say("doctor.no_font", package=package) if lacking else say("doctor.shown")
        findings.append(Checkup(say(f"doctor.letters_{script.lower()}"), found, note=lacking))
    return findings


def _stores() -> list[Checkup]:
    """Say for each kind of store whether it can be read; who uses none lacks nothing."""
    return [
        Checkup(say("doctor.stores", scheme=scheme), library, note=isinstance(library, Said))
        for scheme, library in store_libraries()
    ]


def _workers() -> Said:
    check_machine()
    return say("doctor.can_be_started")


def _memory() -> Checkup:
    """Say whether a worker gets what --file-memory says where no option changes it."""
    words = memory_words(DEFAULT_LIMITS.memory)
    found = words or f"{DEFAULT_LIMITS.memory >> 20} MB"
    return Checkup(say("doctor.memory"), found, note=words is not None)


def _temporary() -> Said:
    socket_folder()
    with tempfile.TemporaryDirectory() as folder:
        free = shutil.disk_usage(folder).free
        return say("doctor.room", path=Path(folder).parent, free=f"{free / 1e9:.0f}")
