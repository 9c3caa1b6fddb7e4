"""Makes the pictures of the sample studies' report and of their list, as Chromium shows it, anew.

Run: python docs/make_pictures.py     (needs Chromium and the extra 'dev'; a minute)
"""

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

TOP = Path(__file__).parents[1]
PICTURES = TOP / "docs" / "pictures"
STUDIES = Path("/tmp/studies")
CHROMIUM = "/usr/bin/chromium"
DESK = {"width": 1200, "height": 800}
TABLET = {"width": 768, "height": 1024}
PAGE_WIDTH, CARD_WIDTH = 621, 800  # pixels
MARGIN, ABOVE = 38.0, 8.0  # of a page, and above a card's heading; points
COLOURS = 128  # few enough for small files, enough for the grey of a thumbnail


def main() -> None:
    """Scan the sample studies into a report and a triage page, and write their six pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = scanned(Path(folder))
        save_report(page_file.with_suffix(".pdf"))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        save(opened(browser, page_file, "dark", DESK), "triage-list.png")
        save(opened(browser, page_file, "light", TABLET), "triage-tablet.png")
        save(with_study(opened(browser, page_file, "dark", DESK)), "triage-study.jpg")
        save(with_keys(opened(browser, page_file, "dark", DESK)), "triage-keys.png")
        browser.close()


def scanned(folder: Path) -> Path:
    """Return the triage page of the sample studies, beside their report.

    Two of them are damaged, so the scan ends with 3. They are screened at a place that says nothing of the
    machine: page 1 names it.
    """
    report = folder / "report.pdf"
    shutil.copytree(TOP / "sample_data" / "studies", STUDIES)
    command = [
        sys.executable,
        "-m",
        "screener",
        "scan",
        str(STUDIES),
        "--out",
        str(report),
        "--html",
    ]
    try:
        assert subprocess.run(command, check=False, capture_output=True).returncode == 3
    finally:
        shutil.rmtree(STUDIES)
    return report.with_suffix(".html")


def save_report(report: Path) -> None:
    """Write page 1 of a report, and its first card."""
    document = pypdfium2.PdfDocument(report)
    first, cards = document[0], document[2]
    save_picture(first.render(scale=PAGE_WIDTH / first.get_width()).to_pil(), "report-page-1.png")
    text = cards.get_textpage()
    tops = [text.search(f"{number} · ").get_next() or (0, 0) for number in (1, 2)]
    top, bottom = (cards.get_height() - text.get_charbox(index)[3] for index, _ in tops)
    scale = CARD_WIDTH / (cards.get_width() - 2 * MARGIN)
    box = (MARGIN, top - ABOVE, cards.get_width() - MARGIN, bottom - ABOVE)
    card = cards.render(scale=scale).to_pil().crop(tuple(round(scale * each) for each in box))
    save_picture(card, "report-card.png")


def opened(browser: Browser, page_file: Path, scheme: str, size: dict[str, int]) -> Page:
    """Return the list, dark or light, in a window of a size."""
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(page_file.as_uri())
    page.wait_for_load_state("load")
    return page


def with_study(page: Page) -> Page:
    """Open the first study, with its activation map."""
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_function("() => radiograph.grey !== undefined")
    page.keyboard.press("o")
    page.wait_for_function("() => radiograph.mapDrawn && !document.getElementById('overlay').hidden")
    return page


def with_keys(page: Page) -> Page:
    """Show the keys."""
    page.keyboard.press("?")
    return page


def save(page: Page, name: str) -> None:
    """Write what a window shows."""
    save_picture(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), name)
    page.close()


def save_picture(picture: Image.Image, name: str) -> None:
    """Write a picture, as JPEG or in few colours."""
    if name.endswith(".jpg"):
        picture.save(PICTURES / name, quality=82)
    else:
        picture.quantize(COLOURS).save(PICTURES / name, optimize=True)


if __name__ == "__main__":
    main()
