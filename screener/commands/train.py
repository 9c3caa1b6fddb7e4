"""screener train: labelled images in, a model folder out."""

from collections.abc import Callable
from pathlib import Path

from rich.progress import Progress, TaskID
from rich.table import Table

from screener.commands.console import Paced, log, make_progress, progress_console, results, shown
from screener.errors import ExitCode, MissingDependencyError, UsageError
from screener.evaluation.history import EpochRecord
from screener.inference.model_folder import MANIFEST, ModelFolder, load_model_folder
from screener.options import TrainOptions
from screener.scale import ALL

KAGGLE_DATASET = "paultimothymooney/chest-xray-pneumonia"

_PHASES = {1: "head", 2: "fine-tuning"}


def train(options: TrainOptions) -> ExitCode:
    """Train, measure and write one model folder; print its figures."""
    if (options.out / MANIFEST).exists():
        raise UsageError(
            f"--out {options.out}: a model is there already. Choose another name, or move it away."
        )
    try:
        from screener.training.about import read_about
        from screener.training.publish import publish_model
        from screener.training.run import train_network
    except ImportError as error:
        raise missing_train_extra("Training", error) from error
    about = read_about(options.about)
    console = progress_console()
    progress = make_progress(console) if console.is_terminal else None
    reporter = ProgressReporter(progress)
    with shown(progress):
        trained = train_network(options, reporter)
        reporter.say("Exporting, calibrating and measuring …")
        measured = publish_model(trained, options, about, reporter)
    trained.checkpoint.remove()
    table = Table("operating point", "threshold", "sensitivity", "specificity", title="Held-out patients")
    for point in measured.held_out.operating_points:
        table.add_row(
            point.name,
            f"{point.threshold:.6f}",
            _percent(point.sensitivity.value),
            _percent(point.specificity.value),
        )
    out = results()
    out.print(table)
    scale = measured.held_out.prevalences
    out.print(
        f"Thresholds as 'scan' prints them, at a prevalence of {scale.printed:.3f}; "
        f"that of the patients calibrated on is {scale.calibration:.3f}."
    )
    out.print(
        f"AUC on held-out patients {measured.held_out.auc.value:.4f}; "
        f"the card is {options.out / 'MODEL_CARD.md'}"
    )
    warn_of_doubts(load_model_folder(options.out))
    return ExitCode.DONE


def warn_of_doubts(model: ModelFolder) -> None:
    """Print which operating points of a new model are not validated, and why."""
    for population in model.populations:
        of = "" if population.name == ALL else f" of {population.name}"
        for point in population.operating_points.values():
            if point.doubt is not None:
                results().print(
                    f"Warning: {point.name}{of} is not validated: {point.doubt.words}. "
                    "'scan' will say so wherever it names this threshold.",
                    markup=False,
                )


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
        raise UsageError(
            f"--fetch kaggle: {KAGGLE_DATASET} could not be downloaded ({type(error).__name__}).\n"
            "It needs the internet and, for some sets, a Kaggle account. Without network, download the set "
            "elsewhere and pass its folder as DATA."
        ) from error
    nested = folder / "chest_xray"
    return nested if nested.is_dir() else folder


def missing_train_extra(what: str, error: ImportError) -> MissingDependencyError:
    """Return the error that names the extra, for a command that cannot do without it."""
    return MissingDependencyError(
        f"{what} needs the extra 'train' ({error.name} is not installed).\n"
        "Install it: pip install 'cxr-screener[train]'. Scanning works without it."
    )


class ProgressReporter:
    """A bar on a terminal, lines in a log; one line for each epoch in both."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._paced = Paced()
        self._task: TaskID | None = None
        self._epoch = 0

    def say(self, message: str) -> None:
        if self._progress is None:
            log(message)
        else:
            self._progress.console.print(message)

    def stage(self, name: str, total: int) -> Callable[[], None]:
        if self._progress is None:
            log(f"{name}: {total}")
            return lambda: None
        progress, task = self._progress, self._progress.add_task(name, total=total, note="")
        return lambda: progress.advance(task)

    def batch(self, phase: int, epoch: int, done: int, of: int, loss: float) -> None:
        title = f"Epoch {epoch} ({_PHASES[phase]})"
        if self._progress is None:
            if self._paced.due():
                log(f"{title}: batch {done} of {of}, loss {loss:.4f}")
            return
        if epoch != self._epoch or self._task is None:
            self._epoch = epoch
            self._task = self._progress.add_task(title, total=of, note="")
        self._progress.update(self._task, completed=done, note=f"loss {loss:.4f}")

    def epoch(self, record: EpochRecord, best: bool) -> None:
        self.say(
            f"epoch {record.epoch} ({_PHASES[record.phase]}): "
            f"loss {record.loss:.4f}, accuracy {record.accuracy:.4f}; "
            f"validation loss {record.val_loss:.4f}, accuracy {record.val_accuracy:.4f}, "
            f"AUC {record.val_auc:.4f}; "
            f"{record.seconds:.0f} s{' (best so far)' if best else ''}"
        )


def _percent(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.1%}"
