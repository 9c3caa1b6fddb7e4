"""Ledgers of a site whose images are numbers."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from screener.ages import age_of_years
from screener.domain import (
    Cause,
    Finding,
    Identifiers,
    ImageFacts,
    NotScreened,
    Outcome,
    Prediction,
)
from screener.ledger import Ledger, ResultKey, Stamp
from screener.monitoring.images import Images
from screener.note_codes import Note, NoteCode
from screener.operating_points import Calibration, OperatingPoint
from screener.reasons import Reason, ReasonCode
from screener.reporting.run_record import to_record
from screener.run_summary import ModelIdentity
from screener.scale import Scale, Scales
from tests.reporting.test_run_record import SUMMARY

MAP = np.zeros((7, 7), dtype=np.float32)
SCALES = Scales.one(Scale(Calibration(1.0, 0.0, 0.5), OperatingPoint("balanced", 0.5, 0.9, 0.9), 0.5))


def ledger_of(images: Images, path: Path, every: int = 1) -> None:
    """Write a ledger of one run a night; every: of how many images one."""
    for model in np.unique(images.model.codes).tolist():
        word = images.model.words[model]
        with Ledger(path, key=ResultKey(word)) as ledger:
            for day in np.unique(images.day[images.model.codes == model]).tolist():
                _night(ledger, images, day, word, every)


def _night(ledger: Ledger, images: Images, day: int, model: str, every: int) -> None:
    name, _, version = model.partition("@")
    began = datetime.fromordinal(day).replace(hour=2).astimezone()
    summary = replace(
        SUMMARY,
        started=began,
        finished=began + timedelta(minutes=9),
        model=ModelIdentity(name, version, "ab" * 32),
        scales=SCALES,
    )
    outcomes = [outcome(images, each) for each in np.flatnonzero(images.day == day)[::every].tolist()]
    ledger.begin(began, model)
    ledger.record(outcomes, {each.path: Stamp(9, 5) for each in outcomes})
    ledger.keep(to_record(summary))
    ledger.finish(summary.finished, True, len(outcomes))


def outcome(images: Images, place: int) -> Outcome:
    """Return what a scan would have found of an image."""
    file, path = f"{place}.dcm", Path(f"/studies/{place}.dcm")
    who = Identifiers(
        study_instance_uid=f"1.{place}",
        sop_instance_uid=f"1.{place}.1",
        view_position=images.view.words[images.view.codes[place]],
        patient_age=age_of_years(float(images.age[place])),
    )
    numbers = tuple(images.summary[place].tolist()) if images.screened[place] else ()
    device = images.device.words[images.device.codes[place]]
    facts = ImageFacts(device, images.coding.words[images.coding.codes[place]], numbers)
    if not images.screened[place]:
        failed = bool(images.failed[place])
        why = Reason.of(ReasonCode.EMPTY_FILE if failed else ReasonCode.PICTURE_REFUSED)
        cause = Cause.FAILED if failed else Cause.INELIGIBLE
        return NotScreened(file, path, cause, why, who, facts=facts)
    notes = (Note(NoteCode.WINDOW_REPLACED),) if images.replaced[place] else ()
    score = float(images.score[place])
    return Finding(file, path, who, Prediction(score, MAP), f"d{place}", notes, facts=facts)
