"""screener models: what is installed, and whether it is whole."""

from pathlib import Path

from rich.table import Table

from screener.commands.console import results
from screener.errors import ExitCode, ModelRejectedError
from screener.inference.model_folder import MANIFEST, load_model_folder
from screener.operating_points import printed
from screener.outputs.figures import Figures
from screener.outputs.messages import shipped_messages
from screener.resources import SHIPPED_MODEL, resource_folder


def list_models() -> ExitCode:
    """Print the installed models with their operating points."""
    folder = resource_folder("models")
    table = Table(
        "model",
        "version",
        "population",
        "operating point",
        "threshold",
        "sensitivity",
        "specificity",
        "folder",
    )
    doubts: set[str] = set()
    written = Figures(shipped_messages())
    for path in sorted(each.parent for each in folder.glob(f"*/{MANIFEST}")):
        try:
            model = load_model_folder(path)
        except ModelRejectedError:
            table.add_row(path.name, "rejected: see 'screener models verify'", *[""] * 5, str(path))
            continue
        shipped = " (default)" if path.name == SHIPPED_MODEL else ""
        rows = [(of, point) for of in model.populations for point in of.operating_points.values()]
        for of, point in rows:
            figures = (point.sensitivity, point.specificity)
            shown = ("not validated" if value is None else f"{value:.1%}" for value in figures)
            doubts |= {f"{model.identity}: not validated: {point.doubt.words}"} if point.doubt else set()
            table.add_row(
                f"{model.identity.name}{shipped}",
                model.identity.version,
                of.name,
                point.name,
                written.threshold(printed(of.calibration.shifted(point.threshold, of.prevalence))),
                *shown,
                str(path),
            )
    results().print(table)
    results().print("Thresholds as 'scan' prints them, at the model's default prevalence (see its card).")
    for doubt in sorted(doubts):
        results().print(doubt, markup=False)
    return ExitCode.DONE


def verify_models(paths: tuple[Path, ...]) -> ExitCode:
    """Check every checksum of some models, or of all installed ones; the first bad one is raised.

    Raises:
        ModelRejectedError: A model is incomplete or altered.
    """
    chosen = paths or tuple(sorted(each.parent for each in resource_folder("models").glob(f"*/{MANIFEST}")))
    for path in chosen:
        model = load_model_folder(path)
        results().print(f"{model.identity}: whole, {len(model.manifest['files'])} files checked ({path})")
    return ExitCode.DONE
