"""What is said of a study in its result objects, from the outcomes of its images."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from screener.dicom_results.result import ImageResult, StudyResult
from screener.domain import Finding, NotScreened, Status
from screener.note_codes import Note
from screener.notes import image_notes, patient_notes
from screener.operating_points import PROBABILITY_DECIMALS, printed
from screener.outputs.messages import Messages
from screener.outputs.population_words import population_bars, population_name
from screener.run_summary import RunSummary
from screener.scale import Scale


@dataclass(frozen=True, slots=True)
class Describer:
    """Describes studies of one run.

    warnings: what the run says first of all its studies, as where they are of other patients than the
    threshold was validated on.
    """

    run: RunSummary
    messages: Messages
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: RunSummary, messages: Messages) -> "Describer":
        differing = run.population_check.holds is False
        bars = population_bars(run, messages) if differing else ()
        return cls(run, messages, tuple(bar.striptags() for bar in bars))

    def study(
        self, study_uid: str, images: Sequence[Finding | NotScreened], analysed: datetime
    ) -> StudyResult:
        """Return what is said of a study; images: those to tell of, the one that decides first."""
        return StudyResult(
            study_uid=study_uid,
            model=self.run.model,
            screener_version=self._version,
            point=self.run.scale.operating_point.name,
            analysed=analysed,
            images=tuple(
                self._screened(image) if isinstance(image, Finding) else self._missed(image)
                for image in images
            ),
            title=self.messages.plain("result.title"),
        )

    @property
    def _version(self) -> str:
        """The Screener that screened: the same result is the same object, whoever publishes it."""
        return self.run.versions.get("screener", "")

    def _screened(self, image: Finding) -> ImageResult:
        scale = self.run.scales.of(image.identifiers.patient_age)
        probability = scale.probability(image.prediction.logit)
        flagged = scale.status(probability) is Status.FLAGGED
        band = scale.band(probability)
        notes = (
            *patient_notes(image.identifiers, self.run.scales),
            *image_notes((*image.notes, *image.correction.notes()), flagged),
        )
        brief = (
            self._statement(flagged, band, _six(probability), scale),
            *self.warnings,
            self.messages.plain("result.notice"),
        )
        return ImageResult(
            sop_instance_uid=image.identifiers.sop_instance_uid,
            pixel_digest=image.pixel_digest,
            probability=_six(probability),
            flagged=flagged,
            facts=(*_facts(scale), ("band", band or ""), *(("note", note.as_line()) for note in notes)),
            parameters=self._parameters(scale),
            statements=(*brief, *self._context(scale, notes)),
            brief=brief,
        )

    def _missed(self, image: NotScreened) -> ImageResult:
        reason = self.messages.reason(image.reason)
        return ImageResult(
            sop_instance_uid=image.identifiers.sop_instance_uid,
            pixel_digest="",
            probability="",
            flagged=None,
            facts=(("reason", image.reason.code), ("reason_details", image.reason.as_json())),
            parameters=self.messages.plain(
                "result.parameters_none",
                point=self.run.scale.operating_point.name,
                version=self._version,
                sha256=self.run.model.sha256,
            ),
            statements=(
                self.messages.plain("result.not_screened", reason=reason),
                self.messages.plain("result.notice"),
            ),
        )

    def _statement(self, flagged: bool, band: str | None, probability: str, scale: Scale) -> str:
        key = ("result.flagged_band" if band else "result.flagged") if flagged else "result.not_flagged"
        threshold = _six(scale.operating_point.threshold)
        return self.messages.plain(key, band=band, probability=probability, threshold=threshold)

    def _context(self, scale: Scale, notes: Sequence[Note]) -> tuple[str, ...]:
        """Return on whom the model was validated, and the notes; nothing where neither is known."""
        said: dict[str, Any] = {
            "population": scale.validated_on.rstrip("."),
            "notes": "; ".join(map(self.messages.note, notes)),
        }
        keys = "_".join(
            key for key, value in zip(("validated_on", "notes"), said.values(), strict=True) if value
        )
        return (self.messages.plain(f"result.{keys}", **said),) if keys else ()

    def _parameters(self, scale: Scale) -> str:
        point = scale.operating_point
        return self.messages.plain(
            "result.parameters" if point.validated else "result.parameters_not_validated",
            point=point.name,
            threshold=_six(point.threshold),
            sensitivity=_share(point.sensitivity),
            specificity=_share(point.specificity),
            population=population_name(self.messages, scale.population),
            prevalence=f"{scale.prevalence:g}",
            version=self._version,
            sha256=self.run.model.sha256,
        )


def _facts(scale: Scale) -> tuple[tuple[str, str], ...]:
    """Return what a printed result depends on besides its image and the network."""
    point = scale.operating_point
    return (
        ("point", point.name),
        ("threshold", _six(point.threshold)),
        ("sensitivity", _share(point.sensitivity)),
        ("specificity", _share(point.specificity)),
        ("validated", str(point.validated)),
        ("population", scale.population),
        ("prevalence", repr(scale.prevalence)),
    )


def _six(probability: float) -> str:
    return f"{printed(probability):.{PROBABILITY_DECIMALS}f}"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.3f}"
