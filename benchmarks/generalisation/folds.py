"""Models trained without a source, measured on that source."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.generalisation.data import Case, Dataset
from benchmarks.generalisation.rows import Row, group_row
from benchmarks.generalisation.scoring import Scorer, Tick
from screener.errors import UsageError
from screener.inference.model_folder import ModelFolder, load_model_folder

ADULTS, FOLD = "adults", "fold"


def parse_fold(text: str) -> tuple[str, Path]:
    """Return name and model folder of NAME=MODEL_DIR.

    Raises:
        UsageError: It is not of that form.
    """
    name, equals, folder = text.partition("=")
    if not (name and equals and folder):
        raise UsageError(
            f"--fold {text}: expected NAME=MODEL_DIR, such as NORMAL2-IM=models/without-normal2."
        )
    return name, Path(folder)


def fold_row(name: str, folder: Path, children: Dataset, adults: Sequence[Case], tick: Tick) -> Row:
    """Return the figures of a model on the group that it never saw, as group_row does.

    The group is measured against the other class of the model's own held-out patients. A name that begins
    with "fold" is one of a k-fold: there the model's held-out patients are the group.

    Raises:
        UsageError: The model was trained with the group, or no image belongs to it.
    """
    model = load_model_folder(folder)
    radiographs, warning = fold_radiographs(name, model, children, adults)
    logits = Scorer(model).plain(radiographs, tick)
    row = group_row(f"{name}, held out", radiographs, logits, model.main)
    return Row(
        row.name, row.normal, row.pneumonia, row.figures, {"model": str(model.identity), "warning": warning}
    )


def fold_radiographs(
    name: str, model: ModelFolder, children: Dataset, adults: Sequence[Case]
) -> tuple[list[Case], str]:
    """Return the images that a fold is measured on, and a warning or nothing."""
    unseen = children.unseen(model)
    if name.startswith(FOLD):
        return unseen.held_out, unseen.warning
    if name == ADULTS:
        return [
            radiograph for radiograph in adults if radiograph.patient not in unseen.trained_on
        ], unseen.warning
    said = model.manifest.get("training", {}).get("held_out_source")
    if said != name:
        raise UsageError(
            f"--fold {name}: {model.path} says that its training held out {said or 'no source'}.\n"
            f"Train it with 'screener train --hold-out-source {name}'."
        )
    group = [radiograph for radiograph in children.radiographs if name in radiograph.groups]
    if not group:
        known = sorted({each for radiograph in children.radiographs for each in radiograph.groups})
        raise UsageError(f"--fold {name}: no image belongs to it. Groups: {', '.join(known)}, {ADULTS}.")
    labels = {radiograph.label for radiograph in group}
    others = [radiograph for radiograph in unseen.held_out if radiograph.label not in labels]
    return group + others, unseen.warning
