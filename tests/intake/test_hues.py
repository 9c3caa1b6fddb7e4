"""Colours that a radiograph may have, a tint and a few marks, and those that only a photograph has."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from screener.domain import Hues
from screener.intake.hues import hues_of, hues_of_jpeg
from screener.intake.raster import sampled_raster
from tests.commands.conftest import radiograph

GREY = Image.fromarray(radiograph(1))
TINTS = {
    "grey": GREY.convert("RGB"),
    "sepia": ImageOps.colorize(GREY, (20, 10, 0), (255, 240, 200), (140, 110, 70)),
    "blue base of film": ImageOps.colorize(GREY, (0, 0, 30), (220, 235, 255)),
    "duotone": ImageOps.colorize(GREY, (0, 0, 40), (255, 255, 230), (110, 70, 120)),
}


def marked() -> Image.Image:
    picture = TINTS["grey"].copy()
    draw = ImageDraw.Draw(picture)
    draw.line([(100, 100), (200, 200)], fill=(255, 0, 0), width=6)
    draw.rectangle([300, 250, 420, 360], outline=(0, 255, 0), width=4)
    draw.text((20, 20), "Fig. 2a", fill=(255, 255, 0))
    return picture


def photograph() -> Image.Image:
    fields = np.random.default_rng(3).integers(0, 256, (6, 5, 3), dtype=np.uint8)
    return Image.fromarray(cv2.resize(fields, GREY.size, interpolation=cv2.INTER_CUBIC))


def heat_map() -> Image.Image:
    colours = cv2.applyColorMap(cv2.GaussianBlur(radiograph(1), (0, 0), 20), cv2.COLORMAP_JET)[..., ::-1]
    return Image.blend(TINTS["grey"], Image.fromarray(np.ascontiguousarray(colours)), 0.5)


def as_jpeg(picture: Image.Image, quality: int = 40) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality)
    return written.getvalue()


@pytest.mark.parametrize(
    ("picture", "hues"),
    [
        pytest.param(TINTS["grey"], Hues.GREY, id="three equal greys"),
        pytest.param(marked(), Hues.GREY, id="with marks"),
        *(pytest.param(TINTS[name], Hues.TINT, id=name) for name in TINTS if name != "grey"),
        pytest.param(photograph(), Hues.MANY, id="photograph"),
        pytest.param(heat_map(), Hues.MANY, id="heat map"),
    ],
)
def test_a_tint_is_not_many_hues_and_a_few_marks_are_none(picture, hues):
    assert hues_of(np.asarray(picture)) is hues
    assert hues_of_jpeg(as_jpeg(picture)) is hues


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "palette.png", "cmyk.jpg"])
def test_every_kind_of_file_is_looked_at(tmp_path, name):
    for picture, expected in ((photograph(), Hues.MANY), (GREY, Hues.GREY), (TINTS["grey"], Hues.GREY)):
        kind = {"palette.png": "P", "cmyk.jpg": "CMYK"}.get(name)
        (picture.convert(kind) if kind else picture).save(tmp_path / name)
        assert sampled_raster(tmp_path / name).hues is expected
