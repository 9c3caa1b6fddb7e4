"""Time, memory and pages of the PDF report, for worklists of any length and without a single scan.

Run: python benchmarks/bench_report.py 0 1000 10000 100000

Each size is measured in a process of its own: rows are made up, a tenth of them flagged at most 500, with one
sample image on every card; --keep FOLDER keeps the PDFs to look at.
"""

import argparse
import math
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from screener.domain import Cause, ShownMap, Status
from screener.operating_points import Calibration, OperatingPoint, printed
from screener.options import ReportLook, RunOptions
from screener.outputs.overlay import FULL_COLOUR, card_picture
from screener.outputs.report_content import Card, CardPicture, ReportContent, select_rows
from screener.outputs.report_pdf import write_report_pdf
from screener.run_summary import ModelIdentity, RunSummary
from screener.scale import ALL, Scale, Scales
from screener.totals import Totals
from screener.worklist import RefusedImage, StudyRow

RADIOGRAPH = Path(__file__).parents[1] / "sample_data" / "studies" / "exports" / "film-01.jpg"
SCALE = Scale(
    Calibration(slope=1.0, intercept=0.0, prevalence=0.05),
    OperatingPoint("high_sensitivity", 0.05061, 0.981, 0.962, (0.973, 0.987), (0.945, 0.975)),
    prevalence=0.05,
)
MISSES = (
    (Cause.FAILED, False, "cannot be decoded: the file is truncated; copy it again from its source"),
    (Cause.FAILED, False, "the DICOM file holds no pixel data: truncated? Copy it again from its source"),
    (Cause.FAILED, False, "decoding took longer than 60 s and was stopped"),
    (Cause.INELIGIBLE, True, "the picture does not look like a frontal chest radiograph"),
    (Cause.INELIGIBLE, False, "Modality (0008,0060) is CT: only CR and DX are screened"),
    (Cause.INELIGIBLE, False, "View Position (0018,5101) is LL: only frontal views are screened"),
    (Cause.INELIGIBLE, False, "Body Part Examined (0018,0015) is HAND, not CHEST"),
)
NOTES = ((), (), (), ("AP",), ("age 46, validated for 1–5",), ("age unknown; validated for 1–5", "AP"))
STARTED = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def synthetic_rows(count: int, flagged: int, missed: int = 0, seed: int = 0) -> Iterator[StudyRow]:
    """Yield screened rows by falling probability, then `missed` ones that were not screened."""
    chance = random.Random(seed)
    threshold = printed(SCALE.operating_point.threshold)
    above = sorted((_between(chance, threshold, 0.995) for _ in range(flagged)), reverse=True)
    below = sorted((_between(chance, 0.001, threshold - 1e-6) for _ in range(count - flagged)), reverse=True)
    for rank, probability in enumerate([*above, *below], start=1):
        yield _row(
            chance, rank, printed(probability), Status.FLAGGED if rank <= flagged else Status.NOT_FLAGGED
        )
    for number in range(missed):
        cause, refused, reason = MISSES[number % len(MISSES)]
        row = _row(chance, count + number + 1, 0.0, Status.NOT_SCREENED)
        yield replace(
            row,
            rank=None,
            probability=None,
            images=0,
            cause=cause,
            reason=reason,
            refused=(RefusedImage(row.file, row.path),) if refused else (),
            notes=(),
        )


def _between(chance: random.Random, low: float, high: float) -> float:
    """Return a probability, even on the logit scale, between two others."""
    logit = chance.uniform(math.log(low / (1 - low)), math.log(high / (1 - high)))
    return 1 / (1 + math.exp(-logit))


def _row(chance: random.Random, number: int, probability: float, status: Status) -> StudyRow:
    day = (STARTED - timedelta(days=chance.randrange(5))).date().isoformat()
    file = f"{day}/PAT{number:06d}/IM{chance.randrange(10**6):06d}.dcm"
    failed = chance.random() < 0.02
    return StudyRow(
        rank=number,
        study_id=f"1.2.826.0.1.3680043.8.498.{number:012d}",
        patient_id=f"PAT{number:06d}",
        accession_number=f"ACC{chance.randrange(10**8):08d}",
        study_date=day,
        view=chance.choice(("PA", "AP")),
        images=chance.choice((1, 1, 1, 2)),
        probability=probability,
        status=status,
        population=ALL,
        reason="1 of 2 images failed: cannot be decoded: the file is truncated" if failed else "",
        file=file,
        path=Path("/studies") / file,
        activation_map=np.zeros((7, 7), np.float32),
        cause=Cause.FAILED if failed else None,
        notes=chance.choice(NOTES),
    )


def synthetic_picture(row: int = 2, column: int = 2) -> CardPicture:
    """Return the sample image with an activation map that peaks in one cell."""
    radiograph = cv2.imread(str(RADIOGRAPH), cv2.IMREAD_GRAYSCALE)
    rows, columns = np.mgrid[:7, :7]
    spot = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 2) * 1.1 - 0.1
    shown = ShownMap(FULL_COLOUR * spot.astype(np.float32), stable=True)
    return card_picture(np.asarray(radiograph, np.uint8), shown)


def synthetic_summary(rows: list[StudyRow]) -> RunSummary:
    """Return a run whose totals are those of the rows."""
    statuses = Counter(row.status for row in rows)
    missed = [row for row in rows if row.status is Status.NOT_SCREENED]
    return RunSummary(
        complete=True,
        totals=Totals(
            files_ignored=len(rows) // 50,
            images_screened=sum(row.images for row in rows),
            images_failed=sum(row.cause is Cause.FAILED for row in rows),
            images_ineligible=sum(row.cause is Cause.INELIGIBLE for row in missed),
            pictures_refused=sum(row.picture_refused for row in missed),
            flagged=statuses[Status.FLAGGED],
            not_flagged=statuses[Status.NOT_FLAGGED],
            not_screened=statuses[Status.NOT_SCREENED],
        ),
        model=ModelIdentity("pneumonia-mobilenetv2", "1.1.0", "5e" * 32),
        scales=Scales.one(
            replace(SCALE, validated_on="children aged 1 to 5 of one hospital (Guangzhou), AP images")
        ),
        started=STARTED,
        finished=STARTED + timedelta(minutes=3, seconds=12),
        images_per_second=61.4,
        exit_code=3 if missed else 0,
        roots=("/studies",),
        intended_use="ordering a worklist; decision support for research and quality work",
        versions={"screener": "0.1.0"},
        options=RunOptions({}),
    )


def synthetic_content(count: int, flagged: int, missed: int) -> ReportContent:
    """Return the content of a report on so many studies, every card with a picture."""
    rows = list(synthetic_rows(count, flagged, missed))
    selection = select_rows(rows, {ALL: printed(SCALE.operating_point.threshold)})
    cards = tuple(
        Card(row, synthetic_picture(2 + row.rank % 3, 1 + row.rank % 5))
        for row in selection.for_cards()
        if row.rank
    )
    return ReportContent(synthetic_summary(rows), selection, cards, "report.csv")


def main() -> None:
    """Measure each size in a process of its own and print one line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("studies", type=int, nargs="+", help="screened studies")
    parser.add_argument("--keep", type=Path, help="folder for the PDFs")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.alone:
        measure(arguments.studies[0], arguments.keep)
        return
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    for count in arguments.studies:
        keep = ["--keep", str(arguments.keep)] if arguments.keep else []
        subprocess.run([sys.executable, __file__, str(count), "--alone", *keep], check=True)


def measure(count: int, keep: Path | None) -> None:
    """Write one report; print seconds, memory, pages and size."""
    content = synthetic_content(count, min(500, math.ceil(count / 10)), min(60, count // 10))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryDirectory() as folder:
        path = (keep or Path(folder)) / f"report-{count}.pdf"
        start, busy = time.perf_counter(), time.process_time()
        write_report_pdf(content, ReportLook(), path)
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count:>7} studies  {seconds:5.1f} s ({busy:.1f} s of processor)  {peak:.0f} MB "
            f"({before:.0f} MB before)  {pages(path)} pages  {path.stat().st_size / 1e6:.1f} MB",
            flush=True,
        )


def pages(path: Path) -> int:
    """Return how many pages a PDF has."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    count = len(document)
    document.close()
    return count


if __name__ == "__main__":
    main()
