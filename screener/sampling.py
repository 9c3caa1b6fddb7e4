"""What the pixels of an image that was read smaller stand for: which of the whole image, by which filter."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self


class LowPass(StrEnum):
    """What a lower resolution holds of the image.

    MEAN: means of squares, as of a JPEG at a DCT scale.
    REVERSIBLE, IRREVERSIBLE: the low-pass band of a wavelet of JPEG 2000 (ITU-R T.800, annex F), the 5/3 and
    the 9/7: samples around every second pixel, from the first one on.
    """

    MEAN = "mean"
    REVERSIBLE = "5/3"
    IRREVERSIBLE = "9/7"


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of an image that was read smaller.

    side: pixels of the whole image. halvings: how often it was halved. backwards: whether it was mirrored
    since.
    """

    side: int
    halvings: int
    low_pass: LowPass
    backwards: bool = False

    @property
    def samples(self) -> int:
        """The pixels that were read; what is left over counts as one."""
        return -(-self.side >> self.halvings)

    def turned(self, turn: bool) -> Self:
        """Return the axis of the mirrored image, where turn is true."""
        return replace(self, backwards=not self.backwards) if turn else self


@dataclass(frozen=True, slots=True)
class Sampling:
    """How both directions of an image were read smaller: along its columns, and along its rows."""

    down: Axis
    across: Axis

    @classmethod
    def of(cls, shape: tuple[int, int], halvings: int, low_pass: LowPass) -> Self:
        """Return the sampling of an image of that many rows and columns."""
        rows, columns = (Axis(side, halvings, low_pass) for side in shape)
        return cls(rows, columns)

    def turned(self, *, transposed: bool = False, mirrored: bool = False, flipped: bool = False) -> Self:
        """Return the sampling of the image turned so, in this order.

        transposed: rows and columns exchanged. mirrored: left and right. flipped: top and bottom.
        """
        down, across = (self.across, self.down) if transposed else (self.down, self.across)
        return replace(self, down=down.turned(flipped), across=across.turned(mirrored))
