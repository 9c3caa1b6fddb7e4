"""What the PDF and the triage page say of changes at a site, in words and one small picture."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lane:
    """One figure's course against its limits, drawn in pixels.

    line: an SVG path. out: the parts of it that are out of control. state: since when it is, in words; empty
    while it is in control, or where nothing is known and there is no line.
    """

    title: str
    top: float
    line: str
    out: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class LanesPicture:
    """All figures below each other. width, height, left, right, lane: pixels; base_until: x.

    x_ticks: x and words.
    """

    lanes: tuple[Lane, ...]
    width: float
    height: float
    left: float
    right: float
    lane: float
    base_until: float
    x_ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Whether anything has changed against the baseline.

    sentences: what has moved and lasts, the last first. since: the day of that. past: what came back, as far
    as it is listed. picture: None where the baseline is too short; base_nights are then those it has,
    nights_needed what it needs. Days are ISO 8601.
    """

    images: int
    nights: int
    first: str
    last: str
    base_first: str
    base_last: str
    base_nights: int
    nights_needed: int
    sentences: tuple[str, ...] = ()
    since: str = ""
    past: tuple[str, ...] = ()
    past_left_out: int = 0
    picture: LanesPicture | None = None
