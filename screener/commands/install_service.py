"""screener install-service: the files by which systemd runs a night and logs are rotated."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape

from screener.commands.console import results
from screener.commands.console_language import told
from screener.errors import ExitCode, OutputError, UsageError
from screener.outputs.atomic import text_written_whole
from screener.resources import resource_folder

READABLE = 0o644
_SHIPPED_PROGRAM, _SHIPPED_STUDIES = "/opt/screener/bin/screener", "/studies"
_UNITS = "etc/systemd/system"
_PLACES = {  # of what templates/service/ holds
    "screener.service": f"{_UNITS}/screener.service",
    "screener.timer": f"{_UNITS}/screener.timer",
    "screener-retention.service": f"{_UNITS}/screener-retention.service",
    "screener-retention.timer": f"{_UNITS}/screener-retention.timer",
    "sysusers.conf": "etc/sysusers.d/screener.conf",
    "tmpfiles.conf": "etc/tmpfiles.d/screener.conf",
    "logrotate": "etc/logrotate.d/screener",
    "completion.bash": "etc/bash_completion.d/screener",
    "screener.toml": "etc/screener.toml",
}
_HIDING = (  # of the unit's settings, see systemd.exec(5)
    ("ProtectHome", "/home"),
    ("ProtectHome", "/root"),
    ("PrivateTmp", "/tmp"),
    ("PrivateTmp", "/var/tmp"),
)
_OF_THE_SITE = "screener.toml"  # is never replaced
_MANUAL = "usr/local/share/man/man1/screener.1"


@dataclass(frozen=True, slots=True)
class ServiceFile:
    """A file to be written. own: the site's, so that one that is there stays."""

    path: Path
    text: str
    own: bool = False


def install_service(root: Path, studies: str, dry_run: bool, replace: bool) -> ExitCode:
    """Write, or only print, all files; one that is there and says something else stays, unless replaced.

    Raises:
        UsageError: studies is no folder's full path.
        OutputError: A file cannot be written, most often for want of root's rights.
    """
    files = service_files(root, studies)
    console = results()
    for file in files:
        if dry_run:
            console.print(f"# ----- {file.path}\n{file.text}", markup=False, soft_wrap=True)
        else:
            console.print(escape(_put(file, replace)), soft_wrap=True)
    if not dry_run:
        for line in (*_hidden(studies, _program()), *_complaints(files)):
            console.print(line, markup=False, soft_wrap=True)
        console.print(told("service.next"), markup=False, soft_wrap=True)
    return ExitCode.DONE


def service_files(root: Path, studies: str) -> tuple[ServiceFile, ...]:
    """Return the files for this installation; root: the folder that is / of the machine they are for.

    Raises:
        UsageError: studies is no folder's full path, or one that would have to be quoted in a unit.
    """
    if not re.fullmatch(r"/[^\s%\"'\\]*", studies):
        raise UsageError("service.studies_path", studies=studies)
    folder, program = resource_folder("templates") / "service", _program()
    files = []
    for name, place in _PLACES.items():
        text = (folder / name).read_text(encoding="utf-8").replace(_SHIPPED_PROGRAM, program)
        if name in ("screener.service", _OF_THE_SITE):
            text = re.sub(rf"(?<=[=\"]){_SHIPPED_STUDIES}(?=[\"\n])", studies, text)
        files.append(ServiceFile(root / place, text, own=name == _OF_THE_SITE))
    if manual := _manual():
        files.append(ServiceFile(root / _MANUAL, manual.read_text(encoding="utf-8")))
    return tuple(files)


def _put(file: ServiceFile, replace: bool) -> str:
    """Write a file if it may be; return what became of it, for the console."""
    try:
        there = file.path.read_text(encoding="utf-8") if file.path.exists() else None
        if there == file.text:
            return told("service.there", path=file.path)
        if there is not None and (file.own or not replace):
            return told("service.kept" if file.own else "service.kept_unless", path=file.path)
        file.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError.cannot_write(file.path, error) from error
    with text_written_whole(file.path, READABLE) as out:
        out.write(file.text)
    return told("service.written", path=file.path)


def _complaints(files: tuple[ServiceFile, ...]) -> list[str]:
    """Return what systemd finds wrong with the units, where it is there to be asked."""
    units = [str(file.path) for file in files if file.path.suffix in (".service", ".timer")]
    if not (program := shutil.which("systemd-analyze")):
        return []
    command = [program, "verify", "--man=no", *units]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line for line in done.stderr.splitlines() if "screener" in line]


def _hidden(*paths: str) -> list[str]:
    """Return of which paths the unit would say that they do not exist: its own sandbox hides them."""
    return [
        told("service.hidden", path=path, setting=setting, place=place)
        for path in paths
        for setting, place in _HIDING
        if Path(path).is_relative_to(place)
    ]


def _program() -> str:
    """Return the command 'screener' of this installation."""
    own = Path(sys.executable).with_name("screener")
    return str(own) if own.exists() else shutil.which("screener") or _SHIPPED_PROGRAM


def _manual() -> Path | None:
    """Return the man page: of the environment, or of a checkout."""
    checkout = Path(__file__).parents[2] / "man" / "screener.1"
    places = (checkout, Path(sys.prefix) / "share" / "man" / "man1" / "screener.1")
    return next((each for each in places if each.is_file()), None)
