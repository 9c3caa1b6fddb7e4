"""calibrate, gate: what a site fits anew of a model, its network unchanged."""

from pathlib import Path
from typing import Annotated

import typer

from screener.cli.common import CPUS, EXIT_CODES, ModelOption, WorkersOption, app, finish
from screener.cli.training import NotChestOption
from screener.errors import ExitCode
from screener.resources import shipped_model


@app.command(epilog=EXIT_CODES)
def calibrate(
    labelled: Annotated[
        Path,
        typer.Argument(
            metavar="LABELLED",
            help="Your own images: folder of class folders, or CSV (file, label, patient). At least 100 "
            "patients with pneumonia and 100 without.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The model folder to write.")],
    model: ModelOption = None,
    model_version: Annotated[
        str | None,
        typer.Option(metavar="X.Y.Z", help="Version of the new model; default: the old one + name of --out."),
    ] = None,
    prevalence: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Share of pneumonia among all whom you screen, for reports; default: the model's. That "
            "among LABELLED is never taken for it.",
        ),
    ] = None,
    not_chest: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Pictures that are no frontal chest radiographs, one folder for each kind: the gate is "
            "fitted anew with them. Without, its threshold is lowered if it refuses too many of your images.",
        ),
    ] = None,
    population: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="LABELLED is of these patients, such as adults, and all other populations of the model stay "
            "as they are. Without it the new model reads all patients alike.",
        ),
    ] = None,
    keep_as: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What to call those whom a model without populations was validated on, such as children.",
        ),
    ] = None,
    default_population: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Population for images without an age; default: the model's, else NAME."
        ),
    ] = None,
    about: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="TOML: who the population is, its prevalence with its source, for the card."
        ),
    ] = None,
    sensitivity: Annotated[
        float,
        typer.Option(metavar="SHARE", help="Of those with pneumonia, that high_sensitivity is to flag."),
    ] = 0.98,
    fewest: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Patients of each class below which it refuses; figures of under 100 say little.",
        ),
    ] = 100,
    workers: WorkersOption = CPUS,
    seed: Annotated[int, typer.Option(metavar="N", help="Same seed and data: same model.")] = 20261122,
) -> None:
    """Fit a model's calibration, operating points and picture gate to your own labelled images.

    The network stays as it is, byte for byte. What comes out is a new model folder whose card says what was
    gained, before and after, each patient judged by a fit without that patient. Too few images are
    refused. Label images as they come, not chosen ones: thresholds hold for patients like those labelled.
    Needs the extra 'train'.

    Example: screener calibrate ours.csv --out models/ours --prevalence 0.1
    """

    def run() -> ExitCode:
        from screener.commands.calibrate import calibrate as command
        from screener.options import CalibrateOptions

        return command(
            CalibrateOptions(
                data=labelled,
                model=model or shipped_model(),
                out=out,
                version=model_version,
                prevalence=prevalence,
                not_chest=not_chest,
                population=population,
                keep_as=keep_as,
                default_population=default_population,
                about=about,
                sensitivity=sensitivity,
                fewest=fewest,
                workers=workers,
                seed=seed,
            )
        )

    finish(run)


@app.command(epilog=EXIT_CODES)
def gate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The model folder to start from.")],
    data: Annotated[
        list[Path],
        typer.Argument(
            metavar="DATA…", help="Chest radiographs, one folder or CSV for each site, as for 'train'."
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="models/NAME", help="The model folder to write.")],
    model_version: Annotated[str, typer.Option(metavar="X.Y.Z", help="Version of the new model.")],
    not_chest: NotChestOption = None,
    keep_weights: Annotated[
        bool,
        typer.Option(
            "--keep-weights",
            help="Keep the model's gate and choose only its lower threshold anew: pictures without "
            "chest tags are refused below it.",
        ),
    ] = False,
    seed: Annotated[int, typer.Option(metavar="N", help="Same seed and data: same gate.")] = 20261122,
) -> None:
    """Fit a new picture gate for a model: its weights stay, its version is new. Needs the extra 'train'.

    The gate doubts what does not look like a frontal chest radiograph, and refuses what plainly does not,
    unless its tags say so.

    Example: screener gate models/mine chest_xray --not-chest other --out models/mine-2 --model-version 1.1.0
    """

    def run() -> ExitCode:
        from screener.commands.gate import fit_gate
        from screener.options import GateOptions

        return fit_gate(
            GateOptions(
                model=model,
                data=tuple(data),
                out=out,
                version=model_version,
                not_chest=not_chest,
                keep_weights=keep_weights,
                seed=seed,
            )
        )

    finish(run)
