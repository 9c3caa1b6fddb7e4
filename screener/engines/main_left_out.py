"""Worker processes start without the program that started them.

multiprocessing lets each new process run the program's main module again, so that functions defined there
can be sent to it. Workers need none; a script that scans at its top level would start a scan in each of them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import spawn
from typing import Any

_MAIN = ("init_main_from_name", "init_main_from_path")
_patching = threading.Lock()


@contextmanager
def main_left_out() -> Iterator[None]:
    """Start this thread's processes without the main module while the block runs; other threads' as ever."""
    original, mine = spawn.get_preparation_data, threading.get_ident()

    def of_no_main(name: str) -> dict[str, Any]:
        data = original(name)
        if threading.get_ident() == mine:
            for key in _MAIN:
                data.pop(key, None)
        return data

    with _patching:
        spawn.get_preparation_data = of_no_main
        try:
            yield
        finally:
            spawn.get_preparation_data = original
