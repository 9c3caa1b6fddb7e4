"""Groups of options that several commands have: each option is defined once, in a dataclass."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from typing import Annotated, Any, get_type_hints

_GIVEN = "given"
Given = Annotated[Mapping[str, Any], _GIVEN]  # a parameter that is no option: all of them, by name, as typed


def with_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command for Typer, in which each field of an option group is an option of its own.

    A group is a parameter of the command that is annotated with a dataclass, whose fields are annotated as
    Typer's parameters are. A parameter annotated with Given receives everything that was given.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type[Any]] = {
        name: kind for name, kind in hints.items() if isinstance(kind, type) and is_dataclass(kind)
    }
    for_given = [name for name, kind in hints.items() if _GIVEN in getattr(kind, "__metadata__", ())]
    spread: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            spread += _options_of(groups[name])
        elif name not in for_given:
            spread.append(parameter.replace(kind=parameter.KEYWORD_ONLY, annotation=hints[name]))

    @wraps(command)
    def run(**given: Any) -> None:
        alone, made = dict(given), {}
        for name, group in groups.items():
            made[name] = group(**{field.name: alone.pop(field.name) for field in fields(group)})
        command(**alone, **made, **dict.fromkeys(for_given, given))

    run.__signature__ = inspect.Signature(spread)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in spread}
    return run


def _options_of(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]
