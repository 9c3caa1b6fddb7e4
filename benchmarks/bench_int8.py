"""Would int8 do? Quantises a model with films of its training patients and measures it on validation films.

Run: python benchmarks/bench_int8.py models/NAME --data DATA    (DATA: what the model was trained on)

The rule: int8 becomes the default only if, with calibration, operating points and gate refitted on its
outputs, the AUC falls by at most 0.001 and at each operating point at most 0.5 % of the validation films
change side. Variants:

- int8: weights (per channel) and activations, uint8 in, float32 out
- int8, float head: the last pooling and the dense unit stay float32, so that logits are not of 256 values
- int8, float stem and head: the first convolutions too
- weights int8, float16: weights alone

A variant is quantised once for each draw of calibration films; the rule must hold for every draw.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from screener.domain import OperatingPoint
from screener.evaluation.calibration import fit_platt
from screener.evaluation.operating_point import choose_operating_points, flagged
from screener.inference.classifier import Classifier
from screener.inference.gate import PictureGate
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.native import native_messages_hidden
from screener.training.dataset import LabelledDataset, LabelledImage, read_dataset, with_digest
from screener.training.splits import Split, split_dataset

AUC_MAY_FALL = 0.001
MAY_CHANGE_SIDE = 0.005
FLOAT32 = "float32"
HEAD = ("MEAN", "FULLY_CONNECTED")  # operators of the converted graph
STEM = 10  # convolutions and activations from the input on: the stem and the first two blocks
BLOCK = 40  # films measured at a time, one variant after the other, so that all meet the same machine
GATE_FILMS = 120  # training films that a gate is fitted on here, each with all that is made of it

FloatArray = NDArray[np.float64]
Films = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one network says of n films. seconds: of processor time."""

    logits: FloatArray
    embeddings: NDArray[np.float32]
    seconds: float


@dataclass(frozen=True, slots=True)
class Compared:
    """One variant against float32 on the validation films, its own calibration and thresholds refitted.

    draw: which calibration films. change: share that changes side, by operating point. gate_change: share
    that one refitted gate refuses and the other does not, None where none was fitted. difference: of
    probability, quantiles .5, .95 and 1.
    embedding_correlation: over all films and features.
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
        int(model.manifest["training"]["seed"]),
    )
    _check_same_split(model, split)
    with tempfile.TemporaryDirectory() as folder:
        networks = quantised(model, split, arguments, Path(folder))
        films, labels = squares(split.validation, model)
        answers = answers_of(networks, films)
        gates = gates_of(networks, model, dataset, split) if arguments.gate else {}
        table = compared(networks, answers, labels, gates)
    print(as_text(table, len(labels)))
    print(verdict(table))
    if arguments.out:
        rows = [{**asdict(row), "passes": row.passes} for row in table]
        found = {"model": str(model.identity), "films": len(labels), "rows": rows, "verdict": verdict(table)}
        arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="model folder with model.weights.h5")
    parser.add_argument("--data", type=Path, required=True, help="the dataset it was trained on")
    parser.add_argument("--films", type=int, default=300, help="calibration films, half of each class")
    parser.add_argument("--draws", type=int, default=3, help="times that calibration films are drawn")
    parser.add_argument("--no-gate", dest="gate", action="store_false", help="do not refit the gate")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    return parser.parse_args()


def _check_same_split(model: ModelFolder, split: Split) -> None:
    """Refuse data that do not fall into the parts that the model was trained on."""
    wanted, found = model.manifest["validation"]["images"], len(split.validation)
    if wanted != found:
        sys.exit(f"--data: {found} validation images, the model had {wanted}: it was trained on other data.")


def squares(images: Sequence[LabelledImage], model: ModelFolder) -> tuple[Films, NDArray[np.int64]]:
    """Return the squares that the network sees, uint8, (n, size, size), and their labels."""
    from screener.training.pictures import decode, preprocessed

    kept, _ = decode(images, preprocessed(model.preprocessing), lambda: None)
    return np.stack([each.pixels for each in kept]), np.array([each.image.label for each in kept])


def quantised(
    model: ModelFolder, split: Split, arguments: argparse.Namespace, folder: Path
) -> dict[tuple[str, int], Path]:
    """Return the .tflite of each variant and draw; float32 is the model's own."""
    with native_messages_hidden():
        from screener.training.export import save_answering
        from screener.training.network import bare, build_network

        size = model.preprocessing.size
        network = bare(build_network(size, dropout=0.0))
        network.load_weights(model.path / "model.weights.h5")
        saved = folder / "saved"
        save_answering(network, size, saved)
    networks = {(FLOAT32, 0): model.network}
    for draw in range(arguments.draws):
        films, _ = squares(_drawn(split.training, arguments.films, draw), model)
        for name, content in conversions(saved, films, weights_alone=draw == 0).items():
            path = folder / f"{name}-{draw}.tflite"
            path.write_bytes(content)
            networks[name, draw] = path
    return networks


def _drawn(images: Sequence[LabelledImage], count: int, draw: int) -> list[LabelledImage]:
    """Return so many training images, half of each class."""
    order = np.random.default_rng(draw).permutation(len(images))
    each_class = [[images[i] for i in order if images[i].label == label] for label in (0, 1)]
    return [image for one in each_class for image in one[: count // 2]]


def conversions(saved: Path, films: Films, weights_alone: bool) -> dict[str, bytes]:
    """Return the network in each variant, calibrated on films, uint8, shape (n, size, size)."""
    import tensorflow as tf

    def seen() -> Iterator[dict[str, Films]]:
        for film in films:
            yield {"pixels": film[np.newaxis, :, :, np.newaxis]}

    def converter(calibrated: bool = True) -> Any:
        made = tf.lite.TFLiteConverter.from_saved_model(str(saved))
        made.optimizations = [tf.lite.Optimize.DEFAULT]
        if calibrated:
            made.representative_dataset = seen
        return made

    def but_float(operators: Sequence[str], outputs: Sequence[str]) -> bytes:
        options = tf.lite.experimental.QuantizationDebugOptions(
            denylisted_ops=list(operators), denylisted_nodes=list(outputs)
        )
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter(), debug_dataset=seen, debug_options=options
        )
        return bytes(debugger.get_nondebug_quantized_model())

    with native_messages_hidden():
        plain = tf.lite.TFLiteConverter.from_saved_model(str(saved)).convert()
        made = {
            "int8": converter().convert(),
            "int8, float head": but_float(HEAD, []),
            "int8, float stem and head": but_float(HEAD, _outputs(plain)[:STEM]),
        }
        if weights_alone:
            half = converter(calibrated=False)
            half.target_spec.supported_types = [tf.float16]
            made |= {"weights int8": converter(calibrated=False).convert(), "float16": half.convert()}
    return made


def _outputs(content: bytes) -> list[str]:
    """Return the name of the first output of each operator, in the order in which they run."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content)
    names = {each["index"]: each["name"] for each in interpreter.get_tensor_details()}
    return [names[each["outputs"][0]] for each in interpreter._get_ops_details()]


def answers_of(networks: dict[tuple[str, int], Path], films: Films) -> dict[tuple[str, int], Answers]:
    """Return what each network says, measured in turns: BLOCK films by one, the same by the next."""
    classifiers = {key: Classifier(path) for key, path in networks.items()}
    said: dict[tuple[str, int], list[Any]] = {key: [] for key in networks}
    seconds = dict.fromkeys(networks, 0.0)
    for start in range(0, len(films), BLOCK):
        for key, classifier in classifiers.items():
            classifier.answer(films[start])
            begin = time.process_time()
            said[key] += [classifier.answer(film) for film in films[start : start + BLOCK]]
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
    """Return a gate for float32 and for the first draw of each variant, fitted on training films."""
    from screener.training.gate_run import make_gate

    films = tuple(_drawn(split.training, GATE_FILMS, 0))
    few = LabelledDataset(films, dataset.patients_from, ())
    return {
        key: make_gate(path, model.preprocessing, {"films": few}, [], 0, _Silent()).gate
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
                gate_change=_gate_change(gates, answers, key) if key in gates else None,
                difference=_quantiles(np.abs(own_probabilities - probabilities)),
                embedding_correlation=float(np.corrcoef(*both)[0, 1]),
            )
        )
    return rows


def changed_side(
    probabilities: FloatArray, point: OperatingPoint, others: FloatArray, other: OperatingPoint
) -> float:
    """Return the share of films, 0..1, that one network flags at its point and the other does not."""
    return float(np.mean(flagged(probabilities, point.threshold) != flagged(others, other.threshold)))


def _refitted(logits: FloatArray, labels: NDArray[np.int64]) -> tuple[FloatArray, tuple[OperatingPoint, ...]]:
    calibration = fit_platt(logits, labels)
    probabilities = np.array([calibration.probability(float(each)) for each in logits])
    return probabilities, choose_operating_points(labels, probabilities)


def _gate_change(
    gates: dict[tuple[str, int], PictureGate],
    answers: dict[tuple[str, int], Answers],
    key: tuple[str, int],
) -> float:
    passed = [
        np.array([gates[each].score(one) for one in answers[each].embeddings]) >= gates[each].threshold
        for each in (key, (FLOAT32, 0))
    ]
    return float(np.mean(passed[0] != passed[1]))


def _quantiles(values: FloatArray) -> tuple[float, float, float]:
    middle, most, all_of_it = np.quantile(values, (0.5, 0.95, 1.0))
    return float(middle), float(most), float(all_of_it)


def as_text(table: Sequence[Compared], films: int) -> str:
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
    lines = [f"{films} validation films; images/s of processor time on one thread", ""]
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
