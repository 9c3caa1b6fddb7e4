"""A file that kills or holds up its worker costs itself alone."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from screener.domain import Cause, FileKind, ImageFile, NotScreened, PreprocessingSpec
from screener.engines import local, worker_process
from screener.engines.local import LocalEngine
from screener.engines.worker import ScreenerSetup
from screener.engines.worker_process import DEFAULT_LIMITS, Limits
from screener.reasons import ReasonCode
from screener.resources import shipped_model
from tests.outcomes import why
from tests.reasons import words

SETUP = ScreenerSetup(shipped_model() / "model.tflite", PreprocessingSpec())


def misbehaving(files: Sequence[ImageFile]) -> list[NotScreened]:
    """Stand for screen_batch; runs in a worker."""
    for file in files:
        if file.name == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if file.name == "hang":
            time.sleep(60)
        if file.name == "bug":
            raise KeyError("SECRET value of a tag")
    return [NotScreened(file.name, file.path, Cause.INELIGIBLE, why("reached")) for file in files]


def images(*names: str) -> list[ImageFile]:
    return [ImageFile(Path("/") / name, name, FileKind.JPEG) for name in names]


def screened(
    monkeypatch: pytest.MonkeyPatch, batches: list[list[ImageFile]], limits: Limits = DEFAULT_LIMITS
) -> dict[str, NotScreened]:
    monkeypatch.setattr(worker_process, "screen", misbehaving)
    with LocalEngine(SETUP, 2, limits) as engine:
        outcomes = [outcome for batch in engine.screen(batches) for outcome in batch]
    assert all(isinstance(outcome, NotScreened) for outcome in outcomes)
    assert len(outcomes) == sum(map(len, batches))
    return {outcome.file: outcome for outcome in outcomes if isinstance(outcome, NotScreened)}


def test_a_crash_of_the_decoder_costs_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = screened(monkeypatch, [images("a", "crash", "b"), images("c")])
    assert outcomes["crash"].cause is Cause.FAILED
    assert words(outcomes["crash"]) == "the decoder crashed (SIGSEGV)"
    assert {name for name, outcome in outcomes.items() if words(outcome) == "reached"} == {"a", "b", "c"}


@pytest.mark.slow
def test_a_decoder_that_hangs_is_stopped_and_costs_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "MORE_SECONDS", 0.0)
    outcomes = screened(monkeypatch, [images("hang", "a")], Limits(seconds=1.0))
    assert words(outcomes["hang"]) == "decoding took longer than 1 s and was stopped"
    assert words(outcomes["a"]) == "reached"


def test_batches_are_taken_only_as_workers_come_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "screen", misbehaving)
    taken = []

    def batches() -> object:
        for i in range(50):
            taken.append(i)
            yield images(str(i))

    with LocalEngine(SETUP, 1) as engine:
        results = engine.screen(batches())  # type: ignore[arg-type]
        next(results)
        assert len(taken) <= 4
        assert sum(1 for _ in results) == 49


def test_an_error_that_nothing_foresees_costs_one_file_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "screen", misbehaving)
    with LocalEngine(SETUP, 1) as engine:
        found = [outcome for batch in engine.screen([images("a", "bug", "b")]) for outcome in batch]
    reasons = {each.file: words(each) for each in found if isinstance(each, NotScreened)}
    assert (reasons["a"], reasons["b"]) == ("reached", "reached")
    assert reasons["bug"].startswith("an error that Screener does not foresee (KeyError")
    assert "SECRET" not in reasons["bug"]
    assert [each.code for each in engine.bugs] == [ReasonCode.UNFORESEEN_ERROR]
