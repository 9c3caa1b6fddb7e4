"""Labelled images through the very path that 'scan' takes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from screener.commands.console import make_progress, progress_console, shown
from screener.domain import Finding, Ignored, NotScreened
from screener.screening.local import LocalEngine
from screener.screening.unit import ScreenerSetup

if TYPE_CHECKING:
    from screener.training.dataset import LabelledImage

BATCH = 16


def screen_labelled(
    images: "Sequence[LabelledImage]", setup: ScreenerSetup, workers: int, title: str
) -> list[Finding | NotScreened]:
    """Return one outcome for each image, in the order they finish, under a progress bar of that title."""
    files = [image.file for image in images]
    console = progress_console()
    progress = make_progress(console) if console.is_terminal else None
    task = progress.add_task(title, total=len(files), note="") if progress else None
    outcomes: list[Finding | NotScreened] = []
    with shown(progress), LocalEngine(setup, workers) as engine:
        for batch in engine.screen(files[i : i + BATCH] for i in range(0, len(files), BATCH)):
            outcomes.extend(each for each in batch if not isinstance(each, Ignored))
            if progress is not None and task is not None:
                progress.advance(task, len(batch))
    return outcomes
