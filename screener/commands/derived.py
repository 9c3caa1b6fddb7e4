"""A model folder made from another: same network, new version."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screener.errors import OutputError, UsageError
from screener.inference.model_folder import MANIFEST, ModelFolder


def check_derived(model: ModelFolder, out: Path, version: str) -> None:
    """Check that a new folder can be made from a model, before anything is computed.

    Raises:
        UsageError: The folder is there already, or lies in the model's own, or the version is the model's.
    """
    if out.exists():
        raise UsageError("models.there_already", path=out)
    if out.absolute().is_relative_to(model.path.absolute()):
        raise UsageError("models.inside_model", path=out)
    if version == model.identity.version:
        raise UsageError("models.same_version", version=version, model=model.identity)


@contextmanager
def derived_folder(model: Path, out: Path) -> Iterator[Path]:
    """Give a copy of a model folder without its manifest, and name it `out` when the block ends well.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".derived-") as temporary:
            copy = Path(temporary) / out.name
            shutil.copytree(model, copy, ignore=shutil.ignore_patterns(MANIFEST))
            yield copy
            copy.rename(out)
    except OSError as error:
        raise OutputError.cannot_write(out, error) from error
