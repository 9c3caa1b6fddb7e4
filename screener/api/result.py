"""What one image gave, as Python sees it."""

from dataclasses import dataclass, replace

from screener.domain import Cause, Finding, FloatImage, Ignored, NotScreened, Outcome, Status
from screener.notes import image_notes, patient_notes
from screener.operating_points import OperatingPoint
from screener.outputs.messages import shipped_messages
from screener.reasons import ReasonCode
from screener.scale import Band, Scales

IGNORED = "neither DICOM nor an image"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """What one image gave: a probability with its meaning, or the reason why there is none.

    Attributes:
        file: The file's name; empty for an array.
        screened: Whether the network judged it. If not, `reason` says why in words and `reason_code` for
            programs, and all figures are None.
        probability: Of pneumonia, 0 to 1, at `prevalence`; six decimals, as in every report.
        logit: The network's score before calibration, unbounded.
        population: As whose the image was read, by the patient's age; "all" for a model that tells none
        apart. prevalence: The share of patients with pneumonia that the probability assumes. operating_point:
        From which threshold on an image is flagged, and with which sensitivity and
            specificity that was validated.
        flagged: Whether the probability reaches that threshold.
        band: How soon to look at a flagged image; None for one that is not flagged.
        map: Where the score comes from: float32, shape (7, 7), each cell's part of the logit; their mean is
            the logit. Of the image as it was screened, which may have been turned, as a note then says.
        notes: What a reader should know of the image, as in the worklist.
        cause: Ineligible, or failed; None where it was screened, and for a file that is no image at all.
        reason: Why it was not screened, in words.
        reason_code: The same from a closed list, see docs/reason-codes.md.
    """

    file: str
    screened: bool
    probability: float | None = None
    logit: float | None = None
    population: str | None = None
    prevalence: float | None = None
    operating_point: OperatingPoint | None = None
    flagged: bool | None = None
    band: Band | None = None
    map: FloatImage | None = None
    notes: tuple[str, ...] = ()
    cause: Cause | None = None
    reason: str | None = None
    reason_code: ReasonCode | None = None


def result_of(outcome: Outcome, scales: Scales, age: str = "") -> Result:
    """Return an outcome as Python sees it; age: the patient's as DICOM writes it, empty for the header's."""
    if isinstance(outcome, Finding):
        return _screened(outcome, scales, age)
    if isinstance(outcome, Ignored):
        code = ReasonCode.NOT_AN_IMAGE
        return Result(file=outcome.file, screened=False, reason=IGNORED, reason_code=code)
    return _missed(outcome)


def _screened(finding: Finding, scales: Scales, age: str) -> Result:
    identifiers = finding.identifiers
    if age:
        identifiers = replace(identifiers, patient_age=age)
    scale = scales.of(identifiers.patient_age)
    probability = scale.probability(finding.prediction.logit)
    flagged = scale.status(probability) is Status.FLAGGED
    notes = (*patient_notes(identifiers, scales), *image_notes(finding.notes, flagged))
    return Result(
        file=finding.file,
        screened=True,
        probability=probability,
        logit=finding.prediction.logit,
        population=scale.population,
        prevalence=scale.prevalence,
        operating_point=scale.operating_point,
        flagged=flagged,
        band=scale.band(probability),
        map=finding.prediction.activation_map,
        notes=tuple(map(shipped_messages().note, notes)),
    )


def _missed(outcome: NotScreened) -> Result:
    return Result(
        file=outcome.file,
        screened=False,
        cause=outcome.cause,
        reason=shipped_messages().missed(outcome),
        reason_code=outcome.reason.code,
    )
