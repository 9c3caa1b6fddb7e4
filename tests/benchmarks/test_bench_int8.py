"""The bench that asks whether int8 would do."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.bench_int8 import Compared, changed_side, verdict
from screener.operating_points import OperatingPoint

FLOAT = Compared(
    variant="float32",
    draw=0,
    megabytes=8.9,
    images_per_second=100.0,
    auc=0.99,
    auc_change=0.0,
    change={"balanced": 0.0, "high_sensitivity": 0.0},
    gate_change=None,
    difference=(0.0, 0.0, 0.0),
    embedding_correlation=1.0,
)


def int8(**figures):
    return replace(FLOAT, variant="int8", **figures)


def test_an_image_changes_side_where_one_network_flags_it_at_its_own_threshold_and_the_other_does_not():
    probabilities, others = np.array([0.1, 0.5, 0.6, 0.9]), np.array([0.1, 0.5, 0.6, 0.9])
    assert changed_side(probabilities, OperatingPoint("a", 0.5), others, OperatingPoint("a", 0.5)) == 0
    assert changed_side(probabilities, OperatingPoint("a", 0.5), others, OperatingPoint("a", 0.7)) == 0.5


@pytest.mark.parametrize(
    ("figures", "passes"),
    [
        pytest.param({}, True, id="as float32"),
        pytest.param({"auc_change": -0.001, "change": {"balanced": 0.005}}, True, id="at the limits"),
        pytest.param({"auc_change": -0.0011}, False, id="AUC"),
        pytest.param({"change": {"balanced": 0.0, "high_sensitivity": 0.0051}}, False, id="one point"),
    ],
)
def test_the_rule(figures, passes):
    assert int8(**figures).passes is passes


def test_one_draw_that_fails_fails_the_variant():
    said = verdict([FLOAT, int8(images_per_second=50.0), int8(draw=1, change={"balanced": 0.01})])
    assert said.startswith("int8 fails: AUC +0.0000 at worst, up to 1.00% change side, 0.75 ×")


@pytest.mark.slow
def test_every_variant_of_a_tiny_network_answers_much_as_the_network_does(tmp_path):
    keras = pytest.importorskip("keras")
    from benchmarks.bench_int8 import answers_of
    from benchmarks.quantised import conversions
    from screener.training.export import export_litert, save_answering
    from screener.training.network import BACKBONE

    keras.utils.set_random_seed(0)
    inputs = keras.Input((32, 32, 1), dtype="uint8", name="pixels")
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="scaled")(inputs)
    channels = keras.layers.Concatenate(name="channels")([scaled, scaled, scaled])
    pictures = keras.Input((32, 32, 3))
    seen = pictures
    for _ in range(8):  # deeper than the stem that one variant leaves alone
        seen = keras.layers.Conv2D(8, 3, strides=1 if seen.shape[1] < 8 else 2, padding="same")(seen)
    backbone = keras.Model(pictures, keras.layers.ReLU(6.0)(seen), name=BACKBONE)
    embedding = keras.layers.GlobalAveragePooling2D(name="embedding")(backbone(channels))
    network = keras.Model(inputs, keras.layers.Dense(1, name="logit")(embedding))
    radiographs = np.random.default_rng(0).integers(0, 256, (20, 32, 32), dtype=np.uint8)

    save_answering(network, 32, tmp_path / "saved")
    export_litert(network, 32, tmp_path / "float.tflite")
    paths = {("float32", 0): tmp_path / "float.tflite"}
    for name, content in conversions(tmp_path / "saved", radiographs, weights_alone=True).items():
        paths[name, 0] = tmp_path / f"{name}.tflite"
        paths[name, 0].write_bytes(content)
    answers = answers_of(paths, radiographs)
    assert {name for name, _ in answers} == {
        "float32", "int8", "int8, float head", "int8, float stem and head", "weights int8", "float16",
    }  # fmt: skip
    plain = answers["float32", 0].logits
    for each in answers.values():
        assert np.abs(each.logits - plain).max() < 0.1
    assert np.abs(answers["int8", 0].logits - plain).max() > 0
