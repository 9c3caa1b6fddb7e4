"""The options that a run was given, as its reports and its ledger keep them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from screener.options.shard import Shard

Plain = str | int | float | bool | list[str] | None
"""What JSON holds of one option."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Every option by its name; those that decide what a report lists are properties.

    An option that is not there, as in the record of an older version, was not given.
    """

    given: Mapping[str, Plain] = field(default_factory=dict)

    @property
    def new_only(self) -> bool:
        """Whether only studies are listed that no earlier report listed."""
        return bool(self.given.get("new_only"))

    @property
    def max_wait(self) -> int | None:
        """Days after which a study that is not flagged is lifted; None for never."""
        days = self.given.get("max_wait")
        return days if isinstance(days, int) else None

    @property
    def shard(self) -> Shard | None:
        """The slice that was scanned; None for everything."""
        shard = self.given.get("shard")
        return Shard.of(shard) if isinstance(shard, str) and shard else None

    @property
    def paths(self) -> list[str]:
        """The folders and files that were scanned."""
        paths = self.given.get("paths")
        return paths if isinstance(paths, list) else []

    @property
    def model(self) -> str | None:
        """The model folder."""
        model = self.given.get("model")
        return model if isinstance(model, str) else None

    def but(self, **others: Plain) -> Self:
        """Return the options with others in their place."""
        return type(self)({**self.given, **others})
