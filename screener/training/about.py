"""What the training data are, in the words of whoever trains: a small TOML file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screener.errors import UsageError, why

_UNKNOWN = "not described"


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutData:
    """What a model card says of the data, where no measurement can.

    age_years: youngest and oldest patient, None where unknown; in 'calibrate', of all whom the population's
    figures are of, where they are more than those calibrated on. prevalence: share of pneumonia, 0..1,
    that reports assume unless told otherwise, None for that of the validation patients. kept_population: on
    whom the population that 'calibrate' keeps was validated, where its old description says too much.
    """

    title: str = _UNKNOWN
    credit: str = _UNKNOWN
    licence: str = _UNKNOWN
    population: str = _UNKNOWN
    age_years: tuple[int, int] | None = None
    not_validated_for: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    prevalence: float | None = None
    prevalence_source: str = "share among the validation patients"
    kept_population: str = ""


NOTHING_KNOWN = AboutData()


def read_about(path: Path | None) -> AboutData:
    """Return what a file says of the data; without a file, that nothing is known.

    Raises:
        UsageError: It is no TOML, or holds a key or value that cannot be.
    """
    if path is None:
        return NOTHING_KNOWN
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError("training.about_no_toml", path=path, error=why(error)) from error
    known = set(AboutData.__dataclass_fields__)
    if unknown := sorted(set(values) - known):
        raise UsageError(
            "training.about_unknown", path=path, found=", ".join(unknown), known=", ".join(sorted(known))
        )
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
    about = AboutData(**fields)
    if about.prevalence is not None and not 0 < about.prevalence < 1:
        raise UsageError("training.about_prevalence", path=path, found=about.prevalence)
    return about
