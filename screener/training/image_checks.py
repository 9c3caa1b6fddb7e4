"""What a labelled dataset must not hold: one image under two labels; and what it had better not: copies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from screener.errors import DatasetError
from screener.evaluation.labels import CLASS_NAMES
from screener.said import Said, Spoken, Together, say

if TYPE_CHECKING:
    from screener.training.dataset import LabelledImage

_NAMED = 5  # pairs


def refuse_two_labels(images: "Sequence[LabelledImage]", keys: Sequence[str], same: str) -> None:
    """Check that images of one key have one label.

    keys: one for each image, empty where unknown. same: what such images are, a key of the catalogue.

    Raises:
        DatasetError: Some have two; names where both stand, of the first few.
    """
    first: dict[str, LabelledImage] = {}
    clashes: list[Said] = []
    for key, image in zip(keys, images, strict=True):
        known = first.setdefault(key, image) if key else image
        if known.label != image.label:
            clashes.append(say("training.one_and_other", one=_named(known), other=_named(image)))
    if clashes:
        left_out = len(clashes) - _NAMED
        more = [say("training.and_more", number=left_out)] if left_out > 0 else []
        lines = Together((*clashes[:_NAMED], *more), "\n")
        raise DatasetError("training.two_labels", same=say(same), places=lines)


def copies_in_words(
    images: "Sequence[LabelledImage]", keys: Sequence[str], listed_again: int = 0
) -> Spoken | None:
    """Return what is there twice under one label, to follow a colon; None for nothing.

    keys: as for refuse_two_labels. listed_again: rows that named a file once more.
    """
    said: list[Said] = []
    if listed_again:
        said.append(say("training.listed_again", count=listed_again))
    first: dict[str, LabelledImage] = {}
    copies = [
        (first[key], image)
        for key, image in zip(keys, images, strict=True)
        if key and first.setdefault(key, image) is not image
    ]
    if copies:
        known, copy = copies[0]
        said.append(say("training.copies", count=len(copies), copy=copy.listed, known=known.listed))
    return Together(tuple(said), "; ") if said else None


def _named(image: "LabelledImage") -> Said:
    return say("training.listed_as", place=image.listed, label=CLASS_NAMES[image.label])
