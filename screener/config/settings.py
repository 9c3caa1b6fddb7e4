"""What a configuration file may say: every option of every command, by its name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from screener.said import Said, say

_WORDS = {
    str: say("config.text"),
    int: say("config.whole_number"),
    float: say("config.number"),
    bool: say("config.true_or_false"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One option or argument of a command.

    parameter: its name in the program. kind: str, int, float or bool, of each where many may be given.
    """

    parameter: str
    kind: type
    many: bool
    about: str

    @property
    def type(self) -> Any:
        """The type that a value in the file must have."""
        return list[self.kind] if self.many else self.kind  # type: ignore[name-defined]

    @property
    def wanted(self) -> Said:
        """What a value must be, for people."""
        return say("config.list_of", kind=_WORDS[self.kind]) if self.many else _WORDS[self.kind]


Settings: TypeAlias = Mapping[str, Mapping[str, Setting]]
"""By command, such as "scan" or "ledger backup"; of each, by the option's name without its dashes."""


def named(key: str) -> str:
    """Return an option's name as Settings has it: new_only in a file is new-only."""
    return key.replace("_", "-")


def variable_of(command: str, setting: Setting) -> str:
    """Return the environment variable that sets an option, above the file and below the command line."""
    return "_".join(("SCREENER", *re.split("[ -]", command.upper()), setting.parameter.upper()))


def schema_of(settings: Settings) -> dict[str, Any]:
    """Return the JSON Schema of a configuration file."""
    import msgspec

    root: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "screener.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {},
    }
    for command, options in settings.items():
        place = root
        for word in command.split(" "):
            empty = {"type": "object", "additionalProperties": False, "properties": {}}
            place = place["properties"].setdefault(word, empty)
        for name, setting in options.items():
            place["properties"][name] = {**msgspec.json.schema(setting.type), "description": setting.about}
    return root
