"""Where a run met several populations, every output says what is so for each."""

from dataclasses import replace

import pytest

from screener.commands.run_summary import print_summary
from screener.domain import Status
from screener.operating_points import Calibration, OperatingPoint
from screener.options import OutputOptions, ReportLook
from screener.outputs.report_pdf import report_html
from screener.outputs.run_manifest import report_keys
from screener.outputs.run_text import run_text
from screener.outputs.templating import plain_run_words
from screener.scale import Scale, Scales
from screener.totals import PopulationTotals, Totals


def points(*thresholds):
    figures = ((0.98, 0.76), (0.94, 0.9), (0.85, 0.95))
    names = ("high_sensitivity", "balanced", "high_specificity")
    return tuple(
        OperatingPoint(
            name, threshold, *pair, (pair[0] - 0.01, pair[0] + 0.01), (pair[1] - 0.03, pair[1] + 0.03)
        )
        for name, threshold, pair in zip(names, thresholds, figures, strict=True)
    )


CALIBRATION = Calibration(1.0, 0.0, 0.5)
OF_CHILDREN, OF_ADULTS = points(0.02, 0.1, 0.4), points(0.06, 0.3, 0.7)
CHILDREN = Scale(
    CALIBRATION, OF_CHILDREN[0], 0.16, OF_CHILDREN, "children", (1, 5), "children aged 1 to 5 of one hospital"
)
ADULTS = Scale(
    CALIBRATION, OF_ADULTS[0], 0.2, OF_ADULTS, "adults", (18, 94), "adults aged 18 to 94 of another hospital"
)
SCALES = Scales((CHILDREN, ADULTS), "adults")
FEW = (
    PopulationTotals(population="children", flagged=4, first=3, next=1, not_flagged=6),
    PopulationTotals(population="adults", flagged=5, first=2, next=1, later=2, not_flagged=9, ages_unknown=1),
)


def totals(*met):
    names = ("flagged", "not_flagged", "first", "next", "later", "ages_differ", "ages_unknown")
    sums = {name: sum(getattr(each, name) for each in met) for name in names}
    return Totals(images_screened=sums["flagged"] + sums["not_flagged"], by_population=met, **sums)


MIXED = {"scales": SCALES, "totals": totals(*FEW)}


@pytest.fixture
def page_one(make_report, make_row):
    def make(met=FEW):
        rows = [
            make_row(population="children", probability=0.5, band="first"),
            make_row(rank=2, population="adults", probability=0.4, band="next"),
            make_row(rank=3, population="adults", probability=0.05, status=Status.NOT_FLAGGED),
        ]
        names = [each.population for each in met]
        rows = [row for row in rows if row.population in names]
        return report_html(make_report(*rows, scales=SCALES, totals=totals(*met)), ReportLook())

    return make


def test_each_band_tells_how_many_of_each_population_are_in_it_and_from_where(page_one):
    html = page_one()
    for words in (
        "children: 3, from 0.4",
        "adults: 2, from 0.7",
        "children: 6, below 0.02",
        "adults: 9, below 0.06",
    ):
        assert words in html


def test_page_one_has_a_column_of_figures_for_each_population(page_one):
    html = page_one()
    table = html.partition('<table class="facts populations">')[2].partition("</table>")[0]
    for cell in (
        "children</th>",
        "adults</th>",
        "10</td>",
        "14</td>",
        "0.02</td>",
        "0.06</td>",
        "16 %",
        "20 %",
    ):
        assert cell in table
    assert "children aged 1 to 5 of one hospital; adults aged 18 to 94 of another hospital" in html


def test_a_threshold_set_by_hand_explains_no_figures_that_are_not_there(make_report, make_row, page_one):
    by_hand = OperatingPoint("custom", 0.3)
    scales = Scales(tuple(replace(each, operating_point=by_hand) for each in SCALES.each), "adults")
    rows = [make_row(population="children"), make_row(rank=2, population="adults")]
    html = report_html(make_report(*rows, scales=scales, totals=totals(*FEW)), ReportLook())
    assert "Sensitivity is the share" in page_one()
    assert "Sensitivity is the share" not in html
    assert "Prevalence is the share assumed to have pneumonia; probabilities rest on it." in html


def test_each_row_is_marked_at_the_threshold_of_its_own_population(page_one):
    html = page_one()
    marks = [part.split('"')[0] for part in html.split('<div class="t" style="left:')[1:4]]
    assert marks[0] != marks[1] == marks[2]
    assert "Flagged at 0.02 (children), 0.06 (adults) or above" in html


def test_a_run_that_met_one_of_two_populations_reads_like_one_of_a_model_with_one(page_one):
    html = page_one(FEW[1:])
    assert '<table class="facts populations">' not in html
    assert "probability 0.7 or above" in html


def test_the_totals_for_programs_tell_each_population_and_the_point_that_most_studies_used(make_summary):
    keys = report_keys(make_summary(**MIXED))
    assert keys["operating_points"] == [
        {
            "population": name,
            "name": "high_sensitivity",
            "threshold": threshold,
            "sensitivity": 0.98,
            "specificity": 0.76,
            "studies": studies,
        }
        for name, threshold, studies in (("children", 0.02, 10), ("adults", 0.06, 14))
    ]
    assert keys["operating_point"]["threshold"] == 0.06
    assert keys["prevalence"] == 0.2
    assert [each["population_check"]["screened"] for each in keys["populations"]] == [10, 14]
    assert keys["population_check"]["screened"] == 24
    assert keys["populations"][1]["ages_unknown"] == 1


def test_a_model_with_one_population_has_one_operating_point_for_all(make_summary):
    [point] = report_keys(make_summary())["operating_points"]
    assert (point["population"], point["studies"]) == ("all", 1)


def test_a_mail_has_a_line_for_each_population(make_summary):
    text = run_text(make_summary(**MIXED), ())
    assert "4 of 10 read as children, at 0.02 (high_sensitivity)" in text
    assert "5 of 14 read as adults, at 0.06 (high_sensitivity)" in text


def test_the_terminal_tells_where_each_populations_band_begins(make_summary, tmp_path, capsys):
    from screener.commands.console import results

    print_summary(results(), OutputOptions(out=tmp_path / "r.pdf"), make_summary(**MIXED))
    said = " ".join(capsys.readouterr().out.split())
    assert "children: 3, probability 0.4 or more" in said
    assert "adults: 2, probability 0.7 or more" in said


MANY = (
    PopulationTotals(population="children", flagged=35, not_flagged=65),
    PopulationTotals(population="adults", flagged=96, not_flagged=4),
)


def test_only_the_population_that_differs_is_said_to_differ(make_summary):
    summary = make_summary(scales=SCALES, totals=totals(*MANY))
    assert plain_run_words(summary, ReportLook()).population == (
        "Of studies read as those of adults, 96 of 100 flagged, about 39 expected: these patients differ "
        "from those the threshold was validated on. Use the order, not the threshold.",
    )
    keys = report_keys(summary)
    assert (keys["population_check"]["holds"], keys["ppv"], keys["npv"]) == (False, None, None)
    assert [each["population_check"]["holds"] for each in keys["populations"]] == [True, False]
    assert keys["populations"][0]["ppv"] is not None
    assert keys["populations"][1]["ppv"] is None


def test_the_figures_of_the_population_that_fits_stay_on_page_one(page_one):
    html = page_one(MANY)
    assert "its figures do not hold for these patients" in html
    assert "sensitivity 98.0\N{NO-BREAK SPACE}%, specificity 76.0\N{NO-BREAK SPACE}%" in html
    assert "A dash stands for a PPV or NPV that is left out" in html


def test_images_without_an_age_are_told_of_once_with_how_they_were_read(make_summary):
    unknown = replace(FEW[1], ages_differ=14, ages_unknown=14)
    summary = make_summary(scales=SCALES, totals=totals(unknown))
    assert plain_run_words(summary, ReportLook()).population == (
        "The patient’s age is unknown in 14 of 14 studies: read as those of adults.",
    )
