"""The thresholds of a picture gate: chosen on one half of patients and sources, measured on the other."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from screener.inference.gate import PictureGate
from screener.training.gate_pictures import GatePicture

LOST = 0.005  # of the images of each site, at most, below a threshold
ENOUGH_IMAGES = 200  # of one class of one site, for a threshold of its own: fewer have no such quantile
CORRECTED_WRONGLY = 0.001  # of the pictures that are no images, at most, once turned or inverted
FEWEST_OF_A_KIND = 20  # images, for the lower threshold, which a small kind may lower too
PASSED = 0.01  # of other pictures, at most, that the lower threshold lets be screened

FloatArray = NDArray[np.float64]
Scored = tuple[GatePicture, FloatArray]
"""A picture, and the gate's score in each of its ways."""


def halves(scored: Sequence[Scored]) -> tuple[list[Scored], list[Scored]]:
    """Return the pictures to choose thresholds on, and those to measure them on.

    A patient, or a source of other pictures, is on one side, by a hash of the name: the same in every run.
    Too few to have images and other pictures on both sides serve for both.
    """
    first = {each.group: hashlib.sha256(each.group.encode()).digest()[0] % 2 == 0 for each, _ in scored}
    chosen = [pair for pair in scored if first[pair[0].group]]
    judged = [pair for pair in scored if not first[pair[0].group]]
    if any({each.chest for each, _ in half} != {True, False} for half in (chosen, judged)):
        return list(scored), list(scored)
    return chosen, judged


def thresholds(measured: Sequence[Scored]) -> tuple[float, float]:
    """Return the lowest score accepted as it is, and the lowest accepted once turned or inverted."""
    images: dict[str, list[float]] = {}
    for picture, scores in measured:
        if picture.chest and not picture.changed:
            for name in (picture.kind, picture.site):
                images.setdefault(name, []).append(float(scores[picture.shown]))
    sites = {picture.site for picture, _ in measured}
    large = (each for name, each in images.items() if name in sites or len(each) >= ENOUGH_IMAGES)
    threshold = min(float(np.quantile(each, LOST)) for each in large)
    turned = [
        float(np.delete(scores, picture.shown).max())
        for picture, scores in measured
        if not picture.site and scores[picture.shown] < threshold
    ]
    return threshold, max(threshold, float(np.quantile(turned, 1 - CORRECTED_WRONGLY)))


def with_lower_threshold(gate: PictureGate, measured: Sequence[Scored]) -> PictureGate:
    """Return the gate with the threshold below which a picture without chest tags is refused.

    It falls until at most LOST of the images of every kind (class, site, view) are refused, so that the ill
    are lost as little as the healthy; but only as long as at most PASSED of all other pictures are screened.
    An image refused costs more than a photograph with a note.
    """
    images: dict[str, list[float]] = {}
    for picture, scores in measured:
        if picture.chest and not picture.changed:
            corrected = scores.max() >= gate.correction_threshold > scores[picture.shown]
            images.setdefault(picture.kind, []).append(np.inf if corrected else float(scores[picture.shown]))
    enough = [sorted(own) for own in images.values() if len(own) >= FEWEST_OF_A_KIND]
    wanted = min((own[int(LOST * len(own))] for own in enough), default=gate.threshold)
    others = sorted(
        (float(scores[picture.shown]) for picture, scores in measured if not picture.site), reverse=True
    )
    allowed = float(np.nextafter(others[int(PASSED * len(others))], np.inf)) if others else gate.threshold
    return replace(gate, lower_threshold=min(gate.threshold, max(wanted, allowed)))
