"""Pictures and outlines go out only where they were asked for, and only of flagged studies."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import get_frame

from screener.domain import ShownMap
from screener.errors import ExitCode
from screener.outputs.outline import largest
from screener.outputs.page_picture import page_picture
from tests.publishing.hospital import missed, screened
from tests.publishing.test_folder import publish

GREY = np.tile(np.arange(128, dtype=np.uint8), (128, 1))
CELLS = np.zeros((7, 7), np.float32)
CELLS[2, 2] = 0.4


class Drawn:
    """Stands for the workers that draw."""

    shown: ShownMap | None = ShownMap(CELLS, True)
    gone = False

    def __init__(self, say):
        pass

    def of(self, row, run):
        return None if self.gone else page_picture(GREY, full=True, shown=self.shown)

    def close(self):
        pass


@pytest.fixture
def drawn(monkeypatch):
    class Own(Drawn):
        pass

    monkeypatch.setattr("screener.publishing.publish.Pictures", Own)
    return Own


def by_modality(hospital) -> dict[str, list]:
    found: dict[str, list] = {}
    for each in hospital.sent():
        found.setdefault(each.Modality, []).append(each)
    return found


def test_only_flagged_studies_get_a_picture_and_an_outline(hospital, drawn):
    images = [hospital.image(name, f"1.2.{number}") for number, name in enumerate("abc", 1)]
    hospital.night(screened(images[0]), screened(images[1], -3.0), missed(images[2]))
    result = publish(hospital, "--dicom", "sr,sc,gsps")
    assert "3 studies: 3 sr, 1 sc, 1 gsps stored" in result.output
    sent = by_modality(hospital)
    assert [sent[each][0].StudyInstanceUID for each in ("OT", "PR")] == ["1.2.1", "1.2.1"]
    assert "GraphicObjectSequence" in sent["PR"][0].GraphicAnnotationSequence[0]
    for each in (sent["OT"][0].DerivationDescription, _text(sent["PR"][0])):
        assert "FLAGGED for early reading" in each
        assert "RESEARCH, NOT FOR CLINICAL USE. Preliminary and unverified" in each


def _text(state) -> str:
    return state.GraphicAnnotationSequence[0].TextObjectSequence[0].UnformattedTextValue


def test_nothing_is_drawn_by_default(hospital, drawn):
    hospital.night(screened(hospital.image("a")))
    publish(hospital)
    assert list(by_modality(hospital)) == ["SR"]


def test_a_study_that_is_no_longer_flagged_gets_one_that_says_so(hospital, drawn):
    path = hospital.image("a")
    hospital.night(screened(path))
    publish(hospital, "--dicom", "gsps")
    drawn.shown = None
    hospital.night(screened(path, -3.0), number=1)
    publish(hospital, "--dicom", "gsps")
    said = [_text(each) for each in by_modality(hospital)["PR"]]
    assert sorted("NOT FLAGGED" in each for each in said) == [False, True]


@pytest.mark.parametrize("tags", [{"PatientOrientation": ["F", "L"]}, {"PatientOrientation": ["R", "F"]}])
def test_an_image_that_was_turned_gets_words_and_no_outline(hospital, drawn, tags):
    hospital.night(screened(hospital.image("a", **tags)))
    publish(hospital, "--dicom", "gsps")
    [state] = by_modality(hospital)["PR"]
    assert "GraphicObjectSequence" not in state.GraphicAnnotationSequence[0]


def test_a_map_that_its_mirror_image_does_not_bear_out_is_not_outlined(hospital, drawn):
    drawn.shown = ShownMap(CELLS, False)
    hospital.night(screened(hospital.image("a")))
    publish(hospital, "--dicom", "gsps")
    [state] = by_modality(hospital)["PR"]
    assert "GraphicObjectSequence" not in state.GraphicAnnotationSequence[0]


@pytest.mark.parametrize("stable", [True, False])
def test_only_a_map_that_its_mirror_image_bears_out_is_coloured(hospital, drawn, stable):
    drawn.shown = ShownMap(CELLS, stable)
    hospital.night(screened(hospital.image("a")))
    publish(hospital, "--dicom", "sc")
    [capture] = by_modality(hospital)["OT"]
    frame = Image.open(BytesIO(get_frame(capture.PixelData, 0))).convert("RGB")
    picture = np.asarray(frame, int)[capture.Rows - 128 :]
    assert bool((picture.max(axis=2) - picture.min(axis=2)).max() > 60) is stable


def test_a_picture_that_cannot_be_had_is_named_and_the_report_goes_out(hospital, drawn):
    drawn.gone = True
    hospital.night(screened(hospital.image("a")))
    result = publish(hospital, "--dicom", "sr,sc")
    assert (result.exit_code, list(by_modality(hospital))) == (ExitCode.SOME_FAILED, ["SR"])
    assert "refused: a.dcm: the image can no longer be read" in result.output


def regions(hospital) -> list[int]:
    """Return how many outlines each report holds, by study."""
    found = []
    for report in by_modality(hospital)["SR"]:
        groups = report.ContentSequence[-1].ContentSequence
        found.append(sum(item.ValueType == "SCOORD" for group in groups for item in group.ContentSequence))
    return found


def test_a_report_outlines_where_the_map_of_a_flagged_study_points_where_that_was_asked_for(hospital, drawn):
    images = [hospital.image(name, f"1.2.{number}") for number, name in enumerate("abc", 1)]
    hospital.night(screened(images[0]), screened(images[1], -3.0), missed(images[2]))
    assert "3 sr stored" in publish(hospital, "--contour").output
    assert regions(hospital) == [1, 0, 0]


@pytest.mark.parametrize("why", ["gone", "unstable", "turned"])
def test_a_report_goes_out_without_an_outline_where_there_is_none_to_show(hospital, drawn, why):
    drawn.gone = why == "gone"
    if why == "unstable":
        drawn.shown = ShownMap(CELLS, False)
    hospital.night(screened(hospital.image("a", PatientOrientation=["F", "L"] if why == "turned" else None)))
    assert "1 sr stored" in publish(hospital, "--contour").output
    assert regions(hospital) == [0]


def test_an_outline_without_a_report_to_stand_in_is_refused(hospital, drawn):
    hospital.night(screened(hospital.image("a")))
    assert "--dicom sr" in publish(hospital, "--contour", "--dicom", "pdf").output


def test_of_several_outlines_a_report_shows_the_one_that_surrounds_most():
    small, large = ((0.1, 0.1), (0.2, 0.1), (0.1, 0.2)), ((0.5, 0.5), (0.9, 0.5), (0.9, 0.9))
    assert largest((small, large)) == large
    assert largest(()) == ()
