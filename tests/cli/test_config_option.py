"""--config, SCREENER_… variables and the command line, one above the other."""

import json
import os
from pathlib import Path

import pytest
import typer

from screener.cli import app
from screener.cli.configuring import settings_of
from tests.commands.conftest import invoke

SETTINGS = settings_of(app)


@pytest.fixture(autouse=True)
def no_variable_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("SCREENER_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file for 'simulate', whose figures come without screening anything."""
    path = tmp_path / "screener.toml"
    path.write_text(
        "[simulate]\narrivals = 60\ndays = 2\nrepeats = 5\nsensitivity = 0.9\nspecificity = 0.8\n"
        f"prevalence = 0.1\njson = '{tmp_path}/w.json'\n"
    )
    return path


def simulated(file: Path) -> dict:
    return json.loads((file.parent / "w.json").read_text())


def test_the_file_stands_for_options(file: Path) -> None:
    done = invoke("simulate", "--config", file)
    assert done.exit_code == 0, done.output
    assert simulated(file)["department"]["arrivals"] == 60
    assert simulated(file)["plan"]["days"] == 2


def test_a_variable_goes_above_the_file_and_the_command_line_above_both(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_CONFIG", str(file))
    monkeypatch.setenv("SCREENER_SIMULATE_ARRIVALS", "70")
    invoke("simulate")
    assert simulated(file)["department"]["arrivals"] == 70
    invoke("simulate", "--arrivals", 80)
    assert simulated(file)["department"]["arrivals"] == 80
    shown = invoke("config", "show").output
    assert 'arrivals = "70"  # SCREENER_SIMULATE_ARRIVALS' in shown
    assert "days = 2  # line 3" in shown


def test_arguments_lists_flags_and_commands_of_groups_come_from_the_file_too(file: Path) -> None:
    folder = file.parent / "empty"
    folder.mkdir()
    file.write_text(
        f"[scan]\npaths = ['{folder}']\nout = '{folder}/r.pdf'\nno-pdf = true\n"
        f"[ledger.info]\nledger = '{folder}/none.sqlite'\n"
    )
    done = invoke("scan", "--config", file)
    assert done.exit_code == 2
    assert "Is the share mounted?" in " ".join(done.output.split())
    assert "none.sqlite: no such file" in invoke("ledger", "info", "--config", file).output.replace("\n", "")


def test_a_wrong_file_ends_the_command_before_it_begins_and_check_tells_all(file: Path) -> None:
    file.write_text("[simulate]\narivals = 60\n[scna]\n")
    done = invoke("simulate", "--config", file)
    assert done.exit_code == 2
    assert "line 2: [simulate] arivals: no such option; did you mean arrivals?" in done.output
    assert "scna" not in done.output
    assert "line 3: scna: no such command" in invoke("config", "check", "--config", file).output


def test_check_counts_what_is_right_and_finds_variables_that_no_option_has(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "7 options, all known" in invoke("config", "check", "--config", file).output.replace("\n", "")
    monkeypatch.setenv("SCREENER_SCAN_OTU", "x")
    wrong = invoke("config", "check", "--config", file)
    assert wrong.exit_code == 2
    assert "SCREENER_SCAN_OTU: no option" in wrong.output


def test_the_schema_names_every_option_of_every_command() -> None:
    schema = json.loads(invoke("config", "schema").output)
    group = typer.main.get_command(app)
    for name, command in group.commands.items():
        if name == "config" or getattr(command, "commands", None):
            continue
        listed = schema["properties"][name]["properties"]
        for parameter in command.params:
            option = parameter.opts[0].removeprefix("--").replace("_", "-")
            assert option in listed or option in ("help", "config"), f"{name} {option}"
            if option in listed:
                assert SETTINGS[name][option].parameter == parameter.name
