"""A set of films is known again; a single film is not given away."""

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
def films():
    """A set whose salt is always the same one: what chance does is then the same each time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("secrets.token_bytes", lambda count: bytes(range(count)))
        return image_set(TRAINED, TRAINING)


def overlap(films, seen):
    return estimate_overlap(films.role, len(seen), *films.told(seen), films.filled)


def test_a_quarter_of_all_other_films_seem_to_be_among_them(films):
    assert films.filled == pytest.approx(FILLED, abs=0.02)
    distinct, told = films.told(prints(4000, 2))
    assert distinct == 4000
    assert told / distinct == pytest.approx(films.filled, abs=0.03)


@pytest.mark.parametrize("shared", [0, 120, 312, 624])
def test_the_shared_part_of_a_set_is_estimated(films, shared):
    found = overlap(films, [*TRAINING[:shared], *prints(624 - shared, 3)])
    assert found.evident is (shared > 0)
    assert found.shared == pytest.approx(shared, abs=30)
    assert found.interval[0] - 10 <= shared <= found.interval[1] + 10


def test_three_films_are_too_few_to_tell(films):
    assert not overlap(films, TRAINING[:3]).evident
    assert overlap(films, TRAINING[:6]).evident


def test_a_film_twice_is_one_film(films):
    assert films.told([*TRAINING[:10], *TRAINING[:10]]) == (10, 10)


def test_two_models_of_the_same_films_have_different_salts(films):
    again = image_set(TRAINED, TRAINING)
    assert again.salt != films.salt
    assert not np.array_equal(again.bits, films.bits)


def test_a_folder_gives_back_what_was_written_in_a_few_kilobytes(films, tmp_path):
    write_training_images(tmp_path, TrainingImages((films, image_set(VALIDATED, TRAINING[:200]))))
    back = read_training_images(tmp_path)
    assert back.complete
    assert [each.role for each in back.sets] == [TRAINED, VALIDATED]
    assert back.sets[0].told(TRAINING) == (4000, 4000)
    np.testing.assert_array_equal(back.sets[0].bits, films.bits)
    assert (tmp_path / TRAINING_IMAGES).stat().st_size < 6000


def test_a_folder_that_says_nothing_is_unknown(tmp_path):
    assert read_training_images(tmp_path) is UNKNOWN


def test_a_model_calibrated_anew_rests_no_more_on_what_calibrated_it_before(films):
    both = TrainingImages((films, image_set(CALIBRATED, TRAINING[:50])))
    assert both.without(CALIBRATED).sets == (films,)


def test_a_model_that_goes_on_from_another_keeps_its_films(films):
    earlier = TrainingImages((films, image_set(CALIBRATED, TRAINING[:50])))
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
def test_a_file_of_another_form_is_rejected(films, tmp_path, change):
    write_training_images(tmp_path, TrainingImages((films,)))
    content = json.loads((tmp_path / TRAINING_IMAGES).read_text())
    change(content)
    (tmp_path / TRAINING_IMAGES).write_text(json.dumps(content))
    with pytest.raises(ModelRejectedError, match="of the wrong form"):
        read_training_images(tmp_path)
