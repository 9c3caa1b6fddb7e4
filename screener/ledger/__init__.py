"""The journal of all runs, in SQLite."""

from screener.ledger.journal import NO_STAMP, PASSING, Ledger, Run, Stamp

__all__ = ["NO_STAMP", "PASSING", "Ledger", "Run", "Stamp"]
