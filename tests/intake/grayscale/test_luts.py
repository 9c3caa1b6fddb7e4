"""Look-up tables as machines write them: of every depth and packing, short, mislabelled or empty."""

import numpy as np
import pytest
from pydicom import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from screener.intake.dicom.open import open_dicom
from screener.intake.grayscale.display import display
from screener.intake.grayscale.lut_item import look_up_table
from tests.intake.encodings import RADIOGRAPH, spanning, stored
from tests.intake.radiographs import shown

LUT = np.arange(4096)


def table(entries, bits, *, first=0, count=None, vr="OW", first_vr="US", dtype="<u2"):
    """Return an item of a LUT sequence; bits, count: as declared, whatever the entries are."""
    item = Dataset()
    item.LUTDescriptor = [(len(entries) if count is None else count) % 2**16, first, bits]
    item["LUTDescriptor"].VR = first_vr
    entries = np.asarray(entries).astype(int)
    item.LUTData = entries.tolist() if vr in ("US", "SS") else entries.astype(dtype).tobytes()
    item["LUTData"].VR = vr
    item.ModalityLUTType = "US"
    return item


def modality(*items):
    return {"ModalityLUTSequence": list(items), **spanning()}


def voi(*items):
    return {"VOILUTSequence": list(items)}


def assert_shows_the_radiograph(path, within=1):
    assert np.abs(shown(path).astype(int) - RADIOGRAPH).max() <= within


EIGHT = np.round(LUT * 255 / 4095)


@pytest.mark.parametrize("bits", [0, 9, 10, 11, 12, 13, 14, 16, 255])
@pytest.mark.parametrize("vr", ["OW", "US"])
def test_a_modality_lut_of_any_declared_depth_is_looked_up(keep, bits, vr):
    assert_shows_the_radiograph(keep(stored(), **modality(table(LUT, bits, vr=vr))))


@pytest.mark.parametrize("name", ["ModalityLUTSequence", "VOILUTSequence"])
@pytest.mark.parametrize(
    "item",
    [
        pytest.param(table(EIGHT, 8, dtype="u1"), id="a byte each in OW"),
        pytest.param(table(EIGHT, 8, dtype="u1", vr="OB"), id="a byte each in OB"),
        pytest.param(table(EIGHT, 8, dtype="u1", vr="UN"), id="a byte each in UN"),
        pytest.param(table(EIGHT, 16, dtype="u1"), id="a byte each, 16 bits declared"),
        pytest.param(table(EIGHT, 8), id="a word each"),
        pytest.param(table(EIGHT, 8, vr="US"), id="a number each"),
        pytest.param(table(EIGHT, 16), id="8 bits filled of 16"),
    ],
)
def test_entries_of_8_bits_in_every_packing_are_looked_up(keep, name, item):
    assert_shows_the_radiograph(keep(stored(), **{name: [item], **spanning(8)}))


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param(modality(table(LUT[:4080], 12, count=4096)), id="modality"),
        pytest.param(modality(table(LUT[:4080], 12, count=4096, vr="US")), id="modality, numbers"),
        pytest.param(modality(table(LUT[:4080], 12, count=0)), id="modality, 65536 declared"),
        pytest.param(voi(table(LUT[:4080], 12, count=4096)), id="VOI"),
        pytest.param(voi(table(EIGHT[:4080], 8, count=4096)), id="VOI, 8 bits in words"),
        pytest.param(voi(table(EIGHT[:4080], 8, count=4096, dtype="u1")), id="VOI, 8 bits in bytes"),
        pytest.param(modality(table(np.arange(5000), 13, count=4096)), id="longer than declared"),
    ],
)
def test_a_table_shorter_or_longer_than_declared_is_looked_up(keep, elements):
    assert_shows_the_radiograph(keep(stored(), **elements), within=2)


def empty(**elements):
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item


NO_TABLES = [
    pytest.param([empty()], id="an empty item"),
    pytest.param([empty(LUTExplanation="none")], id="an item with words only"),
    pytest.param([empty(LUTDescriptor=[4096, 0, 16])], id="no entries"),
    pytest.param([empty(LUTDescriptor=[4096, 0, 16], LUTData=b"")], id="entries of no length"),
    pytest.param([empty(), empty()], id="two empty items"),
    pytest.param([], id="a sequence without items"),
]


@pytest.mark.parametrize("items", NO_TABLES)
@pytest.mark.parametrize("name", ["ModalityLUTSequence", "VOILUTSequence"])
def test_an_item_that_is_no_table_is_passed_over_for_the_window(keep, name, items):
    path = keep(stored(), **{name: items, **spanning()})
    assert_shows_the_radiograph(path)
    assert display(open_dicom(path).dataset).notes == ()


@pytest.mark.parametrize("name", ["ModalityLUTSequence", "VOILUTSequence"])
def test_an_item_that_is_no_table_is_passed_over_for_the_next_one(keep, name):
    squared = np.round(4095 * (LUT / 4095) ** 2)
    path = keep(stored(), **{name: [empty(), table(squared, 12)], **spanning()})
    np.testing.assert_allclose(shown(path), 255 * (RADIOGRAPH / 255) ** 2, atol=1)


def test_a_voi_lut_that_shows_nothing_is_passed_over_for_the_window(keep):
    path = keep(stored(), **voi(table(np.zeros(4096), 12)), **spanning())
    assert_shows_the_radiograph(path)
    assert display(open_dicom(path).dataset).notes == ()


@pytest.mark.parametrize("width", [0, -5, "nan"])
def test_an_unusable_first_window_is_passed_over_for_the_second(keep, width):
    whole = spanning()
    path = keep(
        stored(), WindowCenter=[2000, whole["WindowCenter"]], WindowWidth=[width, whole["WindowWidth"]]
    )
    assert_shows_the_radiograph(path)


@pytest.mark.parametrize(
    ("declared", "filled"), [(8, 12), (9, 12), (10, 12), (11, 12), (12, 14), (12, 16), (8, 16)]
)
def test_the_depth_of_the_entries_counts_where_it_exceeds_the_declared_one(keep, declared, filled):
    entries = np.round(LUT * ((2**filled - 1) / 4095))
    assert_shows_the_radiograph(keep(stored(), **voi(table(entries, declared))))


@pytest.mark.parametrize("filled", [8, 10, 12])
def test_16_bits_declared_and_fewer_filled_are_shown_as_bright_as_they_are(keep, filled):
    entries = np.round(LUT * ((2**filled - 1) / 4095))
    assert_shows_the_radiograph(keep(stored(), **voi(table(entries, 16))))


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("share", [0.45, 0.5, 0.55, 0.9])
def test_tables_that_differ_little_show_pictures_that_differ_little(keep, bits, share):
    """No cliff where the highest entry of an honest table comes to need another bit."""
    highest = share * (2**bits - 1)
    pictures = [
        shown(
            keep(stored(), name=f"{factor}.dcm", **voi(table(np.round(LUT * highest * factor / 4095), bits)))
        )
        for factor in (0.975, 1.025)
    ]
    assert abs(pictures[0].mean() - pictures[1].mean()) < 0.1 * pictures[0].mean()
    assert pictures[0].max() == pytest.approx(255 * share, rel=0.05)


@pytest.mark.parametrize("syntax", [None, ImplicitVRLittleEndian], ids=["explicit", "implicit"])
@pytest.mark.parametrize(
    ("pixels", "elements"),
    [
        pytest.param({"signed": True}, voi(table(LUT, 12, first=2**16 - 2048)), id="US of signed values"),
        pytest.param(
            {"signed": True}, voi(table(LUT, 12, first=-2048, first_vr="SS")), id="SS of signed values"
        ),
        pytest.param(
            {"bits": 16},
            voi(table(np.arange(32768), 15, first=-32768, first_vr="SS")),
            id="SS of unsigned values",
        ),
        pytest.param(
            {"signed": True}, modality(table(LUT, 12, first=2**16 - 2048)), id="modality, US of signed values"
        ),
        pytest.param(
            {},
            {"RescaleSlope": 1, "RescaleIntercept": -1024, **voi(table(LUT, 12, first=2**16 - 1024))},
            id="US of rescaled values",
        ),
        pytest.param(
            {"signed": True},
            {"RescaleSlope": 1, "RescaleIntercept": 2048, **voi(table(LUT, 12))},
            id="signed, rescaled to unsigned",
        ),
    ],
)
def test_the_first_value_mapped_has_the_sign_of_the_values(keep, pixels, elements, syntax):
    bits = pixels.get("bits", 12)
    path = keep(stored(**pixels), BitsStored=bits, **({"syntax": syntax} if syntax else {}), **elements)
    if bits == 16:  # the table begins in the middle
        assert shown(path)[RADIOGRAPH < 127].max() == 0
        assert shown(path).max() > 250
        np.testing.assert_allclose(
            shown(path)[RADIOGRAPH > 128], 2 * (RADIOGRAPH[RADIOGRAPH > 128].astype(int) - 127.5), atol=2
        )
    else:
        assert_shows_the_radiograph(path)


def test_a_modality_lut_in_big_endian_is_looked_up(keep):
    path = keep(stored(), syntax=ExplicitVRBigEndian, **modality(table(LUT, 12, dtype=">u2")))
    assert_shows_the_radiograph(path)


def test_a_descriptor_that_is_bytes_is_read(keep):
    item = table(LUT, 12)
    item["LUTDescriptor"] = DataElement("LUTDescriptor", "OW", np.array([4096, 0, 12], "<u2").tobytes())
    assert_shows_the_radiograph(keep(stored(), **voi(item)))


HIGHEST = [250, 255, 260, 500, 530, 1000, 1023, 1024, 1050, 2000, 2100, 4000, 4095, 4096, 4300, 8000, 16383]
HIGHEST += [16384, 20000, 25000, 29000, 30000, 40000, 65535]


@pytest.mark.parametrize("declared", [0, 1, 8, 10, 12, 14, 16, 17, 255])
def test_no_grey_level_more_changes_a_picture_much(declared):
    """Wherever the highest entry lies, against whatever is declared: 5 % more move white by 20 % at most."""
    for highest in HIGHEST:
        whites = [
            look_up_table(table(np.round(LUT * top / 4095), declared), True).white / top
            for top in (highest, min(round(1.05 * highest), 65535))
        ]
        assert 1 <= whites[0] < 65536
        assert abs(np.log(whites[1] / whites[0])) < 0.2


@pytest.mark.parametrize("declared", [0, 1, 8, 10, 12, 16, 17, 255])
@pytest.mark.parametrize("bits", [12, 14, 16])
def test_a_table_filled_to_the_top_shows_the_image_whatever_it_declares(keep, declared, bits):
    entries = np.round(LUT * ((2**bits - 1) / 4095))
    assert_shows_the_radiograph(keep(stored(), **voi(table(entries, declared))))


@pytest.mark.parametrize("name", ["ModalityLUTSequence", "VOILUTSequence"])
@pytest.mark.parametrize("count", [4096, 4095])
@pytest.mark.parametrize("declared", [8, 16])
def test_bytes_packed_into_numbers_are_looked_up(keep, name, count, declared):
    packed = np.append(EIGHT[:count], [0] * (count % 2)).astype("u1").view("<u2")
    item = table(packed, declared, count=count, vr="US")
    assert_shows_the_radiograph(keep(stored(), **{name: [item], **spanning(8)}))


@pytest.mark.parametrize("declared", [8, 16])
@pytest.mark.parametrize("held", [4095, 4080, 3000])
@pytest.mark.parametrize("vr", ["OW", "US"])
def test_bytes_that_lack_a_few_are_looked_up(keep, declared, held, vr):
    entries = np.append(EIGHT[:held], [EIGHT[held - 1]] * (held % 2)).astype("u1")
    item = table(entries.view("<u2"), declared, count=4096, vr=vr)
    found = shown(keep(stored(), **voi(item))).astype(int)
    np.testing.assert_allclose(found, np.minimum(RADIOGRAPH, found.max()), atol=1)
    assert found.max() == pytest.approx(255 * held / 4096, abs=2)


def described(*descriptor, data, vr="OW"):
    item = table(LUT, 12)
    item.LUTDescriptor = list(descriptor)
    item["LUTData"] = DataElement("LUTData", vr, data)
    return item


UNREADABLE = [
    pytest.param(described(4096, 0, data=LUT.astype("<u2").tobytes()), id="a descriptor of two"),
    pytest.param(described(4096, data=LUT.astype("<u2").tobytes()), id="a descriptor of one"),
    pytest.param(described(4096, 0, 16, data=b"\1\2\3\4"), id="two entries of 4096"),
    pytest.param(described(4096, 0, 8, data=bytes(range(200))), id="200 bytes of 4096"),
    pytest.param(described(4096, 0, 12, data=bytes(8192)), id="all alike"),
    pytest.param(described(4096, 0, 12, data="none", vr="LO"), id="words"),
    pytest.param(described(1, 0, 12, data=b"\1\2"), id="one entry"),
]


@pytest.mark.parametrize("item", UNREADABLE)
@pytest.mark.parametrize("name", ["ModalityLUTSequence", "VOILUTSequence"])
def test_an_unreadable_table_costs_no_window(make_dicom, name, item):
    dataset = open_dicom(make_dicom(stored(), **spanning())).dataset
    setattr(dataset, name, [item])
    found = display(dataset)
    assert np.abs(found.pixels.astype(int) - RADIOGRAPH).max() <= 1
    assert found.notes == ()


@pytest.mark.parametrize("item", UNREADABLE)
def test_an_unreadable_modality_lut_costs_no_rescale(make_dicom, item):
    dataset = open_dicom(
        make_dicom(stored(), RescaleSlope=2, RescaleIntercept=-50, WindowCenter=4046, WindowWidth=8191)
    ).dataset
    dataset.ModalityLUTSequence = [item]
    assert np.abs(display(dataset).pixels.astype(int) - RADIOGRAPH).max() <= 1
