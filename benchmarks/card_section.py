"""The mirror test in a model's card: a section of its own, whatever else the card says."""

from pathlib import Path

from screener.inference.model_folder import CARD, load_model_folder, seal_model_folder

HEADING = "## Mirror test"
_BEFORE = "## Reporting checklist"
_WORDS = """
A film and its mirror image show the same disease, so their activation maps should be mirror images. How
often does the peak of a single map change sides when the film is mirrored ("before"), and how often that
of the mean of both, which reports draw ("after")? "Not stable" are films on which reports say that the
mirror image gives another map: one of the two maps stays below 70 % of its own maximum within a cell of
the mean's peak. A cell's strength is its part of the calibrated logit; full colour is reached at 0.4.
Intervals: 95 %, Wilson.
"""


def put_section(folder: Path, table: str) -> None:
    """Put the table into the card, before the checklist or at the end, and seal the folder anew.

    Raises:
        ModelRejectedError: The folder is not whole, before anything is written.
    """
    described = dict(load_model_folder(folder).manifest)
    card = folder / CARD
    card.write_text(with_section(card.read_text(encoding="utf-8"), table), encoding="utf-8")
    for key in ("format", "files", "manifest_sha256"):
        described.pop(key)
    seal_model_folder(folder, described)


def with_section(card: str, table: str) -> str:
    """Return a card with the section; one that was there is replaced."""
    section = f"{HEADING}\n{_WORDS}\n{table.strip()}\n\n"
    if HEADING in card:
        before, _, after = card.partition(HEADING)
        _, heading, rest = after.partition("\n## ")
        return before + section + (heading.lstrip("\n") + rest if heading else "")
    before, heading, after = card.partition(_BEFORE)
    return before.rstrip("\n") + "\n\n" + section + heading + after
