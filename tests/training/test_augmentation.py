import numpy as np

from screener.domain import PreprocessingSpec
from screener.preprocessing.clahe import preprocess
from screener.training.augmentation import augmented

SPEC = PreprocessingSpec()
RADIOGRAPH = np.tile(np.linspace(0, 255, 300).astype(np.uint8), (260, 1))


def test_the_same_generator_state_gives_the_same_image() -> None:
    first = augmented(RADIOGRAPH, SPEC, np.random.default_rng((1, 2, 3)))
    again = augmented(RADIOGRAPH, SPEC, np.random.default_rng((1, 2, 3)))
    np.testing.assert_array_equal(first, again)


def test_images_differ_from_epoch_to_epoch() -> None:
    radiographs = [augmented(RADIOGRAPH, SPEC, np.random.default_rng((1, epoch, 3))) for epoch in range(5)]
    assert all(np.any(radiographs[0] != radiograph) for radiograph in radiographs[1:])


def test_what_comes_out_has_the_shape_that_the_network_sees() -> None:
    for seed in range(40):
        radiograph = augmented(RADIOGRAPH, SPEC, np.random.default_rng(seed))
        assert radiograph.shape == preprocess(RADIOGRAPH, SPEC).shape
        assert radiograph.dtype == np.uint8


def test_the_image_that_goes_in_is_left_alone() -> None:
    before = RADIOGRAPH.copy()
    for seed in range(20):
        augmented(RADIOGRAPH, SPEC, np.random.default_rng(seed))
    np.testing.assert_array_equal(RADIOGRAPH, before)
