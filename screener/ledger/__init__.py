"""The journal of all runs, in SQLite."""

from screener.ledger.journal import NO_STAMP, TRANSIENT, Ledger, Run, Stamp

__all__ = ["NO_STAMP", "TRANSIENT", "Ledger", "Run", "Stamp"]
