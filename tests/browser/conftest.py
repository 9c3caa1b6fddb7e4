"""A made-up triage list, opened from disk in each browser: each test states only what it cares about."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from screener.domain import Cause, EarlierResult, ShownMap, Status
from screener.operating_points import Calibration, OperatingPoint, printed
from screener.options import ReportLook, RunOptions
from screener.outputs.page_picture import page_picture
from screener.outputs.report_content import ReportContent, select_rows
from screener.outputs.triage_page import PageImage, PageImages, write_triage_page
from screener.run_summary import ModelIdentity, RunSummary
from screener.scale import ALL, Scale, Scales
from screener.totals import Totals
from screener.worklist import StudyRow
from tests.browser.browsers import BROWSERS, started
from tests.browser.opened import Opened, Windows

SCRIPTED = "<script>window.ran = true</script>"
STUDIES = 200
FLAGGED = 20
VIEWER = "https://viewer.example/viewer?StudyInstanceUIDs={study_uid}"
LARGE, SMALL = 30, 50  # studies with an image, and with a thumbnail only
POINTS = (
    OperatingPoint("high_sensitivity", 0.5, 0.98, 0.84, (0.97, 0.99), (0.81, 0.87)),
    OperatingPoint("balanced", 0.65, 0.94, 0.90),
    OperatingPoint("high_specificity", 0.8, 0.85, 0.95),
)
FIRST, NEXT, LATER = 8, 6, 6  # of the flagged
SCALE = Scale(
    Calibration(slope=1.0, intercept=0.0, prevalence=0.5),
    POINTS[0],
    prevalence=0.5,
    points=POINTS,
)
STARTED = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Windows]]:
    """Return a browser's windows by its name; each browser is started once, when it is first asked for."""
    windows: dict[str, Windows] = {}
    with sync_playwright() as playwright:

        def of(name: str) -> Windows:
            if name not in windows:
                windows[name] = Windows(started(playwright, name, tmp_path_factory.mktemp(name)))
            return windows[name]

        yield of
        for each in windows.values():
            each.browser.close()


@pytest.fixture(params=BROWSERS)
def browser_name(request: pytest.FixtureRequest) -> str:
    """Return in which browser the test runs: in each, unless it is for one only (CHROMIUM_ONLY)."""
    name: str = request.param
    return name


def made_up_rows() -> list[StudyRow]:
    """Return 200 screened studies by rank and 4 that were not screened."""
    screened = [_screened(rank) for rank in range(1, STUDIES + 1)]
    screened[2] = replace(screened[2], patient_id=SCRIPTED, patient_name="O'Hara & <b>Sons</b>")
    first = screened[0]
    reasons = (
        "cannot be decoded: the file is truncated",
        "the picture does not look like a frontal chest radiograph",
    )
    missed = [
        replace(
            first,
            rank=None,
            study_id=f"9.9.{number}",
            patient_id=f"MISSED{number}",
            probability=None,
            status=Status.NOT_SCREENED,
            reason=reasons[number % 2],
            cause=(Cause.FAILED, Cause.INELIGIBLE)[number % 2],
            notes=(),
            earlier=(),
            images=0,
        )
        for number in range(4)
    ]
    return screened + missed


def _screened(rank: int) -> StudyRow:
    flagged = rank <= FLAGGED
    probability = printed(1 - rank / 40) if flagged else printed(0.49 - rank / 1000)
    return StudyRow(
        rank=rank,
        study_id=f"1.2.{rank}",
        patient_id=f"PAT{(rank * 37) % 1000:03d}",
        accession_number=f"ACC{rank:04d}",
        study_date=(date(2026, 11, 1) + timedelta(days=rank % 20)).isoformat(),
        view=("PA", "AP")[rank % 2],
        images=1,
        probability=probability,
        band=SCALE.band(probability),
        population=ALL,
        age="46 y",
        sex="MF"[rank % 2],
        earlier=(EarlierResult("2026-11-14", 0.03), EarlierResult("2026-11-11", 0.17)) if rank == 1 else (),
        status=Status.FLAGGED if flagged else Status.NOT_FLAGGED,
        reason="",
        file=f"night/{rank:04d}.dcm",
        path=Path(f"/studies/night/{rank:04d}.dcm"),
        notes=() if rank % 3 else (f"age {rank}, validated for 1–5",),
    )


def activation_map(rank: int) -> np.ndarray:
    """Return a map, float32, (7, 7), logits, that peaks in a cell of its own and is below 0 elsewhere.

    That of rank 6 peaks in a corner, that of rank 7 falls to four times its maximum below 0.
    """
    if rank in (6, 7):
        corner = np.full((7, 7), -0.08 if rank == 6 else -1.6, np.float32)
        corner[(6, 6) if rank == 6 else (3, 3)] = 0.6 if rank == 6 else 0.4
        return corner
    rows, columns = np.mgrid[:7, :7]
    peak = np.exp(-((rows - 1 - rank % 5) ** 2 + (columns - 2 - rank % 3) ** 2) / 2) * 0.4 - 0.05
    return peak.astype(np.float32)


def radiograph_pixels() -> np.ndarray:
    """Return uint8, (300, 240): a ramp from dark to bright, left to right."""
    return np.tile(np.linspace(20, 220, 240).astype(np.uint8), (300, 1))


def made_up_radiographs() -> Iterator[PageImage]:
    for rank in range(1, LARGE + SMALL + 1):
        if rank == 5:
            yield PageImage(rank, None, note="the picture has changed since it was screened")
        else:
            shown = ShownMap(activation_map(rank), stable=rank != 8) if rank <= FLAGGED else None
            yield PageImage(rank, page_picture(radiograph_pixels(), rank <= LARGE, shown))


def made_up_summary(**changes: object) -> RunSummary:
    usual = RunSummary(
        complete=True,
        totals=Totals(
            images_screened=STUDIES,
            images_failed=2,
            images_ineligible=2,
            flagged=FLAGGED,
            first=FIRST,
            next=NEXT,
            later=LATER,
            not_flagged=STUDIES - FLAGGED,
            not_screened=4,
        ),
        model=ModelIdentity("net", "1.0.0", "ab" * 32),
        scales=Scales.one(replace(SCALE, validated_on="children")),
        started=STARTED,
        finished=STARTED + timedelta(seconds=90),
        images_per_second=60.0,
        exit_code=3,
        roots=("/studies",),
        intended_use="ordering",
        versions={},
        options=RunOptions({}),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a page of 200 studies, written once."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    rows = select_rows(made_up_rows(), {ALL: 0.5}, 1000)
    content = ReportContent(made_up_summary(), rows, (), "report.csv")
    images = PageImages(made_up_radiographs(), LARGE, SMALL)
    write_triage_page(content, images, ReportLook(), path, viewer_url=VIEWER)
    return path


@pytest.fixture
def open_page(
    browsers: Callable[[str], Windows], browser_name: str, page_file: Path
) -> Iterator[Callable[..., Opened]]:
    """Open the page; at the end there must have been no message and no request but for the page itself."""
    windows = browsers(browser_name)

    def make(anchor: str = "", file: Path = page_file, **context: object) -> Opened:
        return windows.open(file, anchor, **context)

    yield make
    assert windows.leave() == []
