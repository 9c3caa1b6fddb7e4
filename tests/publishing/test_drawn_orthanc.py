"""A picture goes to a real archive by C-STORE in JPEG, where a presentation state cannot be made."""

import pytest

from screener.errors import ExitCode
from tests.archives.orthanc import AET
from tests.publishing.hospital import screened
from tests.publishing.test_dimse import publish
from tests.publishing.test_drawn import drawn  # noqa: F401  # a fixture

pytestmark = pytest.mark.network


@pytest.mark.usefixtures("drawn")
def test_a_picture_is_stored_by_dimse_and_a_state_is_named_as_not_made(hospital, orthanc):
    image = hospital.image("a")
    hospital.night(screened(image))
    orthanc.store(image)
    result = publish(hospital, f"dicom://{AET}@127.0.0.1:{orthanc.port}", "--dicom", "sr,sc,gsps")
    assert (result.exit_code, "1 sr, 1 sc stored" in result.output) == (ExitCode.SOME_FAILED, True), (
        result.output
    )
    assert "no presentation state was sent" in result.output
    tags = [orthanc.ask(f"/instances/{each}/simplified-tags") for each in orthanc.ask("/instances")]
    assert sorted(each["Modality"] for each in tags) == ["DX", "OT", "SR"]
