"""Labelled images and what a model says of them: what every evaluation starts from."""

from collections.abc import Mapping, Sized
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.errors import DatasetError
from screener.evaluation.intervals import FloatArray, IntArray, PatientResamples, resample_patients
from screener.operating_points import Calibration, shift_prevalence


def shifted(probabilities: FloatArray, from_prevalence: float, to_prevalence: float) -> FloatArray:
    """Return probabilities as 'scan --prevalence' prints them, 0..1, shape (n,)."""
    moved = (shift_prevalence(float(each), from_prevalence, to_prevalence) for each in probabilities)
    return np.fromiter(moved, dtype=np.float64, count=len(probabilities))


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Labelled images and what the model says of them.

    labels: 0 (NORMAL) or 1 (PNEUMONIA), shape (n,). logits: scores, shape (n,).
    probabilities: calibrated, 0..1, shape (n,). files: as in every output, one for each image.
    patients: one for each image; None where they are not known of all.
    groups: what divides the images, such as "view", with each image's group; empty where unknown.
    calibrated_at: the prevalence, 0..1, that the probabilities hold at; None where unknown.
    fitted_at: that of the patients whom the calibration was fitted on; None: calibrated_at is.

    Raises:
        DatasetError: There is no image.
        ValueError: Lengths differ, or a value is out of its range.
    """

    labels: IntArray
    logits: FloatArray
    probabilities: FloatArray
    files: tuple[str, ...]
    patients: tuple[str, ...] | None = None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calibrated_at: float | None = None
    fitted_at: float | None = None

    def __post_init__(self) -> None:
        if len(self.labels) == 0:
            raise DatasetError("evaluation.no_image")
        columns: tuple[Sized, ...] = (
            self.logits,
            self.probabilities,
            self.files,
            self.files if self.patients is None else self.patients,
            *self.groups.values(),
        )
        if {len(column) for column in columns} != {len(self.labels)}:
            raise ValueError("Labels, logits, probabilities, files, patients and groups differ in number.")
        if not np.isin(self.labels, (0, 1)).all():
            raise ValueError("Labels must be 0 or 1.")
        if not np.isfinite(self.logits).all():
            raise ValueError("Logits must be finite.")
        if not ((self.probabilities >= 0) & (self.probabilities <= 1)).all():
            raise ValueError("Probabilities must lie in 0..1.")
        if self.patients is not None and "" in self.patients:
            raise ValueError("A patient is empty: the images of all such would count as one patient's.")

    def part(self, chosen: NDArray[np.bool_]) -> "Predictions":
        """Return the predictions of some images.

        chosen: which, shape (n,).

        Raises:
            DatasetError: None is chosen.
        """

        def of(values: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(each for each, taken in zip(values, chosen, strict=True) if taken)

        return Predictions(
            labels=self.labels[chosen],
            logits=self.logits[chosen],
            probabilities=self.probabilities[chosen],
            files=of(self.files),
            patients=None if self.patients is None else of(self.patients),
            groups={name: of(values) for name, values in self.groups.items()},
            calibrated_at=self.calibrated_at,
            fitted_at=self.fitted_at,
        )

    @classmethod
    def calibrated(
        cls,
        calibration: Calibration,
        prevalence: float,
        labels: IntArray,
        logits: FloatArray,
        **others: Any,
    ) -> "Predictions":
        """Return predictions whose probabilities hold at a prevalence, 0..1; others: the further fields."""
        return cls(
            labels=labels,
            logits=logits,
            probabilities=np.array([calibration.probability(float(each), prevalence) for each in logits]),
            calibrated_at=prevalence,
            fitted_at=calibration.prevalence,
            **others,
        )

    @property
    def calibration_prevalence(self) -> float | None:
        """The prevalence of the calibration itself; None where unknown."""
        return self.calibrated_at if self.fitted_at is None else self.fitted_at

    @property
    def set_prevalence(self) -> float | None:
        """The prevalence at which probabilities can be held against these labels: that among the images.

        At any other they would be wrong by the difference between two groups of patients, however good the
        model. Of images of one class alone it is the calibration's own; None where nothing is known of that.
        """
        share = float(self.labels.mean())
        known = self.calibrated_at is not None and 0 < share < 1
        return share if known else self.calibration_prevalence

    def moved(self, prevalence: float | None) -> "Predictions":
        """Return them with probabilities that hold at another prevalence; None: as they are."""
        if prevalence is None or self.calibrated_at is None:
            return self
        probabilities = shifted(self.probabilities, self.calibrated_at, prevalence)
        return replace(self, probabilities=probabilities, calibrated_at=prevalence)

    def resamples(self) -> PatientResamples:
        """Return resamples by patient where patients are known; else by image, as if each were one."""
        return resample_patients(self.patients or self.files)
