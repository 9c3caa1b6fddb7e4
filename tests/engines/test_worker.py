"""One outcome per file: what the picture gate lets through, corrects and refuses."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless

from screener.domain import (
    AS_SHOWN,
    Cause,
    Correction,
    FileKind,
    Finding,
    Identifiers,
    ImageFile,
    NotScreened,
    Prediction,
    PreprocessingSpec,
    Radiograph,
)
from screener.engines.report_images import PagePictureRequest, PictureRequest, draw_card, draw_page_picture
from screener.engines.worker import Screener, screen_batch, screen_image
from screener.inference.classifier import NetworkAnswer
from screener.inference.gate import PictureGate
from screener.inference.gate_judges import LinearJudge
from screener.inference.model_folder import load_model_folder
from screener.intake import look_at
from screener.resources import shipped_model
from screener.screening.scan import result_key
from tests.commands.conftest import radiograph, write_dicom
from tests.intake.encodings import compress
from tests.reasons import noted, words

RADIOGRAPH = radiograph(1)


class Brightness:
    """Stands for a network whose embedding is the brightness of the upper half and of the whole.

    peak: row and column of the cell of the map that stands out.
    """

    def __init__(self, peak=(0, 3)):
        self.activation_map = np.zeros((7, 7), np.float32)
        self.activation_map[peak] = 1

    def predict(self, square):
        return self.answer(square).prediction

    def answer(self, square):
        grey = square.astype(np.float32) / 255
        embedding = np.array([grey[:112].mean(), grey.mean()], np.float32)
        return NetworkAnswer(Prediction(float(grey.mean()), self.activation_map), embedding)


def screener(weights=(0.0, 0.0), threshold=0.0, strict=0.0, lower=None):
    gate = PictureGate(LinearJudge(np.array(weights, np.float32), 0.0), threshold, strict, lower)
    return Screener(Brightness(), PreprocessingSpec(), gate)


def reading_smaller():
    return replace(screener(), preprocessing=PreprocessingSpec(read_size=448))


def wedge(tmp_path, turns=0, inverted=False):
    """Write a dark picture, bright in its upper quarter, turned and inverted, as PNG."""
    picture = np.full((240, 200), 10, np.uint8)
    picture[:60] = 240
    picture = np.rot90(picture, -turns)
    path = tmp_path / "wedge.png"
    cv2.imwrite(str(path), 255 - picture if inverted else picture)
    return ImageFile(path, "wedge.png", FileKind.PNG)


def test_without_a_gate_every_picture_passes(tmp_path):
    [outcome] = screen_batch([wedge(tmp_path)], Screener(Brightness(), PreprocessingSpec()))
    assert isinstance(outcome, Finding)


def test_a_picture_at_the_threshold_passes_as_it_is(tmp_path):
    [outcome] = screen_batch([wedge(tmp_path)], screener((1, -1.5), threshold=0.05))
    assert isinstance(outcome, Finding)
    assert not outcome.correction
    assert outcome.notes == ()


@pytest.mark.parametrize(
    ("turns", "inverted", "note"),
    [
        (0, True, "inverted: looked negative"),
        (2, False, "turned: looked upside down"),
        (1, False, "turned: lay on its side"),
        (3, False, "turned: lay on its side"),
    ],
)
def test_a_picture_that_passes_once_turned_or_inverted_is_screened_so(tmp_path, turns, inverted, note):
    gate = screener((1, -1.5), threshold=0.05, strict=0.05)
    [upright] = screen_batch([wedge(tmp_path)], gate)
    [outcome] = screen_batch([wedge(tmp_path, turns, inverted)], gate)
    assert isinstance(outcome, Finding)
    assert outcome.correction
    assert note in noted(outcome.notes)
    assert outcome.prediction.logit == pytest.approx(upright.prediction.logit, abs=0.02)


def test_a_picture_that_passes_in_no_way_is_refused(tmp_path):
    [outcome] = screen_batch([wedge(tmp_path)], screener(threshold=1, strict=1))
    assert isinstance(outcome, NotScreened)
    assert (outcome.cause, outcome.picture_refused) == (Cause.INELIGIBLE, True)
    assert words(outcome) == "the picture does not look like a frontal chest radiograph"


def test_a_correction_must_reach_the_higher_threshold(tmp_path):
    [outcome] = screen_batch([wedge(tmp_path, 2)], screener((1, -1.5), threshold=0.05, strict=5))
    assert isinstance(outcome, NotScreened)


@pytest.mark.parametrize(
    ("lower", "outcome", "notes"),
    [
        pytest.param(-0.2, Finding, ("unusual picture",), id="between the two thresholds"),
        pytest.param(0.0, Finding, ("unusual picture",), id="at the lower threshold"),
        pytest.param(0.1, NotScreened, None, id="below the lower threshold"),
        pytest.param(None, NotScreened, None, id="a gate of one threshold"),
    ],
)
def test_a_doubtful_picture_without_tags_is_screened_and_says_so(tmp_path, lower, outcome, notes):
    [found] = screen_batch([wedge(tmp_path)], screener(threshold=1, strict=1, lower=lower))
    assert isinstance(found, outcome)
    assert (noted(found.notes) if isinstance(found, Finding) else None) == notes


def dicom_outcome(tmp_path, gate, **elements):
    write_dicom(tmp_path / "image.dcm", 1, **elements)
    [outcome] = screen_batch([ImageFile(tmp_path / "image.dcm", "image.dcm", FileKind.DICOM)], gate)
    return outcome


@pytest.mark.parametrize("elements", [{}, {"Modality": "CR", "ViewPosition": "AP"}], ids=["DX", "bedside CR"])
def test_an_image_tagged_frontal_chest_is_always_screened(tmp_path, elements):
    outcome = dicom_outcome(tmp_path, screener(threshold=1, strict=1), **elements)
    assert isinstance(outcome, Finding)
    assert (noted(outcome.notes), outcome.correction) == (("unusual picture",), AS_SHOWN)


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"BodyPartExamined": "UNKNOWN"}, id="no tag says chest"),
        pytest.param(
            {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "Modality": "OT", "ViewPosition": ""},
            id="capture of anything",
        ),
    ],
)
def test_a_refused_picture_without_such_tags_is_shown_and_counted(tmp_path, elements):
    outcome = dicom_outcome(tmp_path, screener(threshold=1, strict=1), **elements)
    assert isinstance(outcome, NotScreened)
    assert words(outcome) == "the picture does not look like a frontal chest radiograph"
    assert outcome.picture_refused


@pytest.mark.parametrize("name", ["photograph.png", "photograph.jpg"])
def test_a_picture_in_many_hues_is_refused_whatever_its_greys_look_like(tmp_path, name):
    hues = np.random.default_rng(1).integers(0, 256, (8, 6, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / name), cv2.resize(hues, (240, 320), interpolation=cv2.INTER_CUBIC))
    file = look_at(tmp_path / name, name)
    [outcome] = screen_batch([file], screener(threshold=-1, strict=-1))
    assert isinstance(outcome, NotScreened)
    assert outcome.picture_refused
    [without_gate] = screen_batch([file], replace(screener(), gate=None))
    assert isinstance(without_gate, Finding)


@pytest.mark.parametrize(
    ("threshold", "outcome"), [(-1, Finding), (1, NotScreened)], ids=["usual", "unusual"]
)
def test_a_tinted_picture_is_refused_already_where_it_is_unusual(tmp_path, threshold, outcome):
    tinted = np.stack([RADIOGRAPH // 2, RADIOGRAPH // 4 * 3, RADIOGRAPH], axis=-1)
    cv2.imwrite(str(tmp_path / "tinted.png"), tinted)
    file = look_at(tmp_path / "tinted.png", "tinted.png")
    [seen] = screen_batch([file], screener(threshold=threshold, strict=2, lower=-1))
    assert isinstance(seen, outcome)


def test_a_tagged_image_that_lies_on_its_head_is_still_turned(tmp_path):
    path = wedge(tmp_path, 2).path
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).astype(np.uint16) * 16
    shape = {"Rows": pixels.shape[0], "Columns": pixels.shape[1], "PixelData": pixels.tobytes()}
    outcome = dicom_outcome(tmp_path, screener((1, -1.5), threshold=0.05, strict=0.05), **shape)
    assert "turned: looked upside down" in noted(outcome.notes)
    assert "unusual picture" not in noted(outcome.notes)


def test_a_replaced_window_is_noted(tmp_path):
    write_dicom(tmp_path / "image.dcm", 1, WindowCenter=60000, WindowWidth=10)
    [outcome] = screen_batch([ImageFile(tmp_path / "image.dcm", "image.dcm", FileKind.DICOM)], screener())
    assert noted(outcome.notes) == ("window replaced",)


@pytest.mark.parametrize(("peak", "notes"), [((0, 3), ()), ((6, 3), ("activation outside the chest",))])
def test_a_map_that_peaks_in_the_dark_part_of_the_image_is_noted(tmp_path, peak, notes):
    [outcome] = screen_batch([wedge(tmp_path)], Screener(Brightness(peak), PreprocessingSpec()))
    assert noted(outcome.notes) == notes


def test_where_the_map_points_is_told_of_the_image_as_it_was_turned(tmp_path):
    gate = PictureGate(LinearJudge(np.array((1, -1.5), np.float32), 0.0), 0.05, 0.05)
    looking_down = Screener(Brightness((6, 3)), PreprocessingSpec(), gate)
    [outcome] = screen_batch([wedge(tmp_path, 2)], looking_down)
    assert noted(outcome.notes) == ("turned: looked upside down", "activation outside the chest")


def test_a_card_shows_the_image_as_it_was_screened(tmp_path):
    path = tmp_path / "image.png"
    cv2.imwrite(str(path), RADIOGRAPH)
    file, cells = ImageFile(path, "image.png", FileKind.PNG), np.zeros((7, 7), np.float32)
    drawn = draw_card(PictureRequest(file, cells, 1.0, Correction(2, inverted=True)), None)
    shown = cv2.imdecode(np.frombuffer(drawn.radiograph, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.abs(shown.astype(int) - (255 - RADIOGRAPH[::-1, ::-1])).mean() < 3


def asked(tmp_path, own):
    path = tmp_path / "image.png"
    cv2.imwrite(str(path), RADIOGRAPH)
    return PagePictureRequest(
        1, PictureRequest(ImageFile(path, "image.png", FileKind.PNG), own, 2.0), full=True
    )


def test_the_map_shown_is_the_mean_of_the_images_and_of_its_mirror_images(tmp_path):
    looks_left = Screener(Brightness((2, 1)), PreprocessingSpec())
    own = looks_left.examine(Radiograph(Identifiers(), RADIOGRAPH)).prediction.activation_map
    drawn = draw_page_picture(asked(tmp_path, own), looks_left)
    expected = np.zeros((7, 7))
    expected[2, 1] = expected[2, 5] = 2.0 * 0.5 / 49  # the calibration's slope, half of each, one cell of 49
    np.testing.assert_allclose(drawn.shown.cells, expected, rtol=1e-6)
    assert not drawn.shown.stable


def test_without_the_network_that_screened_it_an_image_has_no_map(tmp_path):
    own = np.ones((7, 7), np.float32)
    assert draw_page_picture(asked(tmp_path, own), None).shown is None
    assert draw_card(asked(tmp_path, own).picture, None).overlay == b""


def test_where_no_map_is_asked_for_none_is_made(tmp_path):
    assert draw_page_picture(asked(tmp_path, None), screener()).shown is None


def test_an_image_read_at_a_lower_resolution_is_shown_on_its_card_all_the_same(tmp_path):
    pixels = cv2.resize(radiograph(1), (960, 1000), interpolation=cv2.INTER_CUBIC)
    path = tmp_path / "image.dcm"
    write_dicom(path, Rows=1000, Columns=960, PixelData=(pixels.astype(np.uint16) * 16).tobytes())
    compress(path, JPEG2000Lossless)
    file = ImageFile(path, "image.dcm", FileKind.DICOM)
    [found] = screen_batch([file], reading_smaller())
    [whole] = screen_batch([file], screener())
    assert found.pixel_digest != whole.pixel_digest
    for outcome in (found, whole):
        request = PictureRequest(file, None, 1.0, AS_SHOWN, outcome.pixel_digest)
        assert not isinstance(draw_card(request, None), str)


def test_results_at_a_lower_resolution_are_remembered_apart():
    model = load_model_folder(shipped_model())
    smaller = replace(model, preprocessing=replace(model.preprocessing, read_size=448))
    assert result_key(smaller) != result_key(model)


def test_a_model_decides_at_which_resolution_its_images_are_read(tmp_path):
    large = cv2.resize(radiograph(1), (960, 1000), interpolation=cv2.INTER_CUBIC)
    assert cv2.imwrite(str(tmp_path / "image.jpg"), large)
    file = ImageFile(tmp_path / "image.jpg", "image.jpg", FileKind.JPEG)
    whole, smaller = (screen_image(file, each) for each in (screener(), reading_smaller()))
    assert whole.radiograph.pixels.shape == (1000, 960)
    assert smaller.radiograph.pixels.shape == (500, 480)
    assert smaller.outcome.prediction.logit == pytest.approx(whole.outcome.prediction.logit, abs=0.2)


def test_results_of_an_older_gate_rule_are_not_used_again(monkeypatch):
    model = load_model_folder(shipped_model())
    now = result_key(model)
    monkeypatch.setattr("screener.screening.scan.GATE_RULE", 1)
    assert result_key(model) != now
