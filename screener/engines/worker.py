"""The unit of work: some files in, one outcome each out. Every engine calls this and nothing else."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from screener.domain import (
    AS_SHOWN,
    CORRECTIONS,
    ByteImage,
    Cause,
    Correction,
    Finding,
    FloatImage,
    Hues,
    Identifiers,
    ImageFacts,
    ImageFile,
    NotScreened,
    ObjectFile,
    Outcome,
    Prediction,
    PreprocessingSpec,
    Radiograph,
    Screenable,
    ShownMap,
)
from screener.errors import ImageError, IneligibleImageError
from screener.fingerprint import fingerprint
from screener.inference.activation import mean_with_mirror, points_outside_body
from screener.inference.classifier import Classifier
from screener.inference.gate import PictureGate, read_gate
from screener.inference.model_folder import ModelFolder
from screener.inference.summary import summary_of
from screener.intake import (
    ClassifiedFile,
    OpenedImage,
    UnreachableImageError,
    content_digest,
    each_at_hand,
    open_image,
)
from screener.locations import Location
from screener.note_codes import Note, NoteCode
from screener.preprocessing.clahe import equalised, resized
from screener.reasons import Reason, ReasonCode
from screener.stores import check_store

GATE_RULE = 3
"""Raised when the same gate would let other pictures through than before: ledgers forget."""


@dataclass(frozen=True, slots=True)
class ScreenerSetup:
    """What a worker needs to make its Screener: small enough to cross a process.

    gate: None for none. digests: whether outcomes carry what a ledger keeps besides: the digest of their
    file's content, and ImageFacts.
    stores: schemes of the object stores that files lie in. fingerprints: whether findings carry theirs.
    """

    network: Path
    preprocessing: PreprocessingSpec
    gate: Path | None = None
    digests: bool = False
    stores: tuple[str, ...] = ()
    fingerprints: bool = False

    @classmethod
    def of(cls, model: ModelFolder) -> Self:
        return cls(model.network, model.preprocessing, model.gate)


@dataclass(frozen=True, slots=True)
class Examined:
    """What one picture gave: the prediction, how it had to be turned for it, and the gate's scores.

    prediction: None where the gate refused the picture. scores: as it was shown, then as it was turned.
    doubted: whether it was screened as it was shown although the gate doubts that it is a chest radiograph.
    outside_chest: whether the activation map points beside the body. summary: of the embedding, as of
    ImageFacts.
    """

    prediction: Prediction | None
    correction: Correction = AS_SHOWN
    scores: tuple[float, ...] = ()
    doubted: bool = False
    outside_chest: bool = False
    summary: tuple[float, ...] = ()

    def notes(self) -> tuple[Note, ...]:
        """Return what the worklist says of it, see notes.image_notes."""
        doubted = (Note(NoteCode.UNUSUAL_PICTURE),) if self.doubted else ()
        outside = (Note(NoteCode.OUTSIDE_CHEST),) if self.outside_chest else ()
        return self.correction.notes() + doubted + outside


@dataclass(frozen=True, slots=True)
class Screener:
    """What turns a radiograph into a prediction: preprocessing, network and picture gate of one model."""

    classifier: Classifier
    preprocessing: PreprocessingSpec
    gate: PictureGate | None = None
    digests: bool = False
    fingerprints: bool = False

    @classmethod
    def of(cls, setup: ScreenerSetup) -> Self:
        """Open the network and the gate; raises as Classifier, read_gate and check_store do."""
        for scheme in setup.stores:
            check_store(scheme)
        gate = read_gate(setup.gate) if setup.gate else None
        return cls(
            Classifier(setup.network),
            setup.preprocessing,
            gate,
            setup.digests,
            setup.fingerprints,
        )

    def square(self, radiograph: Radiograph) -> ByteImage:
        """Return a radiograph stretched to the square, before its contrast is equalised."""
        return resized(radiograph.pixels, self.preprocessing, radiograph.sampling)

    def examine(self, radiograph: Radiograph, tagged_chest: bool = False) -> Examined:
        """Return what a picture gives; one that the gate doubts is tried again negative and turned.

        The gate sees greys alone. A picture with the colours of a photograph is refused whatever it says, and
        one with a tint already where it calls the picture unusual.

        tagged_chest: whether its tags say frontal chest radiograph. Such an image is never refused: images of
        the very ill, with tubes and white lungs, are those that look least like the others.
        """
        examined = self._judged(self.square(radiograph), tagged_chest)
        if self.gate is not None and not tagged_chest:
            unusual = examined.doubted and radiograph.hues is Hues.TINT
            if unusual or radiograph.hues is Hues.MANY:
                return Examined(None, scores=examined.scores)
        if examined.prediction is None:
            return examined
        shown = examined.correction.applied(radiograph.pixels)
        outside = points_outside_body(examined.prediction.activation_map, shown)
        return replace(examined, outside_chest=outside)

    def shown_map(self, square: ByteImage, own: FloatImage, slope: float) -> ShownMap:
        """Return the map that reports draw of an image.

        square: as of `square`, turned as it was screened. own: the map that it gave then.
        """
        mirrored = np.ascontiguousarray(square[:, ::-1])
        mirror = self.classifier.predict(equalised(mirrored, self.preprocessing))
        return mean_with_mirror(own, mirror.activation_map, slope)

    def _judged(self, square: ByteImage, tagged_chest: bool) -> Examined:
        shown = equalised(square, self.preprocessing)
        answer = self.classifier.answer(shown)
        if self.gate is None:
            return Examined(answer.prediction, summary=summary_of(answer.embedding))
        score = self.gate.score(answer.embedding, shown)
        if score >= self.gate.threshold:
            return Examined(answer.prediction, scores=(score,), summary=summary_of(answer.embedding))
        best, chosen, correction = float("-inf"), answer, AS_SHOWN
        for each in CORRECTIONS:
            corrected = equalised(each.applied(square), self.preprocessing)
            turned = self.classifier.answer(corrected)
            found = self.gate.score(turned.embedding, corrected)
            if found > best:
                best, chosen, correction = found, turned, each
        if best >= self.gate.correction_threshold:
            summary = summary_of(chosen.embedding)
            return Examined(chosen.prediction, correction, (score, best), summary=summary)
        if tagged_chest or score >= self.gate.refused_below:
            summary = summary_of(answer.embedding)
            return Examined(answer.prediction, scores=(score, best), doubted=True, summary=summary)
        return Examined(None, scores=(score, best))


@dataclass(frozen=True, slots=True)
class ScreenedImage:
    """One image's outcome, and what led to it as far as it came; the rest is None.

    image: its header. image: its pixels, as they were shown. examined: what network and gate said of them.
    """

    outcome: Finding | NotScreened
    image: OpenedImage | None = None
    radiograph: Radiograph | None = None
    examined: Examined | None = None

    def facts(self) -> ImageFacts | None:
        """Return what a ledger is to keep of the image; None where its header could not be read."""
        if self.image is None:
            return None
        summary = self.examined.summary if self.examined and isinstance(self.outcome, Finding) else ()
        return replace(self.image.facts, summary=summary)


def screen_batch(files: Sequence[Screenable], screener: Screener) -> list[Outcome]:
    """Return exactly one outcome per file, in order: no study may disappear silently."""
    return [_outcome(file, given, screener) for file, given in each_at_hand(files)]


def _outcome(file: Screenable, given: AbstractContextManager[ClassifiedFile], screener: Screener) -> Outcome:
    try:
        with given as here:
            if not isinstance(here, ImageFile):
                return here
            screened = screen_image(here, screener)
            outcome = screened.outcome
            if screener.digests:
                outcome = replace(outcome, facts=screened.facts())
            if screener.digests and here.whole:
                outcome = replace(outcome, content_digest=content_digest(here.path))
    except UnreachableImageError as error:
        return NotScreened(file.name, file.path, Cause.FAILED, error.reason, transient=True)
    return replace(outcome, path=file.path) if isinstance(file, ObjectFile) else outcome


def screen_image(file: ImageFile, screener: Screener) -> ScreenedImage:
    """Return one image's outcome and what led to it; never raises for a bad image."""
    image = None
    try:
        image = open_image(file)
        radiograph = image.radiograph(screener.preprocessing.read_size)
    except ImageError as error:
        identifiers = image.identifiers if image else Identifiers()
        return ScreenedImage(missed(file.name, file.path, error, identifiers), image)
    examined = screener.examine(radiograph, image.tagged_chest)
    prediction = examined.prediction
    if prediction is None:
        return ScreenedImage(refused(file.name, file.path, image.identifiers), image, radiograph, examined)
    notes = radiograph.notes + examined.notes()
    digest = image.digest(radiograph.pixels)
    finding = Finding(file.name, file.path, image.identifiers, prediction, digest, notes, examined.correction)
    if screener.fingerprints:
        finding = replace(finding, fingerprint=fingerprint(radiograph.pixels))
    return ScreenedImage(finding, image, radiograph, examined)


def missed(file: str, path: Location, error: ImageError, identifiers: Identifiers) -> NotScreened:
    """Return the outcome of an image that could not be read as a frontal chest radiograph."""
    cause = Cause.INELIGIBLE if isinstance(error, IneligibleImageError) else Cause.FAILED
    return NotScreened(file, path, cause, error.reason, identifiers)


def refused(file: str, path: Location, identifiers: Identifiers) -> NotScreened:
    """Return the outcome of an image that the picture gate refused."""
    reason = Reason.of(ReasonCode.PICTURE_REFUSED)
    return NotScreened(file, path, Cause.INELIGIBLE, reason, identifiers, picture_refused=True)
