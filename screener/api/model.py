"""A model that is open in this process."""

import os
from pathlib import Path
from threading import Lock
from typing import Any

from numpy.typing import NDArray

from screener.api.explanation import Explanation, explanation_of
from screener.api.reading import Age, AnyPath, array_outcome, dicom_age, found, screened
from screener.api.result import Result, result_of
from screener.domain import Outcome
from screener.engines.machine import check_memory
from screener.engines.worker import ScreenedImage, Screener, ScreenerSetup
from screener.errors import UsageError
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.operating_points import OperatingPoint
from screener.resources import shipped_model
from screener.scale import Scales


class Model:
    """A model with its preprocessing, picture gate, calibration and operating points; from `load_model`.

    Its network runs on one thread. Several threads may share a model: they take turns.
    """

    def __init__(self, folder: ModelFolder) -> None:
        """Open the network of a model folder; raises as `load_model` does."""
        self._folder = folder
        self._screener = Screener.of(ScreenerSetup.of(folder))
        self._turn = Lock()  # LiteRT's interpreter keeps its inputs and outputs in one place

    def __repr__(self) -> str:
        return f"<Model {self._folder.identity}>"

    @property
    def path(self) -> Path:
        """The folder that it was loaded from."""
        return self._folder.path

    @property
    def name(self) -> str:
        return self._folder.identity.name

    @property
    def version(self) -> str:
        return self._folder.identity.version

    @property
    def sha256(self) -> str:
        """The SHA-256 of its network, as in report.json."""
        return self._folder.identity.sha256

    @property
    def intended_use(self) -> str:
        """What it is for, and what it is not for."""
        return self._folder.intended_use

    @property
    def populations(self) -> tuple[str, ...]:
        """The populations that it tells apart; ("all",) where it tells none apart."""
        return tuple(each.name for each in self._folder.populations)

    def operating_points(
        self, population: str | None = None, *, prevalence: float | None = None
    ) -> tuple[OperatingPoint, ...]:
        """Return the thresholds of a population with the sensitivity and specificity they were validated at.

        Args:
            population: None for the one that patients of unknown age are read as.
            prevalence: Share of patients with pneumonia at which thresholds are given; None for the model's.

        Raises:
            UsageError: The model has no such population.
        """
        scales = self._scales(population, prevalence=prevalence)
        return scales.named(scales.default).points

    def probability(
        self,
        logit: float,
        *,
        patient_age: Age | None = None,
        population: str | None = None,
        prevalence: float | None = None,
    ) -> float:
        """Return what a logit means: the calibrated probability of pneumonia, 0 to 1, six decimals.

        Args:
            logit: As in `Result.logit`.
            patient_age: In years, or as DICOM writes it ("018M"); None where it is unknown.
            population: As whose the image is read, whatever the age.
            prevalence: Share of patients with pneumonia, between 0 and 1; None for the model's.

        Raises:
            UsageError: The age is not an age, or the model has no such population.
        """
        return self._scales(population, prevalence=prevalence).probability(logit, dicom_age(patient_age))

    def predict(
        self,
        image: AnyPath | NDArray[Any],
        *,
        patient_age: Age | None = None,
        population: str | None = None,
        operating_point: str | None = None,
        prevalence: float | None = None,
    ) -> Result:
        """Return what one image gives, or why it was not screened.

        The image goes the way of every image of a scan, with the same result. But it is read in this process:
        a hostile file may take any time and memory, or end the process. For files that you do not know use
        `screener.scan`, whose workers have limits.

        Args:
            image: A file, DICOM, JPEG or PNG, told by its content; also the URL of an object in a store. Or
                an array of shape (rows, columns) that shows a radiograph as it is displayed: air dark, bone
                bright. uint8 is taken as grey levels. uint16 is treated as DICOM without a window: its range
                is chosen from the values.
            patient_age: In years, or as DICOM writes it ("018M"). None for what the header says; a JPEG, a
                PNG and an array have none.
            population: As whose the image is read, whatever the age.
            operating_point: What is flagged; None for the model's default.
            prevalence: Share of patients with pneumonia, between 0 and 1; None for the model's.

        Raises:
            UsageError: There is no such file, operating point or population; the array is of another shape
                or type; or the age is not an age.
        """
        age = dicom_age(patient_age)
        scales = self._scales(population, operating_point=operating_point, prevalence=prevalence)
        with self._turn:
            if isinstance(image, (str, os.PathLike)):
                seen = screened(found(image), self._screener)
                outcome: Outcome = seen.outcome if isinstance(seen, ScreenedImage) else seen
            else:
                outcome = array_outcome(image, self._screener)
        return result_of(outcome, scales, age)

    def explain(
        self,
        path: AnyPath,
        *,
        population: str | None = None,
        default_population: str | None = None,
    ) -> Explanation:
        """Return each step of one file's way; arguments and errors as of `screener.explain`."""
        place = found(path)
        scales = self._folder.scales(population, default_population)
        with self._turn:
            seen = screened(place, self._screener)
            if isinstance(seen, ScreenedImage):
                return explanation_of(seen, self._screener, scales)
        return Explanation(result=result_of(seen, scales), outcome=seen)

    def _scales(
        self,
        population: str | None = None,
        *,
        operating_point: str | None = None,
        prevalence: float | None = None,
    ) -> Scales:
        if prevalence is not None and not 0 < prevalence < 1:
            raise UsageError("api.prevalence", found=prevalence)
        return self._folder.scales(population, operating_point=operating_point, prevalence=prevalence)


def load_model(path: AnyPath | None = None) -> Model:
    """Return a model, checked against its checksums and opened.

    Args:
        path: Its folder; None for the model that Screener ships.

    Raises:
        ModelRejectedError: The folder is missing, incomplete, altered, or of another format.
        MissingDependencyError: LiteRT is not installed, or this process may use too little memory.
    """
    check_memory()
    return Model(load_model_folder(shipped_model() if path is None else Path(path)))


def explain(
    path: AnyPath,
    *,
    model: Model | AnyPath | None = None,
    population: str | None = None,
    default_population: str | None = None,
) -> Explanation:
    """Return each step of one file's way to its probability, or to the reason why there is none.

    Like `Model.predict` it reads the file in this process, without the limits of `screener.scan`.

    Args:
        path: DICOM, JPEG or PNG; also the URL of an object in a store.
        model: One that is loaded, or its folder; None for the model that Screener ships.
        population: As whose the image is read, whatever the patient's age.
        default_population: As whose an image without an age is read; None for the model's choice.

    Raises:
        UsageError: There is no such file or population, or a store does not hand the file out.
        ModelRejectedError: The folder is missing, incomplete, altered, or of another format.
    """
    place = found(path)
    opened = model if isinstance(model, Model) else load_model(model)
    return opened.explain(place, population=population, default_population=default_population)
