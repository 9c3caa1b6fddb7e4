"""screener gate: a new picture gate for a model, or new thresholds for its gate; the network is unchanged."""

from rich.table import Table

from screener.commands.console import make_progress, progress_console, results, shown
from screener.commands.console_language import told
from screener.commands.derived import check_derived, derived_folder
from screener.commands.train import ProgressReporter, missing_train_extra
from screener.errors import ExitCode, UsageError
from screener.inference.gate import read_gate
from screener.inference.model_folder import load_model_folder, seal_model_folder
from screener.options import GateOptions
from screener.runtime import native_messages_hidden
from screener.said import say


def fit_gate(options: GateOptions) -> ExitCode:
    """Write a copy of a model folder with a newly fitted gate and a new version; print what it refuses."""
    model = load_model_folder(options.model)
    if options.keep_weights and model.gate is None:
        raise UsageError("gate.none_to_keep", model=options.model)
    check_derived(model, options.out, options.version)
    try:
        with native_messages_hidden():  # TensorFlow's notes on GPUs and CPU features
            from screener.training.dataset import read_dataset
            from screener.training.gate_pictures import other_pictures
            from screener.training.gate_run import add_gate, make_gate
    except ImportError as error:
        raise missing_train_extra(say("gate.fitting_one"), error) from error
    sites = {each.stem: read_dataset(each) for each in options.data}
    others = other_pictures(options.not_chest) if options.not_chest else []
    console = progress_console()
    progress = make_progress(console) if console.is_terminal else None
    with shown(progress):
        reporter = ProgressReporter(progress)
        kept = read_gate(model.gate) if options.keep_weights and model.gate else None
        fitted = make_gate(model.network, model.preprocessing, sites, others, options.seed, reporter, kept)
    described = {
        **{key: value for key, value in model.manifest.items() if key not in ("format", "files")},
        "name": options.out.name,
        "version": options.version,
    }
    with derived_folder(options.model, options.out) as copy:
        seal_model_folder(copy, add_gate(copy, fitted, described))
    heads = ("picture", "number", "refused", "unusual", "corrected")
    table = Table(
        *(told(f"gate.head_{each}") for each in heads), title=f"{options.out.name}@{options.version}"
    )
    not_chest = told("gate.not_chest")
    for figure in fitted.figures:
        name = figure.kind if figure.chest else f"[dim]{not_chest}[/] {figure.kind}"
        shares = (
            told("evaluation.percent", number=100 * share)
            for share in (figure.refused, figure.doubted, figure.corrected)
        )
        table.add_row(name, str(figure.pictures), *shares)
    results().print(table)
    return ExitCode.DONE
