"""One frozen options object per command, valid from birth."""

from screener.options.outputs import (
    CARDS,
    HTML_IMAGES,
    PDF_ROWS,
    MergeOptions,
    OutputOptions,
    ReportLook,
    ReportOptions,
)
from screener.options.run import Plain, RunOptions
from screener.options.scanning import ScanOptions
from screener.options.training import (
    UNFREEZE_ALL,
    CalibrateOptions,
    EvaluateOptions,
    GateOptions,
    TrainOptions,
)

__all__ = [
    "CARDS",
    "HTML_IMAGES",
    "PDF_ROWS",
    "UNFREEZE_ALL",
    "CalibrateOptions",
    "EvaluateOptions",
    "GateOptions",
    "MergeOptions",
    "OutputOptions",
    "Plain",
    "ReportLook",
    "ReportOptions",
    "RunOptions",
    "ScanOptions",
    "TrainOptions",
]
