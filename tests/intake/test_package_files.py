"""Every file that pydicom 3.0.2 and deid-data 0.0.20 (both MIT) bring along: what the intake says.

The table was written from headers and pictures before any of our code had seen the files. What a
header says it is decides before its pixels do: a truncated MR is an MR. The storage class counts
where Modality is absent; a header that says neither is damaged, and so is a chest without pixels.
"""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pydicom
import pytest

from screener.domain import Ignored, ImageFile, NotScreened
from screener.errors import IneligibleImageError, UnreadableImageError
from screener.intake import classify, read_radiograph
from tests.reasons import words

PYDICOM = Path(pydicom.__file__).parent / "data"
DICOMDIRS = "test_files/dicomdirtests"
NO_CHEST_SAID = "Modality .*(is OT|missing)"  # a secondary capture has to say chest

# Outcome, then reason, then files: shell patterns below pydicom/data.
PYDICOM_TABLE = {
    "ineligible": {
        r"\bCT\b": [
            "test_files/693_J2KI.dcm",
            "test_files/CT_small.dcm",
            "test_files/J2K_pixelrep_mismatch.dcm",
            f"{DICOMDIRS}/*/CT*",
            f"{DICOMDIRS}/TINY_ALPHA/PT*",  # headers alone
        ],
        r"\bMR\b": [
            "test_files/MR_*.dcm",  # MR_truncated too
            "test_files/examples_overlay.dcm",
            f"{DICOMDIRS}/98892003/MR*",
        ],
        r"\bUS\b": [
            "test_files/ExplVR_BigEnd.dcm",
            "test_files/examples_jpeg2k.dcm",
            "test_files/examples_palette.dcm",
            "test_files/examples_rgb_color.dcm",
        ],
        r"\bUS\b|Number of Frames": ["test_files/examples_ybr_color.dcm"],
        # Secondary captures of bone scans: two of the streams are damaged, which does not matter.
        r"\bNM\b|WHOLE BODY": [
            "test_files/JPEG-lossy.dcm",
            "test_files/JPEG2000*.dcm",
            "test_files/JPGExtended.dcm",
        ],
        "CSPINE": [f"{DICOMDIRS}/77654033/CR?/*"],
        NO_CHEST_SAID: [
            "test_files/GDCMJ2K_TextGBR.dcm",
            "test_files/SC_jpeg_no_color_transform*.dcm",
            "test_files/SC_rgb_jpeg.dcm",
            "test_files/SC_rgb_jpeg*_dcmd.dcm",
            "test_files/image_dfl.dcm",
        ],
        f"{NO_CHEST_SAID}|small|Rows|Number of Frames": [  # 3 to 100 pixels wide; some of two frames
            "test_files/JPEGLSNearLossless_*.dcm",
            "test_files/SC_rgb_dcmtk_*.dcm",
            "test_files/SC_rgb_gdcm_KY.dcm",
            "test_files/SC_rgb_jls_lossy_*.dcm",
            "test_files/SC_rgb_jpeg_dcmtk.dcm",
            "test_files/SC_rgb_jpeg*_gdcm.dcm",
            "test_files/SC_rgb_rle*.dcm",
            "test_files/SC_rgb_small_odd*.dcm",
            "test_files/SC_ybr_full_422_uncompressed.dcm",
            "charset_files/chr[AFGHIRX]*.dcm",
        ],
        "SEG|Segmentation": ["test_files/liver_*.dcm"],
        "RTDOSE|RT Dose|Number of Frames": ["test_files/rtdose*.dcm", "test_files/badVR.dcm"],
        "RTPLAN|RT Plan|RT Ion": ["test_files/rtplan*.dcm", "test_files/ExplVR_???EndNoMeta.dcm"],
        "RTSTRUCT|RT Structure": ["test_files/rtstruct.dcm"],
        r"\bSR\b|[Ss]tructured [Rr]eport": ["test_files/reportsi*.dcm", "test_files/test-SR.dcm"],
        "ECG|[Ww]aveform": ["test_files/waveform_ecg.dcm"],
        "[Pp]alette|no image|Modality .* missing": ["palettes/*.dcm"],
        # Fragments: no Modality, no pixels, but a storage class in the file meta.
        "CT Image|Modality .* missing": ["test_files/UN_sequence.dcm"],
        "MR Image|Modality .* missing": ["test_files/priv_SQ.dcm", "charset_files/chrSQEncoding*.dcm"],
        "RT Image|Modality .* missing": ["test_files/no_meta_group_length.dcm"],
    },
    "failed": {
        # CR, CHEST, PA: an image that somebody waits for and that came without its pixels.
        "[Pp]ixel [Dd]ata": ["charset_files/chrJap*.dcm", "charset_files/chrKoreanMulti.dcm"],
        # Neither storage class nor Modality nor size: nobody can tell that this was no chest radiograph.
        "SOP Class|[Pp]ixel [Dd]ata|Rows|Transfer Syntax|header|damaged": [
            "test_files/empty_charset_LEI.dcm",
            "test_files/meta_missing_tsyntax.dcm",
            "test_files/nested_priv_SQ.dcm",
        ],
        "DICOM|header|damaged|no image": ["test_files/no_meta.dcm"],  # a stray byte before the first element
    },
    "ignored": {
        "": [
            f"{DICOMDIRS}/*DICOMDIR*",  # under any name: DICOMDIR-empty.dcm too
            "test_files/*README*",
            "test_files/*.dump",
            "test_files/*.json",
            "test_files/crayons.icc",
            "test_files/zipMR.gz",
            "charset_files/FileInfo.txt",
            "palettes/README.md",
        ]
    },
}

# Body Part Examined is CHEST and View Position AP, but this is a cat on its side, as Patient Species
# Description and Series Description say. A gate on the picture has to refuse it without the tags.
TAGGED_CHEST = {"animals/cat.dcm": "Species|Series Description|LAT"}

DEID_TABLE = {
    "ineligible": {
        **{reason: [name] for name, reason in TAGGED_CHEST.items()},
        NO_CHEST_SAID: [f"dicom-cookies/image{number}.dcm" for number in range(1, 8)],
        r"\bCT\b|HEAD": ["humans/ctbrain1.dcm", "humans/ctbrain2.dcm"],
        r"\bUS\b": ["ultrasounds/GREYSCALE_IMAGE.dcm", "ultrasounds/RGB_IMAGE.dcm"],  # one says CHEST WALL
        r"\bUS\b|Number of Frames": ["ultrasounds/ultrasound-multiframe.dcm"],
    },
    "ignored": {"": ["README.md", "ultrasounds/GREYSCALE_CINE.zip", "ultrasounds/RGB_CINE.zip"]},
}


def data_files(folder):
    paths = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"})
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def rows(table):
    return [
        (pattern, outcome, reason)
        for outcome, reasons in table.items()
        for reason, patterns in reasons.items()
        for pattern in patterns
    ]


def files_and_rows(files, table):
    """Return which rows name each file, and which files each row names."""
    patterns = [pattern for pattern, _, _ in rows(table)]
    by_file = {file: [each for each in patterns if fnmatchcase(file, each)] for file in files}
    by_row = {each: [file for file in files if fnmatchcase(file, each)] for each in patterns}
    return by_file, by_row


def intake_says(path, file):
    """Return the outcome of one file and its reason, as a scan would list them."""
    seen = classify(path, file)
    if isinstance(seen, Ignored):
        return "ignored", ""
    if isinstance(seen, NotScreened):
        return seen.cause.value, words(seen)
    assert isinstance(seen, ImageFile)
    try:
        read_radiograph(seen)
    except IneligibleImageError as error:
        return "ineligible", words(error)
    except UnreadableImageError as error:
        return "failed", words(error)
    return "screened", ""


def check(folder, file, table):
    [(_, outcome, reason)] = [row for row in rows(table) if fnmatchcase(file, row[0])]
    said, because = intake_says(folder / file, file)
    assert (said, because) == (outcome, because)
    assert re.search(reason, because)


@pytest.fixture(scope="module")
def deid():
    package = pytest.importorskip("deid_data", reason="needs real files: pip install deid-data")
    return Path(package.__file__).parent / "data"


def test_the_table_names_every_file_of_pydicom_once():
    by_file, by_row = files_and_rows(data_files(PYDICOM), PYDICOM_TABLE)
    assert {file: named for file, named in by_file.items() if len(named) != 1} == {
        "hashes.json": [],  # which files pydicom would download, and from where
        "urls.json": [],
    }
    assert all(by_row.values())


def test_the_table_names_every_file_of_deid_data_once(deid):
    by_file, by_row = files_and_rows(data_files(deid), DEID_TABLE)
    assert all(len(named) == 1 for named in by_file.values())
    assert all(by_row.values())


@pytest.mark.parametrize(
    "file", [file for file in data_files(PYDICOM) if "/" in file], ids=lambda file: file.replace("/", "-")
)
def test_a_file_of_pydicom_has_its_outcome(file):
    check(PYDICOM, file, PYDICOM_TABLE)


@pytest.mark.parametrize("file", [pattern for pattern, _, _ in rows(DEID_TABLE)])
def test_a_file_of_deid_data_has_its_outcome(deid, file):
    check(deid, file, DEID_TABLE)
