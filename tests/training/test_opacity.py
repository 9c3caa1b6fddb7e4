"""Lungs found roughly, and opacities painted into them and nowhere else."""

import cv2
import numpy as np
import pytest

from screener.domain import ByteImage
from screener.training.lungs import lung_fields, lung_masks
from screener.training.opacity import paint_consolidation


def drawn_chest(rows: int = 300, columns: int = 260) -> ByteImage:
    """Return an image with two dark fields in a grey body before a black background."""
    radiograph = np.zeros((rows, columns), np.uint8)
    cv2.ellipse(
        radiograph, (columns // 2, rows // 2), (int(0.46 * columns), int(0.55 * rows)), 0, 0, 360, 170, -1
    )
    for side in (-1, 1):
        centre = (int(columns * (0.5 + 0.2 * side)), int(rows * 0.47))
        cv2.ellipse(radiograph, centre, (int(0.13 * columns), int(0.3 * rows)), 0, 0, 360, 60, -1)
    noise = np.random.default_rng(0).normal(0, 3, radiograph.shape)
    return np.clip(cv2.GaussianBlur(radiograph, (0, 0), 3) + noise, 0, 255).astype(np.uint8)


def test_the_fields_lie_where_the_image_is_dark_within_the_body() -> None:
    radiograph = drawn_chest()
    right, left = lung_masks(radiograph)
    assert right.shape == left.shape == radiograph.shape
    assert right[141, 78] > 0.9
    assert left[141, 182] > 0.9
    assert right[141, 130] < 0.2  # between them
    assert lung_fields(radiograph)[285, 130] < 0.2  # below them
    assert right[:, 130:].max() < left[:, 130:].max()


@pytest.mark.parametrize("strength", [0.6, 1.3])
def test_an_opacity_brightens_one_field_and_leaves_the_rest_of_the_image(strength: float) -> None:
    radiograph = drawn_chest()
    masks = lung_masks(radiograph)
    painted, opacity = paint_consolidation(radiograph, masks, np.random.default_rng(4), strength)
    change = painted.astype(int) - radiograph
    assert painted.dtype == np.uint8
    assert change[opacity > 0.3].mean() > 15
    np.testing.assert_array_equal(painted[opacity == 0], radiograph[opacity == 0])
    fields = np.maximum(*masks)
    assert opacity[fields < 0.01].max() < 0.05
    sides = [float(opacity[:, :130].sum()), float(opacity[:, 130:].sum())]
    assert max(sides) > 20 * min(sides)


def test_more_strength_is_whiter_and_the_same_seed_paints_the_same() -> None:
    radiograph = drawn_chest()
    masks = lung_masks(radiograph)
    faint, _ = paint_consolidation(radiograph, masks, np.random.default_rng(4), 0.5)
    plain, _ = paint_consolidation(radiograph, masks, np.random.default_rng(4), 1.2)
    again, _ = paint_consolidation(radiograph, masks, np.random.default_rng(4), 1.2)
    assert plain.astype(int).sum() > faint.astype(int).sum() > radiograph.astype(int).sum()
    np.testing.assert_array_equal(plain, again)
