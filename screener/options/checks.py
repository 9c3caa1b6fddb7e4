"""What several commands' options are checked for."""

from pathlib import Path

from screener.errors import UsageError
from screener.said import Said, say


def either(known: tuple[str, ...]) -> Said:
    """Return two or more names as a choice: "a, b or c"."""
    return say("options.or", others=", ".join(known[:-1]), last=known[-1])


def check_known(option: str, found: str, known: tuple[str, ...]) -> None:
    """Raise UsageError if an option has none of its values."""
    if found not in known:
        raise UsageError("options.one_of", option=option, known=either(known), found=found)


def check_least(option: str, found: float, least: int) -> None:
    """Raise UsageError if a number is too small."""
    if not found >= least:
        raise UsageError("options.at_least", option=option, least=least, found=found)


def check_prevalence(prevalence: float | None) -> None:
    """Raise UsageError if --prevalence is given as no share, or as none or all."""
    if prevalence is not None and not 0 < prevalence < 1:
        raise UsageError("options.between", option="--prevalence", low=0, high=1, found=prevalence)


def check_names(data: tuple[Path, ...]) -> None:
    """Raise UsageError if two datasets have the same name."""
    names = [each.stem for each in data]
    if len(set(names)) < len(names):
        raise UsageError("options.same_names", names=", ".join(names))


def check_folder(option: str, folder: Path | None) -> None:
    """Raise UsageError if an option names a folder that does not exist."""
    if folder is not None and not folder.is_dir():
        raise UsageError("options.no_folder", option=option, path=folder)
