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
