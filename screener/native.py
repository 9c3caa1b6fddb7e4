"""What native libraries print behind Python's back, kept off the user's screen and out of cron's mail."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2


@contextmanager
def native_messages_hidden() -> Iterator[None]:
    """Hide what C and C++ code writes to standard error while the block runs."""
    kept = os.dup(STDERR)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STDERR)
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        os.close(nowhere)
