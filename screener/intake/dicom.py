"""DICOM files: opened with or without preamble and file meta header, header parsed, pixels untouched."""

import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path

import pydicom
from pydicom import Dataset, FileDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from screener.domain import Identifiers
from screener.errors import UnreadableImageError
from screener.intake.bounded import BoundedFile, check_inflated
from screener.intake.header import Header, header_of, identifiers_of

# Archives hold values that break the rules of their VR; reading them is not validating them.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE


@dataclass(frozen=True, slots=True)
class DicomImage:
    """One DICOM file, header parsed. The data set never leaves screener.intake."""

    dataset: Dataset = field(repr=False)  # holds the patient's name
    header: Header
    identifiers: Identifiers


def open_dicom(path: Path, whole: bool = True) -> DicomImage:
    """Return a DICOM file with or without preamble and file meta header (PS3.10 7.1).

    whole: false where only a beginning of the file is there: then its pixels are not looked for.

    Raises:
        UnreadableImageError: It cannot be opened, or its data set is damaged.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # they can quote values, which no log may hold
            with BoundedFile(path) as stream:
                check_inflated(stream)
                read = pydicom.dcmread(stream, force=True, stop_before_pixels=not whole)
                if not whole and stream.at_end():
                    raise UnreadableImageError("the DICOM header goes on behind what was read")
                dataset = _with_transfer_syntax(read)
            header = header_of(dataset)
            header = header if whole else replace(header, has_pixels=True)
            return DicomImage(dataset, header, identifiers_of(dataset, header))
    except UnreadableImageError:
        raise
    except Exception as error:  # a parser fed arbitrary bytes may raise anything
        raise UnreadableImageError(_in_words(error)) from error


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be opened: {error.strerror}"
    if isinstance(error, RecursionError):
        return "the DICOM header is damaged: its sequences are nested too deep"
    if isinstance(error, MemoryError):
        return "the DICOM header needs more memory than a worker may use"
    if isinstance(error, (EOFError, OSError)):  # pydicom's own: no tag where one should be
        return "the DICOM header is truncated or damaged"
    return f"the DICOM header is damaged ({type(error).__name__})"


def _with_transfer_syntax(dataset: FileDataset) -> FileDataset:
    """Return the data set with the syntax it was parsed in, where no file meta header names one."""
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit, little = dataset.original_encoding
        syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
        dataset.file_meta.TransferSyntaxUID = syntax if little else ExplicitVRBigEndian
    return dataset
