"""Screener: batch screening of chest radiographs for likely pneumonia. Not a medical device.

From Python: `load_model`, `scan` and `explain`; see docs/python.md.
"""

from typing import TYPE_CHECKING

__version__ = "1.0.0"

if TYPE_CHECKING:
    from screener.api import Explanation as Explanation
    from screener.api import GateScores as GateScores
    from screener.api import Model as Model
    from screener.api import Result as Result
    from screener.api import ScannedFile as ScannedFile
    from screener.api import ScanResult as ScanResult
    from screener.api import Study as Study
    from screener.api import explain as explain
    from screener.api import load_model as load_model
    from screener.api import scan as scan
    from screener.domain import Cause as Cause
    from screener.domain import Status as Status
    from screener.errors import ExitCode as ExitCode
    from screener.errors import LedgerHeldError as LedgerHeldError
    from screener.errors import MissingDependencyError as MissingDependencyError
    from screener.errors import ModelRejectedError as ModelRejectedError
    from screener.errors import OutputError as OutputError
    from screener.errors import ScreenerError as ScreenerError
    from screener.errors import UsageError as UsageError
    from screener.operating_points import OperatingPoint as OperatingPoint
    from screener.reasons import ReasonCode as ReasonCode
    from screener.scale import Band as Band

# Loaded when first asked for: the command line imports this package, and must not wait for OpenCV (PEP 562).
_HOMES = {
    "screener.api": (
        "Explanation", "GateScores", "Model", "Result", "ScanResult", "ScannedFile", "Study",
        "explain", "load_model", "scan",
    ),
    "screener.domain": ("Cause", "Status"),
    "screener.errors": (
        "ExitCode", "LedgerHeldError", "MissingDependencyError", "ModelRejectedError", "OutputError",
        "ScreenerError", "UsageError",
    ),
    "screener.operating_points": ("OperatingPoint",),
    "screener.reasons": ("ReasonCode",),
    "screener.scale": ("Band",),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(["__version__", *_HOME_OF])

if not TYPE_CHECKING:  # a type checker would take any name for one of these

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            raise AttributeError(f"module 'screener' has no attribute '{name}'")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
        return value

    def __dir__() -> list[str]:
        return __all__
