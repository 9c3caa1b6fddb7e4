"""What training, measuring and fitting to a site can vary."""

from dataclasses import dataclass
from pathlib import Path

from screener.errors import UsageError
from screener.options.checks import check_folder, check_names

READ_SIZE = 448  # pixels of the short side: twice what an image is shrunk to

UNFREEZE_ALL = -1

MIN_FEWEST = 10  # patients of a class: fewer leave folds without any


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """Everything 'screener train' can vary.

    unfreeze: how many of the backbone's last layers phase 2 trains; UNFREEZE_ALL for all.
    clip_limit, tiles: of CLAHE. read_size: as in PreprocessingSpec, 0 for None.
    about: a TOML file that says what the data are; see training/about.py.
    average: models trained from the same start with other seeds; the weights become the mean of theirs and
    the run's. blend: 0..1; below 1 they end between those of the model started from (0) and these (1).
    keep_last: keep the weights of the last epoch instead of those with the lowest validation loss, and never
    stop early. gate: fit a picture gate. not_chest: pictures that are no frontal chest radiographs, for it.
    data: one site each. painted: share of the PNEUMONIA images shown that are NORMAL ones with an opacity
    painted in. composites: a table of lungs to be put into whole images, see training/lung_images.py;
    composite_share: how much of all that is shown is such; own_outlines: see training/composites.py.
    ways: read each image in ways drawn at random.
    pointing, mirror, kinds: weights of further lessons, see training/taught.py.
    hold_out_source: a source that training never sees, and that is measured instead.
    points_from: the models of such trainings: the operating points are chosen on what they held out.
    seed: of the order, the augmentation and new weights; split_seed: of the patients set aside.
    """

    data: tuple[Path, ...]
    out: Path
    backbone: str = "imagenet"
    version: str = "1.0.0"
    seed: int = 20261122
    split_seed: int = 20261122
    batch_size: int = 32
    head_epochs: int = 3
    epochs: int = 12
    unfreeze: int = 30
    head_learning_rate: float = 1e-3
    learning_rate: float = 1e-4
    dropout: float = 0.3
    patience: int = 4
    about: Path | None = None
    not_chest: Path | None = None
    resume: bool = False
    clip_limit: float = 2.0
    tiles: int = 8
    read_size: int = READ_SIZE
    painted: float = 0.1
    composites: Path | None = None
    composite_share: float = 0.5
    own_outlines: bool = False
    ways: bool = False
    pointing: float = 0.0
    mirror: float = 0.0
    kinds: float = 0.0
    average: tuple[Path, ...] = ()
    blend: float = 1.0
    keep_last: bool = False
    gate: bool = True
    hold_out_source: str | None = None
    points_from: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        self._check_numbers()
        if self.blend < 1 and not Path(self.backbone).is_dir():
            raise UsageError("--blend below 1 needs --backbone with a model folder to blend with.")
        check_names(self.data)
        for model in self.points_from:
            check_folder("--points-from", model)
        for model in self.average:
            check_folder("--average", model)
        check_folder("--not-chest", self.not_chest)
        if self.composites is not None and not self.composites.is_file():
            raise UsageError(f"--composites {self.composites}: no such file.")
        if self.backbone not in ("imagenet", "random") and not Path(self.backbone).exists():
            raise UsageError(
                f"--backbone {self.backbone}: no such file. Pass 'imagenet' (Keras downloads the weights), "
                "'random', the path of a .weights.h5 file, or a model folder to go on from."
            )

    def _check_numbers(self) -> None:
        for name in ("batch_size", "epochs", "patience", "tiles"):
            if getattr(self, name) < 1:
                raise UsageError(f"--{name.replace('_', '-')} must be 1 or more, got {getattr(self, name)}.")
        if self.head_epochs < 0:
            raise UsageError(f"--head-epochs must be 0 or more, got {self.head_epochs}.")
        for name in ("head_learning_rate", "learning_rate"):
            if not getattr(self, name) > 0:
                raise UsageError(f"--{name.replace('_', '-')} must be above 0, got {getattr(self, name)}.")
        if not 0 <= self.dropout < 1:
            raise UsageError(f"--dropout must be from 0 to below 1, got {self.dropout}.")
        if not 0 <= self.painted < 1:
            raise UsageError(f"--painted must be from 0 to below 1, got {self.painted}.")
        if not 0 < self.composite_share < 1:
            raise UsageError(
                f"--composite-share must lie between 0 and 1, got {self.composite_share}. "
                "Leave out --composites to show none."
            )
        for name in ("pointing", "mirror", "kinds"):
            if not getattr(self, name) >= 0:
                raise UsageError(f"--{name} must be 0 or more, got {getattr(self, name)}.")
        if not 0 < self.blend <= 1:
            raise UsageError(f"--blend must be above 0 and at most 1, got {self.blend}.")
        if self.read_size and self.read_size < READ_SIZE:
            raise UsageError(f"--read-size must be {READ_SIZE} or more, or 0, got {self.read_size}.")
        if not self.clip_limit > 0:
            raise UsageError(f"--clip-limit must be above 0, got {self.clip_limit}.")
        if self.unfreeze < UNFREEZE_ALL:
            raise UsageError(f"--unfreeze must be a number of layers or 'all', got {self.unfreeze}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOptions:
    """Everything 'screener gate' can vary; not_chest as in TrainOptions.

    keep_weights: choose only the lower threshold anew.
    """

    model: Path
    data: tuple[Path, ...]
    out: Path
    version: str
    not_chest: Path | None = None
    keep_weights: bool = False
    seed: int = 20261122

    def __post_init__(self) -> None:
        check_folder("--not-chest", self.not_chest)
        check_names(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateOptions:
    """Everything 'screener evaluate' can vary.

    compare: a second model folder. prevalence: 0..1, for a second decision curve. population,
    default_population: as in ScanOptions.
    """

    data: Path
    model: Path
    out: Path
    workers: int = 1
    compare: Path | None = None
    prevalence: float | None = None
    population: str | None = None
    default_population: str | None = None

    def __post_init__(self) -> None:
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise UsageError(f"--prevalence must lie between 0 and 1, got {self.prevalence}.")
        if self.workers < 1:
            raise UsageError(f"--workers must be 1 or more, got {self.workers}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateOptions:
    """Everything 'screener calibrate' can vary.

    version: None for that of the model with the name of the new folder. prevalence: the site's, 0..1, for
    reports; None for that of the model. not_chest: as in TrainOptions. population: whom the images are of,
    all others stay as they are; None for a model that reads all patients alike. keep_as,
    default_population: as in ForPopulation. about: a TOML file on the population. sensitivity: share, 0..1,
    that high_sensitivity is to flag. fewest: patients of each class below which it refuses.
    """

    data: Path
    model: Path
    out: Path
    version: str | None = None
    prevalence: float | None = None
    not_chest: Path | None = None
    population: str | None = None
    keep_as: str | None = None
    default_population: str | None = None
    about: Path | None = None
    sensitivity: float = 0.98
    fewest: int = 100
    workers: int = 1
    seed: int = 20261122

    def __post_init__(self) -> None:
        if self.population is None:
            for option in ("keep_as", "default_population", "about"):
                if getattr(self, option) is not None:
                    raise UsageError(f"--{option.replace('_', '-')} needs --population: pass both.")
        if not 0.5 <= self.sensitivity < 1:
            raise UsageError(f"--sensitivity is a share from 0.5 to below 1, got {self.sensitivity}.")
        if self.fewest < MIN_FEWEST:
            raise UsageError(f"--fewest must be {MIN_FEWEST} or more, got {self.fewest}.")
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise UsageError(f"--prevalence must lie between 0 and 1, got {self.prevalence}.")
        if self.workers < 1:
            raise UsageError(f"--workers must be 1 or more, got {self.workers}.")
        check_folder("--not-chest", self.not_chest)
