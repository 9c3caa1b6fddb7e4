"""Synthetic images and where the real ones lie: each test states only what it cares about."""

import os
import re
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.archives.orthanc import orthanc, orthanc_server  # noqa: F401  # fixtures
from tests.ray_engine.harness import cluster, ray_installed  # noqa: F401  # fixtures
from tests.stores.harness import bucket, server  # noqa: F401  # fixtures

# Variables that set options would change what every command here does; these two are the tests' own.
for _name in [each for each in os.environ if each.startswith("SCREENER_")]:
    if _name not in ("SCREENER_SHARED", "SCREENER_CHROMIUM", "SCREENER_FIREFOX") and not _name.startswith(
        "SCREENER_TEST_"
    ):
        del os.environ[_name]
os.environ["LC_ALL"] = "C.UTF-8"  # the console speaks the machine's language: here it is always English

LEFT_OUT = ("slow", "network", "ray", "browser")  # of 'make test-fast'
# What a test starts by a fixture, and the marker that it gets for it: see pyproject.toml.
STARTED = {
    "server": "network",
    "cluster": "ray",
    "ray_installed": "ray",
    "browsers": "browser",
    "orthanc_server": "network",
}

NATIVE_SYNTAXES = (
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    UID("1.2.840.10008.1.2"),
)

CHEST = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1.1",
    "SOPInstanceUID": "1.2.826.0.1.3680043.8.498.1",
    "StudyInstanceUID": "1.2.826.0.1.3680043.8.498.2",
    "Modality": "DX",
    "BodyPartExamined": "CHEST",
    "ViewPosition": "PA",
    "PatientName": "Secretname^Jane",
    "PatientBirthDate": "19440131",
    "PatientID": "P-17",
    "AccessionNumber": "A-4",
    "StudyDate": "20251121",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what 'make test-fast' leaves out by what a test starts; let what takes long come first."""
    for item in items:
        for name in getattr(item, "fixturenames", ()):
            if name in STARTED:
                item.add_marker(STARTED[name])
        if any(map(item.get_closest_marker, LEFT_OUT)):
            item.add_marker(pytest.mark.flaky(reruns=1))  # it waits for others, on a busy machine
    long = Counter(_together(item.nodeid) for item in items if any(map(item.get_closest_marker, LEFT_OUT)))
    items.sort(key=lambda item: -long[_together(item.nodeid)])  # else one process ends long after the other


def _together(nodeid: str) -> str:
    """Return what one process takes whole: a file; all that share the cluster, a hostile scan or Firefox."""
    if re.search(r"[\[-]firefox[]-]", nodeid):
        return "Firefox"  # which starts in seconds, not in tenths of a second
    file = nodeid.split("::")[0]
    shared = "ray" in file.split("/")[-1] or "ray_engine" in file or "hostile" in file
    return "the cluster and the hostile scan" if shared else file


class _ByFile(LoadScopeScheduling):
    """One process takes all tests that share what they made."""

    def _split_scope(self, nodeid: str) -> str:
        return _together(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return _ByFile(config, log)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real images; tests that need it are skipped where it is absent."""
    shared = os.environ.get("SCREENER_SHARED") or Path(__file__).parents[2] / "shared"
    data = Path(shared) / "data"
    if not data.is_dir():
        pytest.skip(f"no real images: {data} is absent (SCREENER_SHARED names its parent)")
    return data


@pytest.fixture
def make_dicom(tmp_path):
    """Write a frontal chest radiograph as DICOM and return its path.

    pixels: shape (rows, columns), or (rows, columns, 3) for colour; signed if their type is.
    syntax: the transfer syntax. preamble: False for a bare data set. elements: DICOM keywords;
    None removes one.
    """

    def make(pixels, *, name="image.dcm", syntax=ExplicitVRLittleEndian, preamble=True, **elements):
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        path = tmp_path / name
        with pydicom.config.disable_value_validation(), warnings.catch_warnings(action="ignore"):
            for keyword, value in {**CHEST, **_layout(pixels, elements), **elements}.items():
                if value is not None:
                    setattr(dataset, keyword, value)
            _set_pixels(dataset, pixels, syntax)
            dataset.file_meta.MediaStorageSOPClassUID = CHEST["SOPClassUID"]
            dataset.file_meta.MediaStorageSOPInstanceUID = CHEST["SOPInstanceUID"]
            dataset.save_as(path, enforce_file_format=True)
        if not preamble:
            path.write_bytes(_without_meta(path.read_bytes()))
        return path

    return make


@pytest.fixture
def make_jpeg(tmp_path):
    """Write pixels, uint8, grey or RGB, as JPEG and return the path; options are Pillow's."""

    def make(pixels, *, name="image.jpeg", mode=None, **options):
        return _write(tmp_path / name, pixels, "JPEG", mode, {"quality": 95, **options})

    return make


@pytest.fixture
def make_png(tmp_path):
    """Write pixels, uint8 or uint16, grey or RGB, as PNG and return the path; options are Pillow's."""

    def make(pixels, *, name="image.png", mode=None, **options):
        return _write(tmp_path / name, pixels, "PNG", mode, options)

    return make


def _write(path, pixels, file_format, mode, options):
    image = Image.fromarray(np.asarray(pixels))
    path.parent.mkdir(parents=True, exist_ok=True)
    (image.convert(mode) if mode else image).save(path, file_format, **options)
    return path


def _layout(pixels, elements):
    depth = 8 * pixels.dtype.itemsize
    stored = elements.get("BitsStored", min(depth, 12))
    layout = {
        "Rows": pixels.shape[0],
        "Columns": pixels.shape[1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": depth,
        "BitsStored": stored,
        "HighBit": stored - 1,
        "PixelRepresentation": int(np.issubdtype(pixels.dtype, np.signedinteger)),
    }
    if pixels.ndim == 3:
        layout |= {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    return layout


def _set_pixels(dataset, pixels, syntax):
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    dataset.PixelData = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    dataset["PixelData"].VR = "OW" if pixels.dtype.itemsize > 1 else "OB"
    if syntax in NATIVE_SYNTAXES:
        dataset.file_meta.TransferSyntaxUID = syntax
    else:
        dataset.compress(syntax, generate_instance_uid=False)


def _without_meta(part10):
    """Return the data set alone: what lies behind preamble, prefix and group 0002 (PS3.10 7.1)."""
    return part10[144 + int.from_bytes(part10[140:144], "little") :]
