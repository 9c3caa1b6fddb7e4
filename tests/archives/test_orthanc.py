"""The archive that other tests use is a real one, and their own."""

from pathlib import Path

import numpy as np

from screener.archives.address import WebAddress
from screener.archives.credentials import Credentials
from screener.archives.http import Access, Client
from tests.archives.orthanc import Orthanc


def test_an_image_that_was_stored_is_found_by_dicomweb(orthanc: Orthanc, make_dicom) -> None:
    pixels = np.arange(100, dtype=np.uint16).reshape(10, 10)
    orthanc.store(make_dicom(pixels, SeriesInstanceUID="1.2.826.0.1.3680043.8.498.3"))
    client = Client(Access(WebAddress.of(orthanc.url), Credentials.found(Path(orthanc.credentials))))
    with client.get("/studies", {"ModalitiesInStudy": "DX"}) as answer:
        assert b"1.2.826.0.1.3680043.8.498.2" in answer.read()
    client.close()
