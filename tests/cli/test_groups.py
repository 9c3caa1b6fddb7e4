from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from screener.cli.groups import Given, with_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    front: Annotated[str, typer.Option(help="Colour of the front.")]
    back: Annotated[str, typer.Option(help="Colour of the back.")] = "white"


def _application(seen: list[object]) -> typer.Typer:
    application = typer.Typer()

    @application.command()
    @with_groups
    def paint(door: Annotated[str, typer.Argument()], colours: Colours, given: Given) -> None:
        """Paint a door."""
        seen.extend((door, colours, dict(given)))

    return application


def test_each_field_of_a_group_is_an_option_and_given_is_none() -> None:
    shown = CliRunner().invoke(_application([]), ["--help"], env={"COLUMNS": "200"}).output
    assert "Paint a door." in shown
    assert "Colour of the front." in shown
    assert "[default: white]" in shown
    assert "given" not in shown


def test_a_command_receives_its_group_and_all_that_was_given() -> None:
    seen: list[object] = []
    assert CliRunner().invoke(_application(seen), ["oak", "--front", "red"]).exit_code == 0
    assert seen == ["oak", Colours(front="red"), {"door": "oak", "front": "red", "back": "white"}]


def test_an_option_of_a_group_without_a_default_is_required() -> None:
    result = CliRunner().invoke(_application([]), ["oak"], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert "--front" in result.output
