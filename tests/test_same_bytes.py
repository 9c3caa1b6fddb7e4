"""A file gives the same bytes to the network in training and in screening."""

from pathlib import Path

import numpy as np
import pytest

from screener.domain import ImageFile, Prediction, PreprocessingSpec
from screener.engines import worker as unit
from screener.inference.classifier import NetworkAnswer
from screener.intake import classify
from tests.commands.conftest import write_dicom, write_jpeg

pytest.importorskip("keras", reason="needs the extra 'train'")


class _Recorder:
    """Stands for the network and keeps what it was shown."""

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []

    def answer(self, square: np.ndarray) -> NetworkAnswer:
        self.seen.append(square)
        return NetworkAnswer(Prediction(0.0, np.zeros((7, 7), np.float32)), np.zeros(1280, np.float32))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["image.jpg", "image.dcm"])
def test_training_and_screening_show_the_network_the_same_bytes(tmp_path: Path, name: str) -> None:
    from screener.training.dataset import LabelledImage
    from screener.training.pictures import decode, preprocessed

    path = tmp_path / name
    if name.endswith("dcm"):
        write_dicom(path, 3)
    else:
        write_jpeg(path, 3)
    file = classify(path, name)
    assert isinstance(file, ImageFile)
    spec = PreprocessingSpec(clip_limit=3.0, tiles=4)
    recorder = _Recorder()
    unit.screen_batch([file], unit.Screener(recorder, spec))  # type: ignore[arg-type]
    [trained_on], _ = decode([LabelledImage(file, 0, "", "")], preprocessed(spec), lambda: None)
    np.testing.assert_array_equal(trained_on.pixels, recorder.seen[0])
    assert trained_on.pixels.std() > 0
