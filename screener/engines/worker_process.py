"""What runs inside a worker process of the local engine: how it starts, and what it is asked to do."""

import ctypes
import mmap
import os
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from screener.domain import ObjectFile, Outcome, Screenable
from screener.engines import report_images
from screener.engines.machine import IDLE_WORKER, bound_memory
from screener.engines.report_images import (
    DigestRequest,
    NameRequest,
    PagePictureRequest,
    PictureRequest,
    read_name,
    whole_digest,
)
from screener.engines.worker import Screener, ScreenerSetup, screen_batch
from screener.intake import AHEAD, read_study_uid
from screener.outputs.page_picture import PagePicture
from screener.outputs.report_content import CardPicture
from screener.reasons import Reason
from screener.runtime import bound_threads, keep_freed_memory
from screener.stores import be_patient_for

HEADS_AT_ONCE = 2 * AHEAD  # beginnings of objects: small ones
_PR_SET_PDEATHSIG = 1  # prctl(2)

Screened = list[Outcome]

_screener: Screener | None = None  # one for each worker process, made by start()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost; the slowest honest image measured took 1 s, a 120-megapixel one 2 GB.

    seconds: of wall time. memory: bytes of address space beyond an idle worker's; holds for native code too.
    """

    seconds: float = 60.0
    memory: int = 4 << 30


DEFAULT_LIMITS = Limits()


def screen(files: Sequence[Screenable]) -> Screened:
    """Screen a batch; raises RuntimeError in a process that start() has not prepared."""
    if _screener is None:
        raise RuntimeError("The worker was not initialised.")
    return screen_batch(files, _screener)


def draw_card(request: PictureRequest) -> CardPicture | Reason:
    """Return the pictures of a card, or the reason why there is none."""
    return report_images.draw_card(request, _screener)


def draw_page_picture(request: PagePictureRequest) -> PagePicture | Reason:
    """Return an image of the triage page, or the reason why there is none."""
    return report_images.draw_page_picture(request, _screener)


def read_names(requests: Sequence[NameRequest]) -> list[str]:
    """Return the name of each patient."""
    return [read_name(request) for request in requests]


def read_digests(requests: Sequence[DigestRequest]) -> list[str]:
    """Return the digest of each image at full resolution."""
    return [whole_digest(request) for request in requests]


def read_studies(files: Sequence[Screenable]) -> list[str | None]:
    """Return the Study Instance UID of each file; those of a store are asked for side by side."""
    if not any(isinstance(file, ObjectFile) for file in files):
        return [read_study_uid(file) for file in files]
    with ThreadPoolExecutor(HEADS_AT_ONCE) as threads:
        return list(threads.map(read_study_uid, files))


def start(setup: ScreenerSetup | None, limits: Limits) -> None:
    """Prepare a worker: Ctrl-C is the parent's to handle, memory is bounded, one thread each.

    It dies with the fork server, which dies with the parent, whatever native code it is in.
    """
    global _screener
    with suppress(ImportError, OSError, AttributeError, TypeError):  # not Linux
        from multiprocessing import forkserver

        # The pipe by which the fork server learns of its parent's death: workers that hold it keep it alive.
        os.close(forkserver._forkserver._forkserver_alive_fd)  # type: ignore[attr-defined]
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = "1"
    _silence_native_code()
    import cv2

    cv2.setNumThreads(1)
    if setup and setup.stores:
        bound_threads()
    be_patient_for(limits.seconds)
    keep_freed_memory()  # an image's arrays are as large as the last one's: much of the time was page faults
    _screener = Screener.of(setup) if setup else None
    bound_memory(_mapped_bytes() + limits.memory)


def _mapped_bytes() -> int:
    """Return how much address space this process maps now, before it has opened any file."""
    with suppress(OSError, ValueError):  # not Linux
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        return pages * mmap.PAGESIZE
    return IDLE_WORKER


def _silence_native_code() -> None:
    """Send what codecs print to nowhere: outcomes carry the reasons, cron's mail stays clean."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
