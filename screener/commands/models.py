"""screener models: what is installed, and whether it is whole."""

from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from screener.commands.console import results
from screener.commands.console_language import console_language, told
from screener.errors import ExitCode, ModelRejectedError
from screener.inference.model_folder import MANIFEST, ModelFolder, load_model_folder
from screener.operating_points import printed
from screener.outputs.figures import Figures
from screener.outputs.messages import shipped_messages
from screener.resources import SHIPPED_MODEL, resource_folder
from screener.said import say


def list_models() -> ExitCode:
    """Print the installed models with their operating points."""
    folder = resource_folder("models")
    table = Table(
        told("models.model"),
        told("models.version"),
        told("models.population"),
        told("models.operating_point"),
        told("models.threshold"),
        told("models.sensitivity"),
        told("models.specificity"),
        told("models.folder"),
    )
    doubts: set[str] = set()
    for path in sorted(each.parent for each in folder.glob(f"*/{MANIFEST}")):
        try:
            model = load_model_folder(path)
        except ModelRejectedError:
            table.add_row(path.name, told("models.rejected"), *[""] * 5, str(path))
            continue
        name = model.identity.name
        shown = told("models.default", name=name) if path.name == SHIPPED_MODEL else name
        for row in _rows(model):
            table.add_row(shown, model.identity.version, *row, str(path))
        doubts |= _doubts(model)
    results().print(table)
    results().print(told("models.thresholds"))
    for each in sorted(doubts):
        results().print(each, markup=False)
    return ExitCode.DONE


def _rows(model: ModelFolder) -> Iterator[list[str]]:
    """Yield each operating point: population, name, threshold as reports print it, figures."""
    written = Figures(shipped_messages(console_language()))
    for of in model.populations:
        for point in of.operating_points.values():
            threshold = printed(of.calibration.shifted(point.threshold, of.prevalence))
            figures = (point.sensitivity, point.specificity)
            shown = (told("models.not_validated") if each is None else percent(each) for each in figures)
            yield [of.name, point.name, written.threshold(threshold), *shown]


def _doubts(model: ModelFolder) -> set[str]:
    """Return why operating points of a model are not validated, in words."""
    points = (point for of in model.populations for point in of.operating_points.values())
    return {
        told("models.doubted", model=model.identity, doubt=say(f"models.doubt_{point.doubt}"))
        for point in points
        if point.doubt
    }


def verify_models(paths: tuple[Path, ...]) -> ExitCode:
    """Check every checksum of some models, or of all installed ones; the first bad one is raised.

    Raises:
        ModelRejectedError: A model is incomplete or altered.
    """
    chosen = paths or tuple(sorted(each.parent for each in resource_folder("models").glob(f"*/{MANIFEST}")))
    for path in chosen:
        model = load_model_folder(path)
        count = len(model.manifest["files"])
        results().print(told("models.whole", model=model.identity, count=count, path=path))
    return ExitCode.DONE


def percent(share: float) -> str:
    """Return a share of a table, 0..1, with one decimal."""
    return told("evaluation.percent", number=100 * share)
