"""DICOM files: opened with or without preamble and file meta header, header parsed, pixels untouched."""

import contextlib
import warnings
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import pydicom
from pydicom import Dataset
from pydicom.filereader import data_element_generator, read_partial
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from screener.domain import Identifiers
from screener.errors import UnreadableImageError
from screener.intake.decode.encapsulated import ITEM, encapsulated, items_of
from screener.intake.decode.fit import syntax_of
from screener.intake.dicom.bounded_file import BoundedFile, check_inflated
from screener.intake.dicom.encoding import inflated_header, truly_encoded
from screener.intake.dicom.header import Header, header_of, identifiers_of
from screener.reasons import Reason, ReasonCode

# Archives hold values that break the rules of their VR; reading them is not validating them.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

_PIXEL_GROUP = 0x7FE0


@dataclass(frozen=True, slots=True)
class DicomImage:
    """One DICOM file, header parsed. The data set never leaves screener.intake.

    damage: why it cannot be screened, where only a part of it could be parsed; else None.
    """

    dataset: Dataset = field(repr=False)  # holds the patient's name
    header: Header
    identifiers: Identifiers
    damage: Reason | None = None

    def check_undamaged(self) -> None:
        """Raise if only a part of the file could be parsed.

        Raises:
            UnreadableImageError: Only a part of it could.
        """
        if self.damage:
            raise UnreadableImageError(self.damage)


@dataclass(frozen=True, slots=True)
class _Parsed:
    dataset: Dataset
    damage: Reason | None = None


def open_dicom(path: Path, whole: bool = True) -> DicomImage:
    """Return a DICOM file with or without preamble and file meta header (PS3.10 7.1).

    Of a damaged file what stands before the damage, so that it still names its study. whole: false where
    only a beginning of the file is there: then its pixels are not looked for.

    Raises:
        UnreadableImageError: It cannot be opened, or nothing of its data set can be parsed.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # they can quote values, which no log may hold
            parsed = _parsed(path, whole)
            dataset = _with_transfer_syntax(parsed.dataset)
            header = header_of(dataset)
            header = header if whole else replace(header, has_pixels=True)
            return DicomImage(dataset, header, identifiers_of(dataset, header), parsed.damage)
    except UnreadableImageError:
        raise
    except Exception as error:  # a parser fed arbitrary bytes may raise anything
        raise UnreadableImageError(_reason(error)) from error


def _parsed(path: Path, whole: bool) -> _Parsed:
    """Return what a file holds, or what of it can be parsed."""
    with BoundedFile(path) as stream:
        otherwise = truly_encoded(stream)
        if otherwise is not None:
            return _Parsed(otherwise, _false_syntax(otherwise))
        check_inflated(stream)
        try:
            read = pydicom.dcmread(stream, force=True, stop_before_pixels=not whole)
        except OSError as error:
            if error.errno is not None:
                raise
            return _before_damage(stream, error)
        except Exception as error:  # noqa: BLE001  # as above
            return _before_damage(stream, error)
        if not whole and stream.at_end():
            raise UnreadableImageError(ReasonCode.HEADER_TRUNCATED)
        # pydicom drops all of a data set that lacks its end
        return _Parsed(read) if len(read) else _before_damage(stream, EOFError())


def _before_damage(stream: BoundedFile, error: Exception) -> _Parsed:
    """Return all that stands before the element that cannot be parsed, its own items where it is the pixels.

    Damage behind the pixels does no harm.
    """
    stream.seek(0)
    if isinstance(error, zlib.error):
        header = inflated_header(stream)
        if header is None:
            raise error
        return _Parsed(header, _reason(error))
    part, tag, value_at = _elements(stream)
    if not len(part):
        raise error
    if "PixelData" in part:
        return _Parsed(part)
    stream.seek(value_at)
    found = items_of(stream.read()) if tag >> 16 == _PIXEL_GROUP else None
    if found is None or not found.items:
        return _Parsed(part, _reason(error))
    part.PixelData = encapsulated(found.frame())
    part["PixelData"].VR = "OB"
    part["PixelData"].is_undefined_length = True
    return _Parsed(part, Reason.of(ReasonCode.PIXELS_TRUNCATED) if found.cut else None)


def _elements(stream: BoundedFile) -> tuple[Dataset, int, int]:
    """Return all elements up to the first that cannot be parsed, its tag, and where its value begins."""
    part = read_partial(stream, lambda tag, vr, length: True, force=True)  # the file meta group alone
    tag, value_at = 0, 0

    def reached(this: int, vr: str | None, length: int) -> bool:
        nonlocal tag, value_at
        tag, value_at = this, stream.tell()
        return False

    start = stream.tell()
    implicit = not stream.read(6)[4:].isalpha()
    stream.seek(start)
    _, little_endian = part.original_encoding
    with contextlib.suppress(Exception):  # what is wrong is known already
        for element in data_element_generator(stream, implicit, bool(little_endian), reached):
            part[element.tag] = element
    return part, tag, value_at


def _reason(error: Exception) -> Reason:
    if isinstance(error, OSError) and error.strerror:
        return Reason.of(ReasonCode.CANNOT_BE_OPENED, why=error.strerror)
    if isinstance(error, zlib.error):
        return Reason.of(ReasonCode.DATA_SET_DAMAGED)
    if isinstance(error, MemoryError):
        return Reason.of(ReasonCode.OUT_OF_MEMORY)
    if isinstance(error, (EOFError, OSError)):  # pydicom's own: no tag where one should be
        return Reason.of(ReasonCode.HEADER_TRUNCATED)
    why = "its sequences are nested too deep" if isinstance(error, RecursionError) else type(error).__name__
    return Reason.of(ReasonCode.HEADER_DAMAGED, why=why)


def _false_syntax(otherwise: Dataset) -> Reason:
    """Return the reason for a file encoded otherwise than its file meta group says."""
    found = otherwise.file_meta.TransferSyntaxUID.name
    return Reason.of(ReasonCode.TRANSFER_SYNTAX, claimed="another one", found=found)


def _with_transfer_syntax(dataset: Dataset) -> Dataset:
    """Return the data set with the syntax that it has, where no file meta header names one.

    A value that is no UID, such as an empty one, names none.
    """
    if UID(str(dataset.file_meta.get("TransferSyntaxUID") or "").strip(" \0")).is_valid:
        return dataset
    implicit, little = dataset.original_encoding
    syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    dataset.file_meta.TransferSyntaxUID = syntax if little else ExplicitVRBigEndian
    held = dataset.get_item("PixelData")
    value = held.value if held is not None else None
    compressed = syntax_of(value) if isinstance(value, bytes) else None
    if compressed is not None and isinstance(value, bytes):
        dataset.file_meta.TransferSyntaxUID = compressed
        if value[:4] != ITEM:  # the stream alone
            dataset.PixelData = encapsulated(value)
    return dataset
