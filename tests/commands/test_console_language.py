"""Wrong command lines in the machine's language: what standard error, the log and the summary say of them."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from screener.cli import main
from screener.commands.ending import Ending
from screener.commands.train import ProgressReporter
from screener.errors import ExitCode, OutputError
from screener.evaluation.history import EpochRecord
from screener.outputs.messages import SpokenReason, shipped_messages
from screener.reasons import Reason, ReasonCode
from screener.said import Note, say
from tests.commands.conftest import invoke

GERMAN, SPANISH = "de_DE.UTF-8", "es_ES.UTF-8"
SUMMARY_OF_LAST_NIGHT = "Screener: 5 to look at first; 0 images failed.\n"


@pytest.fixture(params=[GERMAN, SPANISH])
def locale(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the machine's locale, set for the test."""
    monkeypatch.setenv("LC_ALL", request.param)
    return str(request.param)


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("arguments", "german", "spanish"),
    [
        pytest.param(
            ["scan", "/studies", "--out", "r.txt"],
            "Fehler: --out muss auf .pdf enden; angegeben ist 'r.txt'.",
            "Error: --out debe terminar en .pdf; se indicó 'r.txt'.",
            id="a report that is no PDF",
        ),
        pytest.param(
            ["scan", "/studies", "--out", "r.pdf", "--new-only"],
            "--new-only braucht --ledger",
            "--new-only necesita --ledger",
            id="an option without the one that it needs",
        ),
        pytest.param(
            ["scan", "/studies", "--out", "r.pdf", "--language", "fr"],
            "--language kann en, es oder de sein; angegeben ist 'fr'.",
            "--language admite en, es o de; se indicó 'fr'.",
            id="a choice of values",
        ),
        pytest.param(
            ["scan", "/studies", "--out", "r.pdf", "--sttle", "3"],
            "Die Option --sttle gibt es nicht; ähnlich: --settle",
            "la opción --sttle no existe; parecidas: --settle",
            id="an unknown option",
        ),
        pytest.param(
            ["scan", "/studies", "--out"],
            "--out braucht einen Wert.",
            "--out necesita un valor.",
            id="no value",
        ),
        pytest.param(
            ["scan", "/studies", "--out", "r.pdf", "--workers", "two"],
            "--workers muss eine ganze Zahl sein. 'screener scan --help' zeigt die Optionen.",
            "--workers debe ser un número entero. 'screener scan --help' muestra las opciones.",
            id="a value of another type",
        ),
        pytest.param(["scan", "/studies"], "--out fehlt.", "falta --out.", id="a missing option"),
        pytest.param(
            ["scan", "/studies", "--out", "r.pdf", "--html=yes"],
            "--html nimmt keinen Wert.",
            "--html no admite ningún valor.",
            id="a value for a flag",
        ),
        pytest.param(
            ["scna"],
            "Diesen Befehl gibt es nicht. Es gibt: scan, report",
            "Existen: scan, report",
            id="command",
        ),
        pytest.param(
            ["doctor", "twice", "over"],
            "Die Befehlszeile enthält ein Wort zu viel.",
            "sobra una palabra en la línea de comandos.",
            id="a word too many",
        ),
        pytest.param(
            ["train", "--out", "m", "--fetch", "github"],
            "'github' ist unbekannt; abrufen lässt sich nur 'kaggle'.",
            "'github' es desconocido; solo se puede descargar 'kaggle'.",
            id="what the command itself refuses",
        ),
        pytest.param(
            ["config", "check", "--config", "/nowhere/screener.toml"],
            "lässt sich nicht lesen: Datei oder Ordner nicht gefunden.",
            "no se puede leer: no existe el archivo o la carpeta.",
            id="what the operating system says",
        ),
    ],
)
def test_a_wrong_command_line_is_told_in_the_machine_s_language(
    locale: str, arguments: list[str], german: str, spanish: str, tmp_path: Path
) -> None:
    command, *rest = arguments
    log = ("--log-file", tmp_path / "log") if command == "scan" else ()  # else standard error is the log
    result = invoke(command, *log, *rest)
    assert result.exit_code == 2
    assert {GERMAN: german, SPANISH: spanish}[locale] in words(result.stderr)


def test_faults_of_a_configuration_file_are_told_line_by_line(locale: str, tmp_path: Path) -> None:
    file = tmp_path / "screener.toml"
    file.write_text('[scan]\nworkers = "two"\nsetle = 3\n')
    told = {
        GERMAN: [
            "  Zeile 2: [scan] workers: muss eine ganze Zahl sein, nicht Text",
            "  Zeile 3: [scan] setle: diese Option gibt es nicht; war settle gemeint?",
        ],
        SPANISH: [
            "  línea 2: [scan] workers: debe ser un número entero, no un texto",
            "  línea 3: [scan] setle: esa opción no existe; ¿quería decir settle?",
        ],
    }
    assert invoke("config", "check", "--config", file).stderr.splitlines()[1:3] == told[locale]


def test_console_log_and_summary_each_have_their_language(locale: str, tmp_path: Path) -> None:
    log, summary = tmp_path / "log", tmp_path / "short.txt"
    other = {GERMAN: "es", SPANISH: "de"}[locale]  # of the report: not the console's
    asked = ("--log-file", log, "--summary", summary, "--language", other)
    result = invoke("scan", tmp_path / "absent", "--out", tmp_path / "r.pdf", *asked)
    german = "Diese Datei oder diesen Ordner gibt es nicht. Ist die Freigabe eingehängt?"
    spanish = "no existe ese archivo o carpeta. ¿Está montado el recurso compartido?"
    on_console, in_summary = (german, spanish) if locale == GERMAN else (spanish, german)
    assert on_console in words(result.stderr)
    assert in_summary in words(summary.read_text(encoding="utf-8"))
    assert "error: " in (logged := log.read_text(encoding="utf-8").splitlines()[-1])
    assert "no such file or folder. Is the share mounted? Exit code 2: the command line" in logged


def test_the_summary_of_a_line_that_cannot_be_parsed_is_in_the_report_s_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", SPANISH)
    summary = tmp_path / "short.txt"
    summary.write_text(SUMMARY_OF_LAST_NIGHT)
    line = ["screener", "scan", "--outt", "r.pdf", "--summary", str(summary), "--language", "de"]
    monkeypatch.setattr("sys.argv", line)
    monkeypatch.setattr("screener.cli.outlast_readers", lambda: None)
    with pytest.raises(SystemExit):
        main()
    mailed = summary.read_text(encoding="utf-8")
    assert "MIT FEHLER BEENDET, Exit-Code 2" in mailed
    assert "lässt sich nicht auswerten: Eine Option ist unbekannt" in words(mailed)


def test_a_note_on_whose_files_lie_there_is_told_with_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(ending: Ending) -> ExitCode:
        error = OutputError.no_temporary_folder()
        error.add_note(Note.of(say("outputs.of_this_run", names="report.csv")))
        raise error

    monkeypatch.setenv("LC_ALL", GERMAN)
    out, log, summary = (tmp_path / name for name in ("r.pdf", "log", "short.txt"))
    given = {"out": str(out), "log_file": log, "summary": str(summary), "language": "es"}
    assert Ending(given).watch(fail) == ExitCode.OUTPUT
    assert capsys.readouterr().err.endswith("\nVon diesem Lauf: report.csv.\n")
    assert "De esta ejecución: report.csv." in summary.read_text(encoding="utf-8")
    assert "Of this run: report.csv. Exit code 6" in log.read_text(encoding="utf-8")


def test_any_other_locale_speaks_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert "No such option: --foo" in words(invoke("scan", "--foo").stderr)
    assert "Error: --out must end in .pdf" in words(
        invoke("report", "--ledger", "l", "--out", "r.txt").stderr
    )


def test_training_tells_a_terminal_in_its_language_and_a_log_in_english(
    locale: str, capsys: pytest.CaptureFixture[str]
) -> None:
    record = EpochRecord(3, 2, 0.5, 0.75, 0.25, 0.875, 0.96, 1e-4, 61.0)
    ProgressReporter(None).epoch(record, best=True)
    english = "epoch 3 (fine-tuning): loss 0.5000, accuracy 0.7500; validation loss 0.2500, accuracy 0.8750,"
    assert english in capsys.readouterr().err
    terminal = Console(file=StringIO(), width=200)
    ProgressReporter(Progress(console=terminal)).epoch(record, best=True)
    shown = terminal.file.getvalue()
    assert ("(bisher beste)" if locale == GERMAN else "(la mejor hasta ahora)") in shown
    assert "0,9600" in shown


def test_the_reason_of_an_image_is_told_in_the_language_of_its_sentence() -> None:
    reason = SpokenReason(Reason.of(ReasonCode.BLANK_PICTURE))
    said = say("evaluation.not_evaluated", file="a.jpg", reason=reason)
    assert str(said) == f"not evaluated a.jpg: {shipped_messages().reason(reason.reason)}"
    german = shipped_messages("de").reason(reason.reason)
    assert said.in_language("de") == f"nicht evaluiert a.jpg: {german}"


@pytest.mark.parametrize(
    ("content", "german", "spanish"),
    [
        pytest.param(
            "file\na.jpg\n", "Die Spalte label fehlt.", "falta la columna label.", id="a column missing"
        ),
        pytest.param(
            "file,label\na.jpg,WELL\n",
            "Zeile 2: label ist 'WELL', erwartet wird NORMAL oder PNEUMONIA",
            "línea 2: label es 'WELL'; se espera NORMAL o PNEUMONIA",
            id="an unknown label",
        ),
        pytest.param(
            "file,label\na.jpg,NORMAL\n",
            "a.jpg gibt es unter",
            "a.jpg no existe dentro de",
            id="no such file",
        ),
    ],
)
def test_a_table_of_labels_is_refused_in_the_machine_s_language(
    content: str, german: str, spanish: str, locale: str, tmp_path: Path
) -> None:
    (tmp_path / "labels.csv").write_text(content)
    done = invoke("evaluate", tmp_path / "labels.csv", "--out", tmp_path / "out")
    assert done.exit_code == ExitCode.USAGE
    assert (german if locale == GERMAN else spanish) in words(done.output)
