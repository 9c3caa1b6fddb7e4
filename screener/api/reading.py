"""What Python may pass for an image, read in this process."""

import os
from pathlib import Path
from typing import Any, TypeAlias

from numpy.typing import NDArray

from screener.ages import age_of_years, years_of
from screener.domain import Finding, Identifiers, Ignored, ImageFile, NotScreened, ObjectFile, Outcome
from screener.engines.worker import ScreenedImage, Screener, missed, refused, screen_image
from screener.errors import ImageError, UsageError, why
from screener.intake import UnreachableImageError, at_hand, look_at, radiograph_of
from screener.locations import Location, ObjectUrl, as_location
from screener.outputs.messages import SpokenReason
from screener.stores import StoreError, check_store

AnyPath: TypeAlias = str | os.PathLike[str]
Age: TypeAlias = float | str
"""Of a patient: in years, or as DICOM writes it ("018M")."""


def dicom_age(age: Age | None) -> str:
    """Return an age as DICOM writes it; empty for None.

    Raises:
        UsageError: It is no age.
    """
    if age is None:
        return ""
    try:
        said = age if isinstance(age, str) else age_of_years(age)
    except ValueError:
        said = ""
    if years_of(said) is None:
        raise UsageError("api.no_age", age=repr(age))
    return said


def found(path: AnyPath) -> Location:
    """Return where a file lies.

    Raises:
        UsageError: There is no such file, or its store cannot be asked.
    """
    place = as_location(os.fspath(path))
    if isinstance(place, ObjectUrl):
        try:
            check_store(place.scheme)
        except StoreError as error:
            raise UsageError("api.no_store", place=place, why=why(error)) from error
    elif not place.is_file():
        raise UsageError("api.no_such_file", place=place)
    return place


def screened(place: Location, screener: Screener) -> ScreenedImage | NotScreened | Ignored:
    """Return what one file gives, with each step where it is an image.

    Raises:
        UsageError: Its store does not hand it out.
    """
    seen = look_at(place.absolute(), place.name)
    if not isinstance(seen, ImageFile | ObjectFile):
        return seen
    try:
        with at_hand(seen) as here:
            return screen_image(here, screener) if isinstance(here, ImageFile) else here
    except UnreachableImageError as error:
        raise UsageError("api.not_handed_out", place=place, why=SpokenReason(error.reason)) from error


def array_outcome(values: NDArray[Any], screener: Screener) -> Outcome:
    """Return what an array gives; raises as radiograph_of does, but for what is wrong with its picture."""
    nowhere, nobody = Path(), Identifiers()
    try:
        radiograph = radiograph_of(values, nobody)
    except ImageError as error:
        return missed("", nowhere, error, nobody)
    examined = screener.examine(radiograph)
    if examined.prediction is None:
        return refused("", nowhere, nobody)
    return Finding("", nowhere, nobody, examined.prediction, "", examined.notes(), examined.correction)
