"""One image asked of a model in this process: the result, or the reason, that a scan gives."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import screener
from screener.domain import FileKind, Finding, ImageFile
from screener.engines.worker import Screener, ScreenerSetup, screen_batch
from screener.inference.model_folder import load_model_folder
from screener.resources import shipped_model
from tests.commands.conftest import radiograph, write_dicom, write_jpeg

SAMPLES = Path(__file__).parents[2] / "sample_data" / "studies"


@pytest.fixture(scope="module")
def model() -> screener.Model:
    return screener.load_model()


@pytest.fixture(scope="module")
def telling_apart() -> screener.Model:
    """Return the shipped model's network with two populations, one calibrated otherwise."""
    folder = load_model_folder(shipped_model())
    only = folder.main
    children = replace(only, name="children", ages=(1, 5))
    calibration = replace(only.calibration, intercept=only.calibration.intercept + 1)
    adults = replace(only, name="adults", ages=(18, 99), calibration=calibration)
    return screener.Model(replace(folder, populations=(children, adults), default_population="adults"))


def test_a_file_gives_what_the_unit_of_work_gives(model: screener.Model, tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    write_dicom(path, 2, PatientAge="004Y")
    folder = load_model_folder(shipped_model())
    worker = Screener.of(ScreenerSetup.of(folder))
    [outcome] = screen_batch([ImageFile(path, "image.dcm", FileKind.DICOM)], worker)
    assert isinstance(outcome, Finding)
    result = model.predict(path)
    assert result.screened
    assert result.file == "image.dcm"
    assert result.logit == outcome.prediction.logit
    assert result.map is not None
    np.testing.assert_array_equal(result.map, outcome.prediction.activation_map)
    assert result.map.shape == (7, 7)
    assert result.map.dtype == np.float32
    assert result.probability == folder.scales().probability(outcome.prediction.logit, "004Y")
    assert result.reason is None
    assert result.reason_code is None


def test_a_probability_comes_with_its_meaning(model: screener.Model) -> None:
    result = model.predict(SAMPLES / "exports" / "film-02.jpg")
    point = result.operating_point
    assert point is not None
    assert result.probability is not None
    assert point.sensitivity is not None
    assert result.flagged is (result.probability >= round(point.threshold, 6))
    assert result.band in screener.Band
    assert result.prevalence == load_model_folder(shipped_model()).main.prevalence
    assert "age unknown" in " ".join(result.notes)


def test_another_operating_point_flags_otherwise_and_changes_no_probability(model: screener.Model) -> None:
    point = {each.name: each.threshold for each in model.operating_points()}
    assert point["high_sensitivity"] < point["balanced"] < point["high_specificity"]
    for name in ("film-01.jpg", "film-02.jpg", "film-03.png"):
        found = {each: model.predict(SAMPLES / "exports" / name, operating_point=each) for each in point}
        [probability] = {each.probability for each in found.values()}
        assert probability is not None
        for each, result in found.items():
            assert result.flagged is (probability >= round(point[each], 6))
            assert (result.band is None) is (not result.flagged)


def test_another_prevalence_moves_probability_and_threshold_together(model: screener.Model) -> None:
    example = SAMPLES / "exports" / "film-01.jpg"
    usual, common = model.predict(example), model.predict(example, prevalence=0.5)
    assert usual.probability is not None
    assert common.probability is not None
    assert common.probability > usual.probability
    assert common.flagged == usual.flagged


@pytest.mark.parametrize("deep", [False, True], ids=["8 bits", "16 bits"])
def test_an_array_gives_what_a_png_of_the_same_values_gives(
    model: screener.Model, tmp_path: Path, deep: bool
) -> None:
    values = cv2.resize(radiograph(3), (900, 1000))
    values = values.astype(np.uint16) * 20 + 300 if deep else values
    cv2.imwrite(str(tmp_path / "image.png"), values)
    from_file, from_array = model.predict(tmp_path / "image.png"), model.predict(values)
    assert from_array.logit == from_file.logit
    assert from_array.notes == from_file.notes
    assert from_array.file == ""


def test_an_array_need_not_lie_in_one_piece(model: screener.Model) -> None:
    values = np.asarray(radiograph(3))
    assert model.predict(np.asfortranarray(values)).logit == model.predict(values).logit


@pytest.mark.parametrize(
    ("values", "code"),
    [
        pytest.param(np.full((300, 300), 7, np.uint8), screener.ReasonCode.BLANK_PICTURE, id="blank"),
        pytest.param(np.zeros((20, 300), np.uint8), screener.ReasonCode.TOO_SMALL, id="small"),
        pytest.param(
            np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8),
            screener.ReasonCode.PICTURE_REFUSED,
            id="no chest",
        ),
    ],
)
def test_an_array_that_is_no_radiograph_says_why(
    model: screener.Model, values: np.ndarray, code: screener.ReasonCode
) -> None:
    result = model.predict(values)
    assert not result.screened
    assert result.reason_code is code
    assert result.reason
    assert result.cause is screener.Cause.INELIGIBLE
    assert result.probability is result.logit is result.flagged is result.map is None


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(np.zeros((300, 300, 3), np.uint8), id="colour"),
        pytest.param(np.zeros((300, 300), np.float32), id="float"),
        pytest.param(np.zeros((300, 300), np.int16), id="signed"),
    ],
)
def test_an_array_of_another_shape_or_type_is_a_wrong_use(model: screener.Model, values: np.ndarray) -> None:
    with pytest.raises(screener.UsageError, match=r"shape \(rows, columns\)"):
        model.predict(values)


@pytest.mark.parametrize(
    ("name", "cause", "code"),
    [
        ("2026-11-20/SAMPLE-005/lateral.dcm", screener.Cause.INELIGIBLE, screener.ReasonCode.VIEW),
        ("2026-11-20/SAMPLE-007/pa.dcm", screener.Cause.FAILED, screener.ReasonCode.PIXELS_TRUNCATED),
        ("exports/notes.txt", None, screener.ReasonCode.NOT_AN_IMAGE),
    ],
)
def test_a_file_that_was_not_screened_says_why(
    model: screener.Model, name: str, cause: screener.Cause | None, code: screener.ReasonCode
) -> None:
    result = model.predict(str(SAMPLES / name))
    assert (result.screened, result.cause, result.reason_code) == (False, cause, code)
    assert result.reason


@pytest.mark.parametrize(
    ("age", "population"),
    [
        (4, "children"),
        (0.5, "children"),
        ("018M", "children"),
        (46, "adults"),
        ("046Y", "adults"),
        (None, "adults"),
    ],
)
def test_the_age_chooses_the_population(
    telling_apart: screener.Model, age: float | str | None, population: str
) -> None:
    example = SAMPLES / "exports" / "film-01.jpg"
    result = telling_apart.predict(example, patient_age=age)
    assert result.population == population
    assert result.logit is not None
    assert result.probability == telling_apart.probability(result.logit, patient_age=age)


def test_an_age_that_is_given_goes_before_the_header_and_a_population_before_both(
    telling_apart: screener.Model, tmp_path: Path
) -> None:
    write_dicom(tmp_path / "image.dcm", 2, PatientAge="004Y")
    path = tmp_path / "image.dcm"
    asked = ({}, {"patient_age": 50}, {"patient_age": 50, "population": "children"})
    found = [telling_apart.predict(path, **each).population for each in asked]  # type: ignore[arg-type]
    assert found == ["children", "adults", "children"]


@pytest.mark.parametrize("age", [-1, 1000, "46", "old", float("nan")])
def test_what_is_no_age_is_a_wrong_use(model: screener.Model, age: float | str) -> None:
    with pytest.raises(screener.UsageError, match="no age"):
        model.predict(radiograph(1), patient_age=age)


def test_a_model_tells_its_operating_points(model: screener.Model) -> None:
    points = {point.name: point for point in model.operating_points()}
    assert set(points) == {"high_sensitivity", "balanced", "high_specificity"}
    moved = {point.name: point.threshold for point in model.operating_points(prevalence=0.5)}
    assert all(moved[name] > point.threshold for name, point in points.items())


def test_wrong_names_say_which_there_are(model: screener.Model) -> None:
    with pytest.raises(screener.UsageError, match="no_such"):
        model.predict(radiograph(1), operating_point="no_such")
    with pytest.raises(screener.UsageError, match="no_such"):
        model.predict(radiograph(1), population="no_such")
    with pytest.raises(screener.UsageError, match="between 0 and 1"):
        model.predict(radiograph(1), prevalence=1.0)
    with pytest.raises(screener.UsageError, match="no such file"):
        model.predict("gone.dcm")


def test_an_altered_model_is_rejected(tmp_path: Path) -> None:
    shutil.copytree(shipped_model(), tmp_path / "model")
    with (tmp_path / "model" / "model.tflite").open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(screener.ModelRejectedError, match="SHA-256"):
        screener.load_model(tmp_path / "model")
    with pytest.raises(screener.ModelRejectedError, match="no such model folder"):
        screener.load_model(str(tmp_path / "gone"))


def test_threads_that_share_a_model_get_what_each_would_get_alone(model: screener.Model) -> None:
    radiographs = [radiograph(seed) for seed in range(4)]
    alone = [model.predict(each).logit for each in radiographs]
    assert len(set(alone)) == len(alone)
    with ThreadPoolExecutor(4) as threads:
        assert [each.logit for each in threads.map(model.predict, radiographs * 2)] == alone * 2


def test_an_explanation_has_each_step_of_an_image(model: screener.Model, tmp_path: Path) -> None:
    write_dicom(tmp_path / "image.dcm", 2, PatientAge="004Y")
    seen = screener.explain(tmp_path / "image.dcm", model=model)
    predicted = model.predict(tmp_path / "image.dcm")
    assert (seen.result.probability, seen.result.notes) == (predicted.probability, predicted.notes)
    assert seen.kind == "dicom"
    assert seen.tags["ViewPosition"] == "PA"
    assert "SECRET" not in repr(seen)
    assert seen.display is not None
    assert seen.resized is not None
    assert seen.equalised is not None
    assert (seen.display.shape, seen.resized.shape, seen.equalised.shape) == (
        (256, 220),
        (224, 224),
        (224, 224),
    )
    assert seen.gate is not None
    assert seen.gate.score >= seen.gate.threshold
    assert seen.gate.tagged_chest
    assert seen.result.flagged
    assert seen.shown_map is not None
    assert seen.shown_map.cells.shape == (7, 7)
    assert seen.overlay is not None
    assert seen.overlay.shape == (256, 220, 3)
    strongest = np.unravel_index(
        (seen.overlay[..., 0].astype(int) - seen.overlay[..., 2]).argmax(), (256, 220)
    )
    row, column = np.unravel_index(seen.shown_map.cells.argmax(), (7, 7))
    assert abs(strongest[0] / 256 * 7 - row) < 2, "red outweighs blue where the map is strong"
    assert abs(strongest[1] / 220 * 7 - column) < 2


def test_an_explanation_stops_at_the_step_that_refused(model: screener.Model, tmp_path: Path) -> None:
    write_dicom(tmp_path / "lateral.dcm", 2, ViewPosition="LATERAL")
    seen = screener.explain(tmp_path / "lateral.dcm", model=model)
    assert seen.result.reason_code is screener.ReasonCode.VIEW
    assert seen.tags["ViewPosition"] == "LATERAL"
    assert seen.display is seen.resized is seen.equalised is None
    assert seen.gate is seen.shown_map is None
    (tmp_path / "notes.txt").write_text("no image")
    assert screener.explain(tmp_path / "notes.txt", model=model).kind is None


def test_a_picture_that_the_gate_refused_can_still_be_looked_at(
    model: screener.Model, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8)
    cv2.imwrite(str(tmp_path / "noise.png"), noise)
    seen = screener.explain(tmp_path / "noise.png", model=model)
    assert seen.result.reason_code is screener.ReasonCode.PICTURE_REFUSED
    assert seen.display is not None
    assert seen.gate is not None
    assert seen.gate.score < seen.gate.refused_below
    assert not seen.tags


def test_an_image_that_is_not_flagged_has_no_shown_map(tmp_path: Path) -> None:
    folder = load_model_folder(shipped_model())
    points = {name: replace(point, threshold=1.0) for name, point in folder.main.operating_points.items()}
    none = screener.Model(
        replace(
            folder,
            populations=(replace(folder.main, name="all", operating_points=points),),
            default_population="all",
        )
    )
    write_jpeg(tmp_path / "image.jpg", 2)
    seen = none.explain(tmp_path / "image.jpg")
    assert seen.result.flagged is False
    assert seen.result.map is not None
    assert seen.shown_map is None
