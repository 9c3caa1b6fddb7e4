"""train, evaluate: what a data scientist needs."""

from pathlib import Path
from typing import Annotated

import typer

from screener.cli.common import (
    AUTO,
    CPUS,
    EXIT_CODES,
    DefaultPopulationOption,
    ModelOption,
    PopulationOption,
    WorkersOption,
    app,
    finish,
    named_population,
)
from screener.errors import ExitCode
from screener.resources import shipped_model

NotChestOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Pictures that are no frontal chest radiographs, one folder for each kind: the gate learns to "
        "refuse them.",
    ),
]


@app.command(epilog=EXIT_CODES)
def train(
    data: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="DATA…",
            help="Folders (train/val/test or class folders) or CSVs (file, label, patient), one per site.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="models/NAME", help="The model folder to write.")] = ...,  # type: ignore[assignment]
    backbone: Annotated[
        str,
        typer.Option(
            metavar="WEIGHTS",
            help="imagenet (Keras downloads), random, a .weights.h5 file, or a model folder to go on from.",
        ),
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
    not_chest: NotChestOption = None,
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
    read_size: Annotated[
        int,
        typer.Option(
            metavar="N", help="Let scans read images at the lowest resolution of N pixels; 0: whole."
        ),
    ] = 448,
    dropout: Annotated[float, typer.Option(metavar="SHARE", help="Dropout before the dense unit.")] = 0.3,
    patience: Annotated[
        int, typer.Option(metavar="N", help="Stop after so many epochs without a better one.")
    ] = 4,
    painted: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Share of pneumonia radiographs that are healthy ones with a painted opacity.",
        ),
    ] = 0.1,
    composites: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV", help="Lungs to be put into whole normal radiographs, and shown beside DATA."
        ),
    ] = None,
    composite_share: Annotated[
        float, typer.Option(metavar="SHARE", help="How much of all that is shown are composites.")
    ] = 0.5,
    own_outlines: Annotated[
        bool,
        typer.Option(
            "--own-outlines",
            help="Show the lungs of composites in their own outlines, dense where they were cut away; "
            "else outlines are hidden.",
        ),
    ] = False,
    ways: Annotated[
        bool,
        typer.Option("--ways", help="Read each image, each time, at a size and by a kernel drawn at random."),
    ] = False,
    pointing: Annotated[
        float,
        typer.Option(metavar="WEIGHT", help="Teach the map to peak where an opacity is known to be."),
    ] = 0.0,
    mirror: Annotated[
        float,
        typer.Option(metavar="WEIGHT", help="Teach the map of a mirrored image to be the mirrored map."),
    ] = 0.0,
    kinds: Annotated[
        float,
        typer.Option(metavar="WEIGHT", help="Teach that normal, opacity and other disease differ."),
    ] = 0.0,
    average: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="MODEL",
            help="End with the mean of the run's weights and these: runs from one start, other seeds.",
        ),
    ] = None,
    blend: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Going on from a model: end between its weights (0) and the newly trained ones (1).",
        ),
    ] = 1.0,
    keep_last: Annotated[
        bool,
        typer.Option(
            "--keep-last",
            help="Keep the last epoch, not the one with the lowest validation loss; never stop early.",
        ),
    ] = False,
    gate: Annotated[
        bool,
        typer.Option("--gate/--no-gate", help="Fit a picture gate, or leave it to 'screener gate'."),
    ] = True,
    hold_out_source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Never train on this source; measure on it instead."),
    ] = None,
    points_from: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="MODEL",
            help="Choose the operating points on what this model held out with --hold-out-source.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Same seed and data: same order, same augmentation.")
    ] = 20261122,
    split_seed: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Which patients are set aside. Keep it where runs are compared or go on from each other.",
        ),
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
            data=tuple(data or [fetch_kaggle()]),
            out=out,
            backbone=backbone,
            about=about,
            not_chest=not_chest,
            version=model_version,
            unfreeze=_layers(unfreeze),
            head_epochs=head_epochs,
            epochs=epochs,
            head_learning_rate=head_learning_rate,
            learning_rate=learning_rate,
            batch_size=batch_size,
            clip_limit=clip_limit,
            tiles=tiles,
            read_size=read_size,
            dropout=dropout,
            patience=patience,
            painted=painted,
            composites=composites,
            composite_share=composite_share,
            own_outlines=own_outlines,
            ways=ways,
            pointing=pointing,
            mirror=mirror,
            kinds=kinds,
            average=tuple(average or ()),
            blend=blend,
            keep_last=keep_last,
            gate=gate,
            hold_out_source=hold_out_source,
            points_from=tuple(points_from or ()),
            seed=seed,
            split_seed=split_seed,
            resume=resume,
        )
        return command(options)

    finish(run)


@app.command(epilog=EXIT_CODES)
def evaluate(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Folder of class folders, or CSV (file, label, patient).")
    ],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where metrics.json, predictions.csv and plots go.")
    ],
    model: ModelOption = None,
    compare: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A second model folder, to test for a difference.")
    ] = None,
    prevalence: Annotated[
        float | None, typer.Option(metavar="P", help="Draw the decision curve at this prevalence, too.")
    ] = None,
    population: PopulationOption = AUTO,
    default_population: DefaultPopulationOption = None,
    workers: WorkersOption = CPUS,
) -> None:
    """Measure a model on labelled radiographs, with 95 % intervals. Needs the extra 'train'.

    Example: screener evaluate chest_xray/test --out evaluation
    """

    def run() -> ExitCode:
        from screener.commands.evaluate import evaluate as command
        from screener.options import EvaluateOptions

        options = EvaluateOptions(
            data=data,
            model=model or shipped_model(),
            out=out,
            workers=workers,
            compare=compare,
            prevalence=prevalence,
            population=named_population(population),
            default_population=default_population,
        )
        return command(options)

    finish(run)


def _layers(unfreeze: str) -> int:
    from screener.commands.console_language import told
    from screener.options import UNFREEZE_ALL

    if unfreeze == "all":
        return UNFREEZE_ALL
    if not unfreeze.isdigit():
        raise typer.BadParameter(told("options.not_layers", found=unfreeze), param_hint="--unfreeze")
    return int(unfreeze)


def _one_source(data: list[Path] | None, fetch: str | None) -> None:
    from screener.commands.console_language import told

    if fetch not in (None, "kaggle"):
        raise typer.BadParameter(told("options.only_kaggle", found=fetch), param_hint="--fetch")
    if bool(data) == (fetch is not None):
        raise typer.BadParameter(told("options.data_or_fetch"), param_hint="DATA")
