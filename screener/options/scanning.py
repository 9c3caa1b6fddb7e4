"""Everything 'screener scan' can vary."""

import re
from dataclasses import dataclass
from pathlib import Path

from screener.errors import UsageError
from screener.locations import Location, refuse_url
from screener.options.outputs import OutputOptions
from screener.options.period import baseline_asked

MIN_FILE_MEMORY = 256  # MB: a full-size image needs about 100
LOG_FORMATS = ("text", "json")
ENGINES = ("local", "ray")
_SHARD = re.compile(r"(?P<index>[0-9]{1,5})/(?P<count>[0-9]{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions(OutputOptions):
    """Everything 'screener scan' can vary.

    threshold, prevalence: 0..1; None for those of the model. ledger: what is known from run to run; None to
    forget. settle, file_timeout: seconds. file_memory: MB, for one worker. max_wait: days after which an
    unflagged study is lifted; None for never.
    population: as whose all images are read; None to go by the patient's age. default_population: as whose
    images without an age are read; None for that of the model. ray_address: of a cluster; None to start a Ray
    of this machine's own. ray_workers: on that cluster, None for one on each of its CPUs. shard: "i/n", the
    slice to screen; None for everything. monitor: whether reports tell what has changed at this site, against
    monitor_baseline, "FROM/TO"; None for the usual one.
    """

    paths: tuple[Location, ...]
    model: Path
    operating_point: str | None = None
    threshold: float | None = None
    prevalence: float | None = None
    population: str | None = None
    default_population: str | None = None
    batch_size: int = 16
    ledger: Path | None = None
    new_only: bool = False
    max_wait: int | None = None
    settle: float = 0.0
    file_timeout: float = 60.0
    file_memory: int = 4096
    log_file: Path | None = None
    log_format: str = "text"
    engine: str = "local"
    ray_address: str | None = None
    ray_workers: int | None = None
    shard: str | None = None
    monitor: bool = False
    monitor_baseline: str | None = None

    def __post_init__(self) -> None:
        self.check(self.ledger, self.log_file, *self.paths)
        refuse_url("--ledger", self.ledger)
        refuse_url("--log-file", self.log_file)
        if self.threshold is not None:
            if self.operating_point is not None:
                raise UsageError("Pass --threshold or --operating-point, not both.")
            if not 0 <= self.threshold <= 1:
                raise UsageError(f"--threshold is a probability from 0 to 1, got {self.threshold}.")
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise UsageError(f"--prevalence must lie between 0 and 1, got {self.prevalence}.")
        if self.population is not None and self.default_population is not None:
            raise UsageError(
                "Pass --population or --default-population, not both: the first leaves none to the second."
            )
        self._check_monitor()
        self._check_limits()
        self._check_ways()
        needed = (
            ("--new-only", self.new_only),
            ("--max-wait", self.max_wait is not None),
            ("--monitor", self.monitor),
        )
        for option, asked in needed:
            if asked and self.ledger is None:
                raise UsageError(f"{option} needs --ledger: without one, no run knows of an earlier one.")
        if self.shard is not None:
            _check_shard(self.shard)
            if self.ledger is None:
                raise UsageError("--shard needs --ledger: 'screener merge' joins the ledgers of all shards.")

    def _check_limits(self) -> None:
        if self.batch_size < 1:
            raise UsageError(f"--batch-size must be 1 or more, got {self.batch_size}.")
        if self.max_wait is not None and self.max_wait < 0:
            raise UsageError(f"--max-wait is a number of days, 0 or more, got {self.max_wait}.")
        if self.settle < 0:
            raise UsageError(f"--settle is a number of seconds, 0 or more, got {self.settle:g}.")
        if not self.file_timeout > 0:
            raise UsageError(f"--file-timeout is a number of seconds above 0, got {self.file_timeout:g}.")
        if self.file_memory < MIN_FILE_MEMORY:
            raise UsageError(f"--file-memory must be {MIN_FILE_MEMORY} MB or more, got {self.file_memory}.")

    def _check_ways(self) -> None:
        if self.log_format not in LOG_FORMATS:
            raise UsageError(f"--log-format is {' or '.join(LOG_FORMATS)}, got '{self.log_format}'.")
        if self.engine not in ENGINES:
            raise UsageError(f"--engine is {' or '.join(ENGINES)}, got '{self.engine}'.")
        if self.ray_address is not None and self.engine != "ray":
            raise UsageError("--ray-address does nothing without --engine ray: pass both.")

    def _check_monitor(self) -> None:
        baseline_asked(self.monitor_baseline)
        if self.monitor_baseline is not None and not self.monitor:
            raise UsageError("--monitor-baseline does nothing without --monitor: pass both.")
        if self.monitor and not (self.pdf or self.html):
            raise UsageError(
                "--monitor adds to the PDF and to the .html: leave out --no-pdf, or pass --html."
            )


def _check_shard(shard: str) -> None:
    match = _SHARD.fullmatch(shard)
    if match is None or not 1 <= int(match["index"]) <= int(match["count"]):
        raise UsageError(f"--shard is i/n with i from 1 to n, such as 3/16; got '{shard}'.")
