"""Size, memory and paint times of the triage page, for worklists of any length and without a single scan.

Run: python benchmarks/bench_page.py 12 1000 10000     (needs Chromium and the extra 'dev')

Each page is written in a process of its own from made-up rows, a tenth of them flagged at most 500; its
images are the sample image at 1,024 pixels under noise that no two share, so that they are as large as images
get. Then headless Chromium opens it from disk five times: first contentful paint, the whole page loaded, one
filter, one sort, and the slowest of 60 frames while scrolling to the end. --keep FOLDER keeps the pages.
"""

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from bench_report import RADIOGRAPH, synthetic_rows, synthetic_summary

from screener.domain import ShownMap, Status
from screener.operating_points import printed
from screener.options import HTML_IMAGES, ReportLook
from screener.outputs.page_picture import PICTURE_SIDE, page_picture
from screener.outputs.report_content import ReportContent, select_rows
from screener.outputs.triage_page import (
    PAGE_MISSED_ROWS,
    PAGE_ROWS,
    THUMBNAILS,
    PageImage,
    PageImages,
    write_triage_page,
)
from screener.scale import ALL

OPENINGS = 5
NOISE = 9.0  # grey levels, standard deviation
CHROMIUM = "/usr/bin/chromium"

MEASURE = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const timed = async (act) => {
    const start = performance.now();
    act();
    await frame();
    return performance.now() - start;
  };
  const status = document.getElementById("by-band");
  const filter = await timed(() => { status.value = "flagged"; status.dispatchEvent(new Event("input")); });
  const clear = await timed(() => document.getElementById("clear").click());
  const sort = await timed(() => document.querySelector("[data-sort=patient]").click());
  let slowest = 0, before = await frame();
  for (let step = 1; step <= 60; step++) {
    window.scrollTo(0, step * document.body.scrollHeight / 60);
    const now = await frame();
    slowest = Math.max(slowest, now - before);
    before = now;
  }
  const painted = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  const loaded = performance.getEntriesByType("navigation")[0].loadEventEnd;
  return { painted, loaded, filter, clear, sort, slowest };
}"""


def radiographs(rows: int) -> Iterator[PageImage]:
    """Yield an image of its own for each study that gets one."""
    noise = np.random.default_rng(0)
    radiograph = cv2.imread(str(RADIOGRAPH), cv2.IMREAD_GRAYSCALE)
    radiograph = cv2.resize(
        radiograph, None, fx=PICTURE_SIDE / max(radiograph.shape), fy=PICTURE_SIDE / max(radiograph.shape)
    )
    for rank in range(1, min(rows, HTML_IMAGES + THUMBNAILS) + 1):
        grainy = np.clip(radiograph + noise.normal(0, NOISE, radiograph.shape), 0, 255).astype(np.uint8)
        spot = ShownMap(noise.normal(0, 0.1, (7, 7)).astype(np.float32), stable=True)
        yield PageImage(rank, page_picture(grainy, rank <= HTML_IMAGES, spot))


def write(count: int, path: Path) -> None:
    """Write one page; print seconds and the process's memory as JSON."""
    rows = list(synthetic_rows(count, min(500, math.ceil(count / 10)), min(60, count // 10)))
    selection = select_rows(rows, {ALL: printed(0.05061)}, PAGE_ROWS, PAGE_MISSED_ROWS)
    content = ReportContent(synthetic_summary(rows), selection, (), "report.csv")
    screened = sum(row.status is not Status.NOT_SCREENED for row in rows)
    large = min(HTML_IMAGES, screened)
    start = time.perf_counter()
    drawn = PageImages(radiographs(screened), large, min(THUMBNAILS, screened - large))
    write_triage_page(content, drawn, ReportLook(), path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - start, "peak": peak}))


def opened(path: Path) -> dict[str, float]:
    """Return the median times, in milliseconds, of a page opened from disk."""
    from playwright.sync_api import sync_playwright

    times: list[dict[str, Any]] = []
    with sync_playwright() as playwright:
        for _ in range(OPENINGS):
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(path.as_uri())
            page.wait_for_load_state("load")
            times.append(page.evaluate(MEASURE))
            browser.close()
    return {name: statistics.median(each[name] for each in times) for name in times[0]}


def main() -> None:
    """Print one line for each size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("studies", type=int, nargs="+", help="screened studies")
    parser.add_argument("--keep", type=Path, help="folder for the pages")
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.alone:
        write(arguments.studies[0], arguments.alone)
        return
    with tempfile.TemporaryDirectory() as folder:
        keep = arguments.keep or Path(folder)
        keep.mkdir(parents=True, exist_ok=True)
        for count in arguments.studies:
            path = keep / f"page-{count}.html"
            alone = [sys.executable, __file__, str(count), "--alone", str(path)]
            written = json.loads(subprocess.run(alone, check=True, capture_output=True, text=True).stdout)
            times = opened(path)
            size = f"{path.stat().st_size / 1e6:5.1f} MB"
            made = f"written in {written['seconds']:.1f} s with {written['peak']:.0f} MB"
            shown = ", ".join(f"{name} {milliseconds:.0f} ms" for name, milliseconds in times.items())
            print(f"{count:>7} studies  {size}, {made}; {shown}", flush=True)


if __name__ == "__main__":
    main()
