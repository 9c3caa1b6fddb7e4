"""screener gate: a new picture gate for a model, its weights unchanged."""

import shutil
import tempfile
from pathlib import Path

from rich.table import Table

from screener.commands.console import make_progress, progress_console, results, shown
from screener.commands.train import TrainingReporter, missing_train_extra
from screener.errors import ExitCode, OutputError, UsageError
from screener.inference.model_folder import MANIFEST, load_model_folder, seal_model_folder
from screener.options import GateOptions


def fit_gate(options: GateOptions) -> ExitCode:
    """Write a copy of a model folder with a newly fitted gate and a new version; print what it refuses."""
    model = load_model_folder(options.model)
    if options.out.exists():
        raise UsageError(f"--out {options.out}: it is there already. Choose another name, or move it away.")
    if options.version == model.identity.version:
        raise UsageError(f"--model-version {options.version}: {model.identity} has it already.")
    try:
        from screener.training.dataset import read_dataset
        from screener.training.gate_pictures import other_pictures
        from screener.training.gate_run import add_gate, make_gate
    except ImportError as error:
        raise missing_train_extra("Fitting a gate", error) from error
    sites = {each.stem: read_dataset(each) for each in options.data}
    others = other_pictures(options.not_chest) if options.not_chest else []
    console = progress_console()
    progress = make_progress(console) if console.is_terminal else None
    with shown(progress):
        reporter = TrainingReporter(progress)
        fitted = make_gate(model.network, model.preprocessing, sites, others, options.seed, reporter)
    described = {
        **{key: value for key, value in model.manifest.items() if key not in ("format", "files")},
        "name": options.out.name,
        "version": options.version,
    }
    try:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=options.out.parent, prefix=".gate-") as temporary:
            copy = Path(temporary) / options.out.name
            shutil.copytree(options.model, copy, ignore=shutil.ignore_patterns(MANIFEST))
            seal_model_folder(copy, add_gate(copy, fitted, described))
            copy.rename(options.out)
    except OSError as error:
        raise OutputError.cannot_write(options.out, error) from error
    table = Table("picture", "n", "refused", "corrected", title=f"{options.out.name}@{options.version}")
    for figure in fitted.figures:
        name = figure.kind if figure.chest else f"[dim]not chest:[/] {figure.kind}"
        table.add_row(name, str(figure.pictures), f"{figure.refused:.1%}", f"{figure.corrected:.1%}")
    results().print(table)
    return ExitCode.DONE
