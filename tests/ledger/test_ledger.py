import os
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.domain import Cause, Finding, Identifiers, Ignored, NotScreened, Prediction
from screener.ledger import Ledger, Stamp
from screener.operating_points import Calibration, OperatingPoint, printed
from screener.scale import Scale, Scales
from screener.worklist import study_id, study_key
from tests.outcomes import SCALES, found, missed, why
from tests.reasons import noted

CALIBRATION = Calibration(1.0, 0.0, 0.5)
EVERYTHING = Identifiers("1.2", "1.2.3", "P 1", "A-1", "2025-11-21", "PA")


def probability(logit):
    return printed(CALIBRATION.probability(logit))


@pytest.fixture
def ledger():
    with Ledger() as opened:
        yield opened


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(Ignored("notes.txt", Path("/studies/notes.txt")), id="ignored"),
        pytest.param(
            NotScreened("a.dcm", Path("/s/a.dcm"), Cause.FAILED, why("damaged; “quoted”"), EVERYTHING),
            id="failed",
        ),
        pytest.param(
            NotScreened("a.dcm", Path("/s/a.dcm"), Cause.INELIGIBLE, why("lateral")), id="ineligible"
        ),
        pytest.param(
            Ignored(r"w\xe4rd/\xff", Path(os.fsdecode(b"/s/w\xe4rd/\xff"))), id="a path that is no UTF-8"
        ),
        pytest.param(Ignored("two\nlines", Path("/s/two\nlines")), id="a line feed in a name"),
    ],
)
def test_an_outcome_comes_back_as_it_went_in(ledger, outcome):
    ledger.record([outcome])
    assert list(ledger.outcomes()) == [outcome]


def test_a_finding_comes_back_to_the_last_bit(ledger):
    cells = np.random.default_rng(0).normal(size=(7, 7)).astype(np.float32)
    went = Finding(
        r"\xff.dcm", Path(os.fsdecode(b"/s/\xff.dcm")), EVERYTHING, Prediction(0.1 + 0.2, cells), "ab" * 32
    )
    ledger.record([went])
    [came] = ledger.outcomes()
    assert (came.file, came.path, came.identifiers) == (went.file, went.path, went.identifiers)
    assert (came.prediction.logit, came.pixel_digest) == (went.prediction.logit, went.pixel_digest)
    assert came.prediction.activation_map.dtype == np.float32
    np.testing.assert_array_equal(came.prediction.activation_map, cells)


def test_outcomes_come_by_file(ledger):
    ledger.record([missed("b"), Ignored("c", Path("/s/c"))])
    ledger.record([found("a")])
    assert [each.file for each in ledger.outcomes()] == ["a", "b", "c"]


def test_every_kind_of_outcome_is_counted(ledger):
    assert ledger.counts() == {}
    ledger.record([found("a"), found("b"), found("c"), missed("d"), missed("e")])
    ledger.record([missed("f", cause=Cause.INELIGIBLE), Ignored("g", Path("/s/g"))])
    assert ledger.counts() == {"screened": 3, "failed": 2, "ineligible": 1, "ignored": 1}


def test_ignored_files_are_not_in_the_worklist(ledger):
    ledger.record([Ignored("a", Path("/s/a")), found("b")])
    assert [each.file for each in ledger.images(SCALES)] == ["b"]


def test_a_batch_that_breaks_leaves_nothing_behind(ledger):
    def breaking():
        yield found("a")
        raise RuntimeError("the engine broke")

    with pytest.raises(RuntimeError, match="engine"):
        ledger.record(breaking())
    ledger.record([found("b")])
    assert [each.file for each in ledger.outcomes()] == ["b"]


def test_studies_run_by_falling_probability_and_the_unscreened_come_last(ledger):
    ledger.record(
        [
            missed("x", study="1.1"),
            found("low", -1.0, "1.5"),
            found("tie", 2.0, "1.4"),
            found("high", 2.0, "1.3"),
            missed("sibling", study="1.3"),
            found("image.jpg", 0.5),
        ]
    )
    listed = [each.file for each in ledger.images(SCALES)]
    assert listed == ["high", "sibling", "tie", "image.jpg", "low", "x"]


NAMES = st.text("ab/Ωé", min_size=1).filter(lambda name: name[0] != "/" and Path(name).as_posix() == name)
IMAGES = st.lists(
    st.builds(
        lambda screened, logit, study, file: (screened, logit, study, file),
        st.booleans(),
        st.sampled_from([-2.0, 0.0, 1e-9, 1.0, 1.0 + 1e-8, 2.5]) | st.floats(-20, 20),
        st.sampled_from(["", "", "1.2", "1.10", "1.3", "a", "Zoë"]),
        st.sampled_from(["1.2", "a", "b", "ward/a", "Zoë", "検", "Z", "1.10"]) | NAMES,
    ),
    max_size=12,
    unique_by=lambda image: Path("/studies") / image[3],
)


@settings(deadline=None)  # a busy machine is no fault
@given(IMAGES)
def test_the_worklist_is_that_of_a_plain_sort(images):
    outcomes = [
        found(file, logit, study) if screened else missed(file, study=study)
        for screened, logit, study, file in images
    ]
    with Ledger() as ledger:
        ledger.record(outcomes)
        listed = [each.file for each in ledger.images(SCALES)]
    assert listed == [each.file for each in plainly_sorted(outcomes)]


def plainly_sorted(outcomes):
    """Sort as the design has it, in Python and without SQL."""
    studies = {key: list(group) for key, group in groupby(sorted(outcomes, key=study_key), key=study_key)}

    def place(key):
        findings = [each for each in studies[key] if isinstance(each, Finding)]
        highest = max((CALIBRATION.probability(each.prediction.logit) for each in findings), default=-1.0)
        return -highest, study_id(studies[key][0]), key[0]

    return [
        image for key in sorted(studies, key=place) for image in sorted(studies[key], key=lambda i: i.file)
    ]


def copies(ledger, *outcomes):
    ledger.record(outcomes)
    return {each.file: each for each in ledger.images(SCALES)}


def test_a_copy_of_an_image_names_the_first_of_its_twins(ledger):
    twins = {"study": "1.2", "sop": "1.2.3", "digest": "same"}
    listed = copies(ledger, found("b", **twins), found("a", **twins), found("c", **twins))
    assert {file: each.duplicate_of for file, each in listed.items()} == {"a": "", "b": "a", "c": "a"}
    assert [each.duplicate_of for each in ledger.outcomes()] == ["", "a", "a"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"study": "1.2", "sop": "1.2.3", "digest": "other"}, id="other pixels"),
        pytest.param({"study": "1.2", "sop": "1.2.4", "digest": "same"}, id="another instance"),
        pytest.param({"study": "1.3", "sop": "1.2.3", "digest": "same"}, id="another study"),
    ],
)
def test_what_differs_in_uid_or_pixels_is_no_copy(ledger, other):
    listed = copies(ledger, found("a", study="1.2", sop="1.2.3", digest="same"), found("b", **other))
    assert {each.duplicate_of for each in listed.values()} == {""}


def test_without_a_uid_nothing_is_a_copy(ledger):
    listed = copies(ledger, found("a.jpg", digest="same"), found("b.jpg", digest="same"))
    assert {each.duplicate_of for each in listed.values()} == {""}


def test_one_uid_with_two_pictures_is_noted_on_both(ledger):
    listed = copies(
        ledger,
        found("a", study="1.2", sop="1.2.3", digest="one"),
        found("b", study="1.2", sop="1.2.3", digest="two"),
        found("c", study="1.2", sop="1.2.4", digest="three"),
    )
    notes = {file: noted(each.notes) for file, each in listed.items()}
    assert notes["a"] == notes["b"] == ("SOP Instance UID shared with other pixels",)
    assert notes["c"] == ()


def test_a_failed_copy_never_stands_for_a_readable_one(ledger):
    ledger.record([missed("a", study="1.2", sop_instance_uid="1.2.3"), found("b", study="1.2", sop="1.2.3")])
    by_file = {each.file: each for each in ledger.outcomes()}
    assert isinstance(by_file["a"], NotScreened)
    assert by_file["b"].duplicate_of == ""


def test_refused_pictures_of_tagged_chests_are_counted(ledger):
    refused = NotScreened(
        "a", Path("/a"), Cause.INELIGIBLE, why("look at it"), EVERYTHING, picture_refused=True
    )
    ledger.record([refused, missed("b")])
    assert ledger.pictures_refused() == 1
    assert next(iter(ledger.outcomes())) == refused


def test_a_shift_to_a_prevalence_leaves_the_order_as_it_is(ledger):
    """Two logits that print alike at a low prevalence keep the order of their full precision."""
    scale = Scale(CALIBRATION, OperatingPoint("high_sensitivity", 0.5), 0.00001)
    ledger.record([found("a.jpg", -5.0), found("b.jpg", -4.99)])
    assert scale.probability(-5.0) == scale.probability(-4.99)
    listed = ledger.images(Scales.one(scale))
    assert [each.file for each in listed] == ["b.jpg", "a.jpg"]


def test_a_failed_copy_is_no_picture_that_shares_the_uid(ledger):
    uids = {"study": "1.2", "sop": "1.2.3"}
    ledger.record([found("a", **uids), missed("b", study="1.2", sop_instance_uid="1.2.3")])
    assert {each.file: each.notes for each in ledger.outcomes() if isinstance(each, Finding)} == {"a": ()}


CHILDREN = Scale(CALIBRATION, OperatingPoint("p", 0.5), 0.5, (), "children", (1, 5))
ADULTS = Scale(Calibration(1.0, -2.0, 0.5), OperatingPoint("p", 0.05), 0.1, (), "adults", (18, 94))
BOTH = Scales((CHILDREN, ADULTS), "adults")


def test_the_order_runs_across_populations_by_calibrated_probability(ledger):
    """An adult's higher logit may mean less than a child's lower one; a prevalence changes nothing."""
    radiographs = {"adult, 2.4": (2.4, "046Y"), "child, 1": (1.0, "003Y"), "no age, 3.5": (3.5, "")}
    ledger.record([found(name, logit, patient_age=age) for name, (logit, age) in radiographs.items()])
    assert [each.file for each in ledger.images(BOTH)] == ["no age, 3.5", "child, 1", "adult, 2.4"]


def test_long_waits_lift_what_its_own_threshold_does_not_flag(tmp_path):
    """Both have the calibrated probability 0.45; the adults' threshold flags it, the children's does not."""
    waiting = float(np.log(0.45 / 0.55))
    old = [found("child", waiting, patient_age="003Y"), found("adult", waiting + 2, patient_age="046Y")]
    new = found("new child", waiting + 0.01, patient_age="004Y")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        for day, radiographs in ((1, old), (9, [*old, new])):
            ledger.begin(datetime(2026, 11, day))
            ledger.record(radiographs)
        told = {each.file: each.waiting_days for each in ledger.images(BOTH, max_wait=3)}
    assert list(told) == ["adult", "child", "new child"]
    assert told == {"adult": None, "child": 8, "new child": None}


def test_an_image_left_to_another_shard_is_known_unseen_and_uncounted(tmp_path):
    path, stamp = tmp_path / "a.dcm", Stamp(1000, 5)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.begin(datetime(2026, 11, 20, 2, tzinfo=UTC))
        ledger.leave({path: stamp})
        assert ledger.knows(path, stamp)
        assert ledger.reuse("a.dcm", path, stamp)
        assert ledger.size() == 0
        assert list(ledger.outcomes()) == []


@pytest.mark.parametrize("touched", [Stamp(1001, 5), Stamp(1000, 6)])
def test_an_image_left_to_another_shard_is_looked_at_again_once_it_changes(tmp_path, touched):
    path = tmp_path / "a.dcm"
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.begin(datetime(2026, 11, 20, 2, tzinfo=UTC))
        ledger.leave({path: Stamp(1000, 5)})
        assert not ledger.knows(path, touched)
        assert not ledger.reuse("a.dcm", path, touched)


def test_several_images_are_left_at_once_and_outlive_the_ledgers_closing(tmp_path):
    stamps = {tmp_path / name: Stamp(1000, number) for number, name in enumerate(("a", "b", "c"))}
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.begin(datetime(2026, 11, 20, 2, tzinfo=UTC))
        ledger.leave(stamps)
        ledger.leave({})
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert [ledger.knows(path, stamp) for path, stamp in stamps.items()] == [True, True, True]
        assert not ledger.knows(tmp_path / "d", Stamp(1000, 0))
