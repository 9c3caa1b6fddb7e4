"""The documentation as a site: it builds without a warning, fetches nothing, and prints well."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from tests.browser.browsers import CHROMIUM
from tests.browser.opened import Windows

TOP = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("material") is None, reason="no MkDocs here: pip install '.[docs]'"
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site, built as 'make docs' builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(
        command,
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_first_page_leads_each_reader_to_the_first_page_that_is_theirs(site: Path) -> None:
    first = (site / "index.html").read_text(encoding="utf-8")
    paths = re.split(r'<div class="path"', first)[1:]
    leads = [
        re.search(r"<h3[^>]*>([A-Za-z ]+).*?<li><a href=\"([^\"]+)\"", each, re.DOTALL) for each in paths
    ]
    assert [lead.groups() for lead in leads if lead] == [
        ("Administrator", "install.html"),
        ("Radiologist", "radiologist.html"),
        ("Data scientist", "training.html"),
    ]


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        text = page.read_text(encoding="utf-8")
        fetched = re.findall(
            r"<(?:script|link|img|iframe|source)[^>]*?(?:src|href)=\"?(https?:[^\" >]+)", text
        )
        assert fetched == [], page.name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import )[\"']?https?:", sheet.read_text(encoding="utf-8")), (
            sheet.name
        )


def test_links_out_of_the_folder_lead_to_a_page_of_the_site_or_are_none(site: Path) -> None:
    trust = (site / "trust.html").read_text(encoding="utf-8")
    assert '<a href="models/pneumonia-mobilenetv2/MODEL_CARD.html">model card</a>' in trust
    performance = (site / "performance.html").read_text(encoding="utf-8")
    assert "preprocessing/resolution.py" in performance
    assert 'resolution.py"' not in performance


def test_a_list_right_below_a_line_is_a_list_in_the_site_as_on_a_forge(site: Path) -> None:
    card = (site / "models" / "pneumonia-mobilenetv2" / "MODEL_CARD.html").read_text(encoding="utf-8")
    assert re.search(r"<strong>Not validated for:</strong></p>\s*<ul>\s*<li>", card)


def test_the_radiologists_page_is_printed_on_one_sheet(
    site: Path, browsers: Callable[[str], Windows], tmp_path: Path
) -> None:
    page = browsers(CHROMIUM).browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "radiologist.html").as_uri())
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    page.close()
    assert [url for url in asked if not url.startswith("file:")] == []
    document = pypdfium2.PdfDocument(tmp_path / "page.pdf")
    printed = document[0].get_textpage().get_text_range()
    assert len(document) == 1
    assert "How soon to look" in printed
    assert "Write no names in notes" in " ".join(printed.split())
    document.close()
