"""What goes into a ledger and comes out of it besides outcomes."""

from dataclasses import dataclass
from typing import Protocol

from screener.ledger import schema as sql
from screener.locations import Location


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a file has changed.

    size: bytes. mtime_ns: last modified, nanoseconds. ctime_ns: when its inode last changed, as by a chmod or
    a rename; None where nobody can tell, as of an object.
    """

    size: int
    mtime_ns: int
    ctime_ns: int | None = None


NO_STAMP = Stamp(-1, 0)  # of what is never the same again
# Of what was not read for a reason that may be gone: no run knows it, and none has listed it.
TRANSIENT = Stamp(sql.TRANSIENT_SIZE, 0)


class Order(Protocol):
    """What sets the order of studies, from an image's logit and its patient's age as DICOM writes it."""

    def calibrated(self, logit: float, age: str) -> float: ...

    def flagged(self, logit: float, age: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Run:
    """One run that a ledger knows of.

    started: ISO 8601. summary: what keep() was given; empty of a run that was killed before, or that an
    older version of Screener wrote.
    """

    number: int
    started: str
    complete: bool
    summary: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """An image that was read smaller than it is; result: its number in the ledger."""

    result: int
    file: str
    path: Location
    pixel_digest: str
