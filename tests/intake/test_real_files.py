"""Real DICOM files, where the shared folder is at hand: what becomes of each of them."""

import numpy as np
import pytest
from pydicom.encaps import encapsulate, generate_frames

from screener.domain import ImageFile
from screener.errors import IneligibleImageError, UnreadableImageError
from screener.intake import classify, open_image, pixel_digest, read_radiograph
from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display
from tests.reasons import refusal

CHEST = {
    "canon_966_fixed_J2KR.dcm": (2128, 2000),
    "cr_mono1_10bit_no_preamble.dcm": (440, 440),
    "cr_mono1_10bit_part10.dcm": (440, 440),
    "nema_RG1_J2KI.dcm": (1955, 1841),
    "nema_RG1_JLSN.dcm": (1955, 1841),
    "siim_cr_pa_jpeg.dcm": (1024, 1024),
}
OTHER = {
    "deid_dicom-cookies_image1.dcm": "Modality .* is missing",
    "deid_humans_ctbrain1.dcm": "is CT",
    "fodicom_CR-ModalitySequenceLUT_teeth.dcm": "says TEETH",
    "kodak_hand_NM_Kakadu44_J2KR.dcm": "is HAND",
    "nema_RG2_J2KR.dcm": "is HIP",
    "nema_RG2_JLSL.dcm": "is HIP",
    "nema_RG2_JPLY.dcm": "is HIP",
    "nema_RG2_JPLY_fixed.dcm": "is HIP",
    "nema_RG3_JPLL.dcm": "is EXTREMITY",
    "nema_RG3_RLE.dcm": "is EXTREMITY",
}


@pytest.fixture
def real(shared_data):
    def file(name):
        path = shared_data / "dicom" / name
        seen = classify(path, name)
        assert isinstance(seen, ImageFile)
        return seen

    return file


def test_the_tables_name_every_file(shared_data):
    listed = {f"chest/{name}" for name in CHEST} | {f"other/{name}" for name in OTHER}
    listed.add("broken/canon_966_J2KR_truncated_stream.dcm")
    folder = shared_data / "dicom"
    assert listed == {path.relative_to(folder).as_posix() for path in folder.rglob("*.dcm")}


@pytest.mark.parametrize(("name", "shape"), CHEST.items(), ids=list(CHEST))
def test_a_chest_is_shown_with_its_air_dark(real, name, shape):
    radiograph = read_radiograph(real(f"chest/{name}"))
    pixels = radiograph.pixels
    rows, columns = shape
    assert pixels.shape == shape
    assert radiograph.identifiers.view_position == "PA"
    middle = pixels[: rows // 2, int(columns * 0.45) : int(columns * 0.55)]  # spine and mediastinum
    above = pixels[: rows // 12]
    shoulders = above[:, : columns // 12], above[:, -columns // 12 :]
    assert middle.mean() > max(corner.mean() for corner in shoulders) + 25
    assert pixels.std() > 25


@pytest.mark.parametrize(("name", "reason"), OTHER.items(), ids=list(OTHER))
def test_anything_else_is_ineligible(real, name, reason):
    with refusal(IneligibleImageError, match=reason):
        read_radiograph(real(f"other/{name}"))


def test_a_truncated_stream_fails_but_names_its_study(real):
    opened = open_image(real("broken/canon_966_J2KR_truncated_stream.dcm"))
    assert opened.identifiers.study_instance_uid
    with refusal(UnreadableImageError, match="truncated or damaged"):
        opened.radiograph()


def test_the_same_image_with_and_without_preamble_is_a_duplicate(real):
    one, other = (
        read_radiograph(real(f"chest/cr_mono1_10bit_{name}.dcm")) for name in ("part10", "no_preamble")
    )
    assert one.identifiers == other.identifiers
    assert pixel_digest(one.pixels) == pixel_digest(other.pixels)


def test_two_lossy_copies_of_one_image_look_alike(real):
    one, other = (read_radiograph(real(f"chest/nema_RG1_{name}.dcm")).pixels for name in ("J2KI", "JLSN"))
    assert np.abs(one.astype(int) - other).mean() < 2


@pytest.mark.parametrize("length", [140, 391, 450, 517, 636, 700, 1021, 5000, -2])
def test_a_file_cut_anywhere_has_failed(real, tmp_path, length):
    whole = real("chest/cr_mono1_10bit_part10.dcm").path.read_bytes()
    path = tmp_path / "cut.dcm"
    path.write_bytes(whole[:length])
    seen = classify(path, "cut.dcm")
    assert isinstance(seen, ImageFile)
    with pytest.raises(UnreadableImageError):
        read_radiograph(seen)


@pytest.mark.parametrize("name", ["nema_RG2_JPLY", "nema_RG2_JPLY_fixed"])
def test_twelve_bit_jpeg_shows_the_image_of_its_lossless_twin(shared_data, name):
    lossy, lossless = (
        display(open_dicom(shared_data / f"dicom/other/{each}.dcm").dataset).pixels
        for each in (name, "nema_RG2_J2KR")
    )
    assert np.abs(lossy.astype(int) - lossless).mean() < 2


@pytest.mark.parametrize("keep", [0.5, 0.99])
@pytest.mark.parametrize(
    "name", ["nema_RG2_JPLY_fixed", "nema_RG3_JPLL"], ids=["12-bit JPEG", "lossless JPEG"]
)
def test_a_truncated_jpeg_fails_and_is_never_filled_up(shared_data, name, keep):
    dataset = open_dicom(shared_data / f"dicom/other/{name}.dcm").dataset
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
    dataset.PixelData = encapsulate([frame[: int(len(frame) * keep)]])
    with refusal(UnreadableImageError, match="truncated or damaged"):
        display(dataset)
