"""What manifest.json says of a trained network: its data, its training and what was measured of it."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from screener.evaluation.metrics import Evaluation
from screener.inference.model_folder import as_json, load_model_folder
from screener.operating_points import Calibration, OperatingPoint
from screener.options import TrainOptions
from screener.training.about import AboutData
from screener.training.run import TrainedNetwork

INTENDED_USE = (
    "Ordering a list of frontal chest radiographs so that likely pneumonia is read first, for research "
    "and quality work. Decision support, not a medical device: every study is still read by a radiologist."
)
DEFAULT_OPERATING_POINT = "high_sensitivity"
_SELECTION = {
    False: "the epoch with the lowest loss on validation patients",
    True: "the last epoch",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a trained network, on its LiteRT export.

    agreement: largest difference in probability between Keras and the export on validation images.
    operating_points: thresholds at the calibration's own prevalence, as manifest.json holds them; those of
    validation and held_out: as reports print them.
    """

    agreement: float
    calibration: Calibration
    operating_points: tuple[OperatingPoint, ...]
    validation: Evaluation
    held_out: Evaluation


def describe(
    trained: TrainedNetwork, options: TrainOptions, about: AboutData, measured: Measured
) -> dict[str, Any]:
    """Return manifest.json, but for the checksums."""
    prevalence = about.prevalence or measured.calibration.prevalence
    return {
        "name": options.out.name,
        "version": options.version,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "preprocessing": trained.data.preprocessing.as_json(),
        "calibration": asdict(measured.calibration),
        "prevalence": {"default": prevalence, "source": about.prevalence_source},
        "operating_points": {point.name: as_json(point) for point in measured.operating_points},
        "operating_points_from": [each.name for each in options.points_from] or "validation patients",
        "default_operating_point": DEFAULT_OPERATING_POINT,
        "intended_use": INTENDED_USE,
        "validated_population": {
            "description": about.population,
            "age_years": about.age_years,
            "not_validated_for": about.not_validated_for,
        },
        "data": {"title": about.title, "credit": about.credit, "licence": about.licence},
        "training": _training(trained, options),
        "validation": {**counts(trained)["validation"], "auc": asdict(measured.validation.auc)},
        "held_out": {**counts(trained)["held_out"], "auc": asdict(measured.held_out.auc)},
        "export": {"agreement_with_keras": measured.agreement, "type": "float32"},
    }


def _training(trained: TrainedNetwork, options: TrainOptions) -> dict[str, Any]:
    """Return how the network was trained: on what, with which options, for how long."""
    return {
        **counts(trained)["training"],
        "patients_from": trained.data.dataset.patients_from or "unknown: split by image",
        "sites": {name: len(site.images) for name, site in trained.data.dataset.by_site().items()},
        "held_out_source": options.hold_out_source,
        "painted": options.painted,
        "composites": {
            "table": options.composites and options.composites.name,
            "share": options.composite_share if options.composites else 0.0,
            "own_outlines": options.own_outlines,
        },
        "ways": options.ways,
        "lessons": {name: getattr(options, name) for name in ("pointing", "mirror", "kinds")},
        "average": [str(load_model_folder(each).identity) for each in options.average],
        "blend": options.blend,
        "backbone": _start(options.backbone),
        "seed": options.seed,
        "split_seed": options.split_seed,
        "unfreeze": options.unfreeze,
        "epochs": len(trained.history),
        "selection": _SELECTION[options.keep_last],
        "seconds": round(sum(record.seconds for record in trained.history)),
        "versions": {name: version(name) for name in ("tensorflow", "keras", "numpy")},
    }


def _start(backbone: str) -> str:
    """Return in words which weights training started from."""
    if Path(backbone).is_dir():
        return str(load_model_folder(Path(backbone)).identity)
    return Path(backbone).name


def counts(trained: TrainedNetwork) -> dict[str, dict[str, int]]:
    """Return for each part of the split how many images it has, of each class, and how many patients."""
    parts = {
        "training": [each.image for each in trained.data.training],
        "validation": [each.image for each in trained.data.validation],
        "held_out": [each.image for each in trained.data.held_out],
    }
    known = bool(trained.data.dataset.patients_from)
    return {
        name: {
            "images": len(images),
            "normal": sum(image.label == 0 for image in images),
            "pneumonia": sum(image.label == 1 for image in images),
            **({"patients": len({image.patient for image in images})} if known else {}),
        }
        for name, images in parts.items()
    }
