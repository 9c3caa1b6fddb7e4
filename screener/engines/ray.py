"""The Ray engine: the same unit of work on the machines of a cluster. Ray's one home."""

import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from screener.domain import Screenable
from screener.engines.local import LocalEngine
from screener.engines.ray_worker import RemoteWorker, ShippedModel
from screener.engines.retry_queue import Piece, Pieces
from screener.engines.worker import ScreenerSetup
from screener.engines.worker_process import Limits, Screened
from screener.errors import MissingDependencyError, ScreenerError, UsageError
from screener.reasons import Reason
from screener.said import Said, say

START_SECONDS = 600.0  # for a first worker: clusters that grow take minutes
NEW_SECONDS = 600.0  # for a new one when all have died
STORE_BYTES = 128 << 20  # a local Ray's object store: it holds the model, and nothing else of size
FAILED_STARTS = 5  # for each worker asked for; more of them means that none can start any more
_LOOK_AGAIN = 1.0  # seconds, so that Ctrl-C is heard
_ANSWER_SECONDS = 10.0

# No report of its use leaves the machine. Set before Ray is imported: it reads them once.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0"}
# Ray binds to loopback only where clusters are off, as they are by default on macOS and Windows.
# Its workers would run at a niceness of 15, and those of the local engine do not.
_ALONE = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_worker_niceness": "0",
}


@dataclass(eq=False, slots=True)
class _Worker:
    """One actor. ready: it has the model. holds: pieces given to it, not yet answered. alone: see Piece."""

    actor: Any
    ready: bool = False
    holds: int = 0
    alone: bool = False


class RayEngine:
    """Actors on a Ray cluster, each with one disposable process that decodes.

    An actor or a node that dies costs its pieces another try, see Pieces, and is replaced wherever the
    cluster has room. Where no worker is left the engine stops, and is `lost`.
    """

    def __init__(
        self,
        setup: ScreenerSetup,
        limits: Limits,
        address: str | None,
        workers: int | None,
        tell: Callable[[Said], None],
    ) -> None:
        """Connect to a cluster, or start a Ray of this machine's alone; return once a worker is ready.

        workers: None for one on each of the cluster's CPUs.

        Raises:
            MissingDependencyError: Ray is not installed here, or a node has other versions.
            UsageError: There is no cluster at the address, or no worker can start on it.
        """
        self.bugs: list[Reason] = []
        self.lost = False
        self._limits, self._tell = limits, tell
        self._workers: list[_Worker] = []
        self._asked: dict[Any, tuple[_Worker, Piece | None]] = {}  # None: to start
        self._failed_starts = 0
        self._home = Path(tempfile.mkdtemp(prefix="screener-ray-")) if address is None else None
        self._reader = LocalEngine(setup, len(os.sched_getaffinity(0)), limits)
        try:
            self._ray = _import_ray(self._home is not None)
            _connect(self._ray, address, workers, self._home)
            self._size = workers or max(1, int(self._ray.cluster_resources().get("CPU", 1)))
            self._start(ShippedModel.of(setup))
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.__exit__(kind, error, trace)
        if hasattr(self, "_ray") and self._ray.is_initialized():
            for worker in self._workers:
                self._dismiss(worker)
            self._ray.shutdown()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)

    @property
    def reader(self) -> LocalEngine:
        """What reads images again for the report: processes of this machine, not of the cluster."""
        return self._reader

    def screen(self, batches: Iterable[Sequence[Screenable]]) -> Iterator[Screened]:
        """Yield outcomes as they come back, of each file once; takes batches only as workers come free."""
        pieces = Pieces(batches)
        while True:
            self._hand_out(pieces)
            if pieces.done and all(piece is None for _, piece in self._asked.values()):
                return
            reference = self._answered(NEW_SECONDS)
            if reference is None:
                self.lost = True
                self._tell(say("engines.no_worker_left"))
                return
            if outcomes := self._taken(reference, pieces):
                yield outcomes

    def _start(self, model: ShippedModel) -> None:
        self._actor_class = self._ray.remote(num_cpus=1, max_restarts=0, scheduling_strategy="SPREAD")(
            RemoteWorker
        )
        self._model = self._ray.put(model)
        for _ in range(self._size):
            self._hire()
        nothing = Pieces(())
        while not any(worker.ready for worker in self._workers):
            reference = self._answered(START_SECONDS)
            if reference is None:
                raise UsageError("engines.no_worker_started")
            self._taken(reference, nothing)

    def _hire(self) -> None:
        worker = _Worker(self._actor_class.remote())
        self._workers.append(worker)
        self._asked[worker.actor.start.remote(self._model, self._limits)] = (worker, None)

    def _hand_out(self, pieces: Pieces) -> None:
        """Give each ready worker what it has room for, those with the least in hand first."""
        for worker in sorted((each for each in self._workers if each.ready), key=lambda each: each.holds):
            while not worker.alone and (piece := pieces.next(worker.holds)) is not None:
                self._asked[worker.actor.screen.remote(piece.files)] = (worker, piece)
                worker.holds += 1
                worker.alone = piece.alone

    def _answered(self, seconds: float) -> Any:
        """Return the reference of an answer, or of a death; None where nobody is left to wait for.

        seconds: how long to wait while there is no worker.
        """
        deadline = time.monotonic() + seconds
        while self._asked:
            done, _ = self._ray.wait(list(self._asked), timeout=_LOOK_AGAIN)
            if done:
                return done[0]
            if time.monotonic() > deadline and not any(worker.ready for worker in self._workers):
                return None
        return None

    def _taken(self, reference: Any, pieces: Pieces) -> Screened:
        """Return the outcomes that an answer, or a death, gives: none for a start, or what is tried again."""
        worker, piece = self._asked.pop(reference)
        try:
            answer = self._ray.get(reference)
        except (self._ray.exceptions.RayError, ConnectionError) as error:
            self._replace(worker, error)
            return [] if piece is None else list(pieces.lost(piece, self._in_words(error)))
        if piece is None:
            worker.ready = True
            return []
        worker.holds -= 1
        worker.alone = False
        outcomes, bugs = answer
        self.bugs.extend(bugs)
        return list(outcomes)

    def _replace(self, worker: _Worker, error: Exception) -> None:
        """Let a worker go, and hire another for it; never again where its node refuses the model."""
        if worker not in self._workers:  # it held several pieces, and each tells of its death
            return
        self._workers.remove(worker)
        self._dismiss(worker)
        refusal = getattr(error, "cause", None)
        if isinstance(refusal, ScreenerError):
            if not any(each.ready for each in self._workers):
                raise refusal
            self._tell(say("engines.one_worker_less", why=refusal))
            return
        self._failed_starts += not worker.ready
        if self._failed_starts < FAILED_STARTS * self._size:
            self._hire()

    def _dismiss(self, worker: _Worker) -> None:
        with suppress(self._ray.exceptions.RayError, ConnectionError, ValueError):  # it may be gone already
            self._ray.kill(worker.actor)

    def _in_words(self, error: Exception) -> str:
        """Return what became of a worker; never the error's own text, which holds addresses and paths."""
        kinds = self._ray.exceptions
        for kind, words in (
            (kinds.OutOfMemoryError, "the node ran out of memory"),
            (kinds.ActorDiedError, "its process or its node died"),
            (kinds.ActorUnavailableError, "its node could not be reached"),
        ):
            if isinstance(error, kind):
                return words
        return type(getattr(error, "cause", None) or error).__name__


def _import_ray(alone: bool) -> Any:
    """Return Ray, told to report to nobody; alone: and to listen on loopback, to who has a token."""
    os.environ.update(_QUIET | (_ALONE | {"RAY_AUTH_TOKEN": secrets.token_hex(32)} if alone else {}))
    try:
        import ray
    except ImportError as error:
        raise MissingDependencyError("engines.no_ray", error=error) from error
    return ray


def _connect(ray: Any, address: str | None, workers: int | None, home: Path | None) -> None:
    """Connect to the cluster at an address, or start one below `home`, whose folder nobody else may enter."""
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        if home is None:
            _check_answers(str(address))
            ray.init(address=address, **quiet)
        else:
            ray.init(
                address="local",
                num_cpus=workers,
                include_dashboard=False,
                object_store_memory=STORE_BYTES,
                _temp_dir=str(home / "ray"),
                **quiet,
            )
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        first = str(error).strip().partition("\n")[0]
        if home:
            raise UsageError("engines.own_ray", why=first) from error
        raise UsageError("engines.no_cluster", address=address, why=first) from error


def _check_answers(address: str) -> None:
    """Raise OSError if nothing listens at HOST:PORT, at once, where Ray would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_SECONDS).close()
