"""The outputs under one name: where not all of them could be written, which are of this run."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from screener.intake import display_name
from screener.locations import Location
from screener.options import OutputOptions
from screener.outputs.atomic import noting_written


@contextmanager
def noting_whose_files(options: OutputOptions) -> Iterator[None]:
    """Run the block that writes a run's outputs; whatever ends it early takes a note of what is whose.

    The note (PEP 678) is for whoever tells the error.
    """
    with noting_written() as written:
        try:
            yield
        except BaseException as error:
            error.add_note(whose_files(options, written))
            raise


def whose_files(options: OutputOptions, written: Iterable[Location]) -> str:
    """Return which of a run's files it has written, and which, if they are there, are of an earlier run."""
    done = set(written)
    wanted = [path for path in options.written if path != options.summary]
    own = [path for path in wanted if path in done]
    others = [path for path in wanted if path not in done]
    absent = [path for path in others if isinstance(path, Path) and not path.exists()]
    old = [path for path in others if path not in absent]
    parts = (
        ("Of this run: ", own, "."),
        ("Not of this run but of an earlier one: ", old, "."),
        ("Not written, and not there: ", absent, "."),
    )
    return " ".join(f"{before}{_names(paths)}{after}" for before, paths, after in parts if paths)


def _names(paths: Iterable[Location]) -> str:
    return ", ".join(display_name(path.name) for path in paths)
