"""An ultrasound exported as a picture, which carries no tags, is no chest radiograph."""

import numpy as np
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array

from screener.domain import NotScreened
from screener.engines.worker import Screener, ScreenerSetup, screen_batch
from screener.inference.model_folder import load_model_folder
from screener.intake import look_at
from screener.resources import shipped_model


def test_an_ultrasound_as_a_picture_is_refused(tmp_path):
    dataset = dcmread(get_testdata_file("examples_ybr_color.dcm"))
    path = tmp_path / "ultrasound.png"
    Image.fromarray(np.asarray(pixel_array(dataset, index=0))).save(path)
    screener = Screener.of(ScreenerSetup.of(load_model_folder(shipped_model())))
    [outcome] = screen_batch([look_at(path, path.name)], screener)
    assert isinstance(outcome, NotScreened)
