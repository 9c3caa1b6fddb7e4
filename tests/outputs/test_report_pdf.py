import gc
import re
import socket
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from screener.domain import Cause, EarlierResult, ShownMap, Status
from screener.errors import ExitCode, MissingDependencyError, OutputError, UsageError
from screener.operating_points import OperatingPoint
from screener.options import ReportLook, RunOptions
from screener.outputs.overlay import as_jpeg, card_picture
from screener.outputs.report_content import REFUSED_PICTURES, Card, RefusedPicture
from screener.outputs.report_pdf import check_pdf, render_pdf, report_html, report_style, write_report_pdf
from screener.reasons import ReasonCode
from screener.scale import Band
from screener.totals import Totals
from screener.worklist import RefusedImage

LOOK = ReportLook()
REFUSED = (RefusedImage("refused.dcm", Path("/studies/refused.dcm")),)
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAP8AAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="  # red, 1 x 1


@pytest.fixture
def html_of(make_report):
    """Fill the templates, give back the HTML with its white space reduced to single blanks."""

    def fill(*rows, look=LOOK, **arguments):
        return re.sub(r"[ \n]+", " ", report_html(make_report(*rows, **arguments), look))

    return fill


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    pages = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    document.close()
    return pages


@pytest.mark.parametrize("field", ["patient_id", "accession_number", "study_date", "view", "reason", "file"])
def test_a_value_is_text_whatever_it_holds(html_of, make_row, make_missed_row, field):
    hostile = {field: "<script>&'\"{{ 7 * 7 }}"}
    rows = [make_row(**hostile), make_missed_row(**hostile)]
    html = html_of(*rows, cards=rows[:1])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "{{ 7 * 7 }}" in html
    html = html_of(make_row(patient_id="", accession_number="", file="<b>.jpg"))
    assert "&lt;b&gt;.jpg" in html


def test_a_run_named_in_markup_is_text(html_of):
    html = html_of(roots=("/a<img src=x>",), validated_population="<i>", intended_use="<u>")
    assert "<img" not in html
    assert "/a&lt;img src=x&gt;" in html


def test_a_name_that_templates_do_not_know_stops_the_rendering(make_report, tmp_path):
    (tmp_path / "report.html.j2").write_text("{{ summary.patient_name }}")
    with pytest.raises(UsageError, match="patient_name"):
        report_html(make_report(), ReportLook(template=tmp_path))


def test_the_first_page_says_what_the_numbers_mean(html_of, make_row):
    html = html_of(make_row())
    share = "<strong>98.0\N{NO-BREAK SPACE}%</strong>"
    assert f"estimated in validation: {share} of images with pneumonia are flagged" in html
    assert "(95 % interval 97.0\N{NO-BREAK SPACE}% to 99.0\N{NO-BREAK SPACE}%)" in html
    assert "threshold 0.31" in html
    assert "not validated" not in html


def test_a_custom_threshold_is_called_not_validated_everywhere(html_of, make_row, custom_scale):
    html = html_of(make_row(), cards=[make_row()], scale=custom_scale)
    page_header, histogram, worklist, cards = (
        "threshold not validated",
        "threshold 0.4, not validated",
        "(custom, <strong>not validated</strong>)",
        "<strong>The threshold is not validated.</strong>",
    )
    for words in ("set by hand and is not validated", page_header, histogram, worklist, cards):
        assert words in html


@pytest.mark.parametrize(
    ("specificity", "words"),
    [(0.99999, "above 99.9\N{NO-BREAK SPACE}%"), (1.0, "100.0\N{NO-BREAK SPACE}%"), (0.0001, "below 0.1")],
)
def test_a_share_close_to_all_or_nothing_is_not_rounded_to_it(html_of, scale, specificity, words):
    point = OperatingPoint("p", 0.5, 0.9, specificity)
    assert words in html_of(scale=replace(scale, operating_point=point))


def test_failed_images_are_in_a_box_and_ineligible_ones_in_a_line(html_of, make_missed_row):
    rows = [make_missed_row(), make_missed_row(cause=Cause.INELIGIBLE)]
    html = html_of(*rows)
    assert '<div class="cell tile failed">' in html
    assert "1 image was not screened because of its kind" in html
    assert html.index("Failed: should have been readable") < html.index("Ineligible: readable")
    assert '<div class="cell tile failed">' not in html_of()


def test_bands_are_explained_only_where_there_are_several(html_of, scale):
    words = "those of “next” are of first and next together"
    names = ("high_sensitivity", "balanced", "high_specificity")
    points = tuple(OperatingPoint(name, 0.2 * i, 0.9, 0.9) for i, name in enumerate(names, 1))
    assert words in html_of(scale=replace(scale, operating_point=points[0], points=points))
    assert words not in html_of(scale=replace(scale, operating_point=points[-1], points=points))


def test_studies_without_a_screened_image_are_those_listed(html_of):
    totals = Totals(images_screened=5, images_failed=3, not_screened=1)
    assert "1 study has no screened image." in html_of(totals=totals)
    new = html_of(totals=totals, options=RunOptions({"new_only": True}))
    assert "Of the studies listed, 1 has no screened image." in new


def test_an_interrupted_run_is_called_incomplete(html_of):
    assert "<strong>Incomplete run: the scan was interrupted.</strong>" in html_of(complete=False)
    assert "ncomplete" not in html_of(complete=True)


def test_flagged_studies_left_out_are_counted_on_the_first_page(html_of, make_row):
    html = html_of(*[make_row(rank=rank) for rank in range(1, 6)], pdf_rows=1)
    assert "first 1 of 5 screened studies; 4 are left out, 4 of them flagged.</strong>" in html
    assert "<strong>All of them are in report.csv.</strong>" in html


def headings_of_groups(html):
    return re.findall(r'class="divide" colspan="9"><b>(.*?)</b>', html)


def test_the_first_study_not_flagged_is_set_apart_once(html_of, make_row):
    passed = [make_row(rank=rank, probability=0.1, status=Status.NOT_FLAGGED) for rank in (2, 3)]
    assert headings_of_groups(html_of(make_row(), *passed)) == ["Flagged", "Not flagged"]
    assert headings_of_groups(html_of(*passed)) == ["Not flagged"]
    assert headings_of_groups(html_of(make_row())) == ["Flagged"]


POINTS = (
    OperatingPoint("high_sensitivity", 0.3, 0.98, 0.76),
    OperatingPoint("balanced", 0.5, 0.94, 0.90),
    OperatingPoint("high_specificity", 0.7, 0.85, 0.95),
)


def banded(scale, flagging=POINTS[0]):
    return replace(scale, operating_point=flagging, points=POINTS)


def banded_rows(make_row, scale):
    probabilities = (0.9, 0.8, 0.6, 0.4, 0.1)
    return [
        make_row(rank=rank, probability=value, status=scale.status(value), band=scale.band(value))
        for rank, value in enumerate(probabilities, 1)
    ]


def test_page_one_leads_with_the_bands_each_with_the_figures_of_its_point(html_of, make_row, scale):
    totals = Totals(images_screened=5, flagged=4, first=2, next=1, later=1, not_flagged=1)
    html = html_of(*banded_rows(make_row, banded(scale)), scale=banded(scale), totals=totals)
    tile = r'class="cell tile (\w+)">\s*<div class="number">(\d+)</div>'
    detail = r'<div class="detail">(.*?)</div>'
    tiles = re.findall(rf"{tile}.*?{detail}\s*{detail}", html, re.S)
    percent = "\N{NO-BREAK SPACE}%"
    assert tiles == [
        ("first", "2", "probability 0.7 or above", f"sensitivity 85.0{percent}, specificity 95.0{percent}"),
        ("next", "1", "probability 0.5 or above", f"sensitivity 94.0{percent}, specificity 90.0{percent}"),
        ("later", "1", "probability 0.3 or above", f"sensitivity 98.0{percent}, specificity 76.0{percent}"),
        ("not_flagged", "1", "probability below 0.3", "which does not mean normal: read as always"),
    ]


def test_table_and_cards_are_grouped_by_band(html_of, make_row, scale):
    rows = banded_rows(make_row, banded(scale))
    html = html_of(*rows, scale=banded(scale), cards=[Card(row, None) for row in rows[:4]])
    assert headings_of_groups(html) == ["First", "Next", "Later", "Not flagged"]
    assert re.findall(r'class="card-rank (\w+)">(.*?)</div>', html) == [
        ("first", "1 · First"), ("first", "2 · First"), ("next", "3 · Next"), ("later", "4 · Later"),
    ]  # fmt: skip


def test_a_band_that_nothing_can_be_in_is_not_shown(html_of, make_row, scale):
    html = html_of(make_row(band=Band.FIRST), scale=banded(scale, POINTS[1]))
    assert 'class="cell tile next"' in html
    assert 'class="cell tile later"' not in html


def test_date_view_and_images_are_columns_and_a_file_never_stands_under_patient_id(html_of, make_row):
    nameless = make_row(patient_id="", accession_number="", study_date="", view="", file="x/image.png")
    html = html_of(make_row(age="46 y", sex="F"), nameless)
    heads = re.findall(r"<th [^>]*>(.*?)(?:<div|</th>)", html.partition('class="list worklist"')[2])[:8]
    assert heads == [
        "Rank", "Patient ID", "Age, sex", "Accession no.", "Study date", "View", "Images", "Probability",
    ]  # fmt: skip
    body = html.partition('class="list worklist"')[2].partition("</table>")[0]
    first, second = (re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in body.split("<tr class=")[2:4])
    assert first[:7] == ["1", "P1", "46 y, F", "A1", "2025-11-21", "PA", "1"]
    assert second[1:6] == ["–"] * 5
    assert "x/image.png" in second[8]


def test_people_read_two_significant_digits_and_bars_are_on_the_logit_scale(html_of, make_row):
    html = html_of(make_row(probability=0.5), make_row(rank=2, probability=0.001, status=Status.NOT_FLAGGED))
    assert "<b>0.50</b>" in html
    assert "<b>&lt; 0.01</b>" in html
    assert "0.500000" not in html
    assert re.findall(r'class="b \w+" style="width:(.*?)%"', html) == ["50.0", "5.2"]


def test_earlier_results_of_the_patient_stand_in_the_row_and_on_the_card(html_of, make_row):
    before = (EarlierResult("2025-11-14", 0.03), EarlierResult("2019-01-02", 0.0001))
    row = make_row(earlier=before)
    html = html_of(row, cards=[Card(row, None)])
    assert html.count("Earlier: 14 Nov: 0.030; 2 Jan 2019: &lt; 0.01") == 2


def test_every_heading_is_read_once(html_of, make_row):
    html = html_of(make_row(), cards=[Card(make_row(), None)])
    labels = re.findall(r'aria-label="(.*?)"', html)
    headings = [re.sub("<.*?>", "", each) for each in re.findall(r"<h\d[^>]*>(.*?)</h\d>", html, re.S)]
    assert len(headings + labels) == len(set(headings + labels))
    assert "How the probabilities lie" not in html


def test_an_overlay_never_stands_alone(html_of, make_row):
    picture = card_picture(np.full((40, 30), 99, np.uint8), ShownMap(np.ones((7, 7), np.float32), True))
    html = html_of(make_row(), cards=[Card(make_row(), picture)])
    assert html.count("data:image/jpeg;base64,") == 2
    assert html.index('alt="radiograph, study') < html.index('alt="activation map over')


def test_a_map_that_its_mirror_image_contradicts_is_called_not_stable(html_of, make_row):
    radiograph, cells = np.full((40, 30), 99, np.uint8), np.full((7, 7), 0.123, np.float32)
    cards = [Card(make_row(), card_picture(radiograph, ShownMap(cells, stable))) for stable in (True, False)]
    steady, unsteady = (html_of(make_row(), cards=[card]) for card in cards)
    assert "The map is not stable here" in unsteady
    assert "The map is not stable here" not in steady
    assert "×2 how far each cell raises the odds, strongest cell ×1.13" in steady


def test_where_no_map_is_to_be_had_the_card_says_so_and_draws_none(html_of, make_row):
    card = Card(make_row(), card_picture(np.full((40, 30), 99, np.uint8), None))
    html = html_of(make_row(), cards=[card])
    assert "No map: the model that screened this image is not on this machine." in html
    assert html.count("data:image/jpeg;base64,") == 1


def test_a_picture_that_could_not_be_read_again_is_said_so(html_of, make_row):
    html = html_of(make_row(), cards=[Card(make_row(), None, "The file is gone.")])
    assert "<strong>No picture:</strong> The file is gone. Look at" in html
    assert "data:image" not in html


def test_the_pdf_holds_every_section_and_no_identifier_in_its_metadata(
    tmp_path, make_report, make_row, make_missed_row
):
    picture = card_picture(np.full((40, 30), 99, np.uint8), ShownMap(np.ones((7, 7), np.float32), True))
    row = make_row(patient_id="<script>", file="x/" + "1.2.840.113619." * 20 + "dcm")
    content = make_report(row, make_missed_row(), cards=[Card(row, picture)])
    path = tmp_path / "report.pdf"
    write_report_pdf(content, LOOK, path, 0o640)
    assert path.stat().st_mode & 0o777 == 0o640
    first, *others = text_of(path)
    assert "Chest radiograph worklist" in first
    assert "Not a medical device." in first
    assert "<script>" in " ".join(others)
    for number, page in enumerate(others, start=2):
        assert f"report {content.summary.report_id} · page {number} of 4" in page
        assert "Scan started 2025-11-22 02:00 UTC" in page
    document = pypdfium2.PdfDocument(path)
    assert document.get_metadata_dict(skip_empty=True).keys() <= {"Title", "Producer"}
    assert document.get_metadata_dict()["Title"] == "Chest radiograph worklist"
    sections = [bookmark.get_title() for bookmark in document.get_toc()]
    assert sections[0] == "Chest radiograph worklist"
    assert sections[-3:] == ["Worklist", "Flagged studies", "Not screened"]
    document.close()


def test_the_collector_runs_again_after_rendering():
    render_pdf("<p>a</p>", "")
    assert gc.isenabled()


@pytest.fixture
def secret(tmp_path):
    """A file that, were it fetched, would show in the PDF."""
    path = tmp_path / "secret.css"
    path.write_text("p::after { content: 'stolen' }")
    return path


@pytest.fixture
def connections(monkeypatch):
    """Every attempt to reach the network, none of which gets there."""
    attempts = []

    def refuse(*address, **_):
        attempts.append(address)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    return attempts


@pytest.mark.parametrize(
    ("html", "style"),
    [
        pytest.param('<link rel="stylesheet" href="{url}">', "", id="linked style"),
        pytest.param('<style>@import "{url}";</style>', "", id="import in the page"),
        pytest.param("", '@import "{url}";', id="import in the style"),
        pytest.param('<img src="{url}">', "", id="image"),
        pytest.param('<object data="{url}"></object><embed src="{url}">', "", id="object"),
        pytest.param('<link rel="attachment" href="{url}">', "", id="attachment"),
        pytest.param("", 'p {{ background: url("{url}") }}', id="background"),
        pytest.param('<style>@font-face {{ font-family: x; src: url("{url}") }}</style>', "", id="font"),
        pytest.param('<svg><image href="{url}"/><use href="{url}#a"/></svg>', "", id="inside a drawing"),
    ],
)
@pytest.mark.parametrize("scheme", ["file", "http", "https", "ftp"])
def test_nothing_is_fetched_from_files_or_the_network(secret, connections, html, style, scheme):
    url = secret.as_uri() if scheme == "file" else f"{scheme}://127.0.0.1:9/secret.css"
    pdf = render_pdf(f"<p>calm</p>{html.format(url=url)}", style.format(url=url))
    assert text_of(pdf) == ["calm"]
    assert connections == []
    assert b"EmbeddedFile" not in pdf


def test_pictures_inside_the_page_are_shown():
    with_picture = render_pdf(f'<img src="{PIXEL}">', "")
    assert b"/Image" in with_picture


@pytest.mark.parametrize("reason", [None, "no Pango"], ids=["not installed", "without Pango"])
def test_a_missing_library_is_named_with_its_remedy(monkeypatch, reason):
    if reason is None:
        monkeypatch.setitem(sys.modules, "weasyprint", None)
    else:
        monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
        monkeypatch.setattr("builtins.__import__", importing_without_pango(__import__))
    with pytest.raises(MissingDependencyError, match="--no-pdf") as caught:
        check_pdf(LOOK)
    assert caught.value.exit_code is ExitCode.MISSING_DEPENDENCY


def importing_without_pango(usual):
    def load(name, *arguments, **named):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return usual(name, *arguments, **named)

    return load


def test_a_present_library_passes_the_check():
    check_pdf(LOOK)


def test_a_folder_that_is_missing_is_an_output_error(make_report, tmp_path, monkeypatch):
    monkeypatch.setattr("screener.outputs.report_pdf.render_pdf", lambda html, style: b"%PDF-")
    with pytest.raises(OutputError):
        write_report_pdf(make_report(), LOOK, tmp_path / "missing" / "report.pdf")


def test_a_report_of_what_is_new_says_so(html_of, make_row):
    assert "Only what is new:" in html_of(make_row(), options=RunOptions({"new_only": True}))
    assert "Only what is new:" not in html_of(make_row(), options=RunOptions({"new_only": False}))


def test_notes_stand_in_the_worklist_and_on_the_card(html_of, make_row):
    row = make_row(notes=("age 46, validated for 1–5", "AP"))
    assert html_of(row, cards=[row]).count("age 46, validated for 1–5; AP") == 2


def test_a_refused_picture_heads_the_ineligible(html_of, make_missed_row):
    lateral = make_missed_row(study_id="1", file="lateral.dcm", cause=Cause.INELIGIBLE)
    refused = make_missed_row(study_id="2", file="refused.dcm", cause=Cause.INELIGIBLE, refused=REFUSED)
    html = html_of(lateral, refused)
    assert html.index("Refused by their picture") < html.index("refused.dcm")
    assert html.index("refused.dcm") < html.index("lateral.dcm")


def test_page_one_counts_failed_and_refused_in_the_box(html_of, make_missed_row):
    rows = [make_missed_row(), make_missed_row(cause=Cause.INELIGIBLE, refused=REFUSED)]
    html = html_of(
        *rows, totals=Totals(images_failed=1, images_ineligible=3, pictures_refused=1, not_screened=2)
    )
    assert '<span class="mark">!</span>2</div>' in html
    assert "1 image failed: it should have been readable." in html
    assert "1 picture was refused" in html
    assert "2 images were not screened because of their kind" in html


def jpeg(grey):
    return as_jpeg(np.full((60, 50), grey, np.uint8))


def test_refused_pictures_are_shown_with_their_file_and_study(html_of, make_missed_row):
    row = make_missed_row(cause=Cause.INELIGIBLE, refused=REFUSED, patient_id="P-77")
    picture = RefusedPicture(row, "refused.dcm", jpeg(90), reason="no chest radiograph")
    html = html_of(row, refused_pictures=(picture,))
    section = html.partition("<h2>Refused pictures</h2>")[2].partition("<h2>")[0]
    assert "data:image/jpeg;base64," in section
    assert "refused.dcm" in section
    assert section.index("refused.dcm") < section.index("no chest radiograph")
    assert "P-77" in section
    assert "do not look like it" in section


def test_a_refused_picture_that_is_gone_says_why(html_of, make_missed_row):
    row = make_missed_row(cause=Cause.INELIGIBLE, refused=REFUSED)
    html = html_of(row, refused_pictures=(RefusedPicture(row, "refused.dcm", None, "the file is gone"),))
    assert "No picture: the file is gone." in html


def test_refused_pictures_are_bounded_and_the_rest_is_counted(make_report, make_missed_row):
    refused = tuple(RefusedImage(f"{each}.png", Path(f"/{each}.png")) for each in range(3))
    rows = [
        make_missed_row(study_id=str(each), cause=Cause.INELIGIBLE, refused=refused) for each in range(30)
    ]
    content = make_report(*rows)
    assert len(content.selection.refused) == REFUSED_PICTURES
    assert content.refused_left_out == 90
    shown = tuple(RefusedPicture(row, image.file, jpeg(90)) for row, image in content.selection.refused)
    html = report_html(replace(content, refused_pictures=shown), LOOK)
    assert html.count('alt="refused picture ') == REFUSED_PICTURES
    assert "50 further refused pictures are not shown here" in html


def test_a_screened_study_shows_its_refused_image_too(make_report, make_row):
    row = make_row(refused=REFUSED)
    assert make_report(row).selection.refused == ((row, REFUSED[0]),)


def test_a_report_without_refused_pictures_has_no_section_for_them(html_of, make_row):
    assert "Refused pictures" not in html_of(make_row())


def test_a_refused_picture_alone_makes_the_box_too(html_of):
    assert '<div class="cell tile failed">' in html_of(totals=Totals(images_ineligible=1, pictures_refused=1))


def test_each_reason_stands_once_with_its_number_and_what_to_do(html_of, make_missed_row):
    reason, codes = "the pixels are truncated", (ReasonCode.PIXELS_TRUNCATED,)
    rows = [make_missed_row(file=f"{number}.dcm", reason=reason, reason_codes=codes) for number in range(3)]
    html = html_of(*rows)
    assert html.count(reason) == 1
    assert "3 studies <div>The copy is incomplete: send the study again from its source.</div>" in html


def test_title_site_and_logo_stand_on_page_one(html_of, tmp_path):
    Image.new("RGB", (30, 10)).save(tmp_path / "logo.png")
    html = html_of(look=ReportLook(title="Morning <list>", site="St. Łukasz", logo=tmp_path / "logo.png"))
    assert "<title>Morning &lt;list&gt;</title>" in html
    assert '<p class="site">St. Łukasz</p>' in html
    assert '<img class="logo" src="data:image/png;base64,' in html


def test_a_template_of_ones_own_replaces_one_part(html_of, tmp_path):
    (tmp_path / "_meaning.html.j2").write_text("<p>{{ say('title') }} of our own</p>")
    html = html_of(look=ReportLook(template=tmp_path))
    assert "<p>Chest radiograph worklist of our own</p>" in html
    assert "What was run" in html


def test_a_style_of_ones_own_replaces_the_shipped_one(tmp_path):
    (tmp_path / "report.css").write_text("h1 { color: red }")
    style = report_style(ReportLook(template=tmp_path, paper="letter"))
    assert style.endswith("h1 { color: red }")
    assert "@page { size: letter }" in style
    assert "data:font/ttf" in style


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        pytest.param("_run.html.j2", "{% if %}", "_run.html.j2, line 1", id="syntax"),
        pytest.param("messages.toml", "x", "messages.toml", id="catalogue"),
    ],
)
def test_a_template_that_cannot_be_used_is_named_before_the_scan(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=words):
        check_pdf(ReportLook(template=tmp_path))


def test_a_template_runs_no_code(make_report, tmp_path):
    (tmp_path / "report.html.j2").write_text("{{ content.__class__.__mro__ }}")
    with pytest.raises(UsageError, match="unsafe"):
        report_html(make_report(), ReportLook(template=tmp_path))


def test_characters_without_a_glyph_are_told_on_page_one(make_report, make_row, monkeypatch, tmp_path):
    monkeypatch.setattr("screener.outputs.fonts._system_ranges", list)
    content = make_report(make_row(patient_name="王^小東"))
    assert write_report_pdf(content, LOOK, tmp_path / "report.pdf") == "小東王"
    [first, *_] = text_of(tmp_path / "report.pdf")
    assert (
        "3 characters of this report cannot be shown by the fonts of this machine: U+5C0F, U+6771, U+738B"
        in first
    )


@pytest.mark.parametrize(("paper", "width"), [("a4", 595), ("letter", 612)])
def test_the_paper_is_as_asked(make_report, tmp_path, paper, width):
    write_report_pdf(make_report(), ReportLook(paper=paper), tmp_path / "report.pdf")
    document = pypdfium2.PdfDocument(tmp_path / "report.pdf")
    assert document[0].get_width() == pytest.approx(width, abs=1)
    document.close()


def test_a_patients_name_stands_under_the_id_where_there_is_one(html_of, make_row):
    html = html_of(make_row(patient_name="Çelik^Ayşe"), cards=[make_row(patient_name="Çelik^Ayşe")])
    assert html.count('P1<div class="name">Çelik^Ayşe</div>') == 2
    assert 'class="name"' not in html_of(make_row())


def test_a_study_just_below_the_threshold_is_not_printed_as_the_threshold(html_of, make_row):
    row = make_row(probability=0.3119, status=Status.NOT_FLAGGED)
    assert "<b>&lt; 0.31</b>" in html_of(row)
    assert "<b>0.31</b>" in html_of(make_row(probability=0.312346))
