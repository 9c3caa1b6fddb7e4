"""The page as a file: what the browser may do, what is in it, what is left out. tests/browser opens it."""

import base64
import hashlib
import json
import re
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from screener.domain import Cause, ShownMap, Status
from screener.errors import UsageError
from screener.options import ReportLook, RunOptions
from screener.outputs.overlay import FULL_COLOUR
from screener.outputs.page_picture import page_picture
from screener.outputs.report_content import REFUSED_PICTURES
from screener.outputs.triage_page import SCRIPTS, PageImage, PageImages, write_triage_page
from screener.totals import Totals
from screener.worklist import RefusedImage

NO_RADIOGRAPHS = PageImages((), 0, 0)
PICTURE = page_picture(np.full((30, 20), 90, np.uint8), full=True)


@pytest.fixture
def written(tmp_path):
    def write(content, radiographs=NO_RADIOGRAPHS, look=None, **options):
        path = tmp_path / "report.html"
        write_triage_page(content, radiographs, look or ReportLook(), path, **options)
        return path.read_text(encoding="utf-8")

    return write


def data_of(html: str) -> dict:
    return json.loads(html.partition('id="worklist">')[2].partition("</script>")[0])


def policy_of(html: str) -> str:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert found
    return found[1].replace("&#39;", "'")


def test_the_policy_names_every_script_and_the_style_by_hash_and_allows_nothing_else(
    written, make_report, make_row
):
    html = written(make_report(make_row()))
    scripts = re.findall(r"<script>(.*?)</script>", html, re.S)
    [style] = re.findall(r"<style>(.*?)</style>", html, re.S)
    assert len(scripts) == len(SCRIPTS)
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (*scripts, style)
    ]
    assert policy_of(html).split("; ") == [
        "default-src 'none'",
        f"script-src {' '.join(hashes[:-1])}",
        f"style-src {hashes[-1]}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_nothing_in_the_page_needs_what_the_policy_forbids(written, make_report, make_row, make_missed_row):
    html = written(make_report(make_row(), make_missed_row()))
    body = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.S)
    assert not re.search(r"\s(style|on\w+)=", body)
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", body)
    assert "http://" not in html.replace("http-equiv", "")
    assert "https://" not in html


@pytest.mark.parametrize(
    "name",
    ["</script><script>alert(1)</script>", "<!--<script>", "'\"&<>", "\u2028\u2029", "{{ 7 * 7 }}", "山田"],
)
def test_every_value_is_text(written, make_report, make_row, name):
    row = make_row(patient_id=name, file=f"{name}.dcm", notes=(name,), study_id=name)
    html = written(make_report(row))
    cells = dict(zip(data_of(html)["columns"], data_of(html)["rows"][0], strict=True))
    assert (cells["patient_id"], cells["study_id"], cells["notes"]) == (name, name, [name])
    assert html.count("<script") == written(make_report(make_row())).count("<script")


def test_the_rows_come_in_the_order_of_the_worklist_with_their_numbers_as_printed(
    written, make_report, make_row, make_missed_row
):
    html = written(
        make_report(
            make_row(probability=0.75),
            make_row(rank=2, probability=0.1, status=Status.NOT_FLAGGED),
            make_missed_row(),
        )
    )
    data = data_of(html)
    place = data["columns"].index("probability")
    assert [row[place] for row in data["rows"]] == ["0.750000", "0.100000", None]
    assert data["thresholds"] == {"all": 0.312346}


def test_a_study_just_below_the_threshold_is_not_printed_as_the_threshold(written, make_report, make_row):
    below = make_row(rank=2, probability=0.3119, status=Status.NOT_FLAGGED)
    data = data_of(written(make_report(make_row(probability=0.312346), below)))
    place = data["columns"].index("shown")
    assert [row[place] for row in data["rows"]] == ["0.31", "< 0.31"]


def test_images_are_written_as_they_come_and_never_held_together(written, make_report, make_row):
    drawn = []

    def radiographs():
        for rank in (2, 1):
            drawn.append(rank)
            yield PageImage(rank, PICTURE)

    html = written(make_report(make_row(), make_row(rank=2)), PageImages(radiographs(), 2, 0))
    assert re.findall(r'id="image-(\d)"', html) == ["2", "1"]
    assert drawn == [2, 1]


def test_a_map_is_told_in_steps_of_the_full_colour_and_one_without_anything_above_0_not_at_all(
    written, make_report, make_row
):
    grid = np.zeros((7, 7), np.float32)
    grid[3, 2], grid[0, 0], grid[6, 6] = FULL_COLOUR / 2, -FULL_COLOUR, 3 * FULL_COLOUR
    maps = (ShownMap(grid, True), ShownMap(-grid - 9, False), None)
    radiographs = [PageImage(rank, replace(PICTURE, shown=shown)) for rank, shown in enumerate(maps, 1)]
    html = written(make_report(*(make_row(rank=rank) for rank in (1, 2, 3))), PageImages(radiographs, 3, 0))
    first, second, third = map(json.loads, re.findall(r'id="image-\d"[^>]*>(.*?)</script>', html, re.S))
    assert (first["map"][3][2], first["map"][0][0], first["map"][6][6]) == (500, -1000, 3000)
    assert (second["map"], second["stable"]) == ([], False)
    assert "map" not in third


def test_the_page_says_what_it_leaves_out(written, make_report, make_row):
    rows = [make_row(rank=rank) for rank in range(1, 6)]
    html = written(make_report(*rows, pdf_rows=3))
    assert "This page lists the first 3 of 5 screened studies; 2 are left out, 2 of them flagged." in html
    assert 'id="left-out"' not in written(make_report(*rows))


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"complete": False}, "Incomplete run"),
        ({"options": RunOptions({"new_only": True})}, "new"),
    ],
    ids=["interrupted", "new only"],
)
def test_warnings_of_page_1_stand_here_too(written, make_report, make_row, changes, warning):
    assert warning in written(make_report(make_row(), **changes)).partition('class="tiles"')[0]


def test_a_threshold_that_is_not_validated_is_called_so(written, make_report, make_row, custom_scale):
    html = written(make_report(make_row(), scale=custom_scale))
    assert "was set by hand and is not validated" in html
    assert "not validated" in data_of(html)["meanings"]["all"]


def test_the_page_is_private_unless_asked_otherwise(written, make_report, make_row, tmp_path):
    written(make_report(make_row()))
    assert stat.S_IMODE((tmp_path / "report.html").stat().st_mode) == 0o600
    written(make_report(make_row()), mode=0o640)
    assert stat.S_IMODE((tmp_path / "report.html").stat().st_mode) == 0o640


def test_words_scripts_and_style_of_ones_own_go_before_those_shipped(
    written, make_report, make_row, tmp_path
):
    own = tmp_path / "own"
    (own / "triage").mkdir(parents=True)
    (own / "messages.toml").write_text('[triage]\nsave = "Sichern"\n', encoding="utf-8")
    (own / "triage" / "page.css").write_text("body { margin: 9px; }", encoding="utf-8")
    html = written(make_report(make_row()), look=ReportLook(template=own))
    assert "<style>body { margin: 9px; }</style>" in html
    assert "Sichern" in html
    assert data_of(html)["words"]["save"] == "Sichern"


def test_a_broken_template_of_ones_own_is_named_and_what_was_there_stays(
    written, make_report, make_row, tmp_path
):
    whole = written(make_report(make_row()))
    own = tmp_path / "own"
    (own / "triage").mkdir(parents=True)
    (own / "triage" / "_head.html.j2").write_text("{{ nobody }}", encoding="utf-8")
    with pytest.raises(UsageError, match="nobody"):
        written(make_report(make_row()), look=ReportLook(template=own))
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == whole


def refused(count):
    return tuple(RefusedImage(f"{each}.png", Path(f"/{each}.png")) for each in range(count))


@pytest.mark.parametrize(
    ("screened", "missed", "said"),
    [
        pytest.param(1, 0, "1 refused picture is not shown here", id="beside a screened image"),
        pytest.param(0, 3, "2 refused pictures are not shown here", id="further ones of a study"),
        pytest.param(0, 1, None, id="shown"),
        pytest.param(50, 1, f"the PDF shows {REFUSED_PICTURES} of 51.", id="more than the PDF shows"),
    ],
)
def test_the_page_counts_the_refused_pictures_that_it_does_not_show(
    written, make_report, make_row, make_missed_row, screened, missed, said
):
    rows = (
        make_row(refused=refused(screened)),
        make_missed_row(cause=Cause.INELIGIBLE, refused=refused(missed)),
    )
    html = written(make_report(*rows))
    found = re.search(r'id="refused-unshown">(.*?)</p>', html)
    assert said in found[1] if said else found is None


def test_the_tile_says_how_to_list_here_what_was_not_screened(written, make_report, make_missed_row):
    html = written(make_report(make_missed_row(), totals=Totals(images_failed=1, not_screened=1)))
    tiles = html.partition('class="tiles"')[2].partition('class="meaning"')[0]
    assert "To list them: Notes, “images failed or refused”." in tiles
    assert "None of this was screened" not in html


@pytest.mark.parametrize(
    ("population", "said"),
    [
        ("patients of St. Mary's", "patients of St. Mary's"),
        (
            "adults who came with cough or fever to St. Mary's, Leeds. Children: none",
            "adults who came with cough or fever to St. Mary's, Leeds",
        ),
        ("Adults. AP views.", "Adults. AP views"),
    ],
    ids=["abbreviation", "first sentence", "short"],
)
def test_the_validated_population_is_not_cut_at_an_abbreviation(
    written, make_report, make_row, population, said
):
    html = written(make_report(make_row(), validated_population=population)).replace("&#39;", "'")
    assert f"Validated on: {said}.</strong>" in html
