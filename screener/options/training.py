"""What training, measuring and fitting to a site can vary."""

from dataclasses import dataclass
from pathlib import Path

from screener.errors import UsageError
from screener.options.checks import check_folder, check_least, check_names, check_prevalence

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
            raise UsageError("options.blend_alone")
        check_names(self.data)
        for model in self.points_from:
            check_folder("--points-from", model)
        for model in self.average:
            check_folder("--average", model)
        check_folder("--not-chest", self.not_chest)
        if self.composites is not None and not self.composites.is_file():
            raise UsageError("options.no_file", option="--composites", path=self.composites)
        if self.backbone not in ("imagenet", "random") and not Path(self.backbone).exists():
            raise UsageError("options.no_backbone", found=self.backbone)

    def _check_numbers(self) -> None:
        for name in ("batch_size", "epochs", "patience", "tiles"):
            check_least(_option(name), getattr(self, name), 1)
        for name in ("head_epochs", "pointing", "mirror", "kinds"):
            check_least(_option(name), getattr(self, name), 0)
        for name in ("head_learning_rate", "learning_rate", "clip_limit"):
            if not getattr(self, name) > 0:
                raise UsageError("options.above", option=_option(name), limit=0, found=getattr(self, name))
        for name in ("dropout", "painted"):
            found = getattr(self, name)
            if not 0 <= found < 1:
                raise UsageError("options.from_to_below", option=_option(name), low=0, high=1, found=found)
        if not 0 < self.composite_share < 1:
            raise UsageError("options.composite_share", found=self.composite_share)
        if not 0 < self.blend <= 1:
            raise UsageError("options.above_to", option="--blend", low=0, high=1, found=self.blend)
        if self.read_size and self.read_size < READ_SIZE:
            raise UsageError("options.read_size", least=READ_SIZE, found=self.read_size)
        if self.unfreeze < UNFREEZE_ALL:
            raise UsageError("options.layers", found=self.unfreeze)


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
        check_prevalence(self.prevalence)
        check_least("--workers", self.workers, 1)


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
                    raise UsageError("options.needs", option=_option(option), other="--population")
        if not 0.5 <= self.sensitivity < 1:
            found = self.sensitivity
            raise UsageError("options.share", option="--sensitivity", low="0.5", high=1, found=found)
        check_least("--fewest", self.fewest, MIN_FEWEST)
        check_prevalence(self.prevalence)
        check_least("--workers", self.workers, 1)
        check_folder("--not-chest", self.not_chest)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
