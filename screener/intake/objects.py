"""Files of object stores, brought where decoders can open them."""

import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from screener.domain import ImageFile, ObjectFile, Screenable
from screener.errors import IneligibleImageError, MissingDependencyError, UnreadableImageError
from screener.intake.eligibility import check_header
from screener.intake.read import open_image
from screener.intake.walk import Seen, classify
from screener.places import ObjectUrl
from screener.stores import StoreError, object_version, read_object

PART = 16 << 20  # bytes asked for at once: all of most films
AHEAD = 4  # objects of a batch asked for before their turn: as many beginnings are in memory and on the disk
MOST = 256 << 20  # of one object: twice what the largest picture that is decoded takes, uncompressed


class UnreachableImageError(UnreadableImageError):
    """It could not be brought here; another time it may."""


@contextmanager
def beginning_at_hand(file: ObjectFile, size: int) -> Iterator[Seen]:
    """Give the first bytes of an object, for one request, as `at_hand` gives all of them."""
    with _beginning(file.path, size) as copy:
        yield _classified(copy, file, size)


@contextmanager
def at_hand(file: Screenable) -> Iterator[Seen]:
    """Give a file that can be opened, or what it is instead of an image, while the block runs.

    An object is copied into a file that no folder lists, so that nothing of it stays on the disk even if the
    process is killed. Of one larger than PART no more is copied where its header tells that it is no chest
    radiograph, or its size that it is no radiograph at all.

    Raises:
        UnreachableImageError: The store, or the disk, does not let it be copied.
    """
    with ExitStack() as closing:
        yield file if isinstance(file, ImageFile) else _brought(file, _beginning(file.path, PART), closing)


def each_at_hand(files: Sequence[Screenable]) -> Iterator[tuple[Screenable, AbstractContextManager[Seen]]]:
    """Yield each file with what `at_hand` gives of it; the objects that follow are asked for meanwhile.

    A store answers after some hundredths of a second, in which a film is decoded and screened.
    """
    objects = (file for file in files if isinstance(file, ObjectFile))
    with ThreadPoolExecutor(AHEAD) as threads:
        asked = deque(threads.submit(_beginning, each.path, PART) for each in islice(objects, AHEAD))
        for file in files:
            if isinstance(file, ImageFile):
                yield file, nullcontext(file)
            else:
                yield file, _answered(file, asked.popleft())
                asked.extend(threads.submit(_beginning, each.path, PART) for each in islice(objects, 1))


@contextmanager
def _answered(file: ObjectFile, beginning: Future[BinaryIO]) -> Iterator[Seen]:
    with ExitStack() as closing:
        yield _brought(file, beginning.result(), closing)


def _brought(file: ObjectFile, copy: BinaryIO, closing: ExitStack) -> Seen:
    """Return what a copied beginning is, with the rest copied where that is wanted; closed in the end."""
    seen = _classified(closing.enter_context(copy), file, PART)
    if isinstance(seen, ImageFile) and not seen.whole and not _ineligible(seen):
        return replace(seen, whole=_add_the_rest(copy, file.path))
    return seen


def _beginning(url: ObjectUrl, size: int) -> BinaryIO:
    """Return a copy of an object's first bytes, for the caller to close."""
    with _reached():
        content = read_object(url, 0, size)
        copy = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
        try:
            copy.write(content)
            copy.flush()
        except BaseException:
            copy.close()
            raise
        return copy


def _classified(copy: BinaryIO, file: ObjectFile, size: int) -> Seen:
    """Return what a copied object is; not whole where it may be longer than its first `size` bytes."""
    seen = classify(Path(f"/proc/self/fd/{copy.fileno()}"), file.file)
    if isinstance(seen, ImageFile):
        return replace(seen, whole=copy.tell() < size)
    return replace(seen, path=file.path)


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


def _add_the_rest(copy: BinaryIO, url: ObjectUrl) -> bool:
    """Copy what is still missing of an object; return whether the copy is whole, or it is too large."""
    with _reached():
        size, version = object_version(url)
        if size > MOST:
            return False
        for start in range(PART, size, PART):
            copy.write(read_object(url, start, min(start + PART, size)))
        copy.flush()
        if object_version(url) != (size, version):
            raise UnreachableImageError("the object changed while it was read")
    return True


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except MissingDependencyError as error:
        raise UnreachableImageError("its store needs a library that is not installed here") from error
    except StoreError as error:
        raise UnreachableImageError(f"cannot be read from its store: {error.strerror}") from error
    except OSError as error:
        raise UnreachableImageError(f"cannot be copied to read it: {error.strerror or error}") from error
