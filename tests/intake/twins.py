"""What every twin is compared with: the image, the transfer syntaxes, and how alike is alike."""

import numpy as np
import pydicom
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from screener.domain import PreprocessingSpec
from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display
from screener.preprocessing.clahe import preprocess
from tests.intake.encodings import (
    RADIOGRAPH,
)

SQUARE = preprocess(RADIOGRAPH, PreprocessingSpec()).astype(int)

NATIVE = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
}
COMPRESSED = {
    "RLE": RLELossless,
    "JPEG .50": JPEGBaseline8Bit,
    "JPEG .51": JPEGExtended12Bit,
    "JPEG lossless .57": JPEGLossless,
    "JPEG lossless .70": JPEGLosslessSV1,
    "JPEG-LS .80": JPEGLSLossless,
    "JPEG-LS .81": JPEGLSNearLossless,
    "JPEG 2000 .90": JPEG2000Lossless,
    "JPEG 2000 .91": JPEG2000,
    "HTJ2K .201": HTJ2KLossless,
    "HTJ2K .202": HTJ2KLosslessRPCL,
    "HTJ2K .203": HTJ2K,
}
SYNTAXES = NATIVE | COMPRESSED


def assert_twin(path, *, within=1):
    """Assert that a DICOM file shows the image, before and after CLAHE."""
    shown = display(open_dicom(path).dataset).pixels
    assert shown.shape == RADIOGRAPH.shape
    assert np.abs(shown.astype(int) - RADIOGRAPH).max() <= within
    assert np.abs(preprocess(shown, PreprocessingSpec()) - SQUARE).max() <= within


def change(path, vr=None, **elements):
    """Overwrite elements of a DICOM file, with another VR for pixel data where one is given."""
    dataset = pydicom.dcmread(path)
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    if vr:
        dataset["PixelData"].VR = vr
    dataset.save_as(path, enforce_file_format=True)
