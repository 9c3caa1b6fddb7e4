"""Patients' ages as DICOM writes them, and the years that a model's figures were validated for. Pure."""

import re
from typing import TypeAlias

Ages: TypeAlias = tuple[int, int]
"""Years, youngest and oldest, both included: a child is five until its sixth birthday."""

_AGE = re.compile(r"(?P<number>[0-9]{3})(?P<unit>[DWMY])")  # DICOM AS, PS3.5 6.2
_PER_YEAR = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0}


def years_of(age: str) -> float | None:
    """Return DICOM's "018M" in years, 1.5; None where the age is unknown."""
    match = _AGE.fullmatch(age)
    return int(match["number"]) / _PER_YEAR[match["unit"]] if match else None


def age_of_years(years: float) -> str:
    """Return an age in years as DICOM writes it: "046Y"; in months below two years.

    Raises:
        ValueError: It is below 0, or has more digits than DICOM writes.
    """
    if not 0 <= years < 1000:
        raise ValueError(f"no age: {years}")
    return f"{int(years):03d}Y" if years >= 2 else f"{int(years * 12):03d}M"


def years_outside(years: float, ages: Ages) -> float:
    """Return by how many years an age lies outside a range, 0 inside it."""
    youngest, oldest = ages
    return max(youngest - years, years - (oldest + 1), 0.0)


def is_inside(years: float, ages: Ages) -> bool:
    """Return whether an age lies in a range: a child is five until its sixth birthday."""
    return ages[0] <= years < ages[1] + 1


def age_parts(age: str) -> tuple[int, str] | None:
    """Return DICOM's "018M" as number and unit, (18, "M"): D, W, M or Y; None where the age is unknown."""
    match = _AGE.fullmatch(age)
    return (int(match["number"]), match["unit"]) if match else None
