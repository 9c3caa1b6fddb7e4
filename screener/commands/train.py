"""screener train: labelled images in, a model folder out."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from rich.progress import Progress, TaskID
from rich.table import Table

from screener.commands.console import Paced, log, make_progress, progress_console, results, shown
from screener.commands.console_language import here, told
from screener.errors import ExitCode, MissingDependencyError, UsageError
from screener.evaluation.history import EpochRecord
from screener.inference.model_folder import CARD, MANIFEST, ModelFolder, load_model_folder
from screener.options import TrainOptions
from screener.runtime import native_messages_hidden
from screener.said import Said, say
from screener.scale import ALL

KAGGLE_DATASET = "paultimothymooney/chest-xray-pneumonia"

_PHASES = {1: say("training.head"), 2: say("training.fine_tuning")}
_TOLD = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_auc", "seconds")


def train(options: TrainOptions) -> ExitCode:
    """Train, measure and write one model folder; print its figures."""
    if (options.out / MANIFEST).exists():
        raise UsageError("training.model_there", out=options.out)
    try:
        with native_messages_hidden():  # TensorFlow's notes on GPUs and CPU features
            from screener.training.about import read_about
            from screener.training.publish import publish_model
            from screener.training.run import train_network
    except ImportError as error:
        raise missing_train_extra(say("training.training"), error) from error
    about = read_about(options.about)
    console = progress_console()
    progress = make_progress(console) if console.is_terminal else None
    reporter = ProgressReporter(progress)
    with shown(progress):
        trained = train_network(options, reporter)
        reporter.say(say("training.exporting"))
        measured = publish_model(trained, options, about, reporter)
    trained.checkpoint.remove()
    heads = ("operating_point", "threshold", "sensitivity", "specificity")
    table = Table(*(told(f"training.head_{each}") for each in heads), title=told("training.held_out"))
    for point in measured.held_out.operating_points:
        table.add_row(
            point.name,
            told("evaluation.decimals_6", value=point.threshold),
            _percent(point.sensitivity.value),
            _percent(point.specificity.value),
        )
    out = results()
    out.print(table)
    scale = measured.held_out.prevalences
    out.print(told("training.thresholds", printed=scale.printed, own=scale.calibration))
    out.print(told("training.result", auc=measured.held_out.auc.value, card=options.out / CARD))
    warn_of_doubts(load_model_folder(options.out))
    return ExitCode.DONE


def warn_of_doubts(model: ModelFolder) -> None:
    """Print which operating points of a new model are not validated, and why."""
    for population in model.populations:
        for point in population.operating_points.values():
            if point.doubt is not None:
                doubt = say(f"models.doubt_{point.doubt}")
                if population.name == ALL:
                    warning = told("training.not_validated", point=point.name, doubt=doubt)
                else:
                    of = population.name
                    warning = told("training.not_validated_for", point=point.name, of=of, doubt=doubt)
                results().print(warning, markup=False)


def fetch_kaggle() -> Path:
    """Download the Kaggle chest X-ray set, or find it in kagglehub's cache; return its folder.

    Raises:
        MissingDependencyError: kagglehub is not installed.
        UsageError: The download failed.
    """
    try:
        import kagglehub
    except ImportError as error:
        raise missing_train_extra("--fetch kaggle", error) from error
    try:
        folder = Path(kagglehub.dataset_download(KAGGLE_DATASET))
    except Exception as error:
        why = type(error).__name__
        raise UsageError("training.not_fetched", dataset=KAGGLE_DATASET, error=why) from error
    nested = folder / "chest_xray"
    return nested if nested.is_dir() else folder


def missing_train_extra(what: str | Said, error: ImportError) -> MissingDependencyError:
    """Return the error that names the extra, for a command that cannot do without it."""
    return MissingDependencyError("training.no_extra", what=what, module=error.name)


class ProgressReporter:
    """A bar on a terminal, in the console's language; lines in a log, in English; a line an epoch in both."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._paced = Paced()
        self._task: TaskID | None = None
        self._epoch = 0

    def say(self, message: Said) -> None:
        if self._progress is None:
            log(message)
        else:
            self._progress.console.print(here(message))

    def stage(self, name: Said, total: int) -> Callable[[], None]:
        if self._progress is None:
            log(f"{name}: {total}")
            return lambda: None
        progress = self._progress
        task = progress.add_task(here(name), total=total, note="")
        return lambda: progress.advance(task)

    def batch(self, phase: int, epoch: int, done: int, of: int, loss: float) -> None:
        title = say("training.epoch_title", epoch=epoch, phase=_PHASES[phase])
        if self._progress is None:
            if self._paced.due():
                log(f"{title}: batch {done} of {of}, loss {loss:.4f}")
            return
        if epoch != self._epoch or self._task is None:
            self._epoch = epoch
            self._task = self._progress.add_task(here(title), total=of, note="")
        self._progress.update(self._task, completed=done, note=told("training.loss", loss=loss))

    def epoch(self, record: EpochRecord, best: bool) -> None:
        values = {name: value for name, value in asdict(record).items() if name in _TOLD}
        phase = _PHASES[record.phase]
        self.say(say("training.best_epoch" if best else "training.epoch", phase=phase, **values))


def _percent(value: float | None) -> str:
    return told("evaluation.undefined") if value is None else told("evaluation.percent", number=100 * value)
