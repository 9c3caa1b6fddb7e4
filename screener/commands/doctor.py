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
from screener.stores import store_libraries

_LIBRARIES = ("ai-edge-litert", "numpy", "opencv-python-headless", "pillow", "pydicom", "weasyprint")


@dataclass(frozen=True, slots=True)
class Checkup:
    """One line of the doctor's list.

    code: the exit code that a scan would end with, DONE if well. note: well, but worth knowing.
    """

    what: str
    found: str
    code: ExitCode = ExitCode.DONE
    note: bool = False

    @property
    def mark(self) -> str:
        if self.code is not ExitCode.DONE:
            return "[red]fault[/]"
        return "[yellow]note[/]" if self.note else "[green]ok[/]"


def doctor(model: Path, out: Location | None, ledger: Path | None, archive: Iterable[Step] = ()) -> ExitCode:
    """Print what 'scan' needs and whether it is there; return the exit code that a scan would meet.

    archive: what an archive lets this machine do, where one is asked, too.
    """
    findings = [
        Checkup("screener", f"{__version__} on Python {sys.version.split()[0]}"),
        *(_library(name) for name in _LIBRARIES),
        *(Checkup(f"decoder library: {name}", state) for name, state in decoder_libraries()),
        *(_decoder(name, state) for name, state in decoders()),
        _tried("model", lambda: _model(model)),
        _tried("PDF library", _pdf_library),
        *_fonts(),
        _tried("temporary files", _temporary),
        _tried("worker processes", _workers),
        _memory(),
        *_stores(),
    ]
    if out is not None:
        findings.append(_tried("outputs", lambda: _writable(out)))
    if ledger is not None:
        findings.append(_tried("ledger", lambda: _ledger(ledger)))
    findings += [_of_archive(step) for step in archive]
    table = Table("", "what", "found")
    for finding in findings:
        table.add_row(finding.mark, finding.what, escape(finding.found))
    results().print(table)
    return next((finding.code for finding in findings if finding.code is not ExitCode.DONE), ExitCode.DONE)


def _of_archive(step: Step) -> Checkup:
    code = ExitCode.DONE if step.error is None else step.error.exit_code
    return Checkup(step.what, step.found, code, step.note)


def _tried(what: str, check: Callable[[], str]) -> Checkup:
    try:
        return Checkup(what, check())
    except ScreenerError as error:
        return Checkup(what, str(error), error.exit_code)


def _decoder(syntax: str, state: str) -> Checkup:
    code = ExitCode.MISSING_DEPENDENCY if state.startswith("none") else ExitCode.DONE
    return Checkup(f"reads {syntax}", state, code)


def _library(name: str) -> Checkup:
    try:
        return Checkup(name, version(name))
    except PackageNotFoundError:
        return Checkup(name, f"not installed: pip install {name}", ExitCode.MISSING_DEPENDENCY)


def _model(path: Path) -> str:
    model = load_model_folder(path)
    Classifier(model.network)
    return f"{model.identity}, checksums right, opens on LiteRT"


def _pdf_library() -> str:
    check_pdf(ReportLook())
    return "WeasyPrint and Pango load"


def _writable(out: Location) -> str:
    check_writable(out)
    return f"{out} can be written"


def _ledger(path: Path) -> str:
    if not path.exists():
        check_local(path)
        check_writable(path)
        return f"{path} can be begun"
    said: list[str] = []
    with Ledger(path, say=said.append) as ledger:
        return "; ".join(said) or f"{path} is whole, {ledger.size()} files known"


def _fonts() -> list[Checkup]:
    """Say for each script whether the PDF can show it; boxes in a name are no reason not to scan."""
    shown = coverage(resource_folder("templates"))
    findings = []
    for script, letters, package in SCRIPTS:
        lacking = bool(shown.lacks([letters]))
        remedy = f"no font: the PDF shows boxes (Debian: apt install {package})"
        findings.append(Checkup(f"letters: {script}", remedy if lacking else "shown", note=lacking))
    return findings


def _stores() -> list[Checkup]:
    """Say for each kind of store whether it can be read; who uses none lacks nothing."""
    return [
        Checkup(f"object stores: {scheme}", state, note=state.startswith("not installed"))
        for scheme, state in store_libraries()
    ]


def _workers() -> str:
    check_machine()
    return "can be started"


def _memory() -> Checkup:
    """Say whether a worker gets what --file-memory says where no option changes it."""
    words = memory_words(DEFAULT_LIMITS.memory)
    return Checkup("memory for an image", words or f"{DEFAULT_LIMITS.memory >> 20} MB", note=bool(words))


def _temporary() -> str:
    socket_folder()
    with tempfile.TemporaryDirectory() as folder:
        free = shutil.disk_usage(folder).free
        return f"{Path(folder).parent} can be written, {free / 1e9:.0f} GB free"
