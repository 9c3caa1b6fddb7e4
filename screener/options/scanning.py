"""Everything 'screener scan' can vary."""

import re
from dataclasses import dataclass
from pathlib import Path

from screener.errors import UsageError
from screener.locations import Location, refuse_url
from screener.options.checks import check_known, check_least, check_prevalence
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
        if self.log_file and self.ledger and self.log_file.absolute() == self.ledger.absolute():
            raise UsageError("options.name_read", option="--log-file", path=self.log_file)
        if self.threshold is not None:
            if self.operating_point is not None:
                raise UsageError("options.threshold_and_point")
            if not 0 <= self.threshold <= 1:
                raise UsageError("options.threshold", found=self.threshold)
        check_prevalence(self.prevalence)
        if self.population is not None and self.default_population is not None:
            raise UsageError("options.population_and_default")
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
                raise UsageError("options.needs_ledger", option=option)
        if self.shard is not None:
            _check_shard(self.shard)
            if self.ledger is None:
                raise UsageError("options.shard_needs_ledger")

    def _check_limits(self) -> None:
        check_least("--batch-size", self.batch_size, 1)
        if self.max_wait is not None and self.max_wait < 0:
            raise UsageError("options.days", option="--max-wait", found=self.max_wait)
        if self.settle < 0:
            raise UsageError("options.seconds", option="--settle", found=f"{self.settle:g}")
        if not self.file_timeout > 0:
            found = f"{self.file_timeout:g}"
            raise UsageError("options.seconds_above_none", option="--file-timeout", found=found)
        if self.file_memory < MIN_FILE_MEMORY:
            option, found = "--file-memory", str(self.file_memory)
            raise UsageError("options.megabytes", option=option, least=MIN_FILE_MEMORY, found=found)

    def _check_ways(self) -> None:
        check_known("--log-format", self.log_format, LOG_FORMATS)
        check_known("--engine", self.engine, ENGINES)
        if self.ray_address is not None and self.engine != "ray":
            raise UsageError("options.useless_alone", option="--ray-address", other="--engine ray")

    def _check_monitor(self) -> None:
        baseline_asked(self.monitor_baseline)
        if self.monitor_baseline is not None and not self.monitor:
            raise UsageError("options.useless_alone", option="--monitor-baseline", other="--monitor")
        if self.monitor and not (self.pdf or self.html):
            raise UsageError("options.monitor_without_page")


def _check_shard(shard: str) -> None:
    match = _SHARD.fullmatch(shard)
    if match is None or not 1 <= int(match["index"]) <= int(match["count"]):
        raise UsageError("options.no_shard", found=shard)
