"""Models trained without a source, measured on that source."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.generalisation.data import Dataset, Film
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


def fold_row(name: str, folder: Path, children: Dataset, adults: Sequence[Film], tick: Tick) -> Row:
    """Return the figures of a model on the group that it never saw, as group_row does.

    The group is measured against the other class of the model's own held-out patients. A name that begins
    with "fold" is one of a k-fold: there the model's held-out patients are the group.

    Raises:
        UsageError: The model was trained with the group, or no film belongs to it.
    """
    model = load_model_folder(folder)
    films, warning = fold_films(name, model, children, adults)
    logits = Scorer(model).plain(films, tick)
    row = group_row(f"{name}, held out", films, logits, model.main)
    return Row(
        row.name, row.normal, row.pneumonia, row.figures, {"model": str(model.identity), "warning": warning}
    )


def fold_films(
    name: str, model: ModelFolder, children: Dataset, adults: Sequence[Film]
) -> tuple[list[Film], str]:
    """Return the films that a fold is measured on, and a warning or nothing."""
    unseen = children.unseen(model)
    if name.startswith(FOLD):
        return unseen.held_out, unseen.warning
    if name == ADULTS:
        return [film for film in adults if film.patient not in unseen.trained_on], unseen.warning
    said = model.manifest.get("training", {}).get("held_out_source")
    if said != name:
        raise UsageError(
            f"--fold {name}: {model.path} says that its training held out {said or 'no source'}.\n"
            f"Train it with 'screener train --hold-out-source {name}'."
        )
    group = [film for film in children.films if name in film.groups]
    if not group:
        known = sorted({each for film in children.films for each in film.groups})
        raise UsageError(f"--fold {name}: no film belongs to it. Groups: {', '.join(known)}, {ADULTS}.")
    labels = {film.label for film in group}
    others = [film for film in unseen.held_out if film.label not in labels]
    return group + others, unseen.warning
