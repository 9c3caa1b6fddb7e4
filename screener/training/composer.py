"""Draws composites from a table of lungs: half with an opacity, and all else alike in both halves."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from screener.domain import ByteImage
from screener.errors import DatasetError
from screener.training.composites import SIDE, Composite, Half, Lungs, compose, find_lungs, whole
from screener.training.lung_radiographs import KINDS, NORMAL, OPACITY, OTHER, LungRadiograph

HIDDEN, OWN = "hidden", "own"  # how outlines are shown, see screener.training.composites
SAME_RADIOGRAPH = {HIDDEN: 0.4, OWN: 0.8}  # of the composites have both lungs of one radiograph
MIRRORED = 0.25  # of the lungs come from the other side
WHOLE = 0.1  # of the radiographs are hosts with their own lungs, in one class with a painted opacity
_TRIES = 200

Rng = np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A radiograph to learn from.

    kind: "normal", "opacity" or "other"; empty where half of an abnormal radiograph may or may not be
    abnormal. view: the host's.
    """

    radiograph: Composite
    kind: str
    view: str

    @property
    def label(self) -> int:
        return int(self.kind == OPACITY)


class Composer:
    """Half of what it draws has an opacity. In each class as many lungs come of AP as of PA radiographs.

    The host is drawn without regard to the class. A lung without opacity of a radiograph with one in the
    other lung counts as one without: so radiographs of all three kinds lend their lungs to both classes.
    """

    def __init__(self, radiographs: Sequence[LungRadiograph], outlines: str = HIDDEN) -> None:
        """Draw from these radiographs. outlines: HIDDEN or OWN."""
        self._outlines = outlines
        self._hosts = _by_view([each for each in radiographs if each.whole])
        self._radiographs = {
            kind: _by_view([each for each in radiographs if each.kind == kind]) for kind in KINDS
        }

    def draw(self, rng: Rng) -> Drawn:
        """Return the next radiograph; the same for the same state of the generator.

        Raises:
            DatasetError: A picture cannot be read, or hardly any shows two lungs.
        """
        ill = bool(rng.random() < 0.5)
        for _ in range(_TRIES):
            host = _one_of(self._hosts, rng)
            host_lungs = _lungs(host.path)
            if host_lungs is None:
                continue
            if rng.random() < WHOLE:
                kind = OPACITY if ill else NORMAL
                return Drawn(whole(_whole(host), host_lungs, ill, rng), kind, host.view)
            pair = self._pair(ill, rng)
            if pair is None:
                continue
            halves, kind = pair
            made = compose(_whole(host), host_lungs, halves, rng)
            if made is not None:
                return Drawn(made, kind, host.view)
        raise DatasetError("training.no_composite", tries=_TRIES, file=host.path.name)

    def _pair(self, ill: bool, rng: Rng) -> tuple[tuple[Half, Half], str] | None:
        """Return a lung for each field, and which kind of picture they make; None if a draw does not fit."""
        kind = OPACITY if ill else str(rng.choice((NORMAL, OTHER)))
        radiograph, field = _one_of(self._radiographs[kind], rng), int(rng.integers(2))
        one = self._half(radiograph, field, ill, rng)
        if one is None:
            return None
        if rng.random() < SAME_RADIOGRAPH[self._outlines]:
            other = self._half_of(radiograph, 1 - one.side, rng)
        else:
            second = str(rng.choice(KINDS))
            other = self._half(
                _one_of(self._radiographs[second], rng), 1 - field, None if ill else False, rng
            )
            kind = kind if ill or second == kind == NORMAL else ""
        if other is None or (other.boxes and not ill):
            return None
        return ((one, other) if field == 0 else (other, one)), kind

    def _half(self, radiograph: LungRadiograph, field: int, ill: bool | None, rng: Rng) -> Half | None:
        """Return the lung of a radiograph for a field, at times that of the other side.

        None if it has no opacity and should, or has one and should not; either will do where ill is None.
        """
        half = self._half_of(radiograph, 1 - field if rng.random() < MIRRORED else field, rng)
        return None if half is None or (ill is not None and bool(half.boxes) != ill) else half

    def _half_of(self, radiograph: LungRadiograph, side: int, rng: Rng) -> Half | None:
        lungs = _lungs(radiograph.path)
        if lungs is None:
            return None
        boxes = tuple(box for box in radiograph.boxes if _side_of(lungs, box[0] + box[2] / 2) == side)
        if self._outlines == OWN:
            return Half(lungs, side, None, boxes)
        cut = self._cut(side, not boxes, rng)
        return Half(lungs, side, cut, boxes) if cut else None

    def _cut(self, side: int, ill: bool, rng: Rng) -> Lungs | None:
        """Return lungs whose outline on this side is that of a lung with, or without, an opacity."""
        for _ in range(_TRIES):
            radiograph = _one_of(self._radiographs[OPACITY if ill else str(rng.choice((NORMAL, OTHER)))], rng)
            lungs = _lungs(radiograph.path)
            if lungs and (
                not ill or any(_side_of(lungs, box[0] + box[2] / 2) == side for box in radiograph.boxes)
            ):
                return lungs
        return None


def _side_of(lungs: Lungs, x: float) -> int:
    """Return on which side of the midline between the lungs a place lies; x in shares of the picture."""
    return int(x * SIDE > (lungs.extent(0)[2] + lungs.extent(1)[0]) / 2)


def _by_view(radiographs: Sequence[LungRadiograph]) -> list[list[LungRadiograph]]:
    views = sorted({each.view for each in radiographs})
    return [[each for each in radiographs if each.view == view] for view in views]


def _one_of(by_view: list[list[LungRadiograph]], rng: Rng) -> LungRadiograph:
    radiographs = by_view[int(rng.integers(len(by_view)))]
    return radiographs[int(rng.integers(len(radiographs)))]


def _whole(host: LungRadiograph) -> ByteImage:
    return _read(host.whole or host.path)


@lru_cache(maxsize=2048)
def _lungs(path: Path) -> Lungs | None:
    return find_lungs(_read(path))


def _read(path: Path) -> ByteImage:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise DatasetError("training.no_picture", file=path.name)
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
