"""Where the patients are others than those the model was validated on, every output says so first."""

import json

import pytest

from screener.options import ReportLook
from screener.outputs.report_pdf import report_html
from screener.outputs.run_manifest import report_keys
from screener.outputs.run_text import run_text
from screener.outputs.templating import plain_run_words
from screener.totals import Totals

NEARLY_ALL = Totals(images_screened=497, flagged=480, not_flagged=17)
DIFFER = (
    "480 of 497 flagged, about 280 expected: these patients differ from those the threshold was validated "
    "on. Use the order, not the threshold."
)


@pytest.fixture
def differing(make_summary):
    return make_summary(totals=NEARLY_ALL)


def test_far_more_flagged_than_expected_is_said_in_one_sentence(differing):
    assert plain_run_words(differing, ReportLook()).population == (DIFFER,)


def test_ppv_and_npv_are_left_out_then(differing, make_summary):
    keys = report_keys(differing)
    assert (keys["ppv"], keys["npv"]) == (None, None)
    assert json.loads(json.dumps(keys["population_check"])) == {
        "screened": 497,
        "expected_flagged": 283.3,
        "observed_flagged": 480,
        "holds": False,
        "why": "more_flagged_than_expected",
    }
    usual = report_keys(make_summary(totals=Totals(images_screened=100, flagged=57, not_flagged=43)))
    assert usual["ppv"] == pytest.approx(0.86, abs=0.005)
    assert usual["population_check"]["holds"] is True


def test_page_one_says_it_before_any_number_and_leaves_both_values_out(differing, make_report):
    html = report_html(make_report(totals=NEARLY_ALL), ReportLook())
    assert html.index(DIFFER) < html.index('<div class="grid tiles">')
    assert "of flagged studies then show pneumonia" not in html
    assert "PPV and NPV are left out" in html


def test_a_mail_says_it_in_its_first_lines(differing):
    text = run_text(differing, (), plain_run_words(differing, ReportLook()))
    assert text.splitlines()[1] == DIFFER


def test_patients_of_other_ages_are_told_of_once(make_summary):
    totals = Totals(images_screened=10, flagged=4, not_flagged=6, ages_differ=6, ages_unknown=2)
    [bar] = plain_run_words(make_summary(totals=totals, validated_ages=(1, 5)), ReportLook()).population
    assert bar.startswith(
        "6 of 10 studies are of patients outside the validated ages (1 to 5 years) or of unknown age (2)."
    )


def test_patients_without_an_age_are_told_of_in_a_sentence_of_their_own(make_summary):
    totals = Totals(images_screened=8, flagged=8, ages_differ=8, ages_unknown=8)
    summary = make_summary(totals=totals, validated_ages=(1, 5))
    [bar] = plain_run_words(summary, ReportLook()).population
    assert bar.startswith("The patient’s age is unknown in 8 of 8 studies.")


@pytest.mark.parametrize(
    ("totals", "ages"),
    [
        pytest.param(
            Totals(images_screened=10, flagged=4, not_flagged=6, ages_differ=5), (1, 5), id="half of them"
        ),
        pytest.param(
            Totals(images_screened=10, flagged=4, not_flagged=6, ages_differ=9), None, id="no validated ages"
        ),
    ],
)
def test_a_usual_night_says_nothing(make_summary, totals, ages):
    assert plain_run_words(make_summary(totals=totals, validated_ages=ages), ReportLook()).population == ()
