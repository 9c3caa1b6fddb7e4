"""Receiving images: a sender hears of success once its image is whole, checked, on disk and in the inbox."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from screener.archives.dimse.scp import (
    CANNOT_UNDERSTAND,
    OUT_OF_RESOURCES,
    SUCCESS,
    Listening,
    Receiver,
)
from screener.arrivals.inbox import Arrival, Inbox, open_inbox
from screener.errors import UsageError, why
from screener.intake.dicom.instance import read_sop_uid
from screener.runtime import OWN_BYTES
from screener.said import Spoken, say

_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12}
_FILE_MODE = 0o640


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveOptions:
    """Everything that 'screener receive' can vary. min_free: bytes that must stay free on the disk."""

    inbox: Path
    listening: Listening
    min_free: int = 2 * 10**9

    def __post_init__(self) -> None:
        if not 0 <= self.listening.port <= 65535:
            raise UsageError("arrivals.port_range", port=self.listening.port)
        if not 1 <= self.listening.associations <= 100:
            raise UsageError("arrivals.associations_range")
        if self.listening.silence <= 0:
            raise UsageError("arrivals.idle_range")


def as_bytes(option: str, text: str) -> int:
    """Return how many bytes '2GB' or '500MB' are; raises UsageError."""
    number, unit = text[:-2].strip(), text[-2:].upper()
    if unit not in _UNITS or not number.isdecimal():
        raise UsageError("arrivals.bytes_unreadable", option=option, text=text)
    return int(number) * _UNITS[unit]


@contextmanager
def receiving(options: ReceiveOptions, tell: Callable[[Spoken], None]) -> Iterator[int]:
    """Receive images while the block runs, which is given the port; then end after those in hand.

    tell: gets a line for each association and each image that was not kept as it came.

    Raises:
        OutputError: The inbox cannot be written.
        LedgerHeldError: Another receiver fills it.
        UsageError, MissingDependencyError: As Receiver does.
    """
    with open_inbox(options.inbox, "receive") as inbox:
        keeper = _Keeper(inbox, options.min_free, tell)
        receiver = Receiver(replace(options.listening, parts=inbox.parts), keeper.keep, tell)
        try:
            yield receiver.port
        finally:
            receiver.stop()


class _Keeper:
    """Puts images into the inbox; any number of threads ask it."""

    def __init__(self, inbox: Inbox, min_free: int, tell: Callable[[Spoken], None]) -> None:
        self._inbox, self._min_free, self._tell = inbox, min_free, tell

    def keep(self, part: Path, sop_uid: str) -> int:
        """Return the status for an image: success means that a crash of the machine does not lose it."""
        name = self._inbox.name_of(sop_uid)
        if shutil.disk_usage(self._inbox.parts).free < self._min_free:
            self._tell(say("arrivals.refused_disk", name=name, gigabytes=self._min_free / 1e9))
            return OUT_OF_RESOURCES
        found = read_sop_uid(part)
        if found and found != sop_uid:
            self._tell(say("arrivals.refused_other_image", name=name))
            return CANNOT_UNDERSTAND
        try:
            part.chmod(_FILE_MODE)
            _sync(part)
            arrival = self._inbox.take(part, sop_uid)
        except OSError as error:
            self._tell(say("arrivals.refused_fault", name=name, error=why(error)))
            return OUT_OF_RESOURCES
        if arrival is Arrival.OTHER:
            self._tell(say("arrivals.came_again", name=name))
        return SUCCESS


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | OWN_BYTES)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
