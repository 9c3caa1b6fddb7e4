"""The journal of all runs, in SQLite."""

from screener.ledger.journal import NO_STAMP, TRANSIENT, Ledger, Run, Stamp
from screener.ledger.result_key import ResultKey

__all__ = ["NO_STAMP", "TRANSIENT", "Ledger", "ResultKey", "Run", "Stamp"]
