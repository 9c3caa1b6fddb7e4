"""The queue itself: readers who take the next image, by an order, whenever they are free and at work."""

import heapq
from collections import deque

import numpy as np

from screener.simulation.images import Images
from screener.simulation.orders import ReadingOrder, keys
from screener.simulation.scores import FloatArray
from screener.simulation.setting import DAY, Department, Overdue, open_minutes


def waiting_minutes(images: Images, order: ReadingOrder, department: Department) -> FloatArray:
    """Return how long each image waits from its arrival until a reader begins, shape (images,).

    No reading is interrupted; one begun before the end of the readers' hours is finished.
    """
    room = _WaitingRoom(images, order)
    arrival, reading = images.arrival.tolist(), images.reading.tolist()
    waits = np.zeros(len(arrival))
    free = [0.0] * department.readers
    start, length = department.reading_hours[0] * 60, open_minutes(department.reading_hours)
    for _ in arrival:
        now = free[0]
        if room.is_empty(now):
            now = max(now, arrival[room.arrived])
        now = _at_work(now, start, length)
        image = room.take(now)
        waits[image] = now - arrival[image]
        heapq.heapreplace(free, now + reading[image])
    return waits


def _at_work(now: float, start: float, length: float) -> float:
    """Return the first moment from now on within the readers' hours, which begin at `start` each day."""
    into = (now - start) % DAY
    return now if into < length else now + DAY - into


class _WaitingRoom:
    """Images that have come and are not being read, in an order that a result or a long wait changes."""

    def __init__(self, images: Images, order: ReadingOrder) -> None:
        self._order = order
        self._arrival, self._listed = images.arrival.tolist(), images.listed.tolist()
        with_result, before = keys(order, images)
        self._key, self._key_before = with_result.tolist(), before.tolist()
        self._flagged = images.flagged.tolist()
        self._ahead: list[tuple[float, int, bool]] = []  # flagged ones, where the cap tells them apart
        self._others: list[tuple[float, int, bool]] = []
        self._unlisted: deque[int] = deque()
        self._has_result = [False] * len(self._arrival)
        self._taken = [False] * len(self._arrival)
        self._oldest = 0
        self._waiting = 0
        self.arrived = 0

    def is_empty(self, now: float) -> bool:
        self._admit(now)
        return self._waiting == 0

    def take(self, now: float) -> int:
        """Return the image to read next, by its number; it leaves the room, which must not be empty."""
        self._admit(now)
        image = self._next(now)
        self._taken[image] = True
        self._waiting -= 1
        return image

    def _admit(self, now: float) -> None:
        arrival, listed, count = self._arrival, self._listed, len(self._arrival)
        while self.arrived < count and arrival[self.arrived] <= now:
            image = self.arrived
            self.arrived += 1
            self._waiting += 1
            if listed[image] <= now:
                self._list(image)
            else:
                heapq.heappush(self._others, (self._key_before[image], image, False))
                self._unlisted.append(image)
        while self._unlisted and listed[self._unlisted[0]] <= now:
            image = self._unlisted.popleft()
            if not self._taken[image]:
                self._list(image)

    def _list(self, image: int) -> None:
        self._has_result[image] = True
        apart = self._order.max_wait is not None and self._flagged[image]
        heapq.heappush(self._ahead if apart else self._others, (self._key[image], image, True))

    def _next(self, now: float) -> int:
        cap = self._order.max_wait
        if cap is None:
            return self._first(self._others)
        if self._order.overdue is Overdue.FIRST:
            oldest = self._oldest_waiting(now, cap, flagged_too=True)
            return oldest if oldest is not None else self._first_of_both()
        self._drop_stale(self._ahead)
        if self._ahead:
            return self._first(self._ahead)
        oldest = self._oldest_waiting(now, cap, flagged_too=False)
        return oldest if oldest is not None else self._first(self._others)

    def _first_of_both(self) -> int:
        """Return the first by key; what the cap does not lift is in the very order that there is without."""
        self._drop_stale(self._ahead)
        self._drop_stale(self._others)
        if not self._others or (self._ahead and self._ahead[0] < self._others[0]):
            return self._first(self._ahead)
        return self._first(self._others)

    def _oldest_waiting(self, now: float, cap: float, *, flagged_too: bool) -> int | None:
        """Return the image that has waited longest, if that is longer than the cap."""
        while self._oldest < self.arrived and (
            self._taken[self._oldest]
            or (not flagged_too and self._has_result[self._oldest] and self._flagged[self._oldest])
        ):
            self._oldest += 1
        if self._oldest == self.arrived or now - self._arrival[self._oldest] <= cap:
            return None
        return self._oldest

    def _first(self, heap: list[tuple[float, int, bool]]) -> int:
        self._drop_stale(heap)
        return heapq.heappop(heap)[1]

    def _drop_stale(self, heap: list[tuple[float, int, bool]]) -> None:
        """Drop entries of images that are gone, or whose result has given them another place since."""
        while heap and (self._taken[heap[0][1]] or (self._has_result[heap[0][1]] and not heap[0][2])):
            heapq.heappop(heap)
