"""A site's labelled images, and whether they are enough, and told apart well enough, for a fit to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from screener.errors import DatasetError
from screener.evaluation.estimates import Estimate, estimate_auc
from screener.evaluation.intervals import FloatArray, IntArray, PatientResamples, resample_patients
from screener.evaluation.labels import CLASS_NAMES
from screener.said import Said, Spoken, Together, say

FEWEST_OF_CLASS = 100
"""Patients with pneumonia, and patients without, below which a model's figures at a site say too little.

Vergouwe 2005 (J Clin Epidemiol 58:475) and Collins 2016 (Stat Med 35:214): 100 events and 100 non-events.
"""


@dataclass(frozen=True, slots=True, eq=False)
class SiteImages:
    """A site's labelled images and their scores.

    labels: 0 (NORMAL) or 1 (PNEUMONIA); logits: scores; groups: equal for images of one patient and for
    copies of one file; all of shape (n,). patients_known: False where groups are single images.
    """

    labels: IntArray
    logits: FloatArray
    groups: IntArray
    patients_known: bool

    @property
    def prevalence(self) -> float:
        """The share of images with pneumonia, 0..1."""
        return float(self.labels.mean())

    @property
    def ill_patients(self) -> int:
        """How many patients have pneumonia; where they are unknown, how many images."""
        return len(set(self.groups[self.labels == 1].tolist()))

    @property
    def resamples(self) -> PatientResamples:
        """The resamples by patient that intervals of these images come from."""
        return resample_patients([str(group) for group in self.groups])


def require_enough(
    labels: Sequence[int],
    groups: Sequence[int],
    patients_known: bool,
    where: str | Said,
    fewest: int = FEWEST_OF_CLASS,
) -> None:
    """Check that there are as many patients (where they are unknown: images) of each class as are needed.

    Raises:
        DatasetError: There are fewer; says how many there are, and how many more of which class are needed.
    """
    counts = {
        name: len({group for label, group in zip(labels, groups, strict=True) if label == value})
        for value, name in enumerate(CLASS_NAMES)
    }
    missing = {name: fewest - count for name, count in counts.items() if count < fewest}
    if missing:
        raise DatasetError(
            "calibrate.too_few_patients" if patients_known else "calibrate.too_few_images",
            where=where,
            found=_counted(counts),
            fewest=fewest,
            missing=_counted(missing),
        )


def _counted(images: Mapping[str, int]) -> Spoken:
    """Return how many there are of each class, as in 3 NORMAL and 4 PNEUMONIA."""
    return Together(tuple(f"{count} {name}" for name, count in images.items()), say("training.and"))


def require_separation(site: SiteImages, where: str, labels_from: Said | None) -> None:
    """Check that the scores tell the classes apart beyond doubt; labels_from: what gives the labels.

    Raises:
        DatasetError: The 95 % interval of the AUC reaches down to 0.5.
    """
    auc = estimate_auc(site.labels, site.logits, site.resamples)
    low = auc.value if auc.interval is None else auc.interval[0]
    if auc.value is None or low is None or low <= 0.5:
        if auc.value is not None and auc.value < 0.5:
            by_chance = auc.interval is not None and auc.interval[1] >= 0.5
            raise DatasetError(
                "calibrate.perhaps_swapped" if by_chance else "calibrate.swapped",
                where=where,
                auc=_with_interval(auc),
                labels_from=labels_from or "",
            )
        raise DatasetError("calibrate.not_told_apart", where=where, auc=_with_interval(auc))


def _with_interval(auc: Estimate) -> Said:
    if auc.value is None:
        return say("evaluation.undefined")
    if auc.interval is None:
        return say("evaluation.decimals_3", value=auc.value)
    low, high = auc.interval
    return say("evaluation.with_interval", value=auc.value, low=low, high=high)
