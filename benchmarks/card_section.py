"""What benches measure of a model, in its card: a section each, whatever else the card says."""

from dataclasses import dataclass
from pathlib import Path

from screener.inference.model_folder import CARD, load_model_folder, seal_model_folder

_BEFORE = "## Reporting checklist"


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a card: its heading, and what stands above its table."""

    heading: str
    words: str


MIRROR = Section(
    "## Mirror test",
    """
An image and its mirror image show the same disease, so their activation maps should be mirror images. How
often does the peak of a single map change sides when the image is mirrored ("before"), and how often that
of the mean of both, which reports draw ("after")? "Not stable" are images on which reports say that the
mirror image gives another map: one of the two maps stays below 70 % of its own maximum within a cell of
the mean's peak. A cell's strength is its part of the calibrated logit; at 0.69 a cell alone doubles the odds
of pneumonia, and has the full colour.
Intervals: 95 %, Wilson.
""",
)
POINTING = Section(
    "## Pointing test",
    """
Does the map peak where radiologists drew a box around an opacity? Asked of composites: lungs of patients whom
the network did not learn from, in whole normal radiographs. A peak is in the opacity if what shows of the box
covers a tenth of its cell or more; "by chance" is the share of cells so covered. Intervals: 95 %, Wilson.
""",
)
READING = Section(
    "## Reading",
    """
Scans read JPEG, JPEG 2000 and HTJ2K at the lowest resolution that leaves `read_size` pixels on the short
side; all else is read whole. By how much does that move a probability, against the same image read whole?
Grey levels are those of the network's input before CLAHE; "change side" is the share of images that cross the
threshold of an operating point; "the largest of them" takes each image's largest difference. All these images
are large enough to be read smaller. The last rows are a yardstick: by how much saving an uncompressed image
as JPEG (quality 75 to 100) or as lossy JPEG 2000 moves its probability, when all are read whole.
""",
)


def put_section(folder: Path, section: Section, table: str, read_size: int | None = None) -> None:
    """Put the table into the card, before the checklist or at the end, and seal the folder anew.

    read_size: what scans with the model read images at from now on; None for what its manifest says.

    Raises:
        ModelRejectedError: The folder is not whole, before anything is written.
    """
    described = dict(load_model_folder(folder).manifest)
    card = folder / CARD
    card.write_text(with_section(card.read_text(encoding="utf-8"), section, table), encoding="utf-8")
    for key in ("format", "files", "manifest_sha256"):
        described.pop(key)
    if read_size:
        described["preprocessing"] = described["preprocessing"] | {"read_size": read_size}
    seal_model_folder(folder, described)


def with_section(card: str, section: Section, table: str) -> str:
    """Return a card with the section; one that was there is replaced."""
    text = f"{section.heading}\n{section.words}\n{table.strip()}\n\n"
    if section.heading in card:
        before, _, after = card.partition(section.heading)
        _, heading, rest = after.partition("\n## ")
        return before + text + (heading.lstrip("\n") + rest if heading else "")
    before, heading, after = card.partition(_BEFORE)
    return before.rstrip("\n") + "\n\n" + text + heading + after
