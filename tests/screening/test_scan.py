"""How one run is put together: its batches, what its results depend on, its exit code."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from screener.domain import Cause, Ignored, NotScreened
from screener.errors import ExitCode
from screener.inference.gate import GATE
from screener.inference.model_folder import MANIFEST, load_model_folder
from screener.intake import FoundFile
from screener.ledger import Ledger
from screener.options import ScanOptions
from screener.options.shard import Shard
from screener.reasons import Reason, ReasonCode
from screener.reporting import merge
from screener.reporting import write as reports
from screener.reporting.write import RunFacts
from screener.resources import shipped_model
from screener.run_summary import RunSummary
from screener.screening.admission import Admission
from screener.screening.scan import make_scales, result_key, shared_out
from screener.screening.shard import Slice
from screener.totals import Totals
from tests.ledger.test_published import SENT
from tests.outcomes import found, why

MODEL = load_model_folder(shipped_model())
OPTIONS = ScanOptions(paths=(Path("s"),), out=Path("r.pdf"), model=shipped_model())
NIGHT = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("files", "workers", "size"),
    [(1, 2, 1), (10, 2, 2), (16, 2, 4), (63, 2, 15), (64, 2, 16), (100_000, 2, 16), (10, 32, 1)],
)
def test_few_files_are_shared_out_among_all_workers(files: int, workers: int, size: int) -> None:
    options = replace(OPTIONS, batch_size=16, workers=workers)
    assert shared_out(options, files).batch_size == size


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"identity": replace(MODEL.identity, sha256="0" * 64)}, id="network"),
        pytest.param(
            {"manifest": {**MODEL.manifest, "files": {**MODEL.manifest["files"], GATE: "0" * 64}}}, id="gate"
        ),
        *(
            pytest.param({"preprocessing": replace(MODEL.preprocessing, **{name: value})}, id=name)
            for name, value in {"size": 225, "clip_limit": 2.5, "tiles": 9}.items()
        ),
    ],
)  # fmt: skip
def test_results_are_known_again_only_under_the_same_network_gate_and_preprocessing(
    change: dict[str, Any],
) -> None:
    assert GATE in MODEL.manifest["files"], f"the shipped model's {MANIFEST} names no gate"
    assert result_key(replace(MODEL, **change)) != result_key(MODEL)


def test_a_card_or_another_file_of_the_model_changes_no_result() -> None:
    files = {**MODEL.manifest["files"], "MODEL_CARD.md": "0" * 64}
    assert result_key(replace(MODEL, manifest={**MODEL.manifest, "files": files})) == result_key(MODEL)


def run_of(complete: bool = True, bugs: int = 0) -> RunFacts:
    return RunFacts(
        model=MODEL,
        scales=make_scales(MODEL, OPTIONS),
        roots=(),
        started=NIGHT,
        complete=complete,
        images_per_second=1.0,
        bugs=bugs,
    )


@pytest.mark.parametrize(
    ("complete", "bugs", "failed", "code"),
    [
        pytest.param(True, 0, 0, ExitCode.DONE, id="nothing failed"),
        pytest.param(True, 0, 1, ExitCode.SOME_FAILED, id="an image failed"),
        pytest.param(True, 1, 1, ExitCode.BUG, id="an error that nothing foresees"),
        pytest.param(False, 1, 1, ExitCode.INTERRUPTED, id="interrupted"),
    ],
)
def test_a_run_ends_with_the_code_for_the_worst_that_happened(
    complete: bool, bugs: int, failed: int, code: ExitCode
) -> None:
    with Ledger() as ledger:
        ledger.begin(NIGHT)
        missed = [
            NotScreened(str(each), Path(f"/{each}"), Cause.FAILED, why("damaged")) for each in range(failed)
        ]
        ledger.record(missed)
        assert reports.summarise(ledger, OPTIONS, run_of(complete, bugs)).exit_code == code


BY_RANK = (
    ExitCode.INTERRUPTED, ExitCode.BUG, ExitCode.OUTPUT, ExitCode.MISSING_DEPENDENCY, ExitCode.SOME_FAILED,
    ExitCode.DONE,
)  # fmt: skip


@pytest.mark.parametrize("first", BY_RANK)
@pytest.mark.parametrize("second", BY_RANK)
def test_of_two_exit_codes_the_one_earlier_in_the_contract_is_told(first: ExitCode, second: ExitCode) -> None:
    assert reports._worse(first, second) == min(first, second, key=BY_RANK.index)


@pytest.mark.parametrize("codes", [(3, 1), (1, 0), (0, 1, 3)])
def test_a_merge_tells_that_a_shard_met_a_bug(codes: tuple[int, ...]) -> None:
    with Ledger() as ledger:
        ledger.begin(NIGHT)
        one = reports.summarise(ledger, OPTIONS, run_of())
    shards: list[RunSummary] = [replace(one, exit_code=code) for code in codes]
    assert merge._exit_code(shards, Totals(images_failed=1)) == ExitCode.BUG
    assert merge._exit_code([*shards, replace(one, complete=False)], Totals()) == ExitCode.INTERRUPTED
    assert merge._exit_code([one], Totals(images_failed=1)) == ExitCode.SOME_FAILED


NAMES = [f"{each}.dcm" for each in range(100)]


def test_what_failed_before_any_worker_saw_it_is_told_by_every_shard() -> None:
    """Another shard may find it readable: only then would nobody tell of it."""
    shards = [Slice(Shard(index, 3), reader=None) for index in (1, 2, 3)]  # type: ignore[arg-type]
    for name in NAMES:
        failed = NotScreened(name, Path(name), Cause.FAILED, why("empty"))
        assert [shard.takes(failed) for shard in shards] == [True] * 3
        assert [shard.takes(Ignored(name, Path(name), unsettled=True)) for shard in shards] == [True] * 3
        assert sum(shard.takes(Ignored(name, Path(name))) for shard in shards) == 1
        ineligible = NotScreened(name, Path(name), Cause.INELIGIBLE, why("a TIFF"))
        assert sum(shard.takes(ineligible) for shard in shards) == 1


@pytest.mark.parametrize(
    ("seconds", "settled"),
    [
        pytest.param(-400, True, id="old"),
        pytest.param(-200, False, id="young"),
        pytest.param(200, False, id="from a clock that is ahead"),
        pytest.param(400, True, id="from a clock that is wrong altogether"),
    ],
)
def test_a_file_counts_as_settled_by_a_clock_that_may_be_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, settled: bool
) -> None:
    path = tmp_path / "image.jpg"
    path.write_bytes(b"\xff\xd8\xff" + bytes(100))
    monkeypatch.setattr("time.time", lambda: 1_000_000.0)
    found = FoundFile(path, "image.jpg", size=103, mtime_ns=int((1_000_000 + seconds) * 1e9))
    told: list[Any] = []
    with Ledger() as ledger:
        ledger.begin(NIGHT)
        admission = Admission(ledger, 300.0, told.append)
        assert len(list(admission.to_screen([found]))) == settled
        admission.flush()
    assert [each.unsettled for each in told] == [True] * (not settled)


def test_a_picture_that_was_published_is_no_image_though_its_marks_are_gone(tmp_path: Path) -> None:
    """Another program may have written our capture anew; the ledger still knows its UID."""
    told: list[Any] = []
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.published.add(replace(SENT, sop_uid="2.25.7"))
        ledger.begin(NIGHT)
        admission = Admission(ledger, 0.0, told.append)
        admission.record([found("own", 3.0, "1.2", sop="2.25.7"), found("image", 3.0, "1.2", sop="1.2.3")])
        assert ledger.counts() == {"ineligible": 1, "screened": 1}
    assert [getattr(each, "reason", None) for each in told] == [Reason.of(ReasonCode.OWN_RESULT), None]
