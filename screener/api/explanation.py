"""What Screener makes of one file, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from screener.api.result import Result, result_of
from screener.domain import ByteImage, FileKind, Finding, Hues, Outcome, ShownMap
from screener.engines.worker import ScreenedImage, Screener
from screener.outputs.overlay import coloured
from screener.preprocessing.clahe import equalised
from screener.scale import Scales


@dataclass(frozen=True, slots=True, kw_only=True)
class GateScores:
    """What the picture gate said: how much the picture looks like a frontal chest radiograph; more is more.

    Attributes:
        score: Of the picture as it is shown.
        threshold: Below it a picture is unusual, and tried again negative and turned.
        refused_below: Below it a picture is refused, unless its tags say frontal chest radiograph.
        corrected: The best score of the picture made negative or turned; None where that was not tried.
        correction_threshold: What that score must reach for the picture to be taken so.
        tagged_chest: Whether the tags say frontal chest radiograph.
        hues: Its colours: "grey"; "tint", and it is refused below threshold; "many", and it is refused.
    """

    score: float
    threshold: float
    refused_below: float
    corrected: float | None
    correction_threshold: float
    tagged_chest: bool
    hues: Hues


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explanation:
    """Each step of one file's way, as far as it came; the steps that it did not reach are None.

    Attributes:
        result: What came out: the probability with its map, or why there is none.
        kind: What the file holds, by its content: DICOM, JPEG or PNG.
        tags: The DICOM attributes that decide what becomes of it, by keyword; none identifies a patient.
            Empty for JPEG and PNG, and where the header cannot be read.
        display: The image as a radiologist would see it, uint8, shape (rows, columns), at the resolution that
            the model reads; turned or inverted where the model had to, as a note then says.
        resized: The same stretched to the square, uint8, before its contrast is equalised.
        equalised: The square that the network sees, uint8.
        gate: What the picture gate said; None, too, for a model without one.
        shown_map: What reports draw of a flagged image: the mean of its map and of its mirror image's, in
            calibrated logits, and whether both agree; None for an image that is not flagged.
        overlay: That map laid over `display`, uint8, shape (rows, columns, 3), red first; one colour means
            the same on every image.
        outcome: The result as reports take it: codes instead of words, for words in other languages.
    """

    result: Result
    kind: FileKind | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    display: ByteImage | None = None
    resized: ByteImage | None = None
    equalised: ByteImage | None = None
    gate: GateScores | None = None
    shown_map: ShownMap | None = None
    overlay: ByteImage | None = None
    outcome: Outcome | None = None


def explanation_of(seen: ScreenedImage, screener: Screener, scales: Scales) -> Explanation:
    """Return the steps of an image that was screened, or refused, as Python sees them."""
    image, radiograph, examined = seen.image, seen.radiograph, seen.examined
    result = result_of(seen.outcome, scales)
    if image is None:
        return Explanation(result=result, outcome=seen.outcome)
    tags = dict(image.attributes())
    if radiograph is None or examined is None:
        return Explanation(result=result, kind=image.file.kind, tags=tags, outcome=seen.outcome)
    display = examined.correction.applied(radiograph.pixels)
    square = examined.correction.applied(screener.square(radiograph))
    shown = None
    if result.flagged and isinstance(seen.outcome, Finding):
        scale = scales.of(image.identifiers.patient_age)
        own = seen.outcome.prediction.activation_map
        shown = screener.shown_map(square, own, scale.calibration.slope)
    return Explanation(
        result=result,
        kind=image.file.kind,
        tags=tags,
        display=display,
        resized=square,
        equalised=equalised(square, screener.preprocessing),
        gate=_gate_scores(seen, screener),
        shown_map=shown,
        overlay=None if shown is None else coloured(display, shown.cells)[..., ::-1],
        outcome=seen.outcome,
    )


def _gate_scores(seen: ScreenedImage, screener: Screener) -> GateScores | None:
    gate = screener.gate
    if gate is None or seen.examined is None or seen.image is None:
        return None
    score, *corrected = seen.examined.scores
    return GateScores(
        score=score,
        threshold=gate.threshold,
        refused_below=gate.refused_below,
        corrected=corrected[0] if corrected else None,
        correction_threshold=gate.correction_threshold,
        tagged_chest=seen.image.tagged_chest,
        hues=Hues.GREY if seen.radiograph is None else seen.radiograph.hues,
    )
