import json

import numpy as np
import pytest

from screener.errors import ModelRejectedError
from screener.inference.gate import PictureGate, read_gate, write_gate


def test_a_gate_that_was_written_scores_the_same_when_read(tmp_path):
    random = np.random.default_rng(3)
    gate = PictureGate(random.normal(size=1280).astype(np.float32), 0.25, -1.5, 2.0)
    write_gate(gate, tmp_path / "gate.json")
    read = read_gate(tmp_path / "gate.json")
    assert (read.threshold, read.correction_threshold) == (-1.5, 2.0)
    embedding = random.uniform(0, 6, 1280).astype(np.float32)
    assert read.score(embedding) == pytest.approx(gate.score(embedding), abs=1e-3)


def test_a_gate_of_one_threshold_refuses_below_it(tmp_path):
    old = {"weights": [1.0], "bias": 0, "threshold": -0.5, "correction_threshold": 2}
    (tmp_path / "gate.json").write_text(json.dumps(old))
    assert read_gate(tmp_path / "gate.json").refused_below == -0.5


def test_a_gate_of_two_thresholds_is_read_back(tmp_path):
    write_gate(PictureGate(np.ones(3, np.float32), 0.0, -0.5, 2.0, -4.0), tmp_path / "gate.json")
    assert read_gate(tmp_path / "gate.json").refused_below == -4.0


def test_a_score_is_the_weighted_sum_and_the_bias():
    gate = PictureGate(np.array([1.0, -2.0], np.float32), 0.5, 0.0, 0.0)
    assert gate.score(np.array([3.0, 1.0], np.float32)) == 1.5


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
    ],
)
def test_a_file_that_is_no_gate_is_rejected(tmp_path, content):
    path = tmp_path / "gate.json"
    path.write_text(content)
    with pytest.raises(ModelRejectedError, match="gate"):
        read_gate(path)
