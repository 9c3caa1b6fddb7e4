"""What `import screener` offers to Python: load a model, ask it of one image, scan, explain.

Names and fields here are stable: later versions add to them. Everything else in this package may change.
"""

from screener.api.explanation import Explanation, GateScores
from screener.api.model import Model, explain, load_model
from screener.api.result import Result
from screener.api.rows import ScannedFile, Study
from screener.api.scanning import ScanResult, scan

__all__ = [
    "Explanation",
    "GateScores",
    "Model",
    "Result",
    "ScanResult",
    "ScannedFile",
    "Study",
    "explain",
    "load_model",
    "scan",
]
