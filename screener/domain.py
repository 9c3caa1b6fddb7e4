"""The values that flow from room to room: frozen, small, complete from birth."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from screener.locations import Location, ObjectUrl
from screener.note_codes import Note, NoteCode
from screener.reasons import Reason
from screener.sampling import Sampling

ByteImage: TypeAlias = NDArray[np.uint8]
"""Grey levels, uint8, shape (rows, columns); in a radiograph air is dark, bone bright."""

FloatImage: TypeAlias = NDArray[np.float32]


class FileKind(StrEnum):
    """What a file holds, told by its content and never by its name."""

    DICOM = "dicom"
    JPEG = "jpeg"
    PNG = "png"


class Cause(StrEnum):
    """Why an image was not screened."""

    INELIGIBLE = "ineligible"  # readable, but not a frontal chest radiograph
    FAILED = "failed"  # should have been readable


class Status(StrEnum):
    """What the worklist says of a study."""

    FLAGGED = "flagged"
    NOT_FLAGGED = "not_flagged"
    NOT_SCREENED = "not_screened"


@dataclass(frozen=True, slots=True)
class ImageFile:
    """One file to screen: where it lies and what it is called in every output.

    whole: false for the copy of a large object's beginning, of which the header alone can be read.
    """

    path: Path  # absolute
    name: str  # below the scanned root, "/" between parts, bytes that are no UTF-8 as \xNN
    kind: FileKind
    whole: bool = True


@dataclass(frozen=True, slots=True)
class ObjectFile:
    """An object of a store, to be screened if it is an image: whoever reads it finds out."""

    path: ObjectUrl
    name: str


Screenable: TypeAlias = ImageFile | ObjectFile


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What finds a study again in the archive, and what a reader wants beside it; empty where unknown.

    No patient name and no birth date, by design.
    """

    study_instance_uid: str = ""
    sop_instance_uid: str = ""
    patient_id: str = ""
    accession_number: str = ""
    study_date: str = ""  # ISO 8601
    view_position: str = ""  # "PA" or "AP"; DICOM (0018,5101) itself where it says something else
    patient_age: str = ""  # DICOM (0010,1010): "046Y", "003M"
    patient_sex: str = ""  # DICOM (0010,0040): "F", "M" or "O"


class Hues(StrEnum):
    """What colours a picture has."""

    GREY = "grey"
    TINT = "tint"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Radiograph:
    """One frontal chest radiograph, decoded to the grey levels a radiologist would see.

    notes: what had to be decided to show it so, for the worklist. sampling: how the pixels were read from a
    larger image; None where they are all of it. hues: the colours that it was stored with, see
    intake/hues.py; only looked for in JPEG and PNG.
    """

    identifiers: Identifiers
    pixels: ByteImage
    notes: tuple[Note, ...] = ()
    sampling: Sampling | None = None
    hues: Hues = Hues.GREY


@dataclass(frozen=True, slots=True)
class Correction:
    """How an image was turned before it was screened, because it looked negative or lay on a side.

    quarter_turns: anticlockwise, 0 to 3; before the inversion.
    """

    quarter_turns: int = 0
    inverted: bool = False

    def __bool__(self) -> bool:
        return self.inverted or bool(self.quarter_turns)

    def applied(self, pixels: ByteImage) -> ByteImage:
        """Return the image as it was screened, shape (rows, columns) or, after one turn, (columns, rows)."""
        turned = np.ascontiguousarray(np.rot90(pixels, self.quarter_turns)) if self.quarter_turns else pixels
        return 255 - turned if self.inverted else turned

    def notes(self) -> tuple[Note, ...]:
        """Return what the worklist says of it."""
        turned = (None, NoteCode.TURNED_FROM_SIDE, NoteCode.TURNED_UPRIGHT, NoteCode.TURNED_FROM_SIDE)
        inverted = NoteCode.INVERTED_BY_LOOK if self.inverted else None
        return tuple(Note(code) for code in (turned[self.quarter_turns], inverted) if code)


AS_SHOWN = Correction()
CORRECTIONS = tuple(
    Correction(turns, inverted) for inverted in (False, True) for turns in range(4) if inverted or turns
)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network says of one image.

    logit: the score, uncalibrated, unbounded.
    activation_map: float32, shape (7, 7); each cell's part of the logit, whose mean is the logit.
    """

    logit: float
    activation_map: FloatImage


@dataclass(frozen=True, slots=True)
class EarlierResult:
    """What an earlier run said of another study of the same patient.

    date: ISO 8601, of the study; of the run where the study has none. probability: 0..1, as this run
    prints it.
    """

    date: str
    probability: float


@dataclass(frozen=True, slots=True)
class ShownMap:
    """Where the network looked, as reports draw it: the mean of an image's map and of its mirror image's.

    cells: float32, shape (7, 7); each cell's part of the calibrated logit, so that one colour means one
    thing on every image. stable: whether image and mirror image agree on its strongest place.
    """

    cells: FloatImage
    stable: bool


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of an image's pixels to know it again.

    digest: SHA-256 of shape and pixels; equal for lossless copies in any container.
    coarse: the 27 lowest frequencies of the picture stretched to a square (its cosine transform), in grey
    levels; nearly equal for copies that were shrunk, stretched or compressed. No picture can be made of them.
    """

    digest: str
    coarse: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What tells later whether images have changed; nothing of it identifies a patient.

    device: manufacturer and model of the machine, as DICOM has them; empty where unknown. coding: the
    transfer syntax UID, or "jpeg" or "png". summary: of the network's embedding, see inference/summary.py;
    empty where the image was not screened.
    """

    device: str = ""
    coding: str = ""
    summary: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """An image that was screened.

    pixel_digest: SHA-256 of the decoded pixels: tells a duplicate from a second image. Of a JPEG or PNG,
    where nothing makes a duplicate, "file:" and the SHA-256 of the file.
    notes: what the reader should know of this image. duplicate_of: the file of the same study that
    holds the same SOP Instance UID and pixels and was screened for both; empty for most. content_digest:
    SHA-256 of the file, where a ledger is to know it again elsewhere; else empty. waiting_days: since the
    ledger first saw its study, where that lifts it in the worklist; else None. fingerprint: where labelled
    images are compared; else None. facts: where a ledger is to keep them; else None.
    """

    file: str
    path: Location
    identifiers: Identifiers
    prediction: Prediction
    pixel_digest: str
    notes: tuple[Note, ...] = ()
    correction: Correction = AS_SHOWN
    duplicate_of: str = ""
    content_digest: str = ""
    waiting_days: int | None = None
    fingerprint: Fingerprint | None = None
    facts: ImageFacts | None = None


@dataclass(frozen=True, slots=True)
class NotScreened:
    """An image that was not screened, and why.

    picture_refused: no tag says frontal chest radiograph, and its picture does not look like one: reports
    show it, so that somebody can look. content_digest: as in Finding. transient: what kept it from being
    read may be gone by the next run, which tries again. known_since: the day of the first complete report
    that reported a failure, ISO 8601; empty where none did. facts: as in Finding.
    """

    file: str
    path: Location
    cause: Cause
    reason: Reason
    identifiers: Identifiers = Identifiers()
    picture_refused: bool = False
    content_digest: str = ""
    transient: bool = False
    known_since: str = ""
    facts: ImageFacts | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file that is plainly neither DICOM nor an image; or, unsettled, one left for the next run."""

    file: str
    path: Location
    unsettled: bool = False


Outcome: TypeAlias = Finding | NotScreened | Ignored


@dataclass(frozen=True, slots=True)
class PreprocessingSpec:
    """How a radiograph becomes the square that the network sees; stored with the weights.

    size: pixels on each side. clip_limit, tiles: OpenCV's CLAHE (Zuiderveld 1994), tiles x tiles. read_size:
    pixels of an image's short side that are enough to read it (see preprocessing/resolution.py); None, as in
    manifests that do not name it, to read it whole.
    """

    size: int = 224
    clip_limit: float = 2.0
    tiles: int = 8
    read_size: int | None = None

    def __post_init__(self) -> None:
        if self.read_size is not None and self.read_size < self.size:
            raise ValueError(
                f"An image read at {self.read_size} pixels has fewer than the {self.size} needed."
            )

    def as_json(self) -> dict[str, int | float]:
        """Return what a manifest and a ledger's key hold: only what is set."""
        return {name: value for name, value in asdict(self).items() if value is not None}
