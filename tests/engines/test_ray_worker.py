"""A model arrives as it was sent, or not at all."""

from dataclasses import replace
from pathlib import Path

import pytest

from screener.domain import FileKind, ImageFile, NotScreened, PreprocessingSpec
from screener.engines.ray_worker import ShippedFile, ShippedModel
from screener.engines.worker import Screener, ScreenerSetup, screen_batch
from screener.errors import MissingDependencyError, ModelRejectedError
from screener.resources import shipped_model

SETUP = ScreenerSetup(
    shipped_model() / "model.tflite", PreprocessingSpec(clip_limit=3.0), shipped_model() / "gate.json", True
)


def test_a_model_that_arrived_is_the_one_that_was_sent() -> None:
    arrived = ShippedModel.of(SETUP).unpacked()
    assert arrived.network.read_bytes() == SETUP.network.read_bytes()
    assert arrived.gate is not None
    assert SETUP.gate is not None
    assert arrived.gate.read_bytes() == SETUP.gate.read_bytes()
    assert (arrived.preprocessing, arrived.digests) == (SETUP.preprocessing, True)
    file = ImageFile(Path("/nowhere"), "nowhere", FileKind.JPEG)
    [outcome] = screen_batch([file], Screener.of(arrived))
    assert isinstance(outcome, NotScreened)


def test_a_model_altered_on_its_way_is_rejected() -> None:
    sent = ShippedModel.of(SETUP)
    altered = replace(sent, network=replace(sent.network, content=sent.network.content[:-1] + b"\0"))
    assert altered.network.content != sent.network.content
    with pytest.raises(ModelRejectedError, match=r"model\.tflite: arrived with SHA-256"):
        altered.unpacked()


def test_a_node_with_other_versions_is_refused() -> None:
    with pytest.raises(MissingDependencyError, match="other versions"):
        replace(ShippedModel.of(SETUP), software="opencv-python-headless 1.0").unpacked()


def test_a_shipped_file_lies_on_no_disk() -> None:
    place = ShippedFile("model.tflite", b"abc", ShippedFile.of(Path(__file__)).sha256)
    with pytest.raises(ModelRejectedError):
        place.unpacked()
    assert str(ShippedFile.of(Path(__file__)).unpacked().resolve()).startswith("/memfd:")
