import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screener.domain import PreprocessingSpec
from screener.errors import ModelRejectedError, UsageError
from screener.inference.model_folder import _digest, as_json, load_model_folder, seal_model_folder, sha256
from screener.operating_points import Calibration, OperatingPoint

POINT = OperatingPoint("high_sensitivity", 0.31, 0.98, 0.84, (0.97, 0.99), (0.81, 0.87))
DESCRIBED = {
    "name": "net",
    "version": "1.0.0",
    "preprocessing": {"size": 224, "clip_limit": 2.0, "tiles": 8},
    "calibration": {"slope": 1.5, "intercept": -0.2, "prevalence": 0.74},
    "operating_points": {"high_sensitivity": as_json(POINT), "balanced": {"threshold": 0.5}},
    "default_operating_point": "high_sensitivity",
    "prevalence": {"default": 0.1, "source": "an assumption"},
    "validated_population": {"description": "children of one hospital"},
    "intended_use": "ordering a worklist",
}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "net"
    (path / "evaluation").mkdir(parents=True)
    (path / "model.tflite").write_bytes(b"the network")
    (path / "model.weights.h5").write_bytes(b"the weights")
    (path / "MODEL_CARD.md").write_text("# Zoë's net\n", encoding="utf-8")
    (path / "evaluation/roc.png").write_bytes(b"a curve")
    seal_model_folder(path, DESCRIBED)
    return path


@pytest.fixture
def resealed(folder):
    """Seal the folder again with some of its description changed; None removes an entry."""

    def seal(**changes):
        described = {key: value for key, value in {**DESCRIBED, **changes}.items() if value is not None}
        seal_model_folder(folder, described)
        return folder

    return seal


def rewritten(folder, change):
    """Change the list of files in a manifest and give it the digest that fits, as a forger would."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    described = {key: manifest[key] for key in manifest if key not in ("files", "manifest_sha256")}
    change(manifest["files"])
    forged = {**described, "files": manifest["files"]}
    forged["manifest_sha256"] = _digest(forged)
    (folder / "manifest.json").write_text(json.dumps(forged), encoding="utf-8")


def test_a_manifest_may_name_the_size_that_images_are_read_at(resealed):
    described = {"size": 224, "clip_limit": 2.0, "tiles": 8}
    assert load_model_folder(resealed(preprocessing=described)).preprocessing.read_size is None
    assert (
        load_model_folder(resealed(preprocessing={**described, "read_size": 448})).preprocessing.read_size
        == 448
    )
    assert PreprocessingSpec().as_json() == described
    assert PreprocessingSpec(read_size=448).as_json() == {**described, "read_size": 448}


def test_an_image_read_smaller_than_the_network_sees_it_is_no_rule(resealed):
    with pytest.raises(ModelRejectedError):
        load_model_folder(
            resealed(preprocessing={"size": 224, "clip_limit": 2.0, "tiles": 8, "read_size": 112})
        )


def test_a_sealed_folder_loads_with_all_that_it_says(folder):
    model = load_model_folder(folder)
    assert str(model.identity) == "net@1.0.0"
    assert model.identity.sha256 == sha256(folder / "model.tflite")
    assert model.network == folder / "model.tflite"
    assert model.preprocessing == PreprocessingSpec(224, 2.0, 8)
    assert model.main.calibration == Calibration(1.5, -0.2, 0.74)
    assert (model.main.prevalence, model.main.prevalence_source) == (0.1, "an assumption")
    assert model.main.validated_on == "children of one hospital"
    assert model.intended_use == "ordering a worklist"


def test_operating_points_are_found_by_name(folder):
    model = load_model_folder(folder).main
    assert model.operating_point(None) == POINT
    assert model.operating_point("high_sensitivity") == POINT
    assert model.operating_point("balanced") == OperatingPoint("balanced", 0.5)


def test_an_unknown_operating_point_is_a_usage_error_that_names_the_others(folder):
    with pytest.raises(UsageError, match=r"the model has high_sensitivity, balanced"):
        load_model_folder(folder).main.operating_point("best")


@pytest.mark.parametrize("name", ["model.tflite", "model.weights.h5", "MODEL_CARD.md", "evaluation/roc.png"])
def test_one_altered_byte_in_any_file_is_rejected(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelRejectedError, match="SHA-256 is"):
        load_model_folder(folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(data=st.data())
def test_one_altered_byte_in_the_manifest_is_rejected_or_means_the_same(folder, data):
    whole = (folder / "manifest.json").read_bytes()
    before = load_model_folder(folder)
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255))
    (folder / "manifest.json").write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
    try:
        assert load_model_folder(folder) == before
    except ModelRejectedError:
        pass
    finally:
        (folder / "manifest.json").write_bytes(whole)


def test_an_altered_number_in_the_manifest_is_rejected(folder):
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("0.31", "0.32"), encoding="utf-8")
    with pytest.raises(ModelRejectedError, match=r"manifest\.json: SHA-256 is"):
        load_model_folder(folder)


@pytest.mark.parametrize("name", ["model.tflite", "model.weights.h5", "evaluation/roc.png"])
def test_a_missing_file_is_rejected(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelRejectedError, match="cannot be read"):
        load_model_folder(folder)


def test_a_missing_folder_is_rejected(tmp_path):
    with pytest.raises(ModelRejectedError, match="no such model folder"):
        load_model_folder(tmp_path / "gone")


def test_a_folder_without_a_manifest_is_rejected(tmp_path):
    with pytest.raises(ModelRejectedError, match="this is no model folder"):
        load_model_folder(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 2}', '{"name": "net"}', "\ud800"])
def test_a_manifest_of_another_form_is_rejected(folder, text):
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ModelRejectedError):
        load_model_folder(folder)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"name": None}, id="no name"),
        pytest.param({"calibration": {"slope": -1, "intercept": 0, "prevalence": 0.5}}, id="falling"),
        pytest.param({"calibration": {"slope": 1}}, id="half a calibration"),
        pytest.param({"preprocessing": {"size": 224, "gamma": 2}}, id="unknown step"),
        pytest.param({"default_operating_point": "best"}, id="default that is not there"),
        pytest.param({"operating_points": []}, id="a list of points"),
        pytest.param({"operating_points": {"balanced": 0.5}}, id="a point that is a number"),
        pytest.param({"prevalence": 0.1}, id="prevalence without its source"),
        pytest.param({"prevalence": {"default": "low", "source": ""}}, id="prevalence that is a word"),
        pytest.param({"validated_population": None}, id="no population"),
    ],
)
def test_an_incomplete_description_is_rejected(resealed, change):
    with pytest.raises(ModelRejectedError, match="incomplete or of the wrong form"):
        load_model_folder(resealed(**change))


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "evaluation/../../secret"])
def test_a_manifest_that_names_a_file_outside_is_rejected(folder, name):
    rewritten(folder, lambda files: files.update({name: "ab" * 32}))
    with pytest.raises(ModelRejectedError, match="outside its folder"):
        load_model_folder(folder)


def test_a_manifest_without_the_network_is_rejected(folder):
    rewritten(folder, lambda files: files.pop("model.tflite"))
    with pytest.raises(ModelRejectedError, match=r"lists no model\.tflite"):
        load_model_folder(folder)


def test_sealing_twice_gives_the_same_bytes(folder):
    once = (folder / "manifest.json").read_bytes()
    seal_model_folder(folder, DESCRIBED)
    assert (folder / "manifest.json").read_bytes() == once
