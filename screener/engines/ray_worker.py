"""What a worker on another machine holds: the model as it arrived, and a local engine to screen with.

It knows nothing of the cluster that runs it, see ray.py.
"""

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Self

from screener.domain import Screenable
from screener.engines.local import LocalEngine
from screener.engines.worker import GATE_RULE, ScreenerSetup
from screener.engines.worker_process import Limits, Screened
from screener.errors import MissingDependencyError, ModelRejectedError
from screener.intake import INTAKE_REVISION, decoder_key
from screener.reasons import Reason


@dataclass(frozen=True, slots=True)
class ShippedFile:
    """A file's content with its SHA-256, taken where it was sent."""

    name: str
    content: bytes
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        content = path.read_bytes()
        return cls(path.name, content, hashlib.sha256(content).hexdigest())

    def unpacked(self) -> Path:
        """Return where the content can be opened while this process lives: no disk ever holds it.

        Raises:
            ModelRejectedError: It is not what was sent.
        """
        found = hashlib.sha256(self.content).hexdigest()
        if found != self.sha256:
            digests = {"found": found[:12], "expected": self.sha256[:12]}
            raise ModelRejectedError("engines.sent_wrong", name=self.name, **digests)
        descriptor = os.memfd_create(self.name)
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(self.content)
        return Path(f"/proc/{os.getpid()}/fd/{descriptor}")


@dataclass(frozen=True, slots=True)
class ShippedModel:
    """A ScreenerSetup that can leave this machine, with the files that it names. software: see software()."""

    setup: ScreenerSetup
    network: ShippedFile
    gate: ShippedFile | None
    software: str

    @classmethod
    def of(cls, setup: ScreenerSetup) -> Self:
        gate = ShippedFile.of(setup.gate) if setup.gate else None
        return cls(setup, ShippedFile.of(setup.network), gate, software())

    def unpacked(self) -> ScreenerSetup:
        """Return the setup here.

        Raises:
            MissingDependencyError: Other versions are installed here, which may see other pixels.
            ModelRejectedError: A file is not what was sent.
        """
        if (here := software()) != self.software:
            raise MissingDependencyError("engines.other_versions", node=here, scanner=self.software)
        gate = self.gate.unpacked() if self.gate else None
        return replace(self.setup, network=self.network.unpacked(), gate=gate)


def software() -> str:
    """Return the versions of all that a result depends on, in one line."""
    others = ", ".join(f"{name} {version(name)}" for name in ("ai-edge-litert", "numpy"))
    return f"{decoder_key()}, {others}, intake {INTAKE_REVISION}, gate rule {GATE_RULE}"


class RemoteWorker:
    """One worker of a cluster: the model opened once, and one disposable process that decodes.

    A poison file kills that process, as it does at home, and not this one.
    """

    def start(self, model: ShippedModel, limits: Limits) -> None:
        """Open the model; raises as ShippedModel.unpacked does."""
        # Else each disposable process would run the cluster's own main module once more.
        vars(sys.modules["__main__"]).pop("__file__", None)
        self._engine = LocalEngine(model.unpacked(), 1, limits)

    def screen(self, files: Sequence[Screenable]) -> tuple[Screened, list[Reason]]:
        """Return one outcome for each file, and the bugs met, see LocalEngine."""
        before = len(self._engine.bugs)
        outcomes = [outcome for some in self._engine.screen([files]) for outcome in some]
        return outcomes, self._engine.bugs[before:]
