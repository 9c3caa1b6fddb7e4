"""Labelled images through the very path that 'scan' takes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from screener.commands.console import log, make_progress, progress_console, shown
from screener.commands.console_language import here
from screener.domain import Cause, Finding, Fingerprint, Ignored, NotScreened
from screener.engines.local import LocalEngine
from screener.engines.worker import ScreenerSetup
from screener.errors import ExitCode
from screener.outputs.messages import SpokenReason
from screener.said import Said, Spoken, say

if TYPE_CHECKING:
    from screener.training.dataset import LabelledDataset, LabelledImage

BATCH = 16


def screen_labelled(
    images: "Sequence[LabelledImage]", setup: ScreenerSetup, workers: int, title: Said
) -> list[Finding | NotScreened]:
    """Return one outcome for each image, in the order they finish, under a progress bar of that title.

    Findings carry their fingerprints.

    Raises:
        DatasetError: One picture has two labels.
    """
    from screener.training.image_checks import refuse_two_labels

    files = [image.file for image in images]
    console = progress_console()
    progress = make_progress(console) if console.is_terminal else None
    task = progress.add_task(here(title), total=len(files), note="") if progress else None
    outcomes: list[Finding | NotScreened] = []
    with shown(progress), LocalEngine(replace(setup, fingerprints=True), workers) as engine:
        for batch in engine.screen(files[i : i + BATCH] for i in range(0, len(files), BATCH)):
            outcomes.extend(each for each in batch if not isinstance(each, Ignored))
            if progress is not None and task is not None:
                progress.advance(task, len(batch))
    digests = {file: each.digest for file, each in fingerprints(outcomes).items()}
    refuse_two_labels(images, [digests.get(each.file.name, "") for each in images], "training.same_picture")
    return outcomes


def report_missed(key: str, missed: Iterable[Finding | NotScreened]) -> ExitCode:
    """Log each image that was not screened, in the words of the key given; return how its command ends."""
    lost = [each for each in missed if isinstance(each, NotScreened)]
    for each in lost:
        log(say(key, file=each.file, reason=SpokenReason(each.reason)))
    return ExitCode.SOME_FAILED if any(each.cause is Cause.FAILED for each in lost) else ExitCode.DONE


def fingerprints(outcomes: Iterable[Finding | NotScreened]) -> dict[str, Fingerprint]:
    """Return the fingerprint of each image that was screened, by its file."""
    return {
        each.file: each.fingerprint
        for each in outcomes
        if isinstance(each, Finding) and each.fingerprint is not None
    }


def with_digests(dataset: "LabelledDataset") -> "tuple[LabelledDataset, Spoken | None]":
    """Return a dataset whose images have digests, and which of them are copies of others.

    Raises:
        DatasetError: One content has two labels.
    """
    from screener.training.dataset import checked_copies, with_digest

    images = tuple(map(with_digest, dataset.images))
    return replace(dataset, images=images), checked_copies(images, dataset.listed_again)
