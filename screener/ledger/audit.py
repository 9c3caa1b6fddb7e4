"""The audit journal of a ledger: who did what when, each entry sealed by the hash of the one before it."""

import hashlib
import hmac
import json
import os
import platform
import re
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from screener.said import Said, say

_START = "0" * 64  # stands before the first entry
_KEY_BYTES = 16
_ANCHOR = re.compile(r"screener-audit (?P<ledger>\w+) (?P<number>\d+) (?P<hash>[0-9a-f]{64})\b.*")


class Deed(StrEnum):
    """What an entry records."""

    JOURNAL_BEGAN = "journal_began"  # with the runs that the ledger had by then
    RUN_BEGAN = "run_began"
    RUN_ENDED = "run_ended"  # with the digests of what it wrote
    MARKS_RECORDED = "marks_recorded"
    RESULT_PUBLISHED = "result_published"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed. number: 1, 2, …. at: ISO 8601. who: account and machine. what: JSON. hash: in hex."""

    number: int
    at: str
    who: str
    deed: str
    what: str
    hash: str

    def sealed(self, before: str) -> str:
        """Return the hash that the entry must have behind one of the hash `before`."""
        said = json.dumps([self.number, self.at, self.who, self.deed, self.what, before], ensure_ascii=False)
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Anchor:
    """What is kept elsewhere of a journal: that its entry of this number has this hash."""

    ledger: str
    number: int
    hash: str

    @classmethod
    def read(cls, line: str) -> "Anchor | None":
        """Return the anchor that a line holds; None where it holds none."""
        match = _ANCHOR.fullmatch(line.strip())
        return None if match is None else cls(match["ledger"], int(match["number"]), match["hash"])

    def __str__(self) -> str:
        return f"screener-audit {self.ledger} {self.number} {self.hash}"


class Audit:
    """The journal of one ledger; every method is called within the transaction of the deed itself."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def add(self, deed: Deed, at: datetime | None = None, **what: Any) -> None:
        """Put an entry at the end; at: now, unless another moment is given."""
        when = (at or datetime.now()).astimezone().isoformat(timespec="seconds")
        number, before = self._last()
        if number == 0:
            this = what["run"] if deed is Deed.RUN_BEGAN else 0
            [[runs]] = self._database.execute("SELECT coalesce(max(id), 0) FROM runs WHERE id <> ?", (this,))
            begun = {"ledger": secrets.token_hex(8), "runs_before": runs}
            before = self._put(1, when, Deed.JOURNAL_BEGAN, begun, before)
            number = 1
        self._put(number + 1, when, deed, what, before)

    def shown(self, study: str | bytes) -> str:
        """Return what stands for a study in entries: a hash under a key that is forgotten with the study."""
        found = self._database.execute("SELECT key FROM audit_keys WHERE study = ?", (study,)).fetchone()
        key = found[0] if found else secrets.token_bytes(_KEY_BYTES)
        if not found:
            self._database.execute("INSERT INTO audit_keys (study, key) VALUES (?, ?)", (study, key))
        return keyed_hash(key, study)

    def _last(self) -> tuple[int, str]:
        row = self._database.execute("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
        return (0, _START) if row is None else (row[0], row[1])

    def _put(self, number: int, at: str, deed: Deed, what: dict[str, Any], before: str) -> str:
        details = json.dumps(what, ensure_ascii=False, sort_keys=True)
        entry = Entry(number, at, _who(), deed.value, details, "")
        sealed = entry.sealed(before)
        self._database.execute(
            "INSERT INTO audit (id, at, who, deed, what, hash) VALUES (?, ?, ?, ?, ?, ?)",
            (number, entry.at, entry.who, entry.deed, details, sealed),
        )
        return sealed


def keyed_hash(key: bytes, study: str | bytes) -> str:
    """Return what stands for a study under its key; 128 bits."""
    name = study if isinstance(study, bytes) else study.encode()
    return hmac.new(key, name, hashlib.sha256).hexdigest()[:32]


def entries(database: sqlite3.Connection) -> list[Entry]:
    """Return all entries of a journal; none of a ledger of a format that had none."""
    if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'audit'").fetchone():
        return []
    rows = database.execute("SELECT id, at, who, deed, what, hash FROM audit ORDER BY id")
    return [Entry(*row) for row in rows]


def study_shown(database: sqlite3.Connection, study: str) -> str | None:
    """Return what stands for a study in entries, as Audit.shown; None where no entry names it."""
    with suppress(sqlite3.OperationalError):  # a format that had no journal
        for name in (study, os.fsencode(study)):
            row = database.execute("SELECT key FROM audit_keys WHERE study = ?", (name,)).fetchone()
            if row is not None:
                return keyed_hash(row[0], name)
    return None


def head(journal: Sequence[Entry]) -> Anchor | None:
    """Return the anchor of a journal as it is now; None of an empty one."""
    if not journal:
        return None
    return Anchor(_ledger_of(journal), journal[-1].number, journal[-1].hash)


def faults(journal: Sequence[Entry], anchors: Sequence[Anchor], runs: Sequence[int]) -> Iterator[Said]:
    """Yield what is wrong with a journal.

    anchors: what was kept of it elsewhere. runs: the numbers of the ledger's runs, each of which must have
    been told.
    """
    expected, before = 1, _START
    for entry in journal:
        if entry.number != expected:
            if entry.number == expected + 1:
                yield say("audit.removed", entry=expected)
            else:
                yield say("audit.several_removed", first=expected, last=entry.number - 1)
        elif entry.sealed(before) != entry.hash:
            yield say("audit.changed", entry=entry.number)
        expected, before = entry.number + 1, entry.hash
    yield from _against_anchors(journal, anchors)
    yield from _against_runs(journal, runs)


def _against_anchors(journal: Sequence[Entry], anchors: Sequence[Anchor]) -> Iterator[Said]:
    hashes = {entry.number: entry.hash for entry in journal}
    for anchor in anchors:
        if anchor.ledger != _ledger_of(journal):
            yield say("audit.begun_anew", entry=anchor.number, journal=anchor.ledger)
        elif anchor.number not in hashes:
            last = max(hashes, default=0)
            yield say("audit.cut_off", entry=anchor.number, last=last)
        elif hashes[anchor.number] != anchor.hash:
            yield say("audit.not_anchored", entry=anchor.number)


def _against_runs(journal: Sequence[Entry], runs: Sequence[int]) -> Iterator[Said]:
    if not journal:
        return
    first = _what(journal[0]).get("runs_before", 0)
    began = {_what(entry).get("run") for entry in journal if entry.deed == Deed.RUN_BEGAN}
    for run in runs:
        if run > first and run not in began:
            yield say("audit.run_untold", run=run)


def _ledger_of(journal: Sequence[Entry]) -> str:
    return str(_what(journal[0]).get("ledger", "")) if journal else ""


def _what(entry: Entry) -> dict[str, Any]:
    try:
        what = json.loads(entry.what)
    except ValueError:
        return {}
    return what if isinstance(what, dict) else {}


def _account() -> str:
    try:
        import pwd
    except ImportError:  # Windows, where every account has a name
        with suppress(OSError):
            return os.getlogin()
        return "unknown"
    try:
        return pwd.getpwuid(os.getuid()).pw_name  # not $USER, which anybody may set
    except KeyError:  # an account without a name, as in containers
        return str(os.getuid())


def _who() -> str:
    """Return the account that acts, who called sudo as the environment has it, and the machine."""
    account = _account()
    caller = os.environ.get("SUDO_USER", "")
    return f"{account}{f' for {caller}' if caller else ''} on {platform.node()}"
