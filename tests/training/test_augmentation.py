import numpy as np

from screener.domain import PreprocessingSpec
from screener.preprocessing.clahe import preprocess
from screener.training.augmentation import augmented

SPEC = PreprocessingSpec()
FILM = np.tile(np.linspace(0, 255, 300).astype(np.uint8), (260, 1))


def test_the_same_generator_state_gives_the_same_film() -> None:
    first = augmented(FILM, SPEC, np.random.default_rng((1, 2, 3)))
    again = augmented(FILM, SPEC, np.random.default_rng((1, 2, 3)))
    np.testing.assert_array_equal(first, again)


def test_films_differ_from_epoch_to_epoch() -> None:
    films = [augmented(FILM, SPEC, np.random.default_rng((1, epoch, 3))) for epoch in range(5)]
    assert all(np.any(films[0] != film) for film in films[1:])


def test_what_comes_out_has_the_shape_that_the_network_sees() -> None:
    for seed in range(40):
        film = augmented(FILM, SPEC, np.random.default_rng(seed))
        assert film.shape == preprocess(FILM, SPEC).shape
        assert film.dtype == np.uint8


def test_the_film_that_goes_in_is_left_alone() -> None:
    before = FILM.copy()
    for seed in range(20):
        augmented(FILM, SPEC, np.random.default_rng(seed))
    np.testing.assert_array_equal(FILM, before)
