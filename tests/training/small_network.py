"""A backbone in place of MobileNetV2, for tests of what trains, keeps and resumes any network."""

from typing import Any


def small_backbone(*, include_top: bool, weights: None, input_shape: tuple[int, int, int], name: str) -> Any:
    """Return three layers that take and give what MobileNetV2 without its top does.

    Input: float32, shape (n, side, side, 3). Output: float32, shape (n, side / 32, side / 32, 1280). With a
    batch normalisation, as there, whose statistics must stay as they are.
    """
    import keras

    assert not include_top
    pictures = keras.Input(input_shape)
    seen = keras.layers.Conv2D(8, 8, strides=8, activation="relu", name="first")(pictures)
    seen = keras.layers.BatchNormalization(name="norm")(seen)
    seen = keras.layers.Conv2D(1280, 4, strides=4, activation="relu", name="last")(seen)
    return keras.Model(pictures, seen, name=name)
