"""Pictures that the tests of intake share, and the shortest way from a file to its grey levels."""

import numpy as np

from screener.domain import FileKind, ImageFile
from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display

WEDGE = np.tile(np.linspace(0, 4000, 160).astype(np.uint16), (130, 1))  # 12 bits, dark left, bright right
GREY = np.tile(np.arange(256, dtype=np.uint8), (130, 1))


def shown(path):
    """Return the grey levels at which a DICOM file is shown."""
    return display(open_dicom(path).dataset).pixels


def image_file(path, kind=FileKind.DICOM):
    return ImageFile(path, path.name, kind)
