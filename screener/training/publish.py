"""A trained network to a model folder: export, calibration, operating points, figures, card, checksums."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.errors import OutputError
from screener.evaluation.calibration import fit_platt
from screener.evaluation.metrics import Predictions, evaluate_predictions
from screener.evaluation.model_figures import write_evaluation, write_figures
from screener.evaluation.operating_point import choose_operating_points
from screener.evaluation.plots import plot_history
from screener.evaluation.subgroups import groups_of
from screener.inference.classifier import Classifier
from screener.inference.model_folder import (
    CARD,
    NETWORK,
    WEIGHTS,
    seal_model_folder,
)
from screener.inference.training_images import (
    TRAINED,
    VALIDATED,
    TrainingImages,
    image_set,
    read_training_images,
    write_training_images,
)
from screener.inference.validation import judged
from screener.operating_points import Calibration, OperatingPoint
from screener.options import TrainOptions
from screener.runtime import native_messages_hidden
from screener.said import say
from screener.training.about import AboutData
from screener.training.card import render
from screener.training.checklist import render_checklist
from screener.training.describe import DEFAULT_OPERATING_POINT, INTENDED_USE, Measured, counts, describe
from screener.training.folds import HELD_OUT, held_out_predictions
from screener.training.gate_pictures import other_pictures
from screener.training.gate_run import FEWEST_IMAGES, add_gate, make_gate
from screener.training.run import TrainedNetwork, TrainingReporter


def publish_model(
    trained: TrainedNetwork, options: TrainOptions, about: AboutData, reporter: TrainingReporter
) -> Measured:
    """Write the model folder and return what stands in its card.

    The calibration and the operating points come from the validation part; the held-out part is
    measured here, once.

    Raises:
        ModelRejectedError: The export does not say what Keras says.
        OutputError: The folder cannot be written.
    """
    folder = options.out
    try:
        folder.mkdir(parents=True, exist_ok=True)
        measured = _write_network(trained, folder, about, options)
        _write_history(trained, folder / "evaluation")
        described = describe(trained, options, about, measured)
        card = _card(trained, options, about, measured, described)
        (folder / CARD).write_text(card, encoding="utf-8")
        write_training_images(folder, _training_images(trained, options.backbone))
        described = _with_gate(trained, options, reporter, described)
    except OSError as error:
        raise OutputError.cannot_write(Path(error.filename or folder), error) from error
    seal_model_folder(folder, described)
    return measured


def _training_images(trained: TrainedNetwork, backbone: str) -> TrainingImages:
    """Return digests of the images that made the model, and of those that made the one it goes on from."""
    sets = TrainingImages(
        (
            image_set(TRAINED, [each.fingerprint for each in trained.data.training]),
            image_set(VALIDATED, [each.fingerprint for each in trained.data.validation]),
        )
    )
    earlier = Path(backbone)
    return sets.joined(read_training_images(earlier).of_another()) if earlier.is_dir() else sets


def _with_gate(
    trained: TrainedNetwork, options: TrainOptions, reporter: TrainingReporter, described: dict[str, Any]
) -> dict[str, Any]:
    """Fit a picture gate and return the manifest with it; without one where there are too few images."""
    if not options.gate:
        reporter.say(say("training.gate_left_out"))
        return described
    if len(trained.data.dataset.images) < FEWEST_IMAGES:
        reporter.say(say("training.too_few_for_gate", least=FEWEST_IMAGES))
        return described
    fitted = make_gate(
        options.out / NETWORK,
        trained.data.preprocessing,
        trained.data.dataset.by_site(),
        other_pictures(options.not_chest) if options.not_chest else [],
        options.seed,
        reporter,
    )
    return add_gate(options.out, fitted, described)


def _write_network(
    trained: TrainedNetwork, folder: Path, about: AboutData, options: TrainOptions
) -> Measured:
    from screener.training.export import check_agreement, export_litert
    from screener.training.network import bare
    from screener.training.pictures import as_batch
    from screener.training.trainer import predict_logits

    bare(trained.network).save_weights(folder / WEIGHTS)
    with native_messages_hidden():
        export_litert(trained.network, trained.data.preprocessing.size, folder / NETWORK)
    classifier = Classifier(folder / NETWORK)
    logits = _logits(classifier, trained.data.validation)
    keras_logits = predict_logits(
        trained.network, as_batch([each.pixels for each in trained.data.validation])
    )
    agreement = check_agreement(keras_logits, logits)

    by_patient = bool(trained.data.dataset.patients_from)
    labels = np.array([each.image.label for each in trained.data.validation])
    calibration = fit_platt(logits, labels)
    validation = _predictions(trained.data.validation, logits, calibration, by_patient)
    points = _operating_points(validation, calibration, options)
    held_out_logits = _logits(classifier, trained.data.held_out)
    held_out = _predictions(trained.data.held_out, held_out_logits, calibration, by_patient)
    printed_at = about.prevalence or calibration.prevalence
    validation, held_out = validation.moved(printed_at), held_out.moved(printed_at)
    as_printed = [each.moved(calibration, printed_at) for each in points]
    measured = Measured(
        agreement,
        calibration,
        points,
        evaluate_predictions(validation, as_printed),
        evaluate_predictions(held_out, as_printed),
    )
    write_figures(folder / "evaluation" / "validation", validation, measured.validation)
    # Of a source held out, the predictions are kept: another training chooses its thresholds on them.
    write = write_figures if options.hold_out_source is None else write_evaluation
    write(folder / HELD_OUT, held_out, measured.held_out)
    return measured


def _operating_points(
    validation: Predictions, calibration: Calibration, options: TrainOptions
) -> tuple[OperatingPoint, ...]:
    """Return thresholds chosen on validation patients, or on sources that other trainings held out."""
    if not options.points_from:
        return choose_operating_points(validation.labels, validation.probabilities, validation.patients)
    labels, probabilities, patients = held_out_predictions(options.points_from, calibration.prevalence)
    return choose_operating_points(labels, probabilities, patients)


def _logits(classifier: Classifier, decoded: Sequence[Any]) -> NDArray[np.float64]:
    return np.array([classifier.predict(each.pixels).logit for each in decoded])


def _predictions(
    decoded: Sequence[Any], logits: NDArray[np.float64], calibration: Calibration, by_patient: bool
) -> Predictions:
    images = [each.image for each in decoded]
    return Predictions.calibrated(
        calibration,
        calibration.prevalence,
        np.array([image.label for image in images]),
        logits,
        files=tuple(image.file.name for image in images),
        patients=tuple(image.patient for image in images) if by_patient else None,
        groups=groups_of(images),
    )


def _write_history(trained: TrainedNetwork, folder: Path) -> None:
    records = [asdict(record) for record in trained.history]
    (folder / "history.json").write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    plot_history(trained.history, folder / "history.png")


def _card(
    trained: TrainedNetwork,
    options: TrainOptions,
    about: AboutData,
    measured: Measured,
    described: dict[str, Any],
) -> str:
    return render(
        "model_card.md.j2",
        options=options,
        preprocessing=trained.data.preprocessing,
        about=about,
        measured=measured,
        counts=counts(trained),
        patients_from=trained.data.dataset.patients_from,
        messages=[str(each) for each in trained.data.split.messages],
        refused=len(trained.data.refused),
        minutes=round(sum(record.seconds for record in trained.history) / 60),
        start=described["training"]["backbone"],
        default_point=DEFAULT_OPERATING_POINT,
        doubted=[
            each for each in (judged(point, described) for point in measured.operating_points) if each.doubt
        ],
        selection=described["training"]["selection"],
        history=trained.history,
        intended_use=INTENDED_USE,
        checklist=render_checklist(
            described, measured.held_out, evaluated_on="the held-out part of the training data", heading="##"
        ),
        prevalence=about.prevalence or measured.calibration.prevalence,
        versions={name: version(name) for name in ("tensorflow", "keras")},
    )
