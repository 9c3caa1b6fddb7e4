"""Small work is done a little ahead, in several threads, and comes in order."""

import subprocess
import sys
import threading

import pytest

from screener.intake.ahead import THREADS, TOGETHER, ahead


def test_each_item_comes_in_order_with_what_the_work_makes_of_it():
    assert list(ahead(lambda number: number**2, range(1000))) == [(n, n**2) for n in range(1000)]


def test_nothing_comes_of_nothing():
    assert list(ahead(str, [])) == []


def test_threads_work_at_the_same_time():
    """Each waits for all others: one thread alone would never get on."""
    all_here = threading.Barrier(THREADS, timeout=20)

    def meet(number):
        if number % TOGETHER == 0:
            all_here.wait()
        return number

    assert len(list(ahead(meet, range(THREADS * TOGETHER)))) == THREADS * TOGETHER


def test_items_are_taken_no_further_ahead_than_threads_work():
    taken = []
    results = ahead(str, (taken.append(number) or number for number in range(10_000)))
    assert next(results) == (0, "0")
    results.close()
    assert len(taken) <= (THREADS + 1) * TOGETHER


def test_whoever_stops_waits_for_no_answer_that_hangs() -> None:
    hangs, begun, stop = threading.Event(), [], threading.Event()

    def work(number: int) -> int:
        begun.append(number)
        if len(begun) == THREADS:
            stop.set()
        hangs.wait(20)
        return number

    try:
        assert list(ahead(work, range(10_000), stop.is_set)) == []
        assert not hangs.is_set()
    finally:
        hangs.set()
    for each in [each for each in threading.enumerate() if each.name.startswith("look-ahead")]:
        each.join(20)
    assert len(begun) == THREADS  # no further item was begun


def test_nothing_more_comes_once_stopped() -> None:
    seen: list[int] = []
    for number, _ in ahead(str, range(1000), lambda: len(seen) == 3):
        seen.append(number)
    assert seen == [0, 1, 2]


def test_a_share_that_hangs_keeps_no_process_from_ending() -> None:
    code = (
        "import time\nfrom screener.intake.ahead import ahead\n"
        "began = time.monotonic()\n"
        "list(ahead(lambda each: time.sleep(100), range(200), lambda: time.monotonic() > began + 0.1))\n"
        "print('ended')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "ended\n"


def test_an_error_of_the_work_is_raised_where_its_item_would_come():
    results = ahead(lambda number: 1 / (number - 20), range(100))
    with pytest.raises(ZeroDivisionError):
        list(results)
