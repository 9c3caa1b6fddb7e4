from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from screener.domain import Cause, Correction, Status
from screener.note_codes import Note, NoteCode
from screener.operating_points import Calibration, OperatingPoint
from screener.outputs.messages import shipped_messages
from screener.run_summary import ModelIdentity
from screener.scale import Scale, Scales
from screener.totals import Totals
from screener.worklist import study_key, study_rows
from tests.outcomes import found, missed

SCALE = Scale(Calibration(1.0, 0.0, 0.5), OperatingPoint("balanced", 0.5), prevalence=0.5)


def rows(*outcomes, scale=SCALE):
    return list(study_rows(outcomes, Scales.one(scale), shipped_messages()))


def row(*outcomes, scale=SCALE):
    [only] = rows(*outcomes, scale=scale)
    return only


def test_rows_keep_the_order_and_are_ranked():
    listed = rows(found("a", 2.0), found("b", 1.0), missed("c"))
    assert [(each.rank, each.study_id) for each in listed] == [(1, "a"), (2, "b"), (None, "c")]


def test_nothing_gives_no_rows():
    assert rows() == []


def test_a_screened_study_shows_the_image_that_set_its_probability():
    decisive = found(
        "ap.dcm",
        1.5,
        "1.2",
        patient_id="P1",
        accession_number="A1",
        study_date="2025-11-21",
        view_position="AP",
    )
    listed = row(found("pa.dcm", 0.5, "1.2", view_position="PA"), decisive)
    assert (listed.study_id, listed.file, listed.path) == ("1.2", "ap.dcm", decisive.path)
    assert (listed.patient_id, listed.accession_number, listed.study_date) == ("P1", "A1", "2025-11-21")
    assert listed.view == "AP"
    assert listed.probability == 0.817574  # 1 / (1 + exp(-1.5))
    assert listed.images == 2
    np.testing.assert_array_equal(listed.activation_map, decisive.prediction.activation_map)


def test_of_images_of_one_score_the_first_by_name_is_shown():
    assert row(found("b", 1.0, "1.2"), found("a", 1.0, "1.2")).file == "a"


def test_of_images_that_print_alike_the_higher_one_is_shown():
    assert row(found("b", 1.0 + 1e-9, "1.2"), found("a", 1.0, "1.2")).file == "b"


@pytest.mark.parametrize(
    ("threshold", "status"),
    [
        pytest.param(0.7310586, Status.FLAGGED, id="equal once rounded"),
        pytest.param(0.731059, Status.FLAGGED, id="exactly at it"),
        pytest.param(0.7310594, Status.FLAGGED, id="above by less than is printed"),
        pytest.param(0.731060, Status.NOT_FLAGGED, id="above by the last decimal"),
    ],
)
def test_a_study_at_its_threshold_is_flagged(threshold, status):
    scale = Scale(SCALE.calibration, OperatingPoint("custom", threshold), 0.5)
    listed = row(found("a", 1.0), scale=scale)
    assert listed.probability == 0.731059
    assert listed.status is status


def test_a_prevalence_shifts_what_is_printed():
    scale = Scale(Calibration(1.0, 0.0, 0.5), OperatingPoint("balanced", 0.1), prevalence=0.1)
    assert row(found("a", 0.0), scale=scale).probability == 0.1


def test_images_of_one_study_uid_are_one_row():
    assert [each.images for each in rows(found("a", study="1.2"), found("b", study="1.2"))] == [2]


def test_an_image_without_study_uid_is_its_own_study_named_by_its_file():
    assert [each.study_id for each in rows(found("x/a.jpg"), found("x/b.jpg"))] == ["x/a.jpg", "x/b.jpg"]


def test_a_file_that_is_called_like_a_study_uid_is_another_study():
    assert study_key(found("1.2")) != study_key(found("image", study="1.2"))
    assert len(rows(found("image", study="1.2"), found("1.2"))) == 2


@pytest.mark.parametrize(
    ("twin", "images"),
    [
        pytest.param({"sop": "1", "digest": "same"}, 1, id="a copy"),
        pytest.param({"sop": "2", "digest": "same"}, 2, id="another instance of the same picture"),
        pytest.param({"sop": "1", "digest": "other"}, 2, id="another picture under the same UID"),
    ],
)
def test_a_duplicate_is_one_image(twin, images):
    original = found("a", study="1.2", sop="1", digest="same")
    assert row(original, found("b", study="1.2", **twin)).images == images


def test_a_screened_study_says_how_many_of_its_images_failed():
    listed = row(found("a", study="1.2"), missed("b", "the file is truncated", "1.2"))
    assert listed.reason == "1 of 2 images failed: the file is truncated"
    assert listed.cause is Cause.FAILED
    assert listed.status is Status.FLAGGED


def test_equal_reasons_are_told_once():
    misses = [missed("b", "damaged", "1.2"), missed("c", "empty", "1.2"), missed("d", "damaged", "1.2")]
    assert row(found("a", study="1.2"), *misses).reason == "3 of 4 images failed: damaged; empty"


def test_a_lateral_sibling_leaves_the_reason_empty():
    listed = row(found("a", study="1.2"), missed("b", "lateral", "1.2", cause=Cause.INELIGIBLE))
    assert listed.reason == ""
    assert listed.cause is Cause.INELIGIBLE


def test_a_study_without_any_mishap_has_no_cause():
    assert row(found("a")).cause is None


def test_a_study_not_screened_has_neither_rank_nor_probability():
    listed = row(missed("a.dcm", "damaged", "1.2", patient_id="P1"))
    assert (listed.rank, listed.probability, listed.images, listed.activation_map) == (None, None, 0, None)
    assert listed.status is Status.NOT_SCREENED
    assert (listed.study_id, listed.patient_id, listed.file) == ("1.2", "P1", "a.dcm")
    assert (listed.reason, listed.cause) == ("damaged", Cause.FAILED)


def test_what_failed_is_told_before_what_was_ineligible():
    listed = row(
        missed("a", "lateral", "1.2", cause=Cause.INELIGIBLE),
        missed("c", "truncated", "1.2"),
        missed("b", "empty", "1.2"),
    )
    assert listed.reason == "empty; truncated; lateral"
    assert listed.file == "b"
    assert listed.cause is Cause.FAILED


def test_files_seen_are_the_sum_of_their_outcomes():
    totals = Totals(files_ignored=1, images_screened=20, images_ineligible=300, images_failed=4000)
    assert totals.files_seen == 4321


def test_a_model_is_named_with_its_version():
    assert str(ModelIdentity("net", "1.2.0", "ab")) == "net@1.2.0"


def test_a_row_carries_the_notes_of_the_image_that_decided():
    decisive = replace(
        found("a", 2.0, "1.2", view_position="AP", patient_age="046Y"),
        notes=(Note(NoteCode.WINDOW_REPLACED),),
    )
    other = replace(found("b", 1.0, "1.2"), notes=(Note(NoteCode.INVERTED_BY_LOOK),))
    [listed] = study_rows([decisive, other], Scales.one(replace(SCALE, ages=(1, 5))), shipped_messages())
    assert listed.notes == ("age 46, validated for 1–5", "AP", "window replaced")
    assert listed.note_codes == (NoteCode.AGE_NOT_VALIDATED, NoteCode.AP_VIEW, NoteCode.WINDOW_REPLACED)


def test_activation_outside_the_chest_is_noted_where_it_set_a_flag():
    outside = replace(found("a", 0.1), notes=(Note(NoteCode.OUTSIDE_CHEST),))
    assert row(outside).notes == ("activation outside the chest",)
    stricter = Scale(SCALE.calibration, OperatingPoint("custom", 0.6), 0.5)
    assert row(outside, scale=stricter).notes == ()


@pytest.mark.parametrize(("days", "note"), [(1, "waiting 1 day"), (12, "waiting 12 days")])
def test_a_lifted_study_says_how_long_it_has_waited(days, note):
    listed = row(replace(found("a", -3.0, view_position="AP"), waiting_days=days))
    assert listed.notes == (note, "AP")
    assert listed.waiting_days == days


def test_a_refused_sibling_is_noted_on_a_screened_study():
    refused = replace(missed("b", "look", "1.2", cause=Cause.INELIGIBLE), picture_refused=True)
    listed = row(found("a", study="1.2"), refused)
    assert listed.notes == ("another image: picture refused",)
    assert [each.file for each in listed.refused] == ["b"]


def test_a_refused_picture_is_read_as_nobody_s():
    refused = replace(missed("b", "look", "1.2", cause=Cause.INELIGIBLE), picture_refused=True)
    with_ages = replace(SCALE, ages=(1, 5))
    assert row(found("a", study="1.1"), scale=with_ages).notes != ()
    assert row(refused, scale=with_ages).notes == ()


def test_a_refused_picture_stands_before_other_ineligible_ones_of_its_study():
    refused = replace(missed("b", "look at it", "1.2", cause=Cause.INELIGIBLE), picture_refused=True)
    listed = row(missed("a", "lateral", "1.2", cause=Cause.INELIGIBLE), refused)
    assert (listed.reason, listed.file, listed.picture_refused) == ("look at it; lateral", "b", True)


def test_two_files_that_are_shown_alike_are_two_studies():
    shown = found(r"\xff.jpg")
    other = replace(shown, path=Path("/studies") / "\udcff.jpg")
    assert [each.images for each in rows(shown, other)] == [1, 1]


@pytest.mark.parametrize(
    "outcome", [found("radiograph", study="1.2"), found("radiograph"), missed("radiograph", study="1.2")]
)
def test_a_row_knows_the_study_whatever_it_is_called(outcome):
    [row] = study_rows([outcome], Scales.one(SCALE), shipped_messages())
    assert row.key == study_key(outcome)


def test_a_screened_row_carries_what_reports_need_of_its_decisive_image():
    turned = replace(found("a", 1.5, "1.2", digest="d", patient_age="070Y"), correction=Correction(1, True))
    listed = next(study_rows([turned], Scales.one(replace(SCALE, ages=(1, 5))), shipped_messages()))
    assert listed.correction == Correction(1, True)
    assert listed.pixel_digest == "d"
    assert listed.age_note == "age 70, validated for 1–5"
    assert listed.band is SCALE.band(listed.probability)


def test_a_screened_row_carries_age_and_sex_of_its_decisive_image_as_they_are_printed():
    other = found("b", 0.5, "1.2", patient_age="003M", patient_sex="M")
    [listed] = rows(other, found("a", 1.5, "1.2", patient_age="070Y", patient_sex="F"))
    assert (listed.age, listed.sex) == ("70 y", "F")


def test_an_unknown_age_or_sex_is_left_empty():
    listed = row(found("a", 1.5))
    assert (listed.age, listed.sex) == ("", "")


def both_populations():
    points = (OperatingPoint("high_sensitivity", 0.5), OperatingPoint("high_specificity", 0.9))
    child = Scale(Calibration(1.0, 0.0, 0.5), points[0], 0.5, points, "children", (1, 5))
    adult = replace(child, population="adults", ages=(18, 94), calibration=Calibration(1.0, -2.0, 0.5))
    return Scales((child, adult), "adults")


def test_each_study_is_read_on_the_scale_of_its_patients_age():
    radiographs = [found(age, 3.0, patient_age=age) for age in ("003Y", "046Y", "")]
    listed = list(study_rows(radiographs, both_populations(), shipped_messages()))
    assert [(row.population, row.band, row.probability) for row in listed] == [
        ("children", "first", 0.952574),
        ("adults", "later", 0.731059),
        ("adults", "later", 0.731059),
    ]
    assert [row.age_note for row in listed] == ["", "", "age unknown: read as an adult's"]


def test_a_study_that_was_not_screened_was_read_as_nobodys():
    [row] = study_rows([missed("a", patient_age="046Y")], both_populations(), shipped_messages())
    assert row.population == ""
