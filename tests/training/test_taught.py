"""What a network is told beside the label."""

import numpy as np
import pytest

pytestmark = [
    pytest.mark.slow,  # TensorFlow alone takes seconds to load
    pytest.mark.usefixtures("small_network"),
]


@pytest.fixture(scope="module")
def taught():
    pytest.importorskip("keras")
    from screener.training import taught

    return taught


def test_pointing_costs_less_the_more_the_map_peaks_in_the_opacity(taught) -> None:
    cells = np.zeros((1, 49), np.float32)
    cells[0, [8, 9]] = 1
    inside, outside = np.zeros((2, 1, 7, 7), np.float32)
    inside[0, 1, 1], outside[0, 5, 5] = 10, 10
    losses = [float(taught.pointing_loss(maps, cells)) for maps in (inside, np.zeros_like(inside), outside)]
    assert losses[0] < 0.6 < losses[1] < losses[2]


def test_images_without_a_known_place_point_nowhere_and_cost_nothing(taught) -> None:
    maps = np.random.default_rng(0).normal(0, 9, (3, 7, 7)).astype(np.float32)
    assert float(taught.pointing_loss(maps, np.zeros((3, 49), np.float32))) == 0


def test_the_height_of_the_whole_map_does_not_change_where_it_points(taught) -> None:
    maps = np.random.default_rng(0).normal(0, 3, (2, 7, 7)).astype(np.float32)
    cells = np.zeros((2, 49), np.float32)
    cells[:, 10] = 1
    one, other = (float(taught.pointing_loss(maps + height, cells)) for height in (0, 25))
    assert abs(one - other) < 1e-3


def test_the_mirror_costs_nothing_where_the_mirrored_image_has_the_mirrored_map(taught) -> None:
    maps = np.random.default_rng(0).normal(0, 3, (4, 7, 7)).astype(np.float32)
    assert float(taught.mirror_loss(maps, maps[:, :, ::-1])) == 0
    assert 1 < float(taught.mirror_loss(maps, np.roll(maps, 1, axis=0))) < 3


def test_only_known_kinds_are_judged(taught) -> None:
    logits = np.array([[9, 0, 0], [9, 0, 0]], np.float32)
    assert float(taught.kinds_loss(logits, np.array([0, -1], np.float32))) < 0.01
    assert float(taught.kinds_loss(logits, np.array([1, -1], np.float32))) > 8


def test_the_lessons_leave_the_exported_layers_as_they_are_and_their_own_weights_are_kept(taught) -> None:
    import keras

    from screener.training.network import build_network

    keras.utils.set_random_seed(1)
    network = build_network(224, 0.0)
    before = [weight.shape for weight in network.weights]
    learner = taught.TaughtNetwork(network, taught.Weights(pointing=0.3, mirror=0.3, kinds=0.3))
    learner.compile(optimizer=keras.optimizers.SGD(1e-3))
    pixels = np.random.default_rng(0).integers(0, 256, (4, 224, 224, 1), np.uint8)
    rows = np.stack(
        [taught.target(1, "opacity"), taught.target(0, "normal"), taught.target(1), taught.target(0)]
    )
    rows[0, taught.CELLS_OF_TARGET][10] = 1
    kinds = [variable.numpy() for variable in learner.beside]
    first, second = (learner.train_on_batch(pixels, rows) for _ in range(2))
    assert np.isfinite([first, second]).all()
    assert [weight.shape for weight in network.weights] == before
    assert any((variable.numpy() != old).any() for variable, old in zip(learner.beside, kinds, strict=True))


def test_without_lessons_the_loss_is_that_of_the_label_alone(taught) -> None:
    import keras

    from screener.training.network import build_network

    network = build_network(224, 0.0)
    learner = taught.TaughtNetwork(network, taught.Weights())
    rows = np.stack([taught.target(1), taught.target(0)])
    logits = np.array([[2.0], [-1.0]], np.float32)
    loss = float(learner.compute_loss(None, rows, (logits, np.zeros((2, 7, 7, 1280), np.float32))))
    wanted = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=taught.LABEL_SMOOTHING)
    assert loss == pytest.approx(float(wanted(rows[:, :1], logits)), abs=1e-6)


def test_a_checkpoint_keeps_the_head_that_is_not_exported(taught, tmp_path) -> None:
    import keras

    from screener.options import TrainOptions
    from screener.training.checkpoint import Checkpoint
    from screener.training.network import build_network

    learner = taught.TaughtNetwork(build_network(224, 0.0), taught.Weights(kinds=0.2))
    learner.compile(optimizer=keras.optimizers.SGD(1e-3))
    learner.optimizer.build(learner.trainable_variables)
    checkpoint = Checkpoint(TrainOptions(data=(tmp_path,), out=tmp_path / "model", backbone="random"))
    checkpoint.save(learner, [], best=True)
    kept = [variable.numpy() for variable in learner.beside]
    for variable in learner.beside:
        variable.assign(variable + 1)
    checkpoint.restore(learner)
    for variable, old in zip(learner.beside, kept, strict=True):
        np.testing.assert_array_equal(variable.numpy(), old)
