"""What a labelled dataset must not hold: one image under two labels; and what it had better not: copies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from screener.errors import DatasetError
from screener.evaluation.labels import CLASS_NAMES

if TYPE_CHECKING:
    from screener.training.dataset import LabelledImage

_NAMED = 5  # pairs


def refuse_two_labels(images: "Sequence[LabelledImage]", keys: Sequence[str], same: str) -> None:
    """Check that images of one key have one label.

    keys: one for each image, empty where unknown. same: what such images are, as in "one picture".

    Raises:
        DatasetError: Some have two; names where both stand, of the first few.
    """
    first: dict[str, LabelledImage] = {}
    clashes = []
    for key, image in zip(keys, images, strict=True):
        known = first.setdefault(key, image) if key else image
        if known.label != image.label:
            clashes.append(f"{_named(known)} and {_named(image)}")
    if clashes:
        more = "" if len(clashes) <= _NAMED else f"\n… and {len(clashes) - _NAMED} more"
        raise DatasetError(
            f"{same[:1].upper()}{same[1:]} under two labels:\n"
            + "\n".join(clashes[:_NAMED])
            + f"{more}\nOne of the two labels is wrong. Correct it, or leave both out."
        )


def copies_in_words(images: "Sequence[LabelledImage]", keys: Sequence[str], listed_again: int = 0) -> str:
    """Return what is there twice under one label, to follow a colon or to stand alone; empty for nothing.

    keys: as for refuse_two_labels. listed_again: rows that named a file once more.
    """
    said = []
    if listed_again:
        said.append(f"{listed_again} rows name a file that was named before: it counts once")
    first: dict[str, LabelledImage] = {}
    copies = [
        (first[key], image)
        for key, image in zip(keys, images, strict=True)
        if key and first.setdefault(key, image) is not image
    ]
    if copies:
        known, copy = copies[0]
        count = "1 image is a copy" if len(copies) == 1 else f"{len(copies)} images are copies"
        said.append(
            f"{count} of another one under the same label and counts as an image of its own "
            f"(e.g. {copy.listed}, a copy of {known.listed})"
        )
    return "; ".join(said)


def _named(image: "LabelledImage") -> str:
    return f"{image.listed} ({CLASS_NAMES[image.label]})"
