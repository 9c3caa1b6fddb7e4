"""Which images made a model: enough to know a set of images again, too little to know one patient's image.

See docs/decisions/0007-digests-of-training-images.md.
"""

import base64
import hashlib
import json
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.domain import Fingerprint
from screener.errors import ModelRejectedError, why
from screener.fingerprint import COARSE, as_matrix

TRAINING_IMAGES = "training_films.json"
TRAINED, VALIDATED, CALIBRATED, EARLIER = "training", "validation", "calibration", "earlier training"
FILLED = 0.25
"""The share of any other images that seem to be among them: so a single one proves nothing."""
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True, eq=False)
class ImageSet:
    """Images that served one purpose, as a Bloom filter with one hash (Bloom 1970) that is mostly noise.

    role: TRAINED, VALIDATED, CALIBRATED, or EARLIER for what trained the model that this one goes on from.
    images: how many. salt: random, of this set alone.
    medians: of their coarse fingerprints, shape (COARSE,); each image is told by the side it lies on.
    bits: bool, shape (size,).
    """

    role: str
    images: int
    salt: bytes
    medians: NDArray[np.float64]
    bits: NDArray[np.bool_]

    @property
    def filled(self) -> float:
        """The share of bits set, 0..1: how often an image that is not among them seems to be."""
        return float(self.bits.mean())

    def recognised(self, prints: Sequence[Fingerprint]) -> tuple[int, int]:
        """Return how many different images there are, and how many of them seem to be among these."""
        images = _sides(prints, self.medians)
        return len(images), int(self.bits[_places(images, self.salt, len(self.bits))].sum())


@dataclass(frozen=True, slots=True)
class TrainingImages:
    """All images that made a model; complete: false where it goes on from one that does not say."""

    sets: tuple[ImageSet, ...]
    complete: bool = True

    def of_another(self) -> "TrainingImages":
        """Return what a model that goes on from this one says of it."""
        trained = (each for each in self.sets if each.role in (TRAINED, EARLIER))
        return replace(self, sets=tuple(replace(each, role=EARLIER) for each in trained))

    def joined(self, other: "TrainingImages") -> "TrainingImages":
        """Return the images of both."""
        return TrainingImages((*self.sets, *other.sets), self.complete and other.complete)

    def without(self, role: str) -> "TrainingImages":
        """Return the images but those of one role, which a model no longer rests on."""
        return replace(self, sets=tuple(each for each in self.sets if each.role != role))


UNKNOWN = TrainingImages((), complete=False)


def image_set(role: str, prints: Sequence[Fingerprint]) -> ImageSet:
    """Return the set of some images, one or more; of its bits, FILLED are set. Its salt is new each time."""
    salt = secrets.token_bytes(_SALT_BYTES)
    medians = np.median(as_matrix(prints), axis=0).round(1)
    images = _sides(prints, medians)
    bits = np.zeros(math.ceil(len(images) / -math.log1p(-FILLED)), dtype=np.bool_)
    bits[_places(images, salt, len(bits))] = True
    return ImageSet(role, len(prints), salt, medians, bits)


def write_training_images(folder: Path, images: TrainingImages) -> None:
    """Write sets of images into a model folder that is not sealed yet; OSError where that cannot be."""
    content = [
        {
            "role": each.role,
            "films": each.images,
            "salt": each.salt.hex(),
            "medians": each.medians.tolist(),
            "size": len(each.bits),
            "bits": base64.b64encode(np.packbits(each.bits).tobytes()).decode("ascii"),
        }
        for each in images.sets
    ]
    text = json.dumps({"format": 1, "complete": images.complete, "sets": content}, indent=1)
    (folder / TRAINING_IMAGES).write_text(text + "\n", encoding="utf-8")


def read_training_images(folder: Path) -> TrainingImages:
    """Return what a model folder says of the images that made it; UNKNOWN where it says nothing.

    Raises:
        ModelRejectedError: The file is of another form.
    """
    path = folder / TRAINING_IMAGES
    if not path.is_file():
        return UNKNOWN
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != 1:
            raise ValueError(f"format {content['format']}")
        return TrainingImages(tuple(_read(each) for each in content["sets"]), bool(content["complete"]))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ModelRejectedError("inference.wrong_form", path=path, error=why(error)) from error


def _read(values: Mapping[str, Any]) -> ImageSet:
    packed = np.frombuffer(base64.b64decode(values["bits"], validate=True), dtype=np.uint8)
    bits = np.unpackbits(packed)[: values["size"]].astype(np.bool_)
    medians = np.array(values["medians"], dtype=np.float64)
    if len(bits) != values["size"] or not len(bits) or medians.shape != (COARSE,):
        raise ValueError("bits or medians of the wrong length")
    return ImageSet(values["role"], int(values["films"]), bytes.fromhex(values["salt"]), medians, bits)


def _sides(prints: Sequence[Fingerprint], medians: NDArray[np.float64]) -> list[bytes]:
    """Return what tells each image, on which side of the medians it lies, once for each different one."""
    rows = np.packbits(as_matrix(prints) > medians, axis=1)
    return sorted({row.tobytes() for row in rows})


def _places(images: Sequence[bytes], salt: bytes, size: int) -> NDArray[np.int64]:
    """Return the bit that stands for each image, shape (n,)."""
    digests = (hashlib.blake2b(image, key=salt, digest_size=8).digest() for image in images)
    return np.array([int.from_bytes(each, "big") % size for each in digests], dtype=np.int64)
