"""One training run from a dataset to a trained network and what it measured."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from screener.domain import NotScreened, PreprocessingSpec
from screener.errors import DatasetError
from screener.evaluation.history import EpochRecord
from screener.inference.model_folder import load_model_folder
from screener.options import TrainOptions
from screener.outputs.messages import SpokenReason
from screener.runtime import native_messages_hidden
from screener.said import Said, say
from screener.training.checkpoint import Checkpoint
from screener.training.dataset import LabelledDataset, checked_copies, read_sites, with_digest
from screener.training.image_checks import refuse_two_labels
from screener.training.splits import Split, split_seed_of, split_sites

Tick = Callable[[], None]


class TrainingReporter(Protocol):
    """How a run shows its user where it is; screens and logs implement it."""

    def say(self, message: Said) -> None: ...

    def stage(self, name: Said, total: int) -> Tick: ...

    def batch(self, phase: int, epoch: int, done: int, of: int, loss: float) -> None: ...

    def epoch(self, record: EpochRecord, best: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class PreparedData:
    """A dataset divided and decoded.

    training: images that augmentation starts from. validation, held_out: the squares that the network
    sees; all are pictures.Decoded. refused: files that cannot be used, with the reason.
    """

    dataset: LabelledDataset
    split: Split
    preprocessing: PreprocessingSpec
    training: list[Any]
    validation: list[Any]
    held_out: list[Any]
    refused: list[NotScreened]


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """A Keras network with its best weights, and all that its model folder says of how it came about."""

    network: Any
    history: list[EpochRecord]
    data: PreparedData
    checkpoint: Checkpoint


def train_network(options: TrainOptions, reporter: TrainingReporter) -> TrainedNetwork:
    """Read, divide, decode and train; the held-out part is decoded, and not yet looked at.

    Raises:
        DatasetError: The data cannot be read or divided.
        UsageError: The backbone or the checkpoint does not fit the options.
    """
    checkpoint = Checkpoint(options)
    data = prepare_data(options, reporter)
    network, history = _fit(options, reporter, checkpoint, data)
    return TrainedNetwork(network, history, data, checkpoint)


def prepare_data(options: TrainOptions, reporter: TrainingReporter) -> PreparedData:
    """Return the dataset divided by patient and decoded through the intake of 'scan'.

    Raises:
        DatasetError: The data cannot be read or divided, or too few images can be decoded.
    """
    dataset = read_sites(options.data)
    tick = reporter.stage(say("training.reading"), len(dataset.images))
    images = [_ticked(with_digest(image), tick) for image in dataset.images]
    if copies := checked_copies(images, dataset.listed_again):
        reporter.say(say("training.note", note=copies))
    split = split_sites(images, bool(dataset.patients_from), options.split_seed, options.hold_out_source)
    for message in (*split.messages, *_leaks(options)):
        reporter.say(message)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with native_messages_hidden():  # TensorFlow's notes on GPUs and CPU features
        from screener.training import pictures

    spec = PreprocessingSpec(
        clip_limit=options.clip_limit, tiles=options.tiles, read_size=options.read_size or None
    )
    square = pictures.preprocessed(spec)
    refused = list(dataset.refused)
    decoded: list[list[Any]] = []
    for name, part, prepare in (
        (say("training.part_training"), split.training, pictures.shrunk),
        (say("training.part_validation"), split.validation, square),
        (say("training.part_held_out"), split.held_out, square),
    ):
        tick = reporter.stage(say("training.decoding", part=name), len(part))
        kept, lost = pictures.decode(part, prepare, tick)
        if not kept:
            raise DatasetError("training.none_decoded", part=name, reason=SpokenReason(lost[0].reason))
        decoded.append(kept)
        refused.extend(lost)
    if refused:
        why = SpokenReason(refused[0].reason)
        reporter.say(say("training.not_used", count=len(refused), file=refused[0].file, reason=why))
    everything = [each for part in decoded for each in part]
    refuse_two_labels(
        [each.image for each in everything],
        [each.fingerprint.digest for each in everything],
        "training.same_picture",
    )
    training, validation, held_out = decoded
    return PreparedData(dataset, split, spec, training, validation, held_out, refused)


def _leaks(options: TrainOptions) -> list[Said]:
    """Return a warning for each model given that set other patients aside."""
    models = [Path(options.backbone)] if Path(options.backbone).is_dir() else []
    warnings = []
    for model in (*models, *options.average):
        seed = split_seed_of(load_model_folder(model).manifest)
        if seed not in (None, options.split_seed):
            warnings.append(say("training.leak", model=model, seed=seed))
    return warnings


def _fit(
    options: TrainOptions, reporter: TrainingReporter, checkpoint: Checkpoint, data: PreparedData
) -> tuple[Any, list[EpochRecord]]:
    import keras

    from screener.training.network import average, blend, build_network
    from screener.training.pictures import AugmentedBatches
    from screener.training.trainer import Trainer, Watcher

    keras.utils.set_random_seed(options.seed)
    spec = data.preprocessing
    with native_messages_hidden():  # TensorFlow looks for a GPU here
        network = build_network(spec.size, options.dropout, options.backbone)
    images = AugmentedBatches(
        data.training,
        spec,
        batch_size=options.batch_size,
        seed=options.seed,
        painted=options.painted,
        teaching=_teaching(options),
    )
    watcher = Watcher(
        batch=lambda phase, epoch, done, loss: reporter.batch(phase, epoch, done, len(images), loss),
        epoch=reporter.epoch,
    )
    history = Trainer(network, images, data.validation, options, watcher).run(checkpoint)
    with native_messages_hidden():
        average(network, [build_network(spec.size, options.dropout, str(each)) for each in options.average])
        if options.blend < 1:
            blend(network, build_network(spec.size, options.dropout, options.backbone), options.blend)
    return network, history


def _teaching(options: TrainOptions) -> Any:
    from screener.training.composer import HIDDEN, OWN, Composer
    from screener.training.lung_radiographs import read_lung_radiographs
    from screener.training.pictures import Teaching

    if options.composites is None:
        return Teaching(ways=options.ways)
    composer = Composer(read_lung_radiographs(options.composites), OWN if options.own_outlines else HIDDEN)
    return Teaching(composer, options.composite_share, options.ways)


def _ticked(value: Any, tick: Tick) -> Any:
    tick()
    return value
