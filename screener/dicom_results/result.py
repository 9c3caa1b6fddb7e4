"""What a result object says of one study: all that a reader sees, and nothing that identifies the patient."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from screener.dicom_results.uids import digest_of, uid_of
from screener.run_summary import ModelIdentity

WRITER = 1
"""Raised when the same result would be written otherwise: its objects then get other UIDs."""


class ObjectKind(StrEnum):
    """The objects that can be made of a result."""

    SR = "sr"
    PDF = "pdf"
    SC = "sc"
    GSPS = "gsps"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageResult:
    """What was found of one image.

    probability: as printed, "0.473964"; empty where it was not screened. flagged: None there. facts: what the
    result depends on (threshold, prevalence, population, band, notes, codes of reasons), by name.
    parameters: the same in words, of the algorithm. statements: sentences for the reader. brief: those
    of them that must stand wherever the result is shown.
    """

    sop_instance_uid: str
    pixel_digest: str
    probability: str
    flagged: bool | None
    facts: tuple[tuple[str, str], ...]
    parameters: str
    statements: tuple[str, ...]
    brief: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """What was found of one study, and in which words to tell it.

    images: the one that decides first; never empty. analysed: when the run began that first gave this
    result, with its time zone. title: of the study's objects. language: of the words (RFC 5646).
    """

    study_uid: str
    model: ModelIdentity
    screener_version: str
    point: str
    analysed: datetime
    images: tuple[ImageResult, ...]
    title: str
    language: str = "en"

    @property
    def screened(self) -> bool:
        """Whether there is a number to tell."""
        return bool(self.images[0].probability)

    @property
    def content(self) -> str:
        """What tells whether a study's result has changed: no wording, and no version of this program."""
        images = [
            (image.sop_instance_uid, image.pixel_digest, image.probability, image.flagged, image.facts)
            for image in self.images
        ]
        return digest_of(self.study_uid, asdict(self.model), self.point, images)

    def sop_uid(self, kind: str, predecessor: str = "", drawn: str = "") -> str:
        """Return the UID of one of its objects, made of everything that it says.

        predecessor: the UID of the object that it replaces; empty for none. drawn: digest of what it shows
        besides words; empty for nothing.
        """
        words = [(image.parameters, image.statements) for image in self.images]
        told = (self.content, words, self.title, self.language, self.analysed.isoformat())
        shown = (drawn,) if drawn else ()
        return uid_of(kind, *told, self.screener_version, WRITER, predecessor, *shown)

    def series_uid(self, kind: str) -> str:
        """Return the UID of the series that the study's objects of a kind stand in, by model and point."""
        return uid_of("series", self.study_uid, *self._by(), self.point, kind)

    def tracking_uid(self, image: ImageResult) -> str:
        """Return what follows an image's finding from model to model (PS3.16 TID 1501)."""
        return uid_of("tracking", self.study_uid, image.sop_instance_uid, "pneumonia")

    @property
    def device_uid(self) -> str:
        """The UID of the observer: this model, of this version."""
        return uid_of("device", *self._by())

    def _by(self) -> tuple[str, str, str]:
        return self.model.name, self.model.version, self.model.sha256
