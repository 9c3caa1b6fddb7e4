"""The list of counterfactuals: what is done to each image before the model is asked again."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks import counterfactuals
from screener.domain import ByteImage

UNCHANGED = "unchanged"
OTHER_FRAME, OWN_FRAME = "frame of the other class", "frame of its own class"
LUNGS, FRAME = "lungs masked", "frame masked"
PAINTED, FAINTLY = "painted consolidation", "painted faintly"


@dataclass(frozen=True, slots=True)
class Subject:
    """An image and what is swapped onto it.

    other, alike: an image of the other and one of the same class. healthy: whether a twin is painted.
    """

    pixels: ByteImage
    other: ByteImage
    alike: ByteImage
    healthy: bool
    seed: int


def changed(subject: Subject) -> Iterator[tuple[str, ByteImage]]:
    """Yield every counterfactual of an image by name, the unchanged image first; all the same each time."""
    pixels = subject.pixels
    masks = counterfactuals.lung_masks(pixels)
    fields = np.maximum(*masks)
    yield UNCHANGED, pixels
    letters = counterfactuals.marker_mask(pixels, fields)
    yield "markers erased", counterfactuals.markers_erased(pixels, letters)
    yield (
        "markers moved",
        counterfactuals.markers_moved(pixels, np.random.default_rng((subject.seed, 1)), letters),
    )
    yield "markers of the other class", counterfactuals.marker_pasted(pixels, subject.other, mask=letters)
    yield OTHER_FRAME, counterfactuals.frame_swapped(pixels, subject.other)
    yield OWN_FRAME, counterfactuals.frame_swapped(pixels, subject.alike)
    yield FRAME, counterfactuals.frame_masked(pixels)
    yield LUNGS, counterfactuals.lungs_masked(pixels, fields)
    for share in (0.02, 0.05, 0.08):
        yield f"cropped by {share:.0%} per side", counterfactuals.cropped(pixels, share)
    for g in (0.6, 1.6):
        yield f"gamma {g}", counterfactuals.gamma(pixels, g)
    for shift in (-0.15, 0.15):
        yield f"brightness {shift:+.2f}", counterfactuals.exposure(pixels, shift=shift)
    for contrast in (0.7, 1.4):
        yield f"contrast × {contrast}", counterfactuals.exposure(pixels, contrast=contrast)
    for sigma in (0.7, 1.5):
        yield f"blurred by {sigma} pixels of 224", counterfactuals.blurred(pixels, sigma)
    for quality in (50, 15):
        yield f"JPEG quality {quality}", counterfactuals.jpeg(pixels, quality)
    if subject.healthy:
        for name, strength in ((PAINTED, 1.0), (FAINTLY, 0.5)):
            rng = np.random.default_rng((subject.seed, 2))
            yield name, counterfactuals.paint_consolidation(pixels, masks, rng, strength)[0]
