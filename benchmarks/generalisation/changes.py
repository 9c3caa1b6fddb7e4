"""The list of counterfactuals: what is done to each film before the model is asked again."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks import counterfactuals as film
from screener.domain import ByteImage

UNCHANGED = "unchanged"
OTHER_FRAME, OWN_FRAME = "frame of the other class", "frame of its own class"
LUNGS, FRAME = "lungs masked", "frame masked"
PAINTED, FAINTLY = "painted consolidation", "painted faintly"


@dataclass(frozen=True, slots=True)
class Subject:
    """A film and what is swapped onto it.

    other, alike: a film of the other and one of the same class. healthy: whether a twin is painted.
    """

    pixels: ByteImage
    other: ByteImage
    alike: ByteImage
    healthy: bool
    seed: int


def changed(subject: Subject) -> Iterator[tuple[str, ByteImage]]:
    """Yield every counterfactual of a film by name, the unchanged film first; all the same each time."""
    pixels = subject.pixels
    masks = film.lung_masks(pixels)
    fields = np.maximum(*masks)
    yield UNCHANGED, pixels
    letters = film.marker_mask(pixels, fields)
    yield "markers erased", film.markers_erased(pixels, letters)
    yield "markers moved", film.markers_moved(pixels, np.random.default_rng((subject.seed, 1)), letters)
    yield "markers of the other class", film.marker_pasted(pixels, subject.other, mask=letters)
    yield OTHER_FRAME, film.frame_swapped(pixels, subject.other)
    yield OWN_FRAME, film.frame_swapped(pixels, subject.alike)
    yield FRAME, film.frame_masked(pixels)
    yield LUNGS, film.lungs_masked(pixels, fields)
    for share in (0.02, 0.05, 0.08):
        yield f"cropped by {share:.0%} per side", film.cropped(pixels, share)
    for g in (0.6, 1.6):
        yield f"gamma {g}", film.gamma(pixels, g)
    for shift in (-0.15, 0.15):
        yield f"brightness {shift:+.2f}", film.exposure(pixels, shift=shift)
    for contrast in (0.7, 1.4):
        yield f"contrast × {contrast}", film.exposure(pixels, contrast=contrast)
    for sigma in (0.7, 1.5):
        yield f"blurred by {sigma} pixels of 224", film.blurred(pixels, sigma)
    for quality in (50, 15):
        yield f"JPEG quality {quality}", film.jpeg(pixels, quality)
    if subject.healthy:
        for name, strength in ((PAINTED, 1.0), (FAINTLY, 0.5)):
            rng = np.random.default_rng((subject.seed, 2))
            yield name, film.paint_consolidation(pixels, masks, rng, strength)[0]
