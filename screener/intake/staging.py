"""Files of object stores, brought where decoders can open them."""

import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from screener.domain import ImageFile, ObjectFile, Screenable
from screener.errors import (
    IneligibleImageError,
    MissingDependencyError,
    UnreadableImageError,
    full_disk,
)
from screener.intake.dicom.eligibility import check_header
from screener.intake.read import open_image
from screener.intake.walk import ClassifiedFile, classify
from screener.locations import ObjectUrl
from screener.reasons import ReasonCode
from screener.runtime import open_file
from screener.stores import CHANGED, ObjectPart, StoreError, read_object

PART = 16 << 20  # bytes asked for at once: all of most images
AHEAD = 4  # objects of a batch asked for before their turn; of each, a PART lies in memory, then on the disk
MOST = 256 << 20  # of one object: twice what the largest picture that is decoded takes, uncompressed


class UnreachableImageError(UnreadableImageError):
    """It could not be brought here; another time it may."""


@dataclass(frozen=True, slots=True)
class _Copy:
    """An object's first bytes, so many, in a file that no folder lists. size, version: as a Part has them."""

    file: BinaryIO
    length: int
    size: int
    version: str

    @property
    def path(self) -> Path:
        """By which it can be opened while it is not closed."""
        return open_file(self.file.fileno())

    @property
    def whole(self) -> bool:
        return self.size <= self.length


@contextmanager
def beginning_at_hand(file: ObjectFile, size: int) -> Iterator[ClassifiedFile]:
    """Give the first bytes of an object, for one request, as `at_hand` gives all of them."""
    copy = _beginning(file.path, size)
    with copy.file:
        yield _classified(copy, file)


@contextmanager
def at_hand(file: Screenable) -> Iterator[ClassifiedFile]:
    """Give a file that can be opened, or what it is instead of an image, while the block runs.

    An object is copied into a file that no folder lists, so that nothing of it stays on the disk even if the
    process is killed. Of one larger than PART no more is copied where its header tells that it is no chest
    radiograph, or its size that it is no radiograph at all.

    Raises:
        UnreachableImageError: The store, or the disk, does not let it be copied.
    """
    if isinstance(file, ImageFile):
        yield file
        return
    copy = _beginning(file.path, PART)
    with copy.file:
        yield _completed(copy, file)


def each_at_hand(
    files: Sequence[Screenable],
) -> Iterator[tuple[Screenable, AbstractContextManager[ClassifiedFile]]]:
    """Yield each file with what `at_hand` gives of it; the objects that follow are asked for meanwhile.

    A store answers after some hundredths of a second, in which an image is decoded and screened.
    """
    objects = (file for file in files if isinstance(file, ObjectFile))
    asked: deque[Future[_Copy]] = deque()
    with ThreadPoolExecutor(AHEAD) as threads:

        def ask(count: int) -> None:
            asked.extend(threads.submit(_beginning, each.path, PART) for each in islice(objects, count))

        try:
            ask(AHEAD)
            for file in files:
                if isinstance(file, ImageFile):
                    yield file, nullcontext(file)
                else:
                    beginning = asked.popleft()
                    ask(1)
                    yield file, _answered(file, beginning)
        finally:
            for each in asked:
                each.cancel()
                each.add_done_callback(_close)


@contextmanager
def _answered(file: ObjectFile, beginning: "Future[_Copy]") -> Iterator[ClassifiedFile]:
    copy = beginning.result()
    with copy.file:
        yield _completed(copy, file)


def _close(unwanted: "Future[_Copy]") -> None:
    if not unwanted.cancelled() and unwanted.exception() is None:
        unwanted.result().file.close()


def _beginning(url: ObjectUrl, size: int) -> _Copy:
    """Return a copy of an object's first bytes, for the caller to close."""
    with _reached():
        part = _first_part(url, size)
        copy = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
        try:
            copy.write(part.content)
            copy.flush()
        except BaseException:
            copy.close()
            raise
        return _Copy(copy, len(part.content), part.size, part.version)


def _first_part(url: ObjectUrl, size: int) -> ObjectPart:
    try:
        return read_object(url, 0, size)
    except StoreError as error:
        if error.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:  # it has no first byte
            return ObjectPart(b"", 0, "")
        raise


def _completed(copy: _Copy, file: ObjectFile) -> ClassifiedFile:
    """Return what a copied beginning is, with the rest copied where that is wanted."""
    seen = _classified(copy, file)
    if not isinstance(seen, ImageFile) or seen.whole or copy.size > MOST or _ineligible(seen):
        return seen
    with _reached():
        for start in range(copy.length, copy.size, PART):
            end = min(start + PART, copy.size)
            copy.file.write(read_object(file.path, start, end, copy.version).content)
        copy.file.flush()
        if copy.file.tell() != copy.size:
            raise StoreError(CHANGED)
    return replace(seen, whole=True)


def _classified(copy: _Copy, file: ObjectFile) -> ClassifiedFile:
    """Return what a copied object is; not whole where the copy is its beginning alone."""
    seen = classify(copy.path, file.name)
    return replace(seen, whole=copy.whole) if isinstance(seen, ImageFile) else replace(seen, path=file.path)


def _ineligible(beginning: ImageFile) -> bool:
    """Return whether a header, read without its pixels, already says that there is nothing to screen."""
    try:
        image = open_image(beginning)
        if image.dicom is not None:
            check_header(image.dicom.header)
    except IneligibleImageError:
        return True
    except UnreadableImageError:  # as it would be of a header that is longer than what was copied
        return False
    return False


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except MissingDependencyError as error:
        raise UnreachableImageError(ReasonCode.STORE_LIBRARY_MISSING) from error
    except StoreError as error:
        code = ReasonCode.STORE_OUT_OF_REACH if error.away else ReasonCode.STORE_REFUSED
        raise UnreachableImageError(code, why=error.strerror) from error
    except OSError as error:
        full = full_disk(error)
        why = f"{full} ({tempfile.gettempdir()})" if full else error.strerror or error
        raise UnreachableImageError(ReasonCode.CANNOT_BE_COPIED, why=why) from error
