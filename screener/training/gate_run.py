"""A picture gate for a model folder: gather pictures, fit, and say in manifest and card what it does."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from screener.domain import ImageFile, PreprocessingSpec
from screener.errors import DatasetError
from screener.inference.gate import GATE, PictureGate, write_gate
from screener.inference.model_folder import CARD
from screener.said import say
from screener.training.card import render, with_section
from screener.training.counterexamples import DRAWN
from screener.training.dataset import LabelledDataset
from screener.training.gate_fit import FOLDS, FittedGate, fit_gate, keep_gate
from screener.training.gate_pictures import (
    GatePicture,
    GateSampling,
    Seer,
    see_drawings,
    see_others,
    see_radiographs,
    to_measure,
)
from screener.training.gate_thresholds import LOST, PASSED
from screener.training.run import TrainingReporter

FEWEST_IMAGES = 40


def make_gate(
    network: Path,
    spec: PreprocessingSpec,
    sites: Mapping[str, LabelledDataset],
    not_chest: Sequence[ImageFile],
    seed: int,
    reporter: TrainingReporter,
    kept: PictureGate | None = None,
) -> FittedGate:
    """Return a gate for a network, fitted on images by the name of their site, and on other pictures.

    kept: a gate of which only the lower threshold is chosen anew.

    Raises:
        DatasetError: There are too few images.
    """
    sampling = GateSampling(seed) if kept is None else to_measure(seed)
    pictures = see_all(network, spec, sites, not_chest, sampling, reporter)
    reporter.say(say("gate.fitting"))
    return fit_gate(pictures, seed) if kept is None else keep_gate(pictures, kept)


def see_all(
    network: Path,
    spec: PreprocessingSpec,
    sites: Mapping[str, LabelledDataset],
    not_chest: Sequence[ImageFile],
    sampling: GateSampling,
    reporter: TrainingReporter,
) -> list[GatePicture]:
    """Return what a network saw of images, of what was made from them, of drawings, and of other pictures.

    Raises:
        DatasetError: There are too few images.
    """
    count = sum(len(dataset.images) for dataset in sites.values())
    if count < FEWEST_IMAGES:
        raise DatasetError("gate.too_few_images", count=count, least=FEWEST_IMAGES)
    seer = Seer(network, spec)
    seen = [
        see_radiographs(
            site, data, seer, reporter.stage(say("gate.images_of", site=site), len(data.images)), sampling
        )
        for site, data in sites.items()
    ]
    each = sampling.drawings_for(count)
    seen.append(
        see_drawings(each, seer, reporter.stage(say("gate.drawings"), each * len(DRAWN)), sampling.seed)
    )
    if not_chest:
        seen.append(see_others(not_chest, seer, reporter.stage(say("gate.other_pictures"), len(not_chest))))
    return list(chain.from_iterable(chain.from_iterable(seen)))


def add_gate(folder: Path, fitted: FittedGate, described: Mapping[str, Any]) -> dict[str, Any]:
    """Write gate and card into an unsealed model folder; return the manifest with the gate's part.

    In the card the title gets the version; the section on the gate is replaced, or put before the cautions.
    """
    write_gate(fitted.gate, folder / GATE)
    section = render(
        "gate_card.md.j2",
        figures=fitted.figures,
        gate=fitted.gate,
        kept=fitted.kept,
        folds=FOLDS,
        lost=LOST,
        passed=PASSED,
    )
    _, _, body = (folder / CARD).read_text(encoding="utf-8").partition("\n")
    card = with_section(
        f"# {described['name']} {described['version']}\n{body}", section, before="## Cautions"
    )
    (folder / CARD).write_text(card, encoding="utf-8")
    return {**described, "gate": gate_description(fitted)}


def gate_description(fitted: FittedGate) -> dict[str, Any]:
    """Return what manifest.json says of a gate."""
    return {
        "threshold": fitted.gate.threshold,
        "lower_threshold": fitted.gate.refused_below,
        "correction_threshold": fitted.gate.correction_threshold,
        "features": fitted.gate.judge.features,
        "figures": [asdict(figure) for figure in fitted.figures],
    }
