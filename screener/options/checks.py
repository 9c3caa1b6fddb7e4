"""What several commands' options are checked for."""

from pathlib import Path

from screener.errors import UsageError


def check_names(data: tuple[Path, ...]) -> None:
    """Raise UsageError if two datasets have the same name."""
    names = [each.stem for each in data]
    if len(set(names)) < len(names):
        raise UsageError(f"DATA: each site needs a name of its own, got {', '.join(names)}.")


def check_folder(option: str, folder: Path | None) -> None:
    """Raise UsageError if an option names a folder that does not exist."""
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{option} {folder}: no such folder.")
