"""The arithmetic of agreement, worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from screener.agreement import Agreement, Mark, MarkCounts, Review, agreements
from screener.domain import Status

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
FLAGGED, NOT_FLAGGED, NOT_SCREENED = Status.FLAGGED, Status.NOT_FLAGGED, Status.NOT_SCREENED


def review(study, mark, status=FLAGGED, *, minutes=0, reader="AB", model="net@1", run=1):
    moment = NINE + timedelta(minutes=minutes)
    return Review(run, model, (True, study), study, status, Mark(mark), "", reader, moment)


def many(count, mark, status):
    return [review(f"{status} {mark} {number}", mark, status) for number in range(count)]


def test_a_ward_of_reviews_gives_the_figures_worked_out_by_hand():
    marks = (
        *many(10, "agree", FLAGGED), *many(4, "disagree", FLAGGED), *many(2, "unsure", FLAGGED),
        *many(2, "disagree", NOT_FLAGGED), *many(28, "agree", NOT_FLAGGED), *many(1, "unsure", NOT_FLAGGED),
    )  # fmt: skip
    [found] = agreements(marks)
    assert found == Agreement("net@1", 1, MarkCounts(10, 4, 2), MarkCounts(28, 2, 1))
    assert found.ppv == 10 / 14
    # Wilson: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), n = 14 and 30, z = 1.959964
    assert found.ppv_interval == pytest.approx((0.4535, 0.8828), abs=5e-5)
    assert (found.missed, found.missed_share) == (2, 2 / 30)
    assert found.missed_interval == pytest.approx((0.0185, 0.2132), abs=5e-5)
    assert found.unsure == 3


def test_nothing_decided_gives_no_figure():
    [found] = agreements([review("1", "unsure")])
    assert (found.ppv, found.ppv_interval, found.missed_share, found.missed_interval) == (None,) * 4
    assert found.flagged.unsure == 1


def test_without_reviews_there_is_no_agreement():
    assert agreements([]) == ()


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "recorded the other way round"])
def test_the_mark_made_last_counts_and_the_study_once(turned):
    marks = [
        review("1", "agree"),
        review("1", "unsure", minutes=1, reader="CD"),
        review("1", "disagree", minutes=2, run=2),
    ]
    [found] = agreements(reversed(marks) if turned else marks)
    assert found.flagged == MarkCounts(disagree=1)
    assert found.readers == 2


def test_of_marks_of_one_moment_the_one_recorded_last_counts():
    [found] = agreements([review("1", "agree"), review("1", "disagree")])
    assert found.flagged == MarkCounts(disagree=1)


def test_moments_are_compared_across_zones():
    later_by_the_clock = review("1", "agree")
    here = datetime.fromisoformat("2026-11-22T10:30:00+02:00")  # 08:30 UTC
    earlier = Review(1, "net@1", (True, "1"), "1", FLAGGED, Mark.DISAGREE, "", "CD", here)
    [found] = agreements([later_by_the_clock, earlier])
    assert found.flagged == MarkCounts(agree=1)


def test_a_study_counts_under_the_status_of_its_last_mark():
    [found] = agreements([review("1", "agree"), review("1", "disagree", NOT_FLAGGED, minutes=1)])
    assert (found.flagged, found.not_flagged) == (MarkCounts(), MarkCounts(disagree=1))


def test_model_versions_stay_apart_the_one_marked_last_first():
    found = agreements(
        [
            review("1", "agree"),
            review("1", "disagree", model="net@2", minutes=5),
            review("2", "agree", minutes=3),
        ]
    )
    assert [(each.model, each.flagged) for each in found] == [
        ("net@2", MarkCounts(disagree=1)),
        ("net@1", MarkCounts(agree=2)),
    ]


def test_a_file_is_another_study_than_a_uid_of_the_same_name():
    by_file = Review(1, "net@1", (False, "1"), "1", FLAGGED, Mark.AGREE, "", "AB", NINE)
    [found] = agreements([review("1", "agree"), by_file])
    assert found.flagged == MarkCounts(agree=2)


def test_what_was_not_screened_counts_nowhere():
    assert agreements([review("1", "unsure", NOT_SCREENED)]) == ()
