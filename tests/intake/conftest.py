"""Images in any transfer syntax."""

import pytest
from pydicom.uid import (
    ExplicitVRLittleEndian,
)

from tests.intake.encodings import (
    compress,
)
from tests.intake.twins import NATIVE


@pytest.fixture
def keep(make_dicom):
    """Write an image as DICOM in any transfer syntax and return its path."""

    def keep(pixels, *, syntax=ExplicitVRLittleEndian, encode=None, **elements):
        if syntax in NATIVE.values():
            return make_dicom(pixels, syntax=syntax, **elements)
        path = make_dicom(pixels, **elements)
        compress(path, syntax, encode)
        return path

    return keep
