"""Why an image was not screened, as people read it and as programs do."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from screener.domain import NotScreened
from screener.errors import ImageError
from screener.note_codes import Note
from screener.outputs.messages import shipped_messages
from screener.reasons import Reason


def words(why: NotScreened | ImageError | Reason) -> str:
    """Return a reason in the shipped catalogue's words."""
    if isinstance(why, NotScreened):
        return shipped_messages().missed(why)
    return shipped_messages().reason(why.reason if isinstance(why, ImageError) else why)


def noted(notes: Iterable[Note]) -> tuple[str, ...]:
    """Return notes in the shipped catalogue's words."""
    return tuple(map(shipped_messages().note, notes))


@contextmanager
def refusal(kind: type[ImageError], match: str = "") -> Iterator["pytest.ExceptionInfo[ImageError]"]:
    """Expect an error of that kind whose reason, in words, matches."""
    with pytest.raises(kind) as caught:
        yield caught
    assert re.search(match, words(caught.value)), words(caught.value)
