"""How a run ended: reported in its summary, in its log and on standard error."""

import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from screener.commands.console import Log
from screener.commands.console_language import here
from screener.commands.report_language import report_language, translation
from screener.engines.machine import check_memory
from screener.errors import ExitCode, OutputError, ScreenerError, full_disk
from screener.locations import Location, as_location
from screener.options import OutputOptions
from screener.outputs.atomic import PRIVATE
from screener.outputs.unfinished_text import (
    MEANINGS,
    failed_text,
    unfinished_text,
    write_run_text,
    written_over,
)
from screener.runtime import HANG_UP
from screener.said import Said, Together, say

if TYPE_CHECKING:
    from screener.run_summary import RunSummary

_INTERRUPTED = say("commands.interrupted")
_OTHERS = ("files_csv", "ledger", "log_file", "pseudonym_key", "logo", "template", "model")
_OTHER_LISTS = ("paths", "ledgers")


class Ending:
    """Tells of one run, from its first moment to its last.

    given: the command's parameters as they were typed, from which nothing may have been made yet.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self._started = datetime.now().astimezone()
        self._options: OutputOptions | None = None
        self._log: Log | None = None
        self._known: RunSummary | None = None

    def watch(self, run: Callable[["Ending"], ExitCode]) -> ExitCode:
        """Run a command and return its exit code; whatever ends it early is reported first."""
        try:
            with terminable():
                check_memory()
                return run(self)
        except ScreenerError as error:
            return self._failed(error.said, error.exit_code, error)
        except KeyboardInterrupt as error:
            return self._failed(_INTERRUPTED, ExitCode.INTERRUPTED, error)
        except OSError as error:
            if not full_disk(error):
                return self._bug(error)
            return self._failed(OutputError.cannot_write(*_what_is_full(error)).said, ExitCode.OUTPUT, error)
        except Exception as error:  # noqa: BLE001  # a bug: reported, and ended with its own exit code
            return self._bug(error)

    def _bug(self, error: Exception) -> ExitCode:
        _print_traceback(error)
        return self._failed(_bug(error), ExitCode.BUG, error)

    def begin(self, options: OutputOptions) -> Log:
        """Let the summary say that the run has not finished; return where its log goes.

        A summary that cannot be written is found out, and reported, when the outputs are checked.

        Raises:
            OutputError: The log cannot be written.
        """
        self._options = options
        with suppress(ScreenerError):
            self._write(unfinished_text(self._started, translation(self._language)))
        self._log = self._open_log()
        return self._log

    @property
    def summary(self) -> "RunSummary | None":
        """What the run says of itself, as far as it came."""
        return self._known

    @property
    def options(self) -> OutputOptions | None:
        """The run's options; None where they cannot be."""
        return self._options

    def known(self, summary: "RunSummary") -> None:
        """Take what the run says of itself by now."""
        self._known = summary

    def _failed(self, said: Said, code: ExitCode, error: BaseException) -> ExitCode:
        """Tell what ended a run early, everywhere, each once: the log in English, the summary as the report.

        Notes are as one_stem.py makes them.
        """
        notes = Together(tuple(getattr(each, "said", each) for each in getattr(error, "__notes__", ())), "\n")
        self._report(said, notes, code)
        with suppress(ScreenerError):
            text = _with_notes(said, notes).in_language(self._language)
            self._write(self._failed_text(text, code))
        return code

    @property
    def _language(self) -> str:
        return report_language(self._given.get("language"))

    def _failed_text(self, text: str, code: ExitCode) -> str:
        if self._known is None or self._options is None:
            return failed_text(code, text, self._started, translation(self._language))
        from screener.outputs.run_text import run_text
        from screener.outputs.run_words import NO_WORDS, run_words
        from screener.outputs.templating import messages_of

        summary, words, messages = replace(self._known, exit_code=int(code)), NO_WORDS, None
        with suppress(ScreenerError):  # a catalogue of the user's own may be what ended the run
            messages = messages_of(self._options.look)
            words = run_words(summary, messages)
        return run_text(summary, self._options.reports, words, text, messages)

    def _report(self, said: Said, notes: Together, code: ExitCode) -> None:
        """Write the log's last line, and what standard error says, unless that is where the log goes."""
        interrupted, text = said == _INTERRUPTED, str(_with_notes(said, notes))
        to_stderr = self._given.get("log_file") is None
        logged = "log_file" in self._given and not (to_stderr and sys.stderr.isatty())
        if logged:
            with suppress(ScreenerError):
                log = self._log or self._open_log()
                line = f"{'' if interrupted else 'error: '}{' '.join(text.split())}"
                stop = "" if line.endswith((".", "?")) else "."
                ended = f"{line}{stop} Exit code {int(code)}: {MEANINGS[code]}"
                log.event(ended, exit_code=int(code), error=text, complete=False)
        if not (logged and to_stderr):
            shown = said if interrupted else say("commands.error", error=said)
            _on_stderr(here(_with_notes(shown, notes)))

    def _open_log(self) -> Log:
        return Log(self._given.get("log_file"), self._given.get("log_format") == "json")

    def _write(self, text: str) -> None:
        """Write the summary, where one is asked for; never leave that of an earlier run.

        Raises:
            ScreenerError: It cannot be written.
        """
        if self._options is not None:
            path, mode = self._options.summary, self._options.mode
        else:
            path, mode = _free_summary(self._given), PRIVATE
        if path is None:
            return
        try:
            write_run_text(text, path, mode)
        except OutputError:
            if not (isinstance(path, Path) and written_over(path, text)):
                raise


def _with_notes(said: Said, notes: Together) -> Together:
    return Together((said, *notes.parts), "\n")


def _free_summary(given: Mapping[str, Any]) -> Location | None:
    """Return where a summary was asked for, of a command line that cannot be used; None if that is taken."""
    if given.get("summary") is None:
        return None
    out = as_location(given["out"])
    others = [given.get(name) for name in _OTHERS]
    others += [each for name in _OTHER_LISTS for each in given.get(name) or ()]
    spots = {_spot(each) for each in others if each is not None}
    spots |= {
        _spot(out.with_suffix(suffix)) for suffix in (".pdf", ".csv", ".json", ".html", ".xlsx") if out.name
    }
    return None if _spot(given["summary"]) in spots else as_location(given["summary"])


def _spot(place: str | Path) -> str:
    return str(place) if "://" in str(place) else os.path.abspath(place)


def _what_is_full(error: OSError) -> tuple[Path, OSError]:
    """Return the file that had no room: where the system does not say, one among the temporary files."""
    return Path(error.filename or tempfile.gettempdir()), error


def _bug(error: BaseException) -> Said:
    """Return the kind of an error and where it was raised; its message may quote what a tag holds."""
    frames = traceback.extract_tb(error.__traceback__)
    where = frames[-1]
    place = "/".join(Path(where.filename).parts[-3:])
    place = f"{place}:{where.lineno}"
    return say("commands.bug", kind=type(error).__name__, function=where.name, place=place)


def _print_traceback(error: BaseException | None) -> None:
    """Print where an error was raised, and those before it, without any message or value."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    for each in reversed(chain):
        frames = "".join(traceback.format_tb(each.__traceback__))
        _on_stderr(f"Traceback (most recent call last):\n{frames}{type(each).__name__}")


def _on_stderr(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does, where nothing inside takes them otherwise."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = [signal.SIGTERM]
    if HANG_UP is not None and signal.getsignal(HANG_UP) is not signal.SIG_IGN:  # as under nohup
        numbers.append(HANG_UP)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
