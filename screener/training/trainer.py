"""Two-phase fine-tuning with early stopping, a checkpoint after each epoch, and resuming."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import log_loss, roc_auc_score

from screener.evaluation.history import EpochRecord
from screener.options import TrainOptions
from screener.runtime import keep_freed_memory
from screener.training.checkpoint import Checkpoint
from screener.training.network import bare, unfreeze
from screener.training.pictures import AugmentedBatches, Decoded, as_batch
from screener.training.taught import TaughtNetwork, Weights

HEAD, FINE_TUNING = 1, 2
WEIGHT_DECAY = 1e-4
AVERAGED = 0.99  # momentum of the running mean that the weights are set to when an epoch ends


@dataclass(frozen=True, slots=True)
class Watcher:
    """Whom to tell how training goes: batches done of an epoch, and each finished epoch."""

    batch: Callable[[int, int, int, float], None]  # phase, epoch, batches done, running loss
    epoch: Callable[[EpochRecord, bool], None]  # the record, and whether it is the best so far


class Trainer:
    """One training run of one network; `run` leaves it with the weights that are kept."""

    def __init__(
        self,
        network: Any,
        radiographs: AugmentedBatches,
        validation: Sequence[Decoded],
        options: TrainOptions,
        watcher: Watcher,
    ) -> None:
        self._network = network
        self._taught = TaughtNetwork(network, Weights(options.pointing, options.mirror, options.kinds))
        self._radiographs = radiographs
        self._squares = as_batch([each.pixels for each in validation])
        self._labels = np.array([each.image.label for each in validation])
        self._options = options
        self._watcher = watcher

    def run(self, checkpoint: Checkpoint) -> list[EpochRecord]:
        """Train both phases, or what a resumed checkpoint left of them; return the history."""
        options = self._options
        history = list(checkpoint.history)
        for phase, epochs in ((HEAD, options.head_epochs), (FINE_TUNING, options.epochs)):
            first = options.head_epochs * (phase == FINE_TUNING) + 1
            done = len(history) - (first - 1)
            if done >= epochs:
                continue
            self._prepare(phase, epochs)
            if done > 0:
                checkpoint.restore(self._taught)
            for epoch in range(first + max(done, 0), first + epochs):
                if phase == FINE_TUNING and not options.keep_last and _stalled(history, options.patience):
                    break
                record = self._epoch(phase, epoch)
                best = is_best(record, history)
                history.append(record)
                checkpoint.save(self._taught, history, best)
                self._watcher.epoch(record, best)
        kept = checkpoint.last_weights if options.keep_last else checkpoint.best_weights
        bare(self._network).load_weights(kept)
        return history

    def _prepare(self, phase: int, epochs: int) -> None:
        """Freeze or unfreeze, and start a new optimiser; fine-tuning warms up, then decays by a cosine."""
        options, steps = self._options, len(self._radiographs)
        unfreeze(self._network, 0 if phase == HEAD else options.unfreeze)
        rate: Any = options.head_learning_rate
        if phase == FINE_TUNING:
            rate = keras.optimizers.schedules.CosineDecay(
                initial_learning_rate=options.learning_rate / 10,
                warmup_target=options.learning_rate,
                warmup_steps=steps // 2,
                decay_steps=max(1, steps * epochs - steps // 2),
                alpha=0.02,
            )
        self._taught.compile(
            optimizer=keras.optimizers.AdamW(
                rate,
                weight_decay=WEIGHT_DECAY,
                use_ema=phase == FINE_TUNING,  # 'fit' sets the weights to their mean as it ends
                ema_momentum=AVERAGED,
            ),
            metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")],
        )
        self._taught.optimizer.build(self._taught.trainable_variables)

    def _epoch(self, phase: int, epoch: int) -> EpochRecord:
        start = time.monotonic()
        self._radiographs.begin_epoch(epoch)
        # Dropout draws anew from (seed, epoch), so that a resumed run goes on as the whole one would.
        self._network.get_layer("dropout").seed_generator.state.assign((self._options.seed, epoch))
        ticker = keras.callbacks.LambdaCallback(
            # Each epoch anew: TensorFlow's data pipeline sets the allocator back as it starts.
            on_train_batch_begin=lambda batch, logs: keep_freed_memory() if batch == 0 else None,
            on_train_batch_end=lambda batch, logs: self._watcher.batch(phase, epoch, batch + 1, logs["loss"]),
        )
        fitted = self._taught.fit(self._radiographs, epochs=1, shuffle=False, verbose=0, callbacks=[ticker])
        logits = predict_logits(self._network, self._squares)
        probabilities = 1 / (1 + np.exp(-logits))
        return EpochRecord(
            epoch=epoch,
            phase=phase,
            loss=fitted.history["loss"][-1],
            accuracy=fitted.history["accuracy"][-1],
            val_loss=float(log_loss(self._labels, probabilities, labels=[0, 1])),
            val_accuracy=float(np.mean((logits >= 0) == self._labels)),
            val_auc=float(roc_auc_score(self._labels, logits)),
            learning_rate=float(keras.ops.convert_to_numpy(self._taught.optimizer.learning_rate)),
            seconds=round(time.monotonic() - start, 1),
        )


def predict_logits(network: Any, squares: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the logit of each square, float64, shape (n,)."""
    logits = network.predict(squares, batch_size=32, verbose=0)
    return np.asarray(logits, dtype=np.float64)[:, 0]


def is_best(record: EpochRecord, earlier: Sequence[EpochRecord]) -> bool:
    """Return whether an epoch has the lowest validation loss so far.

    The loss, not the AUC: on these data the AUC is near 1 after one epoch and says no more.
    """
    return all(record.val_loss < each.val_loss for each in earlier)


def _stalled(history: Sequence[EpochRecord], patience: int) -> bool:
    """Return whether fine-tuning has gone that many epochs without a new best."""
    tuned = [record.val_loss for record in history if record.phase == FINE_TUNING]
    return len(tuned) > patience and min(tuned[-patience:]) >= min(tuned[:-patience])
