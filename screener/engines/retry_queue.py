"""The work left for a cluster, and how often it is tried where workers die. No Ray here."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from screener.domain import Cause, NotScreened, Screenable
from screener.reasons import Reason, ReasonCode

FILES = (
    32  # in a piece: outcomes of 1 kB each then travel in a message, never through a store or spill folder
)
TRIES = 3  # of a piece as it is, then of each of its files alone
IN_HAND = 2  # pieces that a worker holds: one that runs, one that waits beside it


@dataclass(frozen=True, slots=True)
class Piece:
    """Some files for one worker. losses: workers that died holding it. alone: nothing else goes with it."""

    files: tuple[Screenable, ...]
    losses: int = 0
    alone: bool = False


class Pieces:
    """Hands out pieces as workers have room, and takes back those whose worker died.

    A piece that has lost a worker is tried again by a worker that holds nothing else, so that only
    a file that kills workers is found to have done so TRIES times.
    """

    def __init__(self, batches: Iterable[Sequence[Screenable]]) -> None:
        self._fresh = _cut(batches)
        self._exhausted = False
        self._again: deque[Piece] = deque()

    @property
    def done(self) -> bool:
        """Whether nothing is left to hand out; what workers hold may still come back."""
        return self._exhausted and not self._again

    def next(self, in_hand: int) -> Piece | None:
        """Return a piece for a worker that holds so many, None where there is none for it now."""
        if self._again:
            return None if in_hand else self._again.popleft()
        if in_hand >= IN_HAND or self._exhausted:
            return None
        piece = next(self._fresh, None)
        self._exhausted = piece is None
        return piece

    def lost(self, piece: Piece, how: str) -> list[NotScreened]:
        """Take back a piece whose worker died; return the outcomes of what is given up.

        how: what became of the worker, in words without any identifier.
        """
        losses = piece.losses + 1
        if losses < TRIES:
            self._again.append(Piece(piece.files, losses, alone=True))
            return []
        if len(piece.files) > 1:
            self._again.extend(Piece((file,), alone=True) for file in piece.files)
            return []
        reason = Reason.of(ReasonCode.WORKERS_LOST, count=losses, how=how)
        return [NotScreened(file.name, file.path, Cause.FAILED, reason) for file in piece.files]


def _cut(batches: Iterable[Sequence[Screenable]]) -> Iterator[Piece]:
    for batch in batches:
        for start in range(0, len(batch), FILES):
            yield Piece(tuple(batch[start : start + FILES]))
