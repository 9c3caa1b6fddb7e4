"""The network of a past run, where it is still to be had: without it, images are shown without maps."""

from collections.abc import Callable, Iterator
from pathlib import Path

from screener.engines.worker import ScreenerSetup
from screener.errors import ModelRejectedError
from screener.inference.model_folder import MANIFEST, load_model_folder
from screener.options import OutputOptions
from screener.resources import resource_folder
from screener.run_summary import RunSummary
from screener.said import Spoken, say


def setup_of(run: RunSummary, options: OutputOptions, tell: Callable[[Spoken], None]) -> ScreenerSetup | None:
    """Return the network that draws the maps of a report; None where it has none; otherwise as network_of."""
    return network_of(run, tell) if options.pdf or options.html else None


def network_of(run: RunSummary, tell: Callable[[Spoken], None]) -> ScreenerSetup | None:
    """Return the network that screened a run; None, and say so, where it is gone.

    It is looked for in the folder that the run was told, and among the installed models. Only one with the
    run's own checksum will do: another network looks elsewhere.
    """
    for folder in _folders(run):
        try:
            model = load_model_folder(folder)
        except ModelRejectedError:
            continue
        if model.identity.sha256 == run.model.sha256:
            return ScreenerSetup.of(model)
    tell(say("reporting.network_gone", model=run.model))
    return None


def _folders(run: RunSummary) -> Iterator[Path]:
    if run.options.model:
        yield Path(run.options.model)
    yield from sorted(each.parent for each in resource_folder("models").glob(f"*/{MANIFEST}"))
