"""Warnings about a labelled set: images that it shares with the training, labels that seem swapped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screener.domain import Fingerprint
from screener.inference.model_folder import ModelFolder
from screener.inference.training_images import CALIBRATED, EARLIER, TRAINED, VALIDATED, read_training_images
from screener.said import Said

if TYPE_CHECKING:
    from screener.evaluation.estimates import Estimate
    from screener.evaluation.overlap import Overlap

_ROLES = {
    TRAINED: "were trained on by",
    EARLIER: "were trained on by a model that came before",
    VALIDATED: "chose calibration and thresholds of",
    CALIBRATED: "calibrated",
}


@dataclass(frozen=True, slots=True)
class SharedImages:
    """Which images of a set made a model.

    overlaps: one for each purpose that they served, as far as known. known: false where the model folder
    says nothing of its images; complete: false where it says nothing of the model that it goes on from.
    """

    model: str
    overlaps: "tuple[Overlap, ...]"
    known: bool
    complete: bool

    def in_words(self) -> list[str]:
        """Return a sentence for each purpose; one if there is none, or if nothing is known."""
        if not self.known:
            return [
                f"Whether this set shares images with the training of {self.model} is unknown: "
                "its folder holds no digests of the images that made it."
            ]
        said = [
            f"About {each.shared} of {each.images} images ({each.interval[0]} to {each.interval[1]}) "
            f"{_ROLES.get(each.role, each.role)} {self.model}: figures on this set flatter the model."
            for each in self.overlaps
            if each.evident
        ]
        if not said:
            most = max(each.interval[1] for each in self.overlaps)
            images = self.overlaps[0].images
            said = [
                f"No sign that this set shares images with those that made {self.model}: "
                f"by their digests, at most {most} of its {images} images could be among them."
            ]
        if not self.complete:
            said.append(
                f"Of the images that made the model which {self.model} goes on from, nothing is known."
            )
        return said


def shared_images(model: ModelFolder, prints: Sequence[Fingerprint]) -> SharedImages:
    """Return which of some images, one or more, made a model."""
    from screener.evaluation.overlap import estimate_overlap

    images = read_training_images(model.path)
    overlaps = (
        estimate_overlap(each.role, len(prints), *each.recognised(prints), each.filled)
        for each in images.sets
    )
    return SharedImages(str(model.identity), tuple(overlaps), bool(images.sets), images.complete)


def swapped_labels(auc: "Estimate", labels_from: Said | str | None) -> str:
    """Return the question whether labels are swapped, where an AUC lies below 0.5; else nothing.

    Where the interval reaches 0.5, it adds that this may be chance.
    """
    if auc.value is None or auc.value >= 0.5:
        return ""
    by_chance = auc.interval is not None and auc.interval[1] >= 0.5
    return (
        f"AUC {auc.in_words()} lies below 0.5: images labelled NORMAL score higher than those labelled "
        f"PNEUMONIA. Are the labels swapped? They come from {labels_from}, where PNEUMONIA (or 1) must mean "
        f"pneumonia and NORMAL (or 0) none.{' The interval contains 0.5: it may be chance.' * by_chance}"
    )
