"""screener calibrate: calibration, operating points and gate fitted to a site's own labelled images."""

import re
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from screener.commands.calibration_table import print_calibration
from screener.commands.console import log, make_progress, progress_console, shown
from screener.commands.derived import check_derived, derived_folder
from screener.commands.labelled import fingerprints, report_missed, screen_labelled, with_digests
from screener.commands.remarks import shared_images
from screener.commands.train import ProgressReporter, missing_train_extra, warn_of_doubts
from screener.domain import Finding, ImageFile, NotScreened
from screener.engines.worker import ScreenerSetup
from screener.errors import DatasetError, ExitCode
from screener.inference.gate import GATE, PictureGate, read_gate, write_gate
from screener.inference.model_folder import ModelFolder, load_model_folder, seal_model_folder
from screener.inference.populations import Population
from screener.inference.training_images import (
    CALIBRATED,
    TrainingImages,
    image_set,
    read_training_images,
    write_training_images,
)
from screener.options import CalibrateOptions
from screener.runtime import native_messages_hidden
from screener.said import Said, say

if TYPE_CHECKING:
    from screener.evaluation.site_images import SiteImages
    from screener.training.dataset import LabelledDataset, LabelledImage
    from screener.training.gate_site import SiteGate
    from screener.training.population_model import ForPopulation
    from screener.training.site import Site

Outcomes = Mapping[str, Finding | NotScreened]  # by file


def calibrate(options: CalibrateOptions) -> ExitCode:
    """Write a copy of a model folder that fits a site, weights untouched; print before and after."""
    model = load_model_folder(options.model)
    version = options.version or _version(model.identity.version, options.out.name)
    check_derived(model, options.out, version)
    with _train_extra():
        from screener.evaluation.recalibration import recalibrate
        from screener.evaluation.site_images import require_separation
        from screener.training.population_model import check_population
    wanted = _population(options)
    if wanted is not None:
        check_population(model, wanted)
    dataset = _read(options.data)
    _grouped(dataset.images, dataset, str(options.data), options.fewest)
    with _train_extra(), native_messages_hidden():  # TensorFlow's, which the gate's pictures bring in
        from screener.training.gate_pictures import other_pictures
        from screener.training.gate_site import refuses_too_many
        from screener.training.site_model import write_site_model
    others = other_pictures(options.not_chest) if options.not_chest else []
    before = _screen(dataset.images, ScreenerSetup.of(model), options.workers)
    accepted = tuple(each for each in dataset.images if _may_be_screened(before[each.file.name]))
    gate = None
    if others or refuses_too_many(*_judged(accepted, before)):
        gate = _fit_gate(options, model, replace(dataset, images=accepted), others)
    after = (
        before if gate is None else {**before, **_screen_again(accepted, model, gate.gate, options.workers)}
    )
    site = _site(options, model, dataset, before, after, wanted)
    require_separation(site.images, str(options.data), dataset.labels_from)
    prints = list(fingerprints(after.values()).values())
    for line in shared_images(model, prints).in_words():
        log(line)
    until_now = _until_now(model, options, site.ages)
    found = recalibrate(
        site.images, until_now.calibration, until_now.operating_points, options.seed, site.wanted
    )
    with derived_folder(options.model, options.out) as copy:
        write_training_images(
            copy, _images_until_now(copy, wanted).joined(TrainingImages((image_set(CALIBRATED, prints),)))
        )
        seal_model_folder(copy, write_site_model(copy, model, site, found, gate, version))
    print_calibration(options, version, site, found, gate)
    warn_of_doubts(load_model_folder(options.out))
    return report_missed("calibrate.not_used", (*dataset.refused, *after.values()))


@contextmanager
def _train_extra() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise missing_train_extra(say("calibrate.calibrating"), error) from error


def _version(old: str, name: str) -> str:
    """Return the old version with a name as its build (Semantic Versioning 2.0.0, 10)."""
    build = re.sub(r"[^0-9A-Za-z.-]+", "-", name)
    return f"{old}{'.' if '+' in old else '+'}{build}"


def _read(data: Path) -> "LabelledDataset":
    """Return the labelled images that may be fitted on, with digests: test/ is for measuring alone."""
    from screener.training.dataset import read_dataset

    dataset, copies = with_digests(read_dataset(data))
    if copies:
        log(say("evaluation.note", note=copies))
    usable = tuple(each for each in dataset.images if each.part != "test")
    if len(usable) < len(dataset.images):
        log(say("calibrate.test_left_out", count=len(dataset.images) - len(usable)))
    return replace(dataset, images=usable)


def _population(options: CalibrateOptions) -> "ForPopulation | None":
    """Return which population the calibration is for; None where all patients are to be read alike."""
    from screener.training.about import read_about
    from screener.training.population_model import ForPopulation

    if options.population is None:
        return None
    return ForPopulation(
        name=options.population,
        keep_as=options.keep_as,
        default=options.default_population,
        about=read_about(options.about),
    )


def _images_until_now(folder: Path, population: "ForPopulation | None") -> TrainingImages:
    """Return the images that a model still rests on: of a calibration for all patients, no earlier one's."""
    known = read_training_images(folder)
    return known.without(CALIBRATED) if population is None else known


def _until_now(model: ModelFolder, options: CalibrateOptions, ages: Sequence[float]) -> Population:
    """Return how the model has read these patients until now: as the population named, else by their ages."""
    for each in model.populations:
        if each.name == options.population:
            return each
    name = model.scales().of_years(statistics.median(ages) if ages else None).population
    return next(each for each in model.populations if each.name == name)


def _grouped(
    images: "Sequence[LabelledImage]", dataset: "LabelledDataset", where: str | Said, fewest: int
) -> list[int]:
    """Return which images belong together; raises DatasetError where there are too few to calibrate on."""
    from screener.evaluation.site_images import require_enough
    from screener.training.splits import kept_together

    known = bool(dataset.patients_from)
    groups = kept_together(images, known) if images else []
    require_enough([image.label for image in images], groups, known, where, fewest)
    return groups


def _screen(images: "Sequence[LabelledImage]", setup: ScreenerSetup, workers: int) -> Outcomes:
    return {each.file: each for each in screen_labelled(images, setup, workers, say("calibrate.scoring"))}


def _screen_again(
    accepted: "Sequence[LabelledImage]", model: ModelFolder, gate: PictureGate, workers: int
) -> Outcomes:
    """Return what 'scan' will say of the images with another gate."""
    with tempfile.TemporaryDirectory() as folder:
        write_gate(gate, Path(folder) / GATE)
        return _screen(accepted, replace(ScreenerSetup.of(model), gate=Path(folder) / GATE), workers)


def _may_be_screened(outcome: Finding | NotScreened) -> bool:
    """Return whether an image could be read and its tags allow a chest radiograph, whatever the gate says."""
    return isinstance(outcome, Finding) or _refused(outcome)


def _refused(outcome: Finding | NotScreened) -> bool:
    return isinstance(outcome, NotScreened) and outcome.picture_refused


def _judged(accepted: "Sequence[LabelledImage]", outcomes: Outcomes) -> tuple[list[int], list[bool]]:
    """Return the images' labels, and which of them the gate refuses."""
    return [each.label for each in accepted], [_refused(outcomes[each.file.name]) for each in accepted]


def _fit_gate(
    options: CalibrateOptions, model: ModelFolder, accepted: "LabelledDataset", others: Sequence[ImageFile]
) -> "SiteGate":
    """Return the gate for the site: fitted anew with other pictures, or with a lower threshold."""
    from screener.training.gate_pictures import GateSampling
    from screener.training.gate_run import see_all
    from screener.training.gate_site import lower_gate, refit_gate

    old = read_gate(model.gate) if model.gate else None
    console = progress_console()
    progress = make_progress(console) if console.is_terminal else None
    with shown(progress):
        pictures = see_all(
            model.network,
            model.preprocessing,
            {options.data.stem: accepted},
            others,
            GateSampling(options.seed),
            ProgressReporter(progress),
        )
    if old is None or others:
        return refit_gate(pictures, old, options.seed)
    return lower_gate(pictures, old, options.seed)


def _site(
    options: CalibrateOptions,
    model: ModelFolder,
    dataset: "LabelledDataset",
    before: Outcomes,
    after: Outcomes,
    population: "ForPopulation | None",
) -> "Site":
    from screener.evaluation.operating_point import Wanted
    from screener.evaluation.site_images import FEWEST_OF_CLASS
    from screener.training.site import Site

    scored = [each for each in dataset.images if isinstance(after[each.file.name], Finding)]
    unread = len(dataset.refused) + sum(not _may_be_screened(each) for each in after.values())
    images = _site_images(options, dataset, scored, after)
    site = Site(
        data=options.data.name,
        date=datetime.now(UTC).date().isoformat(),
        images=images,
        not_used=unread,
        refused_before=_count_refused(before) if model.gate else None,
        refused_after=_count_refused(after) if model.gate or options.not_chest else None,
        prevalence=options.prevalence,
        refit=options.not_chest is not None,
        ages=tuple(each.age_years for each in scored if each.age_years is not None),
        population=population,
        wanted=Wanted(options.sensitivity, few=images.ill_patients < FEWEST_OF_CLASS),
    )
    if population is not None and site.age_years is None:
        raise DatasetError(
            "calibrate.ages_missing",
            data=options.data,
            name=population.name,
            known=len(site.ages),
            all=len(scored),
        )
    return site


def _count_refused(outcomes: Outcomes) -> int:
    return sum(_refused(each) for each in outcomes.values())


def _site_images(
    options: CalibrateOptions,
    dataset: "LabelledDataset",
    images: "Sequence[LabelledImage]",
    outcomes: Outcomes,
) -> "SiteImages":
    """Return the images that have a score as arrays; raises DatasetError where they are too few."""
    import numpy as np

    from screener.evaluation.site_images import SiteImages

    logits = {each.file: each.prediction.logit for each in outcomes.values() if isinstance(each, Finding)}
    left_out = len(dataset.images) - len(images)
    where = say("calibrate.without", data=options.data, count=left_out)
    return SiteImages(
        groups=np.array(_grouped(images, dataset, where, options.fewest)),
        labels=np.array([image.label for image in images]),
        logits=np.array([logits[image.file.name] for image in images]),
        patients_known=bool(dataset.patients_from),
    )
