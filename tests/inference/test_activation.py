"""Where the body lies on an image, whether an activation map points into it, and whether it is stable."""

import cv2
import numpy as np
import pytest

from screener.inference.activation import body_mask, mean_with_mirror, points_outside_body

AIR, TISSUE, LUNG = 6, 150, 40


def chest(rows=400, columns=400, margin=80):
    """Return an image: noisy air, a bright trunk from top to bottom, two dark lungs within it."""
    radiograph = np.full((rows, columns), AIR, np.uint8)
    radiograph[:, margin : columns - margin] = TISSUE
    for centre in (0.38, 0.62):
        where, axes = (round(centre * columns), rows // 2), (columns // 14, rows // 4)
        cv2.ellipse(radiograph, where, axes, 0, 0, 360, LUNG, -1)
    noise = np.random.default_rng(0).normal(0, 2, radiograph.shape)
    return np.clip(radiograph + noise, 0, 255).astype(np.uint8)


def peak_at(row, column, value=5.0):
    cells = np.full((7, 7), -1.0, np.float32)
    cells[row, column] = value
    return cells


def test_lungs_are_body_and_the_air_beside_it_is_not():
    mask = body_mask(chest())
    expected = np.zeros((56, 56), bool)
    expected[:, 11:45] = True
    assert (mask != expected).mean() < 0.04


@pytest.mark.parametrize(
    ("row", "column", "outside"),
    [
        pytest.param(3, 0, True, id="air"),
        pytest.param(3, 6, True, id="air on the other side"),
        pytest.param(3, 2, False, id="lung"),
        pytest.param(6, 3, False, id="the edge of the image within the body"),
        pytest.param(3, 1, False, id="a cell that the skin runs through"),
    ],
)
def test_a_peak_in_the_air_points_outside(row, column, outside):
    assert points_outside_body(peak_at(row, column), chest()) is outside


@pytest.mark.parametrize("shape", [(2500, 2048), (400, 1000), (60, 50)], ids=str)
def test_the_image_is_judged_as_stretched_to_the_square(shape):
    radiograph = chest(*shape, margin=shape[1] // 5)
    assert points_outside_body(peak_at(3, 0), radiograph)
    assert not points_outside_body(peak_at(3, 3), radiograph)


def test_a_letter_in_the_collimated_border_is_no_body():
    radiograph = chest(margin=100)
    cv2.putText(radiograph, "R", (15, 70), cv2.FONT_HERSHEY_SIMPLEX, 2, 255, 6)
    assert points_outside_body(peak_at(0, 0), radiograph)


def test_an_image_without_any_border_is_all_body():
    radiograph = chest()[:, 90:310]
    assert body_mask(radiograph).all()
    assert not any(points_outside_body(peak_at(i, j), radiograph) for i in range(7) for j in range(7))


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_picture_of_one_grey_is_all_body(grey):
    assert body_mask(np.full((300, 200), grey, np.uint8)).all()


def test_a_map_with_nothing_above_zero_points_nowhere():
    assert not points_outside_body(peak_at(3, 0, value=-0.5), chest())


def one_cell(row, column, strength=10.0):
    cells = np.zeros((7, 7), np.float32)
    cells[row, column] = strength
    return cells


def test_a_mirror_image_that_gives_the_mirrored_map_changes_nothing():
    radiograph = np.arange(49, dtype=np.float32).reshape(7, 7)
    shown = mean_with_mirror(radiograph, radiograph[:, ::-1], slope=1.0)
    np.testing.assert_allclose(shown.cells, radiograph / 49, rtol=1e-6)
    assert shown.stable


def test_the_cells_sum_up_to_the_calibrated_logit_but_for_its_intercept():
    radiograph = np.random.default_rng(0).normal(2, 3, (7, 7)).astype(np.float32)
    assert mean_with_mirror(radiograph, radiograph[:, ::-1], 1.3).cells.sum() == pytest.approx(
        1.3 * radiograph.mean(), rel=1e-4
    )


@pytest.mark.parametrize(
    ("radiograph", "mirror", "stable"),
    [
        pytest.param(one_cell(2, 1), one_cell(2, 5), True, id="the same place"),
        pytest.param(one_cell(2, 1), one_cell(2, 4), True, id="the cell beside it"),
        pytest.param(one_cell(2, 1), one_cell(2, 1), False, id="the other side"),
        pytest.param(one_cell(1, 1), one_cell(5, 5), False, id="far below it"),
        pytest.param(
            one_cell(2, 1) + one_cell(2, 5, 8.0),
            one_cell(2, 1) + one_cell(2, 5, 8.0),
            True,
            id="two places, each in turn the stronger one",
        ),
        pytest.param(-one_cell(2, 1), -one_cell(6, 6), True, id="nothing to draw"),
    ],
)
def test_a_map_is_stable_where_the_mirror_image_agrees_on_its_strongest_place(radiograph, mirror, stable):
    assert mean_with_mirror(radiograph, mirror, 1.0).stable is stable
