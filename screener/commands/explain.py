"""screener explain: what Screener makes of one file, step by step, as pictures and words."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from screener.commands.console import results
from screener.domain import (
    ByteImage,
    Cause,
    FileKind,
    Ignored,
    ImageFile,
    NotScreened,
    ObjectFile,
    OperatingPoint,
    Prediction,
    ShownMap,
    Status,
    printed,
)
from screener.engines.worker import Examined, Screener, ScreenerSetup
from screener.errors import ExitCode, ImageError, IneligibleImageError, OutputError, UsageError
from screener.inference.model_folder import ModelFolder, load_model_folder
from screener.intake import OpenedImage, UnreachableImageError, at_hand, look_at, open_image
from screener.locations import ObjectUrl, Place, refuse_url
from screener.notes import image_notes, patient_notes
from screener.outputs.messages import shipped_messages
from screener.outputs.overlay import FULL_COLOUR, as_jpeg, card_picture, reduced
from screener.preprocessing.clahe import preprocess, resized
from screener.reasons import Reason, ReasonCode
from screener.scale import ALL, Scale, Scales
from screener.stores import StoreError, check_store


def explain(
    file: Place,
    out: Path,
    model: Path,
    population: str | None = None,
    default_population: str | None = None,
) -> ExitCode:
    """Write each step of one file's way as a picture and print what was read and found, or why not.

    population, default_population: as in ScanOptions.
    """
    refuse_url("--out", out)
    if isinstance(file, ObjectUrl):
        try:
            check_store(file.scheme)
        except StoreError as error:
            raise UsageError(f"{file}: {error.strerror}.") from error
    elif not file.is_file():
        raise UsageError(f"{file}: no such file.")
    folder = load_model_folder(model)
    scales = folder.scales(population, default_population)
    seen = look_at(file.absolute(), file.name)
    if not isinstance(seen, ImageFile | ObjectFile):
        return _explain_refusal(seen)
    try:
        with at_hand(seen) as here:
            return (
                _explain(here, out, folder, scales) if isinstance(here, ImageFile) else _explain_refusal(here)
            )
    except UnreachableImageError as error:
        raise UsageError(f"{file}: {shipped_messages().reason(error.reason)}.") from error


def _explain_refusal(seen: NotScreened | Ignored) -> ExitCode:
    reason = (
        shipped_messages().missed(seen)
        if isinstance(seen, NotScreened)
        else "ignored: neither DICOM nor an image"
    )
    results().print(f"{seen.file}: {reason}", markup=False)
    failed = isinstance(seen, NotScreened) and seen.cause is Cause.FAILED
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE


def _explain(seen: ImageFile, out: Path, folder: ModelFolder, scales: Scales) -> ExitCode:
    console = results()
    screener = Screener.of(ScreenerSetup.of(folder))
    try:
        image = open_image(seen)
        _print_tags(console, image)
        film = image.radiograph(screener.read_size(image))
    except ImageError as error:
        ineligible = isinstance(error, IneligibleImageError)
        console.print(
            f"{'ineligible' if ineligible else 'failed'}: {shipped_messages().reason(error.reason)}",
            markup=False,
        )
        return ExitCode.DONE if ineligible else ExitCode.SOME_FAILED
    examined = screener.examine(film.pixels, image.tagged_chest)
    pixels = examined.correction.applied(film.pixels)
    _print_gate(console, examined, screener, image.tagged_chest)
    shown = None
    if examined.prediction is None:
        refused = shipped_messages().reason(Reason.of(ReasonCode.PICTURE_REFUSED))
        console.print(f"ineligible: {refused}", markup=False)
    else:
        scale = scales.of(image.identifiers.patient_age)
        flagged = scale.status(scale.probability(examined.prediction.logit)) is Status.FLAGGED
        notes = (
            *patient_notes(image.identifiers, scales),
            *image_notes(film.notes + examined.notes(), flagged),
        )
        console.print(f"notes: {'; '.join(notes) or 'none'}", markup=False)
        _print_prediction(console, examined.prediction, folder, scale)
        if flagged:
            shown = screener.shown_map(pixels, examined.prediction.activation_map, scale.calibration.slope)
        _print_map(console, shown)
    for path in _write_pictures(out, pixels, shown, folder):
        console.print(str(path), markup=False)
    return ExitCode.DONE


def _print_tags(console: Console, image: OpenedImage) -> None:
    table = Table("attribute", "value", title=f"{image.file.file}: {image.file.kind.upper()}")
    if image.file.kind is FileKind.DICOM:
        for keyword, value in image.attributes():
            table.add_row(keyword, value or "[dim]absent[/]")
        console.print(table)
    else:
        console.print(f"{image.file.file}: {image.file.kind.upper()}, which carries no tags", markup=False)


def _print_gate(console: Console, examined: Examined, screener: Screener, tagged_chest: bool) -> None:
    gate = screener.gate
    if gate is None:
        console.print("picture gate: this model has none; no picture is refused")
        return
    score, *turned = examined.scores
    words = (
        f"picture gate: score {score:.2f}; an unusual picture below {gate.threshold:.2f}, refused below "
        f"{gate.refused_below:.2f} unless the tags say frontal chest radiograph"
        f"{', as they do' if tagged_chest else ''}"
    )
    if turned:
        words += (
            f"; turned or inverted at best {turned[0]:.2f}, taken from {gate.correction_threshold:.2f} on"
        )
    console.print(words, markup=False)


def _print_prediction(console: Console, prediction: Prediction, folder: ModelFolder, scale: Scale) -> None:
    probability = scale.probability(prediction.logit)
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
        f"Score (logit) {prediction.logit:.4f}. Probability and thresholds are at a prevalence of "
        f"{scale.prevalence:.3f}, as in every report ({source}); at that of the patients "
        f"calibrated on, {own.prevalence:.3f}, the probability is "
        f"{printed(own.probability(prediction.logit)):.6f}. Model {folder.identity}. Not a medical device.",
        markup=False,
    )


def _validation(point: OperatingPoint) -> str:
    if point.sensitivity is None or point.specificity is None:
        return "not validated" + (f": {point.doubt.words}" if point.doubt else "")
    return f"sensitivity {point.sensitivity:.1%}, specificity {point.specificity:.1%}"


def _print_map(console: Console, shown: ShownMap | None) -> None:
    if shown is None:
        console.print("no map: the film is not flagged")
        return
    strongest = max(0.0, float(shown.cells.max()))
    words = f"activation map: strongest cell {strongest:.2f} logits, full colour from {FULL_COLOUR:g} on"
    if not shown.stable:
        words += "; not stable here: the film's mirror image gives another map"
    console.print(words, markup=False)


def _write_pictures(out: Path, pixels: ByteImage, shown: ShownMap | None, folder: ModelFolder) -> list[Path]:
    """Write the film as it is shown, resized and equalised; the activation map if it is flagged."""
    pictures = {
        "1-display.jpg": as_jpeg(reduced(pixels)),
        "2-resized.jpg": as_jpeg(resized(pixels, folder.preprocessing)),
        "3-clahe.jpg": as_jpeg(preprocess(pixels, folder.preprocessing)),
    }
    if shown is not None:
        pictures["4-activation-map.jpg"] = card_picture(pixels, shown).overlay
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, picture in pictures.items():
            (out / name).write_bytes(picture)
    except OSError as error:
        raise OutputError.cannot_write(out, error) from error
    return [out / name for name in pictures]
