"""What a killed training run goes on from: plain weights and numbers, no file that can carry code."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from screener.errors import UsageError
from screener.evaluation.history import EpochRecord
from screener.options import TrainOptions

_STATE = "state.json"
_WEIGHTS = "last.weights.h5"
_OPTIMIZER = "optimizer.npz"


class Checkpoint:
    """The folder NAME.training beside the model: the last epoch whole, and the best weights.

    history: the epochs already done, empty for a fresh run.
    """

    def __init__(self, options: TrainOptions) -> None:
        """Open the checkpoint of a run.

        Raises:
            UsageError: --resume was given, but the run there had other options, or none.
        """
        self.folder = options.out.with_name(options.out.name + ".training")
        self.best_weights = self.folder / "best.weights.h5"
        self._last = self.folder / "last"
        self.last_weights = self._last / _WEIGHTS
        self._options = _comparable(options)
        self.history: list[EpochRecord] = []
        if options.resume:
            self._read()
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def save(self, taught: Any, history: Sequence[EpochRecord], best: bool) -> None:
        """Write the epoch just done; killed at any moment, the one before stays whole.

        taught: a TaughtNetwork with its optimiser.
        """
        network = taught.screener
        fresh = self.folder / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        from screener.training.network import bare

        if best:
            bare(network).save_weights(self.folder / "fresh.weights.h5")
            os.replace(self.folder / "fresh.weights.h5", self.best_weights)
        bare(network).save_weights(fresh / _WEIGHTS)
        values = [variable.numpy() for variable in (*taught.optimizer.variables, *taught.beside)]
        np.savez(fresh / _OPTIMIZER, *values)
        state = {"options": self._options, "history": [asdict(record) for record in history]}
        (fresh / _STATE).write_text(json.dumps(state, indent=1), encoding="utf-8")
        shutil.rmtree(self._last, ignore_errors=True)
        os.replace(fresh, self._last)

    def restore(self, taught: Any) -> None:
        """Give a compiled TaughtNetwork the weights and the optimiser of the last epoch."""
        from screener.training.network import bare

        bare(taught.screener).load_weights(self._last / _WEIGHTS)
        with np.load(self._last / _OPTIMIZER, allow_pickle=False) as stored:
            values = [stored[name] for name in stored.files]
        for variable, value in zip((*taught.optimizer.variables, *taught.beside), values, strict=True):
            variable.assign(value)

    def remove(self) -> None:
        """Delete the folder, once the model is written."""
        shutil.rmtree(self.folder)

    def _read(self) -> None:
        path = self._last / _STATE
        if not path.is_file():
            raise UsageError("training.no_checkpoint", folder=self.folder)
        state = json.loads(path.read_text(encoding="utf-8"))
        changed = sorted(key for key, value in self._options.items() if state["options"].get(key) != value)
        if changed:
            names = ", ".join(f"--{key.replace('_', '-')}" for key in changed)
            raise UsageError("training.other_options", folder=self.folder, options=names)
        self.history = [EpochRecord(**record) for record in state["history"]]


def _comparable(options: TrainOptions) -> dict[str, Any]:
    """Return what must not change between a run and its resumption."""
    varied = asdict(options)
    for harmless in (
        "resume",
        "out",
        "version",
        "about",
        "points_from",
        "not_chest",
        "gate",
        "keep_last",
        "blend",
        "average",
    ):
        del varied[harmless]
    return {key: _plain(value) for key, value in varied.items()}


def _plain(value: Any) -> Any:
    """Return an option as JSON gives it back."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value
