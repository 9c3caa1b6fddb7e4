"""Where templates and the shipped model lie: inside a wheel, or beside the package in a checkout."""

from pathlib import Path

from screener.errors import MissingDependencyError

SHIPPED_MODEL = "pneumonia-mobilenetv2"

_PACKAGE = Path(__file__).parent


def resource_folder(name: str) -> Path:
    """Return the folder `templates` or `models`.

    Raises:
        MissingDependencyError: The installation lacks it.
    """
    for folder in (_PACKAGE / "resources_in_wheel" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise MissingDependencyError("machine.no_folder", name=name)


def shipped_model() -> Path:
    """Return the folder of the model that 'scan' uses unless told otherwise."""
    return resource_folder("models") / SHIPPED_MODEL
