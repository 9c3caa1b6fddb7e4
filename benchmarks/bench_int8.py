"""Would int8 do? Quantises a model with images of its training patients and measures it on validation images.

Run: python benchmarks/bench_int8.py models/NAME --data DATA    (DATA: what the model was trained on)

The rule: int8 becomes the default only if, with calibration, operating points and gate refitted on its
outputs, the AUC falls by at most 0.001 and at each operating point at most 0.5 % of the validation images
change side. A variant (see quantised.py) is made once for each draw of calibration images; the rule must hold
for every draw.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a file, this folder alone would be there

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.quantised import FLOAT32, Squares, drawn, quantised, squares
from screener.evaluation.calibration import fit_platt
from screener.evaluation.operating_point import choose_operating_points, flagged
from screener.inference.classifier import Classifier
from screener.inference.gate import PictureGate
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.operating_points import OperatingPoint
from screener.training.dataset import LabelledDataset, read_dataset, with_digest
from screener.training.splits import Split, split_dataset, split_seed_of

AUC_MAY_FALL = 0.001
MAY_CHANGE_SIDE = 0.005
BLOCK = 40  # images measured at a time, one variant after the other, so that all meet the same machine
GATE_RADIOGRAPHS = 120  # training images that a gate is fitted on here, each with all that is made of it

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one network says of n images. seconds: of processor time."""

    logits: FloatArray
    embeddings: NDArray[np.float32]
    seconds: float


@dataclass(frozen=True, slots=True)
class Compared:
    """One variant against float32 on the validation images, its own calibration and thresholds refitted.

    draw: which calibration images. change: share that changes side, by operating point. gate_change: share
    that one refitted gate refuses and the other does not, None where none was fitted. difference: of
    probability, quantiles .5, .95 and 1.
    embedding_correlation: over all images and features.
    """

    variant: str
    draw: int
    megabytes: float
    images_per_second: float
    auc: float
    auc_change: float
    change: dict[str, float]
    gate_change: float | None
    difference: tuple[float, float, float]
    embedding_correlation: float

    @property
    def passes(self) -> bool:
        within = all(each <= MAY_CHANGE_SIDE for each in self.change.values())
        return within and self.auc_change >= -AUC_MAY_FALL


def main() -> None:
    """Print the table and the verdict, and write both as JSON."""
    arguments = _arguments()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    model = load_model_folder(arguments.model)
    dataset = read_dataset(arguments.data)
    split = split_dataset(
        [with_digest(image) for image in dataset.images],
        bool(dataset.patients_from),
        split_seed_of(model.manifest),
    )
    _check_same_split(model, split)
    with tempfile.TemporaryDirectory() as folder:
        networks = quantised(model, split, Path(folder), arguments.images, arguments.draws)
        radiographs, labels = squares(split.validation, model)
        answers = answers_of(networks, radiographs)
        gates = gates_of(networks, model, dataset, split) if arguments.gate else {}
        table = compared(networks, answers, labels, gates, radiographs)
    print(as_text(table, len(labels)))
    print(verdict(table))
    if arguments.out:
        rows = [{**asdict(row), "passes": row.passes} for row in table]
        found = {"model": str(model.identity), "images": len(labels), "rows": rows, "verdict": verdict(table)}
        arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="model folder with model.weights.h5")
    parser.add_argument("--data", type=Path, required=True, help="the dataset it was trained on")
    parser.add_argument("--images", type=int, default=300, help="calibration images, half of each class")
    parser.add_argument("--draws", type=int, default=3, help="times that calibration images are drawn")
    parser.add_argument("--no-gate", dest="gate", action="store_false", help="do not refit the gate")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    return parser.parse_args()


def _check_same_split(model: ModelFolder, split: Split) -> None:
    """Refuse data that do not fall into the parts that the model was trained on."""
    wanted, found = model.manifest["validation"]["images"], len(split.validation)
    if wanted != found:
        sys.exit(f"--data: {found} validation images, the model had {wanted}: it was trained on other data.")


def answers_of(networks: dict[tuple[str, int], Path], radiographs: Squares) -> dict[tuple[str, int], Answers]:
    """Return what each network says, measured in turns: BLOCK images by one, the same by the next."""
    classifiers = {key: Classifier(path) for key, path in networks.items()}
    said: dict[tuple[str, int], list[Any]] = {key: [] for key in networks}
    seconds = dict.fromkeys(networks, 0.0)
    for start in range(0, len(radiographs), BLOCK):
        for key, classifier in classifiers.items():
            classifier.answer(radiographs[start])
            begin = time.process_time()
            said[key] += [classifier.answer(radiograph) for radiograph in radiographs[start : start + BLOCK]]
            seconds[key] += time.process_time() - begin
    return {
        key: Answers(
            np.array([each.prediction.logit for each in answers]),
            np.stack([each.embedding for each in answers]),
            seconds[key],
        )
        for key, answers in said.items()
    }


def gates_of(
    networks: dict[tuple[str, int], Path], model: ModelFolder, dataset: LabelledDataset, split: Split
) -> dict[tuple[str, int], PictureGate]:
    """Return a gate for float32 and for the first draw of each variant, fitted on training images."""
    from screener.training.gate_run import make_gate

    radiographs = tuple(drawn(split.training, GATE_RADIOGRAPHS, 0))
    few = LabelledDataset(radiographs, dataset.patients_from, ())
    return {
        key: make_gate(path, model.preprocessing, {"images": few}, [], 0, _Silent()).gate
        for key, path in networks.items()
        if key[1] == 0
    }


class _Silent:
    """A reporter that says nothing."""

    def say(self, message: str) -> None: ...

    def stage(self, name: str, total: int) -> Callable[[], None]:
        return lambda: None

    def batch(self, *told: object) -> None: ...

    def epoch(self, *told: object) -> None: ...


def compared(
    networks: dict[tuple[str, int], Path],
    answers: dict[tuple[str, int], Answers],
    labels: NDArray[np.int64],
    gates: dict[tuple[str, int], PictureGate],
    radiographs: Squares,
) -> list[Compared]:
    """Return each variant's row, float32 first."""
    base = (FLOAT32, 0)
    probabilities, points = _refitted(answers[base].logits, labels)
    auc = float(roc_auc_score(labels, answers[base].logits))
    rows = []
    for key, own in answers.items():
        own_probabilities, own_points = _refitted(own.logits, labels)
        own_auc = float(roc_auc_score(labels, own.logits))
        pairs = zip(points, own_points, strict=True)
        both = own.embeddings.ravel(), answers[base].embeddings.ravel()
        rows.append(
            Compared(
                variant=key[0],
                draw=key[1],
                megabytes=networks[key].stat().st_size / 1e6,
                images_per_second=len(labels) / own.seconds,
                auc=own_auc,
                auc_change=own_auc - auc,
                change={a.name: changed_side(probabilities, a, own_probabilities, b) for a, b in pairs},
                gate_change=_gate_change(gates, answers, key, radiographs) if key in gates else None,
                difference=_quantiles(np.abs(own_probabilities - probabilities)),
                embedding_correlation=float(np.corrcoef(*both)[0, 1]),
            )
        )
    return rows


def changed_side(
    probabilities: FloatArray, point: OperatingPoint, others: FloatArray, other: OperatingPoint
) -> float:
    """Return the share of images, 0..1, that one network flags at its point and the other does not."""
    return float(np.mean(flagged(probabilities, point.threshold) != flagged(others, other.threshold)))


def _refitted(logits: FloatArray, labels: NDArray[np.int64]) -> tuple[FloatArray, tuple[OperatingPoint, ...]]:
    calibration = fit_platt(logits, labels)
    probabilities = np.array([calibration.probability(float(each)) for each in logits])
    return probabilities, choose_operating_points(labels, probabilities)


def _gate_change(
    gates: dict[tuple[str, int], PictureGate],
    answers: dict[tuple[str, int], Answers],
    key: tuple[str, int],
    radiographs: Squares,
) -> float:
    passed = [
        np.array([gates[each].score(*one) for one in zip(answers[each].embeddings, radiographs, strict=True)])
        >= gates[each].threshold
        for each in (key, (FLOAT32, 0))
    ]
    return float(np.mean(passed[0] != passed[1]))


def _quantiles(values: FloatArray) -> tuple[float, float, float]:
    middle, most, all_of_it = np.quantile(values, (0.5, 0.95, 1.0))
    return float(middle), float(most), float(all_of_it)


def as_text(table: Sequence[Compared], radiographs: int) -> str:
    """Return the table in Markdown."""
    names = list(table[0].change)
    head = [
        "variant",
        "draw",
        "MB",
        "images/s",
        "AUC",
        "change",
        *names,
        "gate",
        "|Δp| .5/.95/1",
        "embedding r",
    ]
    lines = [f"{radiographs} validation images; images/s of processor time on one thread", ""]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in table:
        cells = [
            row.variant,
            str(row.draw),
            f"{row.megabytes:.1f}",
            f"{row.images_per_second:.0f}",
            f"{row.auc:.4f}",
            f"{row.auc_change:+.4f}",
            *(f"{row.change[name]:.2%}" for name in names),
            "" if row.gate_change is None else f"{row.gate_change:.2%}",
            " ".join(f"{each:.3f}" for each in row.difference),
            f"{row.embedding_correlation:.3f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def verdict(table: Sequence[Compared]) -> str:
    """Return which int8 variants keep to the rule in every draw, in words."""
    variants = {row.variant: [] for row in table if row.variant.startswith("int8")}
    for row in table:
        if row.variant in variants:
            variants[row.variant].append(row)
    said = []
    for name, rows in variants.items():
        worst = max(max(row.change.values()) for row in rows)
        fall = min(row.auc_change for row in rows)
        faster = np.mean([row.images_per_second for row in rows]) / table[0].images_per_second
        passes = "passes" if all(row.passes for row in rows) else "fails"
        said.append(
            f"{name} {passes}: AUC {fall:+.4f} at worst, up to {worst:.2%} change side, "
            f"{faster:.2f} × the speed of float32"
        )
    return "\n".join(said)


if __name__ == "__main__":
    main()
