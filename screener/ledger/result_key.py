"""What a result depends on besides its file: one row of the table result_keys for each that a ledger met."""

import hashlib
import sqlite3
from dataclasses import asdict, dataclass

_COLUMNS = "network, gate, preprocessing, intake, gate_rule, shard"
_NAMED = ", ".join(f":{each}" for each in _COLUMNS.split(", "))
_FIND = f"SELECT id FROM result_keys WHERE ({_COLUMNS}) = ({_NAMED}) AND digest = ''"
_ADD = f"INSERT INTO result_keys ({_COLUMNS}) VALUES ({_NAMED}) RETURNING id"
_RECOGNISE = f"""
UPDATE result_keys SET ({_COLUMNS}) = ({_NAMED}), digest = '' WHERE digest = :earlier RETURNING id"""

UNKNOWN = 0  # the key of results of which nobody says what they depend on


@dataclass(frozen=True, slots=True)
class ResultKey:
    """What a result depends on besides its file.

    network, gate: SHA-256 of the files; gate is empty for a model without one. preprocessing: JSON.
    intake, gate_rule: their revisions. shard: "2/5"; empty for a run of all files.
    """

    network: str
    gate: str = ""
    preprocessing: str = ""
    intake: int = 0
    gate_rule: int = 0
    shard: str = ""

    @property
    def earlier(self) -> str:
        """The same key as ledgers up to format 7 kept it: one digest, and the shard behind it."""
        parts = [self.network, self.gate, self.preprocessing, str(self.intake), f"gate rule {self.gate_rule}"]
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return f"{digest} {self.shard}" if self.shard else digest


def number_of(database: sqlite3.Connection, key: ResultKey | None) -> int:
    """Return the number of a key in a ledger, which takes it in if it is new; call it in a transaction."""
    if key is None:
        return UNKNOWN
    values = {**asdict(key), "earlier": key.earlier}
    row = (
        database.execute(_FIND, values).fetchone()
        or database.execute(_RECOGNISE, values).fetchone()
        or database.execute(_ADD, values).fetchone()
    )
    return int(row[0])
