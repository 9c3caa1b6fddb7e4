"""screener explain: what Screener makes of one file, step by step, as pictures and words."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from screener.api import Explanation, GateScores, Model, Result
from screener.commands.console import results
from screener.domain import Cause, FileKind, Hues, ShownMap
from screener.errors import ExitCode, OutputError
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.locations import Location, refuse_url
from screener.operating_points import OperatingPoint, printed
from screener.outputs.overlay import FULL_COLOUR, as_jpeg, card_picture, reduced
from screener.scale import ALL, Scale


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
    if result.screened:
        console.print(f"notes: {'; '.join(result.notes) or 'none'}", markup=False)
        _print_prediction(console, result, folder, scales.named(result.population or ALL))
        _print_map(console, seen.shown_map)
    else:
        console.print(f"{result.cause or 'ignored'}: {result.reason}", markup=False)
    for path in _write_pictures(out, seen):
        console.print(str(path), markup=False)
    return ExitCode.SOME_FAILED if result.cause is Cause.FAILED else ExitCode.DONE


def _print_tags(console: Console, seen: Explanation) -> None:
    title = f"{seen.result.file}: {(seen.kind or '').upper()}"
    if seen.kind is not FileKind.DICOM:
        console.print(f"{title}, which carries no tags", markup=False)
        return
    table = Table("attribute", "value", title=title)
    for keyword, value in seen.tags.items():
        table.add_row(keyword, value or "[dim]absent[/]")
    console.print(table)


def _print_gate(console: Console, gate: GateScores | None) -> None:
    if gate is None:
        console.print("picture gate: this model has none; no picture is refused")
        return
    words = (
        f"picture gate: score {gate.score:.2f}; an unusual picture below {gate.threshold:.2f}, refused below "
        f"{gate.refused_below:.2f} unless the tags say frontal chest radiograph"
        f"{', as they do' if gate.tagged_chest else ''}"
    )
    if gate.hues is Hues.MANY:
        console.print("picture gate: the picture has the colours of a photograph: refused")
    elif gate.hues is Hues.TINT:
        console.print(f"picture gate: the picture has a tint: refused below {gate.threshold:.2f}")
    if gate.corrected is not None:
        best, least = gate.corrected, gate.correction_threshold
        words += f"; turned or inverted at best {best:.2f}, taken from {least:.2f} on"
    console.print(words, markup=False)


def _print_prediction(console: Console, result: Result, folder: ModelFolder, scale: Scale) -> None:
    probability, logit = result.probability, result.logit
    if probability is None or logit is None:
        raise ValueError("It was not screened.")
    of = "" if scale.population == ALL else f", read with the scale of {scale.population}"
    table = Table(
        "operating point", "threshold", "says", "validated at", title=f"probability {probability:.6f}{of}"
    )
    for point in scale.points:
        says = "flagged" if probability >= printed(point.threshold) else "not flagged"
        table.add_row(point.name, f"{printed(point.threshold):.6f}", says, _validation(point))
    console.print(table)
    own = scale.calibration
    source = next(each for each in folder.populations if each.name == scale.population).prevalence_source
    console.print(
        f"Score (logit) {logit:.4f}. Probability and thresholds are at a prevalence of "
        f"{scale.prevalence:.3f}, as in every report ({source}); at that of the patients "
        f"calibrated on, {own.prevalence:.3f}, the probability is "
        f"{printed(own.probability(logit)):.6f}. Model {folder.identity}. Not a medical device.",
        markup=False,
    )


def _validation(point: OperatingPoint) -> str:
    if point.sensitivity is None or point.specificity is None:
        return "not validated" + (f": {point.doubt.words}" if point.doubt else "")
    return f"sensitivity {point.sensitivity:.1%}, specificity {point.specificity:.1%}"


def _print_map(console: Console, shown: ShownMap | None) -> None:
    if shown is None:
        console.print("no map: the image is not flagged")
        return
    strongest = max(0.0, float(shown.cells.max()))
    words = f"activation map: strongest cell {strongest:.2f} logits, full colour from {FULL_COLOUR:g} on"
    if not shown.stable:
        words += "; not stable here: the image's mirror image gives another map"
    console.print(words, markup=False)


def _write_pictures(out: Path, seen: Explanation) -> list[Path]:
    """Write the image as it is shown, resized and equalised; the activation map if it is flagged."""
    if seen.display is None or seen.resized is None or seen.equalised is None:
        return []
    pictures = {
        "1-display.jpg": as_jpeg(reduced(seen.display)),
        "2-resized.jpg": as_jpeg(seen.resized),
        "3-clahe.jpg": as_jpeg(seen.equalised),
    }
    if seen.shown_map is not None:
        pictures["4-activation-map.jpg"] = card_picture(seen.display, seen.shown_map).overlay
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, picture in pictures.items():
            (out / name).write_bytes(picture)
    except OSError as error:
        raise OutputError.cannot_write(out, error) from error
    return [out / name for name in pictures]
