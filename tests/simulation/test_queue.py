"""The queue agrees with queueing theory where there is a formula, and keeps to its order and its cap."""

import math

import numpy as np
import pytest

from screener.said import say
from screener.simulation.images import Images, draw_images
from screener.simulation.orders import BANDS, FIFO, PROBABILITY, ReadingOrder
from screener.simulation.queue import waiting_minutes
from screener.simulation.setting import DAY, Department, Overdue, PatientGroup, Plan, Point

PATIENTS = (PatientGroup("all", 1.0, 0.2, (Point("p", 0.9, 0.8),), say("simulation.given")),)


def unfinished_work(readers: int, load: float, minutes: float) -> float:
    """Return what an image waits for on average in M/M/c until any reader is free (Erlang C), minutes."""
    free = sum(load**count / math.factorial(count) for count in range(readers))
    busy = load**readers / math.factorial(readers) * readers / (readers - load)
    return busy / (free + busy) * minutes / readers


@pytest.mark.parametrize("readers", [1, 3])
def test_waits_are_those_of_m_m_c_and_of_two_priorities_that_interrupt_no_reading(readers: int) -> None:
    department = Department(arrivals=250 * readers, readers=readers, reading_minutes=4)
    images = draw_images(department, PATIENTS, Plan(days=200 // readers), np.random.default_rng(3))
    rho = department.utilisation
    flagged_rho = rho * (0.2 * 0.9 + 0.8 * 0.2)
    work = unfinished_work(readers, rho * readers, 4)
    arrival_order = waiting_minutes(images, ReadingOrder(FIFO, FIFO), department)
    by_bands = waiting_minutes(images, ReadingOrder(BANDS, BANDS), department)
    assert arrival_order.mean() == pytest.approx(work / (1 - rho), rel=0.06)
    assert by_bands[images.flagged].mean() == pytest.approx(work / (1 - flagged_rho), rel=0.06)
    lower = work / ((1 - flagged_rho) * (1 - rho))  # Cobham 1954
    assert by_bands[~images.flagged].mean() == pytest.approx(lower, rel=0.06)


def test_readings_that_all_take_the_same_time_halve_the_wait() -> None:
    department = Department(arrivals=250, reading_minutes=4, reading_cv=0)
    images = draw_images(department, PATIENTS, Plan(days=200), np.random.default_rng(3))
    rho = department.utilisation
    waits = waiting_minutes(images, ReadingOrder(FIFO, FIFO), department)
    assert waits.mean() == pytest.approx(rho * 4 / (2 * (1 - rho)), rel=0.06)  # Pollaczek and Khinchine


def test_no_order_makes_readers_idle_while_an_image_waits() -> None:
    department = Department(arrivals=250, reading_minutes=3, reading_hours=(7, 21), scan_at=2)
    images = draw_images(department, PATIENTS, Plan(days=10), np.random.default_rng(5))
    orders = [
        ReadingOrder("a", FIFO),
        ReadingOrder("b", PROBABILITY),
        ReadingOrder("c", BANDS),
        ReadingOrder("d", PROBABILITY, 300.0, Overdue.FIRST),
        ReadingOrder("e", BANDS, 300.0),
    ]
    work = [np.sort(images.arrival + waiting_minutes(images, order, department))[::100] for order in orders]
    for each in work[1:]:  # the work done by any moment differs by the images in hand alone
        assert np.abs(each - work[0]).max() < 60


def few(arrival: list[float], **given: object) -> Images:
    """Return images that take 10 minutes each, scored as they come, unless said otherwise."""
    count = len(arrival)
    values = {
        "listed": np.array(arrival),
        "reading": np.full(count, 10.0),
        "pneumonia": np.zeros(count, dtype=bool),
        "band": np.ones(count, dtype=np.int64),
        "flagged": np.zeros(count, dtype=bool),
        "probability": np.full(count, 0.1),
        "prior": np.full(count, 0.2),
        "counted": np.ones(count, dtype=bool),
        **{name: np.array(value) for name, value in given.items()},
    }
    return Images(arrival=np.array(arrival), **values)


ONE = Department(arrivals=1)
FLAGGED_LATER = few(
    [0, 1, 2, 3], flagged=[False, False, True, True], band=[1, 1, 0, 0], probability=[0.1, 0.1, 0.5, 0.9]
)


@pytest.mark.parametrize(
    ("order", "begins"),
    [
        pytest.param(ReadingOrder("a", FIFO), [0, 10, 20, 30], id="as they came"),
        pytest.param(ReadingOrder("b", PROBABILITY), [0, 30, 20, 10], id="the likeliest first"),
        pytest.param(ReadingOrder("c", BANDS), [0, 30, 10, 20], id="flagged first, as they came"),
        pytest.param(
            ReadingOrder("d", BANDS, 5.0), [0, 30, 10, 20], id="a cap below the flagged lifts none above"
        ),
        pytest.param(ReadingOrder("e", BANDS, 5.0, Overdue.FIRST), [0, 10, 20, 30], id="a cap above all"),
        pytest.param(
            ReadingOrder("f", PROBABILITY, 15.0, Overdue.FIRST), [0, 20, 30, 10], id="overdue at 20"
        ),
    ],
)
def test_the_next_image_is_the_one_that_the_order_says(order: ReadingOrder, begins: list[float]) -> None:
    waits = waiting_minutes(FLAGGED_LATER, order, ONE)
    assert (waits + FLAGGED_LATER.arrival).tolist() == begins


def test_a_cap_lifts_the_longest_waiting_of_those_not_flagged_above_likelier_ones() -> None:
    images = few([0, 1, 2, 3], probability=[0.1, 0.1, 0.2, 0.3])
    free = waiting_minutes(images, ReadingOrder("a", PROBABILITY), ONE)
    capped = waiting_minutes(images, ReadingOrder("b", PROBABILITY, 15.0), ONE)
    assert (free + images.arrival).tolist() == [0, 30, 20, 10]
    assert (capped + images.arrival).tolist() == [0, 20, 30, 10]


def test_an_image_that_no_scan_has_seen_stands_behind_the_flagged_and_before_the_others() -> None:
    images = few(
        [0, 1, 2, 3],
        listed=[0, 1, 25, 3],
        flagged=[False, False, True, True],
        band=[1, 1, 0, 0],
        probability=[0.1, 0.1, 0.9, 0.9],
    )
    for order in (ReadingOrder("a", BANDS), ReadingOrder("b", PROBABILITY)):
        assert (waiting_minutes(images, order, ONE) + images.arrival).tolist() == [0, 30, 20, 10]


def test_nothing_is_read_outside_the_readers_hours_and_what_was_begun_is_finished() -> None:
    at_night = Department(arrivals=1, reading_hours=(20, 6))
    images = few([60.0, 5 * 60 + 55, 6 * 60 + 1])
    waits = waiting_minutes(images, ReadingOrder("a", FIFO), at_night)
    assert (images.arrival + waits).tolist() == [60, 5 * 60 + 55, 20 * 60]


def test_a_nightly_scan_gives_results_at_its_hour_and_images_come_in_their_hours() -> None:
    department = Department(arrivals=50, arrival_hours=(20, 4), scan_at=2)
    images = draw_images(department, PATIENTS, Plan(days=20), np.random.default_rng(1))
    assert set((images.listed % DAY / 60).tolist()) == {2.0}
    assert ((images.listed - images.arrival >= 0) & (images.listed - images.arrival < DAY)).all()
    hours = images.arrival % DAY / 60
    assert ((hours >= 20) | (hours < 4)).all()
    assert (np.diff(images.arrival) >= 0).all()
