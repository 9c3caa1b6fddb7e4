"""A set of images is known again; a single image is not given away."""

import json

import numpy as np
import pytest

from screener.domain import Fingerprint
from screener.errors import ModelRejectedError
from screener.evaluation.overlap import estimate_overlap
from screener.fingerprint import COARSE
from screener.inference.training_images import (
    CALIBRATED,
    EARLIER,
    FILLED,
    TRAINED,
    TRAINING_IMAGES,
    UNKNOWN,
    VALIDATED,
    TrainingImages,
    image_set,
    read_training_images,
    write_training_images,
)


def prints(count, seed):
    rows = np.random.default_rng(seed).normal(0, 100, (count, COARSE))
    return [Fingerprint(str(row[0]), tuple(map(float, row))) for row in rows]


TRAINING = prints(4000, 1)


@pytest.fixture(scope="module")
def radiographs():
    """A set whose salt is always the same one: what chance does is then the same each time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("secrets.token_bytes", lambda count: bytes(range(count)))
        return image_set(TRAINED, TRAINING)


def overlap(radiographs, seen):
    return estimate_overlap(radiographs.role, len(seen), *radiographs.recognised(seen), radiographs.filled)


def test_a_quarter_of_all_other_images_seem_to_be_among_them(radiographs):
    assert radiographs.filled == pytest.approx(FILLED, abs=0.02)
    distinct, told = radiographs.recognised(prints(4000, 2))
    assert distinct == 4000
    assert told / distinct == pytest.approx(radiographs.filled, abs=0.03)


@pytest.mark.parametrize("shared", [0, 120, 312, 624])
def test_the_shared_part_of_a_set_is_estimated(radiographs, shared):
    found = overlap(radiographs, [*TRAINING[:shared], *prints(624 - shared, 3)])
    assert found.evident is (shared > 0)
    assert found.shared == pytest.approx(shared, abs=30)
    assert found.interval[0] - 10 <= shared <= found.interval[1] + 10


def test_three_images_are_too_few_to_tell(radiographs):
    assert not overlap(radiographs, TRAINING[:3]).evident
    assert overlap(radiographs, TRAINING[:6]).evident


def test_an_image_twice_is_one_image(radiographs):
    assert radiographs.recognised([*TRAINING[:10], *TRAINING[:10]]) == (10, 10)


def test_two_models_of_the_same_images_have_different_salts(radiographs):
    again = image_set(TRAINED, TRAINING)
    assert again.salt != radiographs.salt
    assert not np.array_equal(again.bits, radiographs.bits)


def test_a_folder_gives_back_what_was_written_in_a_few_kilobytes(radiographs, tmp_path):
    write_training_images(tmp_path, TrainingImages((radiographs, image_set(VALIDATED, TRAINING[:200]))))
    back = read_training_images(tmp_path)
    assert back.complete
    assert [each.role for each in back.sets] == [TRAINED, VALIDATED]
    assert back.sets[0].recognised(TRAINING) == (4000, 4000)
    np.testing.assert_array_equal(back.sets[0].bits, radiographs.bits)
    assert (tmp_path / TRAINING_IMAGES).stat().st_size < 6000


def test_a_folder_that_says_nothing_is_unknown(tmp_path):
    assert read_training_images(tmp_path) is UNKNOWN


def test_a_model_calibrated_anew_rests_no_more_on_what_calibrated_it_before(radiographs):
    both = TrainingImages((radiographs, image_set(CALIBRATED, TRAINING[:50])))
    assert both.without(CALIBRATED).sets == (radiographs,)


def test_a_model_that_goes_on_from_another_keeps_its_images(radiographs):
    earlier = TrainingImages((radiographs, image_set(CALIBRATED, TRAINING[:50])))
    new = TrainingImages((image_set(TRAINED, prints(60, 4)),))
    joined = new.joined(earlier.of_another())
    assert [each.role for each in joined.sets] == [TRAINED, EARLIER]
    assert joined.complete
    assert not new.joined(UNKNOWN.of_another()).complete


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda content: content.update(format=2), id="another format"),
        pytest.param(lambda content: content["sets"][0].update(bits="AA=="), id="bits missing"),
        pytest.param(lambda content: content["sets"][0].update(medians=[1]), id="medians missing"),
        pytest.param(lambda content: content["sets"][0].pop("salt"), id="no salt"),
    ],
)
def test_a_file_of_another_form_is_rejected(radiographs, tmp_path, change):
    write_training_images(tmp_path, TrainingImages((radiographs,)))
    content = json.loads((tmp_path / TRAINING_IMAGES).read_text())
    change(content)
    (tmp_path / TRAINING_IMAGES).write_text(json.dumps(content))
    with pytest.raises(ModelRejectedError, match="of the wrong form"):
        read_training_images(tmp_path)
