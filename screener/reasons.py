"""Why an image was not screened: a code from one closed list, and what fills the words for it.

Programs go by the code. People read the words of the message catalogue, templates/messages.toml, [reason].
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class ReasonCode(StrEnum):
    """Every reason there is. Codes are a contract with other programs: never renamed, only added to."""

    # Ineligible: readable, but not a frontal chest radiograph.
    BITS_ALLOCATED = "bits_allocated"
    BLANK_PICTURE = "blank_picture"
    BODY_PART = "body_part"
    DERIVED_CAPTURE = "derived_capture"
    DESCRIBED_BODY_PART = "described_body_part"
    DESCRIBED_VIEW = "described_view"
    FOR_PROCESSING = "for_processing"
    IMAGE_FORMAT = "image_format"
    LOCALIZER = "localizer"
    MODALITY = "modality"
    MODALITY_MISSING = "modality_missing"
    NUMBER_OF_FRAMES = "number_of_frames"
    OWN_RESULT = "own_result"
    PICTURE_REFUSED = "picture_refused"
    SOP_CLASS = "sop_class"
    SPECIES = "species"
    TOO_LONG = "too_long"
    TOO_SMALL = "too_small"
    VIEW = "view"

    # Failed: should have been readable.
    ATTRIBUTE_MISSING = "attribute_missing"
    ATTRIBUTE_VALUE = "attribute_value"
    BITS_STORED = "bits_stored"
    CANNOT_BE_COPIED = "cannot_be_copied"
    CANNOT_BE_OPENED = "cannot_be_opened"
    DATA_SET_DAMAGED = "data_set_damaged"
    DECODER_CRASHED = "decoder_crashed"
    DECODER_MISSING = "decoder_missing"
    EMPTY_FILE = "empty_file"
    FILE_GONE = "file_gone"
    FOLDER_UNREADABLE = "folder_unreadable"
    HEADER_DAMAGED = "header_damaged"
    HEADER_TRUNCATED = "header_truncated"
    LINK_BROKEN = "link_broken"
    LISTING_BROKEN = "listing_broken"
    MORE_PIXELS = "more_pixels"
    NO_PIXEL_DATA = "no_pixel_data"
    NOT_AN_IMAGE = "not_an_image"
    NOT_A_FILE = "not_a_file"
    OUT_OF_MEMORY = "out_of_memory"
    OUT_OF_TIME = "out_of_time"
    PICTURE_CHANGED = "picture_changed"
    PIXEL_DATA_LONG = "pixel_data_long"
    PIXEL_DATA_SHORT = "pixel_data_short"
    PIXELS_DAMAGED = "pixels_damaged"
    PIXELS_TRUNCATED = "pixels_truncated"
    STORE_LIBRARY_MISSING = "store_library_missing"
    STORE_OUT_OF_REACH = "store_out_of_reach"
    STORE_REFUSED = "store_refused"
    TOO_LARGE = "too_large"
    TRANSFER_SYNTAX = "transfer_syntax"
    UNFORESEEN_ERROR = "unforeseen_error"
    WORKERS_LOST = "workers_lost"
    WRONG_CONTENT = "wrong_content"

    EARLIER_WORDS = "earlier_words"
    """Of a ledger from before there were codes: its words are all that is known."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code, and the values that its words name.

    details: (name, value) in the order given; no value identifies a patient.
    """

    code: ReasonCode
    details: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: ReasonCode, **details: object) -> Self:
        return cls(code, tuple((name, str(value)) for name, value in details.items()))

    def __str__(self) -> str:
        """The code and its details, for developers; people read the catalogue's words."""
        details = ", ".join(f"{name}={value}" for name, value in self.details)
        return f"{self.code} ({details})" if details else f"{self.code}"

    def as_json(self) -> str:
        """Return the details as one JSON object, empty for none; from_json reads it back."""
        return json.dumps(dict(self.details), ensure_ascii=False) if self.details else ""

    @classmethod
    def from_json(cls, code: str, details: str) -> Self:
        return cls.of(ReasonCode(code), **(json.loads(details) if details else {}))
