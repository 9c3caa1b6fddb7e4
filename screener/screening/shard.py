"""A slice of all that is found, such that every study lies in one slice whole."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from screener.domain import Cause, FileKind, Ignored, NotScreened, ObjectFile, Screenable
from screener.engines.report_images import ImageReader
from screener.options.shard import Shard

TOGETHER = 1000  # files in memory while their studies are looked up


@dataclass(frozen=True, slots=True)
class Slice:
    """What one shard takes.

    A study goes by its UID, which only the header tells, so each shard reads the headers of all DICOM files,
    and the beginning of all objects, in workers. Everything else goes by the name of its file. What cannot
    be told now, and may be told otherwise to another shard, every shard takes: the merge counts it once, and
    nothing is lost.
    """

    shard: Shard
    reader: ImageReader

    def takes(self, outcome: NotScreened | Ignored) -> bool:
        """Return whether an outcome that needed no worker is told here."""
        if isinstance(outcome, Ignored):
            return outcome.unsettled or self.shard.holds(outcome.file)
        return outcome.cause is Cause.FAILED or self.shard.holds(outcome.file)

    def own(self, images: Iterable[Screenable], leave: Callable[[Screenable], None]) -> Iterator[Screenable]:
        """Yield the images to screen here; leave: called for each of the others."""
        if self.shard.count == 1:
            yield from images
            return
        queue = iter(images)
        while some := list(islice(queue, TOGETHER)):
            for image, study in zip(some, self._studies(some), strict=True):
                if study is None or self.shard.holds(study or image.name):
                    yield image
                else:
                    leave(image)

    def _studies(self, images: list[Screenable]) -> Iterator[str | None]:
        """Return the Study Instance UID of each, empty where it has none, None where nobody can tell."""
        found = self.reader.read_studies([each for each in images if _may_have_one(each)])
        return (next(found) if _may_have_one(each) else "" for each in images)


def _may_have_one(file: Screenable) -> bool:
    return isinstance(file, ObjectFile) or file.kind is FileKind.DICOM
