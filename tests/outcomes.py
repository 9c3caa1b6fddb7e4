"""Outcomes of images, for the tests of the worklist and of the ledger."""

from pathlib import Path

import numpy as np

from screener.domain import Cause, Finding, Identifiers, NotScreened, Prediction
from screener.operating_points import Calibration, OperatingPoint
from screener.reasons import Reason, ReasonCode
from screener.scale import Scale, Scales

SCALES = Scales.one(Scale(Calibration(1.0, 0.0, 0.5), OperatingPoint("balanced", 0.5), 0.5))


def found(file, logit=0.0, study="", *, sop="", digest=None, **identifiers):
    """Return a finding; its picture is its own unless a digest is named."""
    return Finding(
        file,
        Path("/studies") / file,
        Identifiers(study_instance_uid=study, sop_instance_uid=sop, **identifiers),
        Prediction(logit, np.full((7, 7), logit, dtype=np.float32)),
        digest or f"digest of {file}",
    )


def why(words):
    """Return a reason that reads so."""
    return Reason.of(ReasonCode.EARLIER_WORDS, words=words)


def missed(file, reason="damaged", study="", *, cause=Cause.FAILED, **identifiers):
    """Return an image that was not screened; reason: a Reason, or its words."""
    reason = reason if isinstance(reason, Reason) else why(reason)
    return NotScreened(
        file, Path("/studies") / file, cause, reason, Identifiers(study_instance_uid=study, **identifiers)
    )
