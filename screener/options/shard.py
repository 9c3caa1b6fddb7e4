"""Which slice of a scan this run is."""

import hashlib
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `count` slices; index: from 1."""

    index: int
    count: int

    @classmethod
    def of(cls, text: str | None) -> Self:
        """Return the slice that "i/n" names; None is the whole."""
        index, _, count = (text or "1/1").partition("/")
        return cls(int(index), int(count))

    def holds(self, name: str) -> bool:
        """Return whether what is so called belongs here: an even spread, the same on every machine."""
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.index - 1
