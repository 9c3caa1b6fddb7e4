"""The outputs under one name: where not all of them could be written, which are of this run."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from screener.intake import display_name
from screener.locations import Location
from screener.options import OutputOptions
from screener.outputs.atomic import noting_written
from screener.said import Note, Together, say


@contextmanager
def noting_whose_files(options: OutputOptions) -> Iterator[None]:
    """Run the block that writes a run's outputs; whatever ends it early takes a note of what is whose.

    The note (PEP 678) is for whoever tells the error.
    """
    with noting_written() as written:
        try:
            yield
        except BaseException as error:
            error.add_note(Note.of(whose_files(options, written)))
            raise


def whose_files(options: OutputOptions, written: Iterable[Location]) -> Together:
    """Return which of a run's files it has written, and which, if they are there, are of an earlier run."""
    done = set(written)
    wanted = [path for path in options.written if path != options.summary]
    own = [path for path in wanted if path in done]
    others = [path for path in wanted if path not in done]
    absent = [path for path in others if isinstance(path, Path) and not path.exists()]
    old = [path for path in others if path not in absent]
    parts = (
        (say("outputs.of_this_run", names=_names(own)), own),
        (say("outputs.of_an_earlier_run", names=_names(old)), old),
        (say("outputs.not_there", names=_names(absent)), absent),
    )
    return Together(tuple(said for said, paths in parts if paths), " ")


def _names(paths: Iterable[Location]) -> str:
    return ", ".join(display_name(path.name) for path in paths)
