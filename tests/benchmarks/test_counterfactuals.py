"""Each counterfactual changes what it says, and nothing else; the same seed gives the same bytes."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from benchmarks import counterfactuals as change
from benchmarks.counterfactuals.radiographs import frame_mask
from screener.domain import ByteImage
from tests.benchmarks.chests import drawn_chest

SHAPES = [(300, 340), (224, 224), (480, 300)]


def frame(radiograph: ByteImage) -> ByteImage:
    return radiograph[frame_mask(radiograph.shape) > 0]


def inside(radiograph: ByteImage) -> ByteImage:
    return radiograph[frame_mask(radiograph.shape) == 0]


@pytest.mark.parametrize("shape", SHAPES)
def test_lung_fields_lie_on_the_dark_of_both_sides(shape: tuple[int, int]) -> None:
    radiograph = drawn_chest(1, *shape)
    left, right = change.lung_masks(radiograph)
    for mask in (left, right):
        assert mask.shape == radiograph.shape
        assert mask.dtype == np.float32
        assert 0 <= mask.min() <= mask.max() <= 1
        assert 0.05 < mask.mean() < 0.25
        assert radiograph[mask > 0.5].mean() < 90  # lungs are drawn at 60, the body at 150
    columns = np.arange(shape[1])
    assert (
        (left.sum(axis=0) @ columns) / left.sum() < shape[1] / 2 < (right.sum(axis=0) @ columns) / right.sum()
    )


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_image_without_lungs_still_gives_two_fields_within_bounds(grey: int) -> None:
    for mask in change.lung_masks(np.full((200, 180), grey, np.uint8)):
        assert 0.01 < mask.mean() < 0.4


def test_an_opaque_lung_keeps_its_field() -> None:
    radiograph = drawn_chest(2)
    clear = change.lung_masks(radiograph)[0]
    radiograph[110:170, 75:145] = 150  # a third of the field as bright as the body
    opaque = change.lung_masks(radiograph)[0]
    ill = np.s_[115:165, 85:130]
    assert opaque[ill].mean() > 0.6 * clear[ill].mean()


def test_a_marker_is_found_erased_and_its_surroundings_left_alone() -> None:
    radiograph, bare = drawn_chest(3), drawn_chest(3, marker=False)
    mask = change.marker_mask(radiograph) > 0
    assert mask[radiograph.astype(int) - bare > 100].mean() > 0.95
    assert mask.mean() < 0.02
    erased = change.markers_erased(radiograph)
    assert np.abs(erased.astype(int) - bare)[mask].max() < 40
    assert np.array_equal(erased[~mask], radiograph[~mask])


def test_an_image_without_lettering_stays_as_it_is() -> None:
    radiograph = drawn_chest(4, marker=False)
    assert np.array_equal(change.markers_erased(radiograph), radiograph)


def test_a_pasted_marker_comes_from_the_other_image() -> None:
    radiograph, other = drawn_chest(5, marker=False), drawn_chest(6)
    pasted = change.marker_pasted(radiograph, other)
    assert pasted[40:62, 8:26].max() > 200
    assert np.array_equal(pasted[:, 60:280], radiograph[:, 60:280])


def test_a_moved_marker_leaves_its_place_and_turns_up_once() -> None:
    radiograph = drawn_chest(7)
    moved = change.markers_moved(radiograph, np.random.default_rng(1))
    assert moved[40:62, 8:26].max() < 100 or not np.array_equal(moved, radiograph)
    assert np.isclose((moved > 215).sum(), (radiograph > 215).sum(), rtol=0.4)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_swapped_frame_is_the_others_and_the_inside_its_own(shape: tuple[int, int]) -> None:
    radiograph, other = drawn_chest(8, *shape), 255 - drawn_chest(9)
    swapped = change.frame_swapped(radiograph, other)
    fitted = cv2.resize(other, shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.array_equal(inside(swapped), inside(radiograph))
    assert np.array_equal(frame(swapped), frame(fitted))
    assert 0.25 < frame_mask(radiograph.shape).mean() < 0.33  # 1 - 0.84²


def test_a_masked_frame_is_black_and_the_inside_its_own() -> None:
    radiograph = drawn_chest(10)
    masked = change.frame_masked(radiograph)
    assert not frame(masked).any()
    assert np.array_equal(inside(masked), inside(radiograph))


def test_masked_lungs_leave_the_frame_and_hide_every_rib() -> None:
    radiograph = drawn_chest(11)
    fields = change.lung_fields(radiograph)
    masked = change.lungs_masked(radiograph)
    assert np.array_equal(frame(masked), frame(radiograph))
    assert np.ptp(masked[(fields > 0.9) & (frame_mask(radiograph.shape) == 0)]) <= 30
    assert np.array_equal(masked, change.lungs_masked(radiograph, fields))


def test_a_crop_takes_its_share_off_each_side() -> None:
    radiograph = drawn_chest(12, 200, 100)
    assert np.array_equal(change.cropped(radiograph, 0.05), radiograph[10:190, 5:95])


@pytest.mark.parametrize("g", [0.5, 2.0])
def test_gamma_follows_its_power_and_keeps_black_and_white(g: float) -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    curve = change.gamma(ramp, g).ravel().astype(int)
    assert (curve[0], curve[255]) == (0, 255)
    assert curve[64] == round(255 * (64 / 255) ** g)
    assert (np.diff(curve) >= 0).all()


def test_exposure_shifts_and_stretches_about_mid_grey() -> None:
    radiograph = np.array([[0, 64, 128, 255]], np.uint8)
    assert change.exposure(radiograph, shift=0.1).tolist() == [[26, 90, 154, 255]]
    assert change.exposure(radiograph, contrast=2.0).tolist() == [[0, 0, 128, 255]]
    assert np.array_equal(change.exposure(radiograph), radiograph)


def test_blur_is_the_same_at_every_resolution() -> None:
    radiograph = drawn_chest(13, 900, 900)
    small = cv2.resize(radiograph, (224, 224), interpolation=cv2.INTER_AREA)
    first = cv2.resize(change.blurred(radiograph, 2.0), (224, 224), interpolation=cv2.INTER_AREA)
    assert np.abs(first.astype(int) - change.blurred(small, 2.0)).mean() < 1.5


def test_jpeg_keeps_the_shape_and_loses_detail() -> None:
    radiograph = drawn_chest(14)
    loss = [np.abs(change.jpeg(radiograph, quality).astype(int) - radiograph).mean() for quality in (90, 20)]
    assert 0 < loss[0] < loss[1] < 12


def test_consolidation_brightens_one_lung_and_nothing_else() -> None:
    shares = []
    for seed in range(12):
        radiograph = drawn_chest(seed)
        masks = change.lung_masks(radiograph)
        painted, opacity = change.paint_consolidation(radiograph, masks, np.random.default_rng(seed))
        rise = painted.astype(int) - radiograph
        assert rise[opacity > 0.3].mean() > 15
        assert not rise[opacity == 0].any()
        assert opacity[np.maximum(*masks) < 0.01].max() < 0.1
        assert painted.max() <= max(radiograph.max(), 200)  # towards soft tissue, never white
        covered = [float((opacity * mask > 0.15).sum() / mask.sum()) for mask in masks]
        assert min(covered) == 0
        assert np.abs(np.diff(opacity, axis=1)).max() < 0.15  # never a hard edge
        shares.append(max(covered))
    assert 0.08 < np.median(shares) < 0.45
    assert np.mean([0.05 < share < 0.5 for share in shares]) > 0.8


def test_a_faint_consolidation_is_fainter() -> None:
    radiograph = drawn_chest(15)
    masks = change.lung_masks(radiograph)
    sums = [
        change.paint_consolidation(radiograph, masks, np.random.default_rng(0), strength)[1].sum()
        for strength in (0.5, 1.0)
    ]
    assert sums[0] == pytest.approx(sums[1] / 2, rel=0.02)


RANDOM: list[tuple[str, Callable[[ByteImage, np.random.Generator], ByteImage]]] = [
    ("moved", change.markers_moved),
    ("pasted", lambda radiograph, rng: change.marker_pasted(radiograph, drawn_chest(99), rng)),
    (
        "painted",
        lambda radiograph, rng: change.paint_consolidation(radiograph, change.lung_masks(radiograph), rng)[0],
    ),
]


@pytest.mark.parametrize(("name", "make"), RANDOM, ids=[name for name, _ in RANDOM])
def test_the_same_seed_gives_the_same_bytes_and_the_image_stays_untouched(
    name: str, make: Callable[[ByteImage, np.random.Generator], ByteImage]
) -> None:
    radiograph = drawn_chest(16)
    before = radiograph.copy()
    first, again, other = (make(radiograph, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.dtype == np.uint8
    assert np.array_equal(radiograph, before)
