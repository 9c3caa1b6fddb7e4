"""One frozen options object per command, valid from birth."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from screener.errors import UsageError

DEFAULT_MODE = 0o600
MIN_FILE_MEMORY = 256  # MB: a full-size film needs about 100
LOG_FORMATS = ("text", "json")
ENGINES = ("local", "ray")
_SHARD = re.compile(r"(?P<index>[0-9]{1,5})/(?P<count>[0-9]{1,5})")
PAPERS = ("a4", "letter")
PDF_ROWS = 1000  # studies in the PDF's table, by rank: the CSV is complete, the PDF is for reading
CARDS = 50  # flagged studies shown with their picture, by rank
HTML_IMAGES = 200  # studies with a film in the triage page, by rank
UNFREEZE_ALL = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """Everything 'screener train' can vary.

    unfreeze: how many of the backbone's last layers phase 2 trains; UNFREEZE_ALL for all.
    clip_limit, tiles: of CLAHE. about: a TOML file that says what the data are; see training/about.py.
    blend: 0..1; below 1 the weights end between those of the model started from (0) and the trained ones (1).
    keep_last: keep the weights of the last epoch instead of those with the lowest validation loss, and never
    stop early. gate: fit a picture gate. not_chest: pictures that are no frontal chest radiographs, for it.
    data: one site each. painted: share of the PNEUMONIA films shown that are NORMAL ones with an opacity
    painted in. hold_out_source: a source that training never sees, and that is measured instead.
    points_from: the models of such trainings: the operating points are chosen on what they held out.
    """

    data: tuple[Path, ...]
    out: Path
    backbone: str = "imagenet"
    version: str = "1.0.0"
    seed: int = 20261122
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
    painted: float = 0.1
    blend: float = 1.0
    keep_last: bool = False
    gate: bool = True
    hold_out_source: str | None = None
    points_from: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
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
        if not 0 < self.blend <= 1:
            raise UsageError(f"--blend must be above 0 and at most 1, got {self.blend}.")
        if self.blend < 1 and not Path(self.backbone).is_dir():
            raise UsageError("--blend below 1 needs --backbone with a model folder to blend with.")
        _check_names(self.data)
        for model in self.points_from:
            _check_folder("--points-from", model)
        if not self.clip_limit > 0:
            raise UsageError(f"--clip-limit must be above 0, got {self.clip_limit}.")
        _check_folder("--not-chest", self.not_chest)
        if self.unfreeze < UNFREEZE_ALL:
            raise UsageError(f"--unfreeze must be a number of layers or 'all', got {self.unfreeze}.")
        if self.backbone not in ("imagenet", "random") and not Path(self.backbone).exists():
            raise UsageError(
                f"--backbone {self.backbone}: no such file. Pass 'imagenet' (Keras downloads the weights), "
                "'random', the path of a .weights.h5 file, or a model folder to go on from."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOptions:
    """Everything 'screener gate' can vary; not_chest as in TrainOptions."""

    model: Path
    data: tuple[Path, ...]
    out: Path
    version: str
    not_chest: Path | None = None
    seed: int = 20261122

    def __post_init__(self) -> None:
        _check_folder("--not-chest", self.not_chest)
        _check_names(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLook:
    """How the PDF report looks, and how much of the worklist it shows.

    cards: flagged studies with a picture. pdf_rows: screened studies in its table, by rank. title, site:
    printed on page 1; an empty title is that of the message catalogue. logo: a PNG or JPEG file.
    template: a folder whose templates, style and messages go before those shipped.
    """

    paper: str = "a4"
    cards: int = CARDS
    pdf_rows: int = PDF_ROWS
    title: str = ""
    site: str = ""
    logo: Path | None = None
    template: Path | None = None

    def __post_init__(self) -> None:
        if self.paper not in PAPERS:
            raise UsageError(f"--paper is {' or '.join(PAPERS)}, got '{self.paper}'.")
        if self.cards < 0:
            raise UsageError(f"--cards must be 0 or more, got {self.cards}.")
        if self.pdf_rows < 1:
            raise UsageError(f"--pdf-rows must be 1 or more, got {self.pdf_rows}.")
        _check_folder("--template", self.template)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOptions:
    """What 'screener scan' and 'screener report' write, and how.

    html: also write the triage page. html_images: studies that it shows with a film, by rank.
    mode: of the files written. excel: begin the CSVs with a BOM. pseudonym_key: a file, see
    outputs/pseudonyms.py. summary: a short text without identifiers. look: of the PDF.
    """

    out: Path
    pdf: bool = True
    html: bool = False
    html_images: int = HTML_IMAGES
    files_csv: Path | None = None
    mode: int = DEFAULT_MODE
    workers: int = 1
    excel: bool = False
    summary: Path | None = None
    include_names: bool = False
    pseudonymise: bool = False
    pseudonym_key: Path | None = None
    look: ReportLook = field(default_factory=ReportLook)

    def check(self) -> None:
        """Refuse what cannot be; each command's options call it at birth."""
        if self.out.suffix.lower() != ".pdf":
            raise UsageError(f"--out must end in .pdf, got '{self.out}'; the CSV and JSON get the same stem.")
        if self.workers < 1:
            raise UsageError(f"--workers must be 1 or more, got {self.workers}.")
        if self.html_images < 0:
            raise UsageError(f"--html-images must be 0 or more, got {self.html_images}.")
        taken = {path.absolute() for path in (self.out, self.csv, self.json, self.page)}
        for option, path in (("--files-csv", self.files_csv), ("--summary", self.summary)):
            if path is not None and path.absolute() in taken:
                raise UsageError(f"{option} {path}: that name is taken by another output of this run.")
            taken |= {path.absolute()} if path is not None else set()
        if self.pseudonymise and self.include_names:
            raise UsageError("Pass --include-names or --pseudonymise, not both: one undoes the other.")
        if self.pseudonymise and self.pseudonym_key is None:
            raise UsageError(
                "--pseudonymise needs --pseudonym-key FILE: the same key gives the same pseudonyms. "
                "Make one with: head -c 32 /dev/urandom > FILE"
            )
        if self.pseudonym_key is not None and not self.pseudonymise:
            raise UsageError("--pseudonym-key does nothing without --pseudonymise: pass both.")

    @property
    def csv(self) -> Path:
        """The worklist, beside the PDF."""
        return self.out.with_suffix(".csv")

    @property
    def json(self) -> Path:
        """The run's totals and settings, beside the PDF."""
        return self.out.with_suffix(".json")

    @property
    def page(self) -> Path:
        """The triage page, beside the PDF."""
        return self.out.with_suffix(".html")

    @property
    def written(self) -> tuple[Path, ...]:
        """Every file that will be written."""
        reports = (self.page if self.html else None, self.out if self.pdf else None)
        wanted = (self.csv, self.json, self.files_csv, self.summary, *reports)
        return tuple(path for path in wanted if path is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions(OutputOptions):
    """Everything 'screener scan' can vary.

    threshold, prevalence: 0..1; None for those of the model. ledger: what is known from run to run; None
    to forget. settle, file_timeout: seconds. file_memory: MB, for one worker. max_wait: days after which an
    unflagged study is lifted; None for never. fast_jpeg2000: decode JPEG 2000 films at a lower resolution.
    ray_address: of a cluster; None to start a Ray of this machine's own. ray_workers: on that cluster, None
    for one on each of its CPUs. shard: "i/n", the slice to screen; None for everything.
    """

    paths: tuple[Path, ...]
    model: Path
    operating_point: str | None = None
    threshold: float | None = None
    prevalence: float | None = None
    batch_size: int = 16
    ledger: Path | None = None
    new_only: bool = False
    max_wait: int | None = None
    settle: float = 0.0
    file_timeout: float = 60.0
    file_memory: int = 4096
    fast_jpeg2000: bool = False
    log_file: Path | None = None
    log_format: str = "text"
    engine: str = "local"
    ray_address: str | None = None
    ray_workers: int | None = None
    shard: str | None = None

    def __post_init__(self) -> None:
        self.check()
        if self.threshold is not None:
            if self.operating_point is not None:
                raise UsageError("Pass --threshold or --operating-point, not both.")
            if not 0 <= self.threshold <= 1:
                raise UsageError(f"--threshold is a probability from 0 to 1, got {self.threshold}.")
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise UsageError(f"--prevalence must lie between 0 and 1, got {self.prevalence}.")
        if self.batch_size < 1:
            raise UsageError(f"--batch-size must be 1 or more, got {self.batch_size}.")
        for option, asked in (("--new-only", self.new_only), ("--max-wait", self.max_wait is not None)):
            if asked and self.ledger is None:
                raise UsageError(f"{option} needs --ledger: without one, no run knows of an earlier one.")
        if self.max_wait is not None and self.max_wait < 0:
            raise UsageError(f"--max-wait is a number of days, 0 or more, got {self.max_wait}.")
        if self.settle < 0:
            raise UsageError(f"--settle is a number of seconds, 0 or more, got {self.settle:g}.")
        if not self.file_timeout > 0:
            raise UsageError(f"--file-timeout is a number of seconds above 0, got {self.file_timeout:g}.")
        if self.file_memory < MIN_FILE_MEMORY:
            raise UsageError(f"--file-memory must be {MIN_FILE_MEMORY} MB or more, got {self.file_memory}.")
        if self.log_format not in LOG_FORMATS:
            raise UsageError(f"--log-format is {' or '.join(LOG_FORMATS)}, got '{self.log_format}'.")
        if self.engine not in ENGINES:
            raise UsageError(f"--engine is {' or '.join(ENGINES)}, got '{self.engine}'.")
        if self.ray_address is not None and self.engine != "ray":
            raise UsageError("--ray-address does nothing without --engine ray: pass both.")
        if self.shard is not None:
            _check_shard(self.shard)
            if self.ledger is None:
                raise UsageError("--shard needs --ledger: 'screener merge' joins the ledgers of all shards.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions(OutputOptions):
    """Everything 'screener report' can vary; run: its number in the ledger, None for the last one."""

    ledger: Path
    run: int | None = None

    def __post_init__(self) -> None:
        self.check()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeOptions(OutputOptions):
    """Everything 'screener merge' can vary."""

    ledgers: tuple[Path, ...]

    def __post_init__(self) -> None:
        self.check()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateOptions:
    """Everything 'screener evaluate' can vary.

    compare: a second model folder. prevalence: 0..1, for a second decision curve.
    """

    data: Path
    model: Path
    out: Path
    workers: int = 1
    compare: Path | None = None
    prevalence: float | None = None

    def __post_init__(self) -> None:
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise UsageError(f"--prevalence must lie between 0 and 1, got {self.prevalence}.")
        if self.workers < 1:
            raise UsageError(f"--workers must be 1 or more, got {self.workers}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateOptions:
    """Everything 'screener calibrate' can vary.

    version: None for that of the model with the name of the new folder. prevalence: the site's, 0..1, for
    reports; None for that of the model. not_chest: as in TrainOptions.
    """

    data: Path
    model: Path
    out: Path
    version: str | None = None
    prevalence: float | None = None
    not_chest: Path | None = None
    workers: int = 1
    seed: int = 20261122

    def __post_init__(self) -> None:
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise UsageError(f"--prevalence must lie between 0 and 1, got {self.prevalence}.")
        if self.workers < 1:
            raise UsageError(f"--workers must be 1 or more, got {self.workers}.")
        _check_folder("--not-chest", self.not_chest)


def _check_shard(shard: str) -> None:
    match = _SHARD.fullmatch(shard)
    if match is None or not 1 <= int(match["index"]) <= int(match["count"]):
        raise UsageError(f"--shard is i/n with i from 1 to n, such as 3/16; got '{shard}'.")


def _check_names(data: tuple[Path, ...]) -> None:
    names = [each.stem for each in data]
    if len(set(names)) < len(names):
        raise UsageError(f"DATA: each site needs a name of its own, got {', '.join(names)}.")


def _check_folder(option: str, folder: Path | None) -> None:
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{option} {folder}: no such folder.")
