"""The command line: parse, build options, call one command, exit with its code.

Heavy libraries load inside the commands, so that --help answers at once.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from screener import __version__
from screener.errors import ExitCode, ScreenerError
from screener.resources import shipped_model

EXIT_CODES = """Exit codes: 0 done · 1 a bug · 2 usage · 3 done, some images failed · 4 model rejected ·
5 a dependency is missing · 6 an output cannot be written · 130 interrupted."""

app = typer.Typer(
    name="screener",
    help="Batch screening of chest radiographs for likely pneumonia: a worklist and a report, likely "
    "pneumonia first. Decision support for research and quality work, not a medical device.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks print local values: identifiers among them
    add_completion=False,
)
models_app = typer.Typer(no_args_is_help=True, help="List the installed models, or verify their checksums.")
app.add_typer(models_app, name="models")

CPUS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

ModelOption = Annotated[
    Path | None, typer.Option("--model", metavar="DIR", help="Model folder; default: the shipped model.")
]
WorkersOption = Annotated[int, typer.Option(metavar="N", help="Worker processes; default: one per CPU.")]


def main() -> None:
    """Run the command line; the only place that ends the process."""
    app()


@app.callback(invoke_without_command=True)
def _screener(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"screener {__version__}")
        raise typer.Exit


@app.command(epilog=EXIT_CODES)
def scan(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATHS…", help="Folders or files: DICOM, JPEG, PNG.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            metavar="REPORT.pdf", help="The report; worklist (.csv) and totals (.json) get the same stem."
        ),
    ],
    model: ModelOption = None,
    operating_point: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="high_sensitivity, balanced or high_specificity; default: the model's."
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="P", help="Flag from this printed probability on, 0..1; then nothing is validated."
        ),
    ] = None,
    prevalence: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            help="Share of pneumonia among your patients, 0..1: moves probabilities and threshold together.",
        ),
    ] = None,
    workers: WorkersOption = CPUS,
    batch_size: Annotated[int, typer.Option(metavar="N", help="Images a worker takes at a time.")] = 16,
    no_pdf: Annotated[bool, typer.Option("--no-pdf", help="Write CSV and JSON only.")] = False,
    files_csv: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Also list every file seen, with its outcome.")
    ] = None,
    mode: Annotated[str, typer.Option(metavar="OCTAL", help="Permissions of the files written.")] = "0600",
) -> None:
    """Screen folders of studies into a worklist (CSV), totals (JSON) and a report (PDF).

    Every file seen ends as screened, ineligible, failed or ignored, and the totals add up.
    A file that cannot be read costs itself alone.

    Example: screener scan /studies --out report.pdf
    """

    def run() -> ExitCode:
        from screener.commands.scan import scan as command
        from screener.options import ScanOptions

        options = ScanOptions(
            paths=tuple(paths),
            out=out,
            model=model or shipped_model(),
            operating_point=operating_point,
            threshold=threshold,
            prevalence=prevalence,
            workers=workers,
            batch_size=batch_size,
            pdf=not no_pdf,
            files_csv=files_csv,
            mode=_octal(mode),
        )
        return command(options)

    _finish(run)


@app.command(epilog=EXIT_CODES)
def train(
    data: Annotated[
        Path | None,
        typer.Argument(
            metavar="DATA", help="Folder (train/val/test or class folders) or CSV (file, label, patient)."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="models/NAME", help="The model folder to write.")] = ...,  # type: ignore[assignment]
    backbone: Annotated[
        str,
        typer.Option(metavar="WEIGHTS", help="imagenet (Keras downloads), random, or a .weights.h5 file."),
    ] = "imagenet",
    fetch: Annotated[
        str | None,
        typer.Option(metavar="kaggle", help="Download the Kaggle chest X-ray set instead of DATA."),
    ] = None,
    about: Annotated[
        Path | None,
        typer.Option(
            metavar="TOML", help="What the data are, for the card: licence, population, prevalence."
        ),
    ] = None,
    model_version: Annotated[str, typer.Option(metavar="X.Y.Z", help="Version of the model.")] = "1.0.0",
    unfreeze: Annotated[
        str, typer.Option(metavar="N|all", help="How many of the backbone's last layers phase 2 trains.")
    ] = "30",
    head_epochs: Annotated[int, typer.Option(metavar="N", help="Epochs of phase 1, the head alone.")] = 3,
    epochs: Annotated[int, typer.Option(metavar="N", help="Epochs of phase 2 at most.")] = 12,
    head_learning_rate: Annotated[
        float, typer.Option(metavar="RATE", help="Learning rate of phase 1.")
    ] = 1e-3,
    learning_rate: Annotated[
        float, typer.Option(metavar="RATE", help="Highest learning rate of phase 2.")
    ] = 1e-4,
    batch_size: Annotated[int, typer.Option(metavar="N", help="Images per step.")] = 32,
    clip_limit: Annotated[float, typer.Option(metavar="X", help="CLAHE's clip limit.")] = 2.0,
    tiles: Annotated[int, typer.Option(metavar="N", help="CLAHE's tiles on each side.")] = 8,
    dropout: Annotated[float, typer.Option(metavar="SHARE", help="Dropout before the dense unit.")] = 0.3,
    patience: Annotated[
        int, typer.Option(metavar="N", help="Stop after so many epochs without a better one.")
    ] = 4,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Same seed and data: same split, same films.")
    ] = 20261122,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint of a killed run.")
    ] = False,
) -> None:
    """Train a model on labelled radiographs and write its folder: weights, export, card, figures.

    Patients are kept apart in training, validation and held-out parts. Needs the extra 'train'.

    Example: screener train chest_xray --out models/mine --unfreeze all
    """

    def run() -> ExitCode:
        from screener.commands.train import fetch_kaggle
        from screener.commands.train import train as command
        from screener.options import TrainOptions

        _one_source(data, fetch)
        options = TrainOptions(
            data=data or fetch_kaggle(),
            out=out,
            backbone=backbone,
            about=about,
            version=model_version,
            unfreeze=_layers(unfreeze),
            head_epochs=head_epochs,
            epochs=epochs,
            head_learning_rate=head_learning_rate,
            learning_rate=learning_rate,
            batch_size=batch_size,
            clip_limit=clip_limit,
            tiles=tiles,
            dropout=dropout,
            patience=patience,
            seed=seed,
            resume=resume,
        )
        return command(options)

    _finish(run)


@app.command(epilog=EXIT_CODES)
def evaluate(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Folder of class folders, or CSV (file, label, patient).")
    ],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where metrics.json, predictions.csv and plots go.")
    ],
    model: ModelOption = None,
    workers: WorkersOption = CPUS,
) -> None:
    """Measure a model on labelled radiographs, with 95 % intervals. Needs the extra 'train'.

    Example: screener evaluate chest_xray/test --out evaluation
    """

    def run() -> ExitCode:
        from screener.commands.evaluate import evaluate as command
        from screener.options import EvaluateOptions

        return command(EvaluateOptions(data=data, model=model or shipped_model(), out=out, workers=workers))

    _finish(run)


@app.command(epilog=EXIT_CODES)
def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One DICOM, JPEG or PNG file.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the pictures go.")],
    model: ModelOption = None,
) -> None:
    """Show what becomes of one file: the tags used, each step as a picture, or why it is refused.

    Example: screener explain film.dcm --out explained
    """

    def run() -> ExitCode:
        from screener.commands.explain import explain as command

        return command(file, out, model or shipped_model())

    _finish(run)


@app.command(epilog=EXIT_CODES)
def doctor(
    model: ModelOption = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="REPORT.pdf", help="Also check that a report could be written there."),
    ] = None,
) -> None:
    """Check what 'scan' needs on this machine: libraries, decoders, model, fonts, write access."""

    def run() -> ExitCode:
        from screener.commands.doctor import doctor as command

        return command(model or shipped_model(), out)

    _finish(run)


@models_app.command("list")
def models_list() -> None:
    """List the installed models with their operating points at the default prevalence."""

    def run() -> ExitCode:
        from screener.commands.models import list_models

        return list_models()

    _finish(run)


@models_app.command("verify")
def models_verify(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR…", help="Default: all installed.")
    ] = None,
) -> None:
    """Check every file of a model folder against its checksum."""

    def run() -> ExitCode:
        from screener.commands.models import verify_models

        return verify_models(tuple(folders or ()))

    _finish(run)


def _finish(command: Callable[[], ExitCode]) -> NoReturn:
    """Run a command and exit with its code; known errors become one clear message."""
    try:
        code = command()
    except ScreenerError as error:
        typer.echo(f"Error: {error}", err=True)
        code = error.exit_code
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        code = ExitCode.INTERRUPTED
    raise typer.Exit(int(code))


def _octal(mode: str) -> int:
    try:
        value = int(mode, 8)
    except ValueError:
        value = -1
    if not 0 <= value <= 0o777:
        raise typer.BadParameter(f"'{mode}' is no file mode such as 0600 or 0640.", param_hint="--mode")
    return value


def _layers(unfreeze: str) -> int:
    from screener.options import UNFREEZE_ALL

    if unfreeze == "all":
        return UNFREEZE_ALL
    if not unfreeze.isdigit():
        raise typer.BadParameter(
            f"'{unfreeze}' is neither a number of layers nor 'all'.", param_hint="--unfreeze"
        )
    return int(unfreeze)


def _one_source(data: Path | None, fetch: str | None) -> None:
    if fetch not in (None, "kaggle"):
        raise typer.BadParameter(f"'{fetch}' is unknown; only 'kaggle' can be fetched.", param_hint="--fetch")
    if (data is None) == (fetch is None):
        raise typer.BadParameter("Pass DATA, or --fetch kaggle.", param_hint="DATA")
