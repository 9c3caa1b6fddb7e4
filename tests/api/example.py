"""A script of a user's own, as 'mypy --strict' must take it: every line names a type that it expects."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import screener


def likely(paths: list[Path]) -> list[tuple[str, float]]:
    """Return the probability of each image, likely pneumonia first."""
    model: screener.Model = screener.load_model()
    found: list[tuple[str, float]] = []
    for path in paths:
        result: screener.Result = model.predict(path, patient_age=4)
        if result.probability is None:
            code: screener.ReasonCode | None = result.reason_code
            words: str | None = result.reason
            raise ValueError(path, code, words)
        found.append((result.file, result.probability))
    return sorted(found, key=lambda each: -each[1])


def of_pixels(pixels: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Return where the score of one radiograph comes from."""
    return screener.load_model().predict(pixels).map


def night(folder: str) -> pd.DataFrame:
    """Return the flagged studies of a folder."""
    try:
        result: screener.ScanResult = screener.scan([folder], workers=2, ledger="night.sqlite")
    except screener.LedgerHeldError as error:
        exit_code: screener.ExitCode = error.exit_code
        raise SystemExit(exit_code) from error
    first: screener.Study = result.studies[0]
    assert first.band is screener.Band.FIRST or first.status is screener.Status.NOT_SCREENED
    frame: pd.DataFrame = result.studies_frame()
    return frame[frame["status"] == screener.Status.FLAGGED]


def steps(path: str) -> list[tuple[int, ...]]:
    """Return the size of an image at each step that it reached."""
    seen: screener.Explanation = screener.explain(path)
    pictures = (seen.display, seen.resized, seen.equalised)
    return [each.shape for each in pictures if each is not None]
