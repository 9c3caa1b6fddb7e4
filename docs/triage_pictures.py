"""Makes the pictures of docs/triage.md anew: the sample studies' list, as Chromium shows it.

Run: python docs/triage_pictures.py     (needs Chromium and the extra 'dev'; a minute)
"""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

TOP = Path(__file__).parents[1]
PICTURES = TOP / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
DESK = {"width": 1200, "height": 800}
TABLET = {"width": 768, "height": 1024}
COLOURS = 128  # few enough for small files, enough for the grey of a thumbnail


def main() -> None:
    """Scan the sample studies into a triage page and write its four pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = scanned(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        save(opened(browser, page_file, "dark", DESK), "triage-list.png")
        save(opened(browser, page_file, "light", TABLET), "triage-tablet.png")
        save(with_study(opened(browser, page_file, "dark", DESK)), "triage-study.jpg")
        save(with_keys(opened(browser, page_file, "dark", DESK)), "triage-keys.png")
        browser.close()


def scanned(folder: Path) -> Path:
    """Return the triage page of the sample studies; two of them are damaged, so the scan ends with 3."""
    studies, report = TOP / "sample_data" / "studies", folder / "report.pdf"
    command = [
        sys.executable,
        "-m",
        "screener",
        "scan",
        str(studies),
        "--out",
        str(report),
        "--no-pdf",
        "--html",
    ]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 3
    return report.with_suffix(".html")


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
    """Write what a window shows, as JPEG or in few colours."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    if name.endswith(".jpg"):
        picture.save(PICTURES / name, quality=82)
    else:
        picture.quantize(COLOURS).save(PICTURES / name, optimize=True)
    page.close()


if __name__ == "__main__":
    main()
