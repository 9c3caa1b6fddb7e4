"""screener explain: what Screener makes of one file, step by step, as pictures and words."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from screener.api import Explanation, GateScores, Model, Result
from screener.commands.console import results
from screener.commands.console_language import console_language, told
from screener.commands.models import percent
from screener.domain import Cause, FileKind, Finding, Hues, NotScreened, Outcome, ShownMap
from screener.errors import ExitCode, OutputError
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.locations import Location, refuse_url
from screener.notes import image_notes, patient_notes
from screener.operating_points import OperatingPoint, printed
from screener.outputs.figures import Figures
from screener.outputs.messages import shipped_messages
from screener.outputs.overlay import FULL_ODDS, as_jpeg, card_picture, reduced, strongest_odds
from screener.outputs.population_words import population_name
from screener.said import Said, say
from screener.scale import ALL, Scale, Scales

_PICTURES = ("1-display.jpg", "2-resized.jpg", "3-clahe.jpg", "4-activation-map.jpg")


def explain(
    file: Location,
    out: Path,
    model: Path,
    population: str | None = None,
    default_population: str | None = None,
) -> ExitCode:
    """Write each step of one file's way as a picture and print what was read and found, or why not.

    population, default_population: as in ScanOptions.
    """
    refuse_url("--out", out)
    folder = load_model_folder(model)
    scales = folder.scales(population, default_population)
    seen = Model(folder).explain(file, population=population, default_population=default_population)
    console, result = results(), seen.result
    if seen.kind is not None:
        _print_tags(console, seen)
    if seen.display is not None:
        _print_gate(console, seen.gate)
    if isinstance(seen.outcome, Finding):
        _print_notes(console, seen.outcome, scales, bool(result.flagged))
        _print_prediction(console, result, folder, scales.named(result.population or ALL))
        _print_map(console, seen.shown_map)
    else:
        console.print(_missed(seen.outcome), markup=False)
    for path in _write_pictures(out, seen):
        console.print(str(path), markup=False)
    return ExitCode.SOME_FAILED if result.cause is Cause.FAILED else ExitCode.DONE


def _print_tags(console: Console, seen: Explanation) -> None:
    named = {"file": seen.result.file, "kind": (seen.kind or "").upper()}
    if seen.kind is not FileKind.DICOM:
        console.print(told("explain.no_tags", **named), markup=False)
        return
    absent = told("explain.absent")
    table = Table(told("explain.attribute"), told("explain.value"), title=told("explain.title", **named))
    for keyword, value in seen.tags.items():
        table.add_row(keyword, escape(value) or f"[dim]{absent}[/]")
    console.print(table)


def _missed(outcome: Outcome | None) -> str:
    """Return why there is no result."""
    if not isinstance(outcome, NotScreened):
        return told("explain.ignored")
    why = shipped_messages(console_language()).missed(outcome)
    failed = outcome.cause is Cause.FAILED
    return told("explain.failed", why=why) if failed else told("explain.ineligible", why=why)


def _print_notes(console: Console, finding: Finding, scales: Scales, flagged: bool) -> None:
    notes = (*patient_notes(finding.identifiers, scales), *image_notes(finding.notes, flagged))
    words = "; ".join(map(shipped_messages(console_language()).note, notes))
    console.print(told("explain.notes", notes=words) if words else told("explain.no_notes"), markup=False)


def _print_gate(console: Console, gate: GateScores | None) -> None:
    if gate is None:
        console.print(told("explain.no_gate"))
        return
    threshold = _number(f"{gate.threshold:.2f}")
    if gate.hues is Hues.MANY:
        console.print(told("explain.gate_photograph"))
    elif gate.hues is Hues.TINT:
        console.print(told("explain.gate_tint", threshold=threshold))
    corrected: Said | str = ""
    if gate.corrected is not None:
        best, least = _number(f"{gate.corrected:.2f}"), _number(f"{gate.correction_threshold:.2f}")
        corrected = say("explain.gate_corrected", best=best, least=least)
    words = told(
        "explain.gate",
        score=_number(f"{gate.score:.2f}"),
        threshold=threshold,
        refused_below=_number(f"{gate.refused_below:.2f}"),
        tagged=say("explain.gate_tagged") if gate.tagged_chest else "",
        corrected=corrected,
    )
    console.print(words, markup=False)


def _print_prediction(console: Console, result: Result, folder: ModelFolder, scale: Scale) -> None:
    probability, logit = result.probability, result.logit
    if probability is None or logit is None:
        raise ValueError("It was not screened.")
    messages, written = shipped_messages(console_language()), _number(f"{probability:.6f}")
    if scale.population == ALL:
        title = told("explain.probability", probability=written)
    else:
        population = population_name(messages, scale.population)
        title = told("explain.probability_of", probability=written, population=population)
    table = Table(
        told("models.operating_point"),
        told("models.threshold"),
        told("explain.says"),
        told("explain.validated_at"),
        title=title,
    )
    flagged, not_flagged = told("explain.flagged"), told("explain.not_flagged")
    for point in scale.points:
        threshold = printed(point.threshold)
        says = flagged if probability >= threshold else not_flagged
        table.add_row(point.name, _number(f"{threshold:.6f}"), says, _validation(point))
    console.print(table)
    own = scale.calibration
    source = next(each for each in folder.populations if each.name == scale.population).prevalence_source
    score = told(
        "explain.score",
        logit=_number(f"{logit:.4f}"),
        prevalence=_number(f"{scale.prevalence:.3f}"),
        source=messages.words(source),
        own_prevalence=_number(f"{own.prevalence:.3f}"),
        own_probability=_number(f"{printed(own.probability(logit)):.6f}"),
        model=folder.identity,
    )
    console.print(score, markup=False)


def _validation(point: OperatingPoint) -> str:
    if point.sensitivity is not None and point.specificity is not None:
        figures = {"sensitivity": percent(point.sensitivity), "specificity": percent(point.specificity)}
        return told("explain.figures", **figures)
    if point.doubt is None:
        return told("models.not_validated")
    return told("explain.not_validated", doubt=say(f"models.doubt_{point.doubt}"))


def _print_map(console: Console, shown: ShownMap | None) -> None:
    if shown is None:
        console.print(told("explain.no_map"))
        return
    strongest = _number(f"{strongest_odds(shown.cells):.2f}")
    text = "explain.map" if shown.stable else "explain.map_unstable"
    console.print(told(text, strongest=strongest, full=FULL_ODDS), markup=False)


def _number(written: str) -> str:
    """Return a rounded number with the decimal mark of the console's language."""
    return Figures(shipped_messages(console_language())).written(written)


def _write_pictures(out: Path, seen: Explanation) -> list[Path]:
    """Write the image as it is shown, resized and equalised; the activation map if it is flagged.

    None of an image that was explained there before stays.
    """
    pictures = {}
    if seen.display is not None and seen.resized is not None and seen.equalised is not None:
        made = (as_jpeg(reduced(seen.display)), as_jpeg(seen.resized), as_jpeg(seen.equalised))
        pictures = dict(zip(_PICTURES, made, strict=False))
        if seen.shown_map is not None:
            pictures[_PICTURES[-1]] = card_picture(seen.display, seen.shown_map).overlay
    try:
        for name in _PICTURES:
            if name not in pictures:
                (out / name).unlink(missing_ok=True)
                continue
            out.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(pictures[name])
    except OSError as error:
        raise OutputError.cannot_write(out, error) from error
    return [out / name for name in pictures]
