"""How a scan is asked to stop, and ends with what is known."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from screener.runtime import HANG_UP
from screener.said import Said, say


@contextmanager
def interruptible(tell: Callable[[Said], None]) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C, SIGTERM or SIGHUP into a request to stop; a second Ctrl-C stops at once.

    Where hang-ups are ignored, as under nohup, they stay so. One that came is the first of several: the
    shell that dies sends one, too. None of the later ones may end the run while it writes what is known.
    """
    asked = False
    numbers = [signal.SIGINT, signal.SIGTERM]
    if HANG_UP is not None and signal.getsignal(HANG_UP) is not signal.SIG_IGN:
        numbers.append(HANG_UP)

    def ask(number: int, frame: object) -> None:
        nonlocal asked
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        if number == HANG_UP:
            before[HANG_UP] = signal.SIG_IGN
        if not asked:
            tell(say("scan.stopping"))
        asked = True

    if threading.current_thread() is not threading.main_thread():  # of a program that calls this as a library
        yield lambda: False
        return
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
