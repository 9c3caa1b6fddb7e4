"""Warnings about a labelled set: images that it shares with the training, labels that seem swapped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screener.domain import Fingerprint
from screener.inference.model_folder import ModelFolder
from screener.inference.training_images import CALIBRATED, EARLIER, TRAINED, VALIDATED, read_training_images
from screener.said import Said, say

if TYPE_CHECKING:
    from screener.evaluation.estimates import Estimate
    from screener.evaluation.overlap import Overlap

_ROLES = {
    TRAINED: "evaluation.shares_training",
    EARLIER: "evaluation.shares_earlier_training",
    VALIDATED: "evaluation.shares_validation",
    CALIBRATED: "evaluation.shares_calibration",
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

    def in_words(self) -> list[Said]:
        """Return a sentence for each purpose; one if there is none, or if nothing is known."""
        if not self.known:
            return [say("evaluation.shares_unknown", model=self.model)]
        said = [self._shared(each) for each in self.overlaps if each.evident]
        if not said:
            most = max(each.interval[1] for each in self.overlaps)
            images = self.overlaps[0].images
            said = [say("evaluation.shares_none", model=self.model, most=most, images=images)]
        if not self.complete:
            said.append(say("evaluation.shares_unknown_before", model=self.model))
        return said

    def _shared(self, found: "Overlap") -> Said:
        low, high = found.interval
        counts = {"shared": found.shared, "images": found.images, "low": low, "high": high}
        return say(_ROLES[found.role], **counts, model=self.model)


def shared_images(model: ModelFolder, prints: Sequence[Fingerprint]) -> SharedImages:
    """Return which of some images, one or more, made a model."""
    from screener.evaluation.overlap import estimate_overlap

    images = read_training_images(model.path)
    overlaps = (
        estimate_overlap(each.role, len(prints), *each.recognised(prints), each.filled)
        for each in images.sets
    )
    return SharedImages(str(model.identity), tuple(overlaps), bool(images.sets), images.complete)


def swapped_labels(auc: "Estimate", labels_from: Said | str | None) -> Said | None:
    """Return the question whether labels are swapped, where an AUC lies below 0.5; else None.

    Where the interval reaches 0.5, it adds that this may be chance.
    """
    if auc.value is None or auc.value >= 0.5:
        return None
    by_chance = auc.interval is not None and auc.interval[1] >= 0.5
    chance = say("evaluation.perhaps_chance") if by_chance else ""
    if auc.interval is None:
        figure = say("evaluation.decimals_3", value=auc.value)
    else:
        low, high = auc.interval
        figure = say("evaluation.auc_between", value=auc.value, low=low, high=high)
    return say("evaluation.swapped_labels", auc=figure, source=labels_from or "", chance=chance)
