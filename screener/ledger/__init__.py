"""The journal of all runs, in SQLite."""

from screener.ledger.entries import NO_STAMP, TRANSIENT, Run, Stamp
from screener.ledger.journal import Ledger
from screener.ledger.result_key import ResultKey

__all__ = ["NO_STAMP", "TRANSIENT", "Ledger", "ResultKey", "Run", "Stamp"]
