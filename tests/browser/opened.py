"""The triage page in a window of a browser, with what a user would do to it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Error, Page

USUAL = {"width": 1440, "height": 900}  # a workstation's


@dataclass
class Opened:
    """A page in the browser.

    troubles: what it wrote to the console, and what it asked for besides itself.
    """

    page: Page
    file: Path
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.troubles.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("request", lambda request: self._note_request(request.url))

    def _note_request(self, url: str) -> None:
        if not url.startswith(("data:", "blob:", "about:", self.file.as_uri())):
            self.troubles.append(f"request: {url}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def rows(self) -> list[str]:
        """Return the ids of the patients whose rows are drawn, from the top."""
        cells = self.page.locator("#rows .study .patient").all_inner_texts()
        return [cell.split("\n")[0] for cell in cells]  # age and sex stand below

    def drawn(self) -> None:
        """Wait for the next frame: until then what a key or a drag has changed may not be drawn."""
        self.page.evaluate("() => new Promise(requestAnimationFrame)")

    def text(self, selector: str) -> str:
        self.drawn()
        return self.page.locator(selector).inner_text()

    def grey(self, x: int, y: int, canvas: str = "#radiograph") -> list[int]:
        """Return red, green, blue and opacity of a pixel of the image."""
        self.drawn()
        read = (
            "([id, x, y]) => [...document.querySelector(id).getContext('2d').getImageData(x, y, 1, 1).data]"
        )
        return self.page.evaluate(read, [canvas, x, y])

    def laid(self, x: int, y: int) -> np.ndarray:
        """Return blue, green and red where the overlay lies over the image."""
        red, green, blue, opacity = self.grey(x, y, "#overlay")
        share = opacity / 255
        return share * np.array([blue, green, red]) + (1 - share) * self.grey(x, y)[0]

    def overlay_shown(self) -> None:
        self.page.wait_for_function("() => radiograph.mapDrawn && !document.getElementById('overlay').hidden")

    def radiograph_shown(self) -> None:
        self.page.wait_for_function("() => radiograph.grey !== undefined")

    def screenshot(self, path: Path) -> None:
        """Write what the window shows as PNG."""
        before = [*self.troubles]
        self.page.screenshot(path=path)
        self.drawn()
        self.troubles[:] = before  # Playwright tries a style of its own, which Firefox says the policy stops

    def print(self, path: Path, **layout: Any) -> None:
        """Print on A4 into a PDF.

        layout: what Playwright's pdf takes besides the paper's size.
        """
        browser = self.page.context.browser
        # Playwright tells Firefox inches, too, which takes them for the centimetres of WebDriver BiDi.
        inches = browser is None or browser.browser_type.name == "chromium"
        width, height = ("8.27in", "11.7in") if inches else ("21in", "29.7in")
        self.page.pdf(path=path, width=width, height=height, **layout)

    def violations(self) -> list[tuple[str, str]]:
        """Return what axe-core finds, at any level: the rule and the element."""
        self.page.evaluate(f"() => {{ {AXE_SCRIPT}\n }}")
        found = self.page.evaluate("() => axe.run()")
        assert found["passes"]
        return [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]]


class Windows:
    """The windows of one browser. One is kept for test after test: a new one takes a second."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._kept: Opened | None = None
        self._open: list[Opened] = []

    def open(self, file: Path, anchor: str = "", **context: Any) -> Opened:
        """Open a page in a window that knows nothing of what was open before.

        context: what Playwright's new_context takes. What differs from a workstation in more than size and
        colours gets a window of its own, and so does the second page of a test.
        """
        viewport, scheme = context.pop("viewport", USUAL), context.pop("color_scheme", "light")
        if context or self._open:
            made = self.browser.new_context(viewport=viewport, color_scheme=scheme, **context)
            opened = Opened(made.new_page(), file)
        else:
            self._kept = opened = self._kept or Opened(self.browser.new_page(), file)
            opened.file = file
            opened.page.set_viewport_size(viewport)
            opened.page.emulate_media(color_scheme=scheme)
        self._open.append(opened)
        opened.page.goto(file.as_uri() + anchor)
        opened.drawn()  # before its first frame Firefox gives it no keys
        return opened

    def leave(self) -> list[str]:
        """Leave all pages and forget what they stored; return what went wrong in them."""
        troubles = [trouble for opened in self._open for trouble in opened.troubles]
        for opened in self._open:
            if opened is not self._kept or not self._emptied(opened):
                opened.page.context.close()
                self._kept = None if opened is self._kept else self._kept
        self._open.clear()
        return troubles

    def _emptied(self, opened: Opened) -> bool:
        """Return whether a window can be used again."""
        if opened.page.is_closed():
            return False
        try:
            if not opened.page.evaluate("() => document.hasFocus()"):
                return False  # Tab has led out of the page, into Firefox's own controls
            # The page itself stores marks and filters at this moment, so what forgets them comes after it.
            opened.page.evaluate("() => addEventListener('pagehide', () => sessionStorage.clear())")
            opened.page.goto("about:blank")
        except Error:
            return False
        opened.troubles.clear()
        return True
