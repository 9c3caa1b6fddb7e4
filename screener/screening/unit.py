"""The unit of work: some files in, one outcome each out. Every engine calls this and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from screener.domain import Cause, Finding, FloatImage, Identifiers, ImageFile, NotScreened, PreprocessingSpec
from screener.errors import ImageError, IneligibleImageError
from screener.inference.classifier import Classifier
from screener.intake import open_image, pixel_digest, read_radiograph
from screener.outputs.overlay import card_picture
from screener.outputs.report_content import CardPicture
from screener.preprocessing import preprocess


@dataclass(frozen=True, slots=True)
class Screener:
    """What turns a radiograph into a prediction: the preprocessing and the network of one model."""

    classifier: Classifier
    preprocessing: PreprocessingSpec


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """A film to show on a card, and what the network saw in it; activation_map: float32, (7, 7)."""

    file: ImageFile
    activation_map: FloatImage


def screen_batch(files: Sequence[ImageFile], screener: Screener) -> list[Finding | NotScreened]:
    """Return exactly one outcome per file, in order: no study may disappear silently."""
    return [_screen(file, screener) for file in files]


def draw_card(request: PictureRequest) -> CardPicture | str:
    """Return the pictures of one card, or the reason why the film cannot be shown."""
    try:
        return card_picture(read_radiograph(request.file).pixels, request.activation_map)
    except ImageError as error:
        return str(error)


def _screen(file: ImageFile, screener: Screener) -> Finding | NotScreened:
    identifiers = Identifiers()
    try:
        image = open_image(file)
        identifiers = image.identifiers
        pixels = image.radiograph().pixels
    except ImageError as error:
        cause = Cause.INELIGIBLE if isinstance(error, IneligibleImageError) else Cause.FAILED
        return NotScreened(file.file, file.path, cause, str(error), identifiers)
    prediction = screener.classifier.predict(preprocess(pixels, screener.preprocessing))
    return Finding(file.file, file.path, identifiers, prediction, pixel_digest(pixels))
