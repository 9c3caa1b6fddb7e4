import base64
import json

import numpy as np
import pytest

from screener.errors import ModelRejectedError
from screener.inference.gate import PictureGate, read_gate, write_gate
from screener.inference.gate_judges import KernelJudge, LinearJudge
from screener.inference.layout import LAYOUT_FEATURES, layout_of

SQUARE = np.random.default_rng(6).integers(0, 256, (224, 224), np.uint8)


def test_a_gate_that_was_written_scores_the_same_when_read(tmp_path):
    random = np.random.default_rng(3)
    gate = PictureGate(LinearJudge(random.normal(size=1280).astype(np.float32), 0.25), -1.5, 2.0)
    write_gate(gate, tmp_path / "gate.json")
    read = read_gate(tmp_path / "gate.json")
    assert (read.threshold, read.correction_threshold) == (-1.5, 2.0)
    embedding = random.uniform(0, 6, 1280).astype(np.float32)
    assert read.score(embedding, SQUARE) == pytest.approx(gate.score(embedding, SQUARE), abs=1e-3)


def test_a_gate_of_one_threshold_refuses_below_it(tmp_path):
    old = {"weights": [1.0], "bias": 0, "threshold": -0.5, "correction_threshold": 2}
    (tmp_path / "gate.json").write_text(json.dumps(old))
    assert read_gate(tmp_path / "gate.json").refused_below == -0.5


def test_a_gate_of_two_thresholds_is_read_back(tmp_path):
    write_gate(PictureGate(LinearJudge(np.ones(3, np.float32), 0.0), -0.5, 2.0, -4.0), tmp_path / "gate.json")
    assert read_gate(tmp_path / "gate.json").refused_below == -4.0


def test_a_score_is_the_weighted_sum_and_the_bias():
    gate = PictureGate(LinearJudge(np.array([1.0, -2.0], np.float32), 0.5), 0.0, 0.0)
    assert gate.score(np.array([3.0, 1.0], np.float32), SQUARE) == 1.5


def kernel_judge(**changed):
    random = np.random.default_rng(4)
    parts = {
        "mean": random.normal(size=6),
        "axes": random.normal(size=(6, 3)),
        "vectors": random.normal(size=(5, 3)),
        "coefficients": random.normal(size=5),
    }
    return KernelJudge(
        **{name: part.astype(np.float32) for name, part in (parts | changed).items()}, gamma=0.2, bias=0.5
    )


def test_a_kernel_judge_scores_as_the_formula_says():
    judge, embedding = kernel_judge(), np.arange(6, dtype=np.float32)
    placed = (embedding - judge.mean) @ judge.axes
    expected = sum(
        c * np.exp(-0.2 * ((placed - vector) ** 2).sum())
        for c, vector in zip(judge.coefficients, judge.vectors, strict=True)
    )
    assert PictureGate(judge, 0.0, 0.0).score(embedding, SQUARE) == pytest.approx(expected + 0.5, abs=1e-5)


def test_a_kernel_gate_is_read_back_to_the_last_bit(tmp_path):
    gate, embeddings = (
        PictureGate(kernel_judge(), -0.5, 2.0, -4.0),
        np.random.default_rng(5).normal(size=(9, 6)),
    )
    write_gate(gate, tmp_path / "gate.json")
    read = read_gate(tmp_path / "gate.json")
    assert (read.threshold, read.correction_threshold, read.lower_threshold) == (-0.5, 2.0, -4.0)
    np.testing.assert_array_equal(read.judge.scores(embeddings), gate.judge.scores(embeddings))


def layout_judge():
    random = np.random.default_rng(7)
    features = 6 + LAYOUT_FEATURES
    axes = random.normal(size=(features, 3)).astype(np.float32) / 10
    return KernelJudge(
        mean=np.zeros(features, np.float32),
        axes=axes,
        vectors=random.normal(size=(5, 3)).astype(np.float32),
        coefficients=random.normal(size=5).astype(np.float32),
        gamma=0.2,
        bias=0.5,
        layout=True,
    )


def test_a_gate_that_knows_layouts_sees_the_picture_beside_the_embedding():
    gate, embedding = PictureGate(layout_judge(), 0.0, 0.0), np.arange(6, dtype=np.float32)
    expected = gate.judge.scores(np.concatenate([embedding, layout_of(SQUARE)])[np.newaxis])[0]
    assert gate.score(embedding, SQUARE) == expected
    assert gate.score(embedding, SQUARE[::-1].copy()) != expected


def test_a_gate_that_knows_layouts_is_read_back(tmp_path):
    gate, embedding = PictureGate(layout_judge(), -0.5, 2.0, -4.0), np.arange(6, dtype=np.float32)
    write_gate(gate, tmp_path / "gate.json")
    read = read_gate(tmp_path / "gate.json")
    assert read.judge.layout
    assert read.score(embedding, SQUARE) == gate.score(embedding, SQUARE)


def test_programs_that_know_no_layout_find_no_judge_in_its_file(tmp_path):
    write_gate(PictureGate(layout_judge(), -0.5, 2.0), tmp_path / "gate.json")
    assert "mean" not in json.loads((tmp_path / "gate.json").read_text())


def test_a_gate_of_another_layout_is_refused_by_its_version(tmp_path):
    write_gate(PictureGate(layout_judge(), -0.5, 2.0), tmp_path / "gate.json")
    values = json.loads((tmp_path / "gate.json").read_text()) | {"layout": 9}
    (tmp_path / "gate.json").write_text(json.dumps(values))
    with pytest.raises(ModelRejectedError, match="layouts of version 9, not 1"):
        read_gate(tmp_path / "gate.json")


def test_an_older_gate_scores_the_embedding_alone():
    gate = PictureGate(kernel_judge(), 0.0, 0.0)
    features = np.random.default_rng(8).normal(size=(2, 6 + LAYOUT_FEATURES)).astype(np.float32)
    np.testing.assert_array_equal(gate.scores(features), gate.judge.scores(features[:, :6]))


def damaged(**changed):
    """Return the file of a gate, changed."""
    packed = {"shape": [2], "float32": base64.b64encode(np.ones(2, "<f4").tobytes()).decode()}
    square = {"shape": [2, 2], "float32": base64.b64encode(np.ones(4, "<f4").tobytes()).decode()}
    whole = {
        "mean": packed,
        "axes": square,
        "vectors": square,
        "coefficients": packed,
        "gamma": 1.0,
        "bias": 0.0,
    }
    return json.dumps({**whole, "threshold": 0.0, "correction_threshold": 0.0, **changed})


def test_the_file_that_the_next_test_damages_is_a_gate(tmp_path):
    (tmp_path / "gate.json").write_text(damaged())
    assert read_gate(tmp_path / "gate.json").threshold == 0


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("not json", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param(json.dumps({"weights": [1.0]}), id="no threshold"),
        pytest.param(
            json.dumps({"weights": [[1.0]], "bias": 0, "threshold": 0, "correction_threshold": 0}),
            id="weights in a table",
        ),
        pytest.param(
            json.dumps(
                {"weights": [1], "bias": 0, "threshold": 0, "correction_threshold": 0, "lower_threshold": 1}
            ),
            id="the lower threshold above the other",
        ),
        pytest.param(
            '{"weights": [NaN], "bias": 0, "threshold": 0, "correction_threshold": 0}',
            id="no numbers",
        ),
        pytest.param(damaged(gamma=0), id="no gamma"),
        pytest.param(
            damaged(axes={"shape": [1, 4], "float32": "AACAPwAAgD8AAIA/AACAPw=="}), id="shapes differ"
        ),
        pytest.param(damaged(mean={"shape": [2], "float32": "AADAfwAAgD8="}), id="no number in an array"),
        pytest.param(damaged(mean={"shape": [3], "float32": "AACAPwAAgD8="}), id="an array too short"),
        pytest.param(damaged(mean={"shape": [2], "float32": "§"}), id="no base64"),
    ],
)
def test_a_file_that_is_no_gate_is_rejected(tmp_path, content):
    path = tmp_path / "gate.json"
    path.write_text(content)
    with pytest.raises(ModelRejectedError, match="gate"):
        read_gate(path)
