"""'doctor --archive': what an archive lets this machine do, and which entry is missing where it does not."""

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest
from pynetdicom import AE, evt

from screener.archives.address import WebAddress
from screener.archives.check import check_archive, check_dimse, check_web
from screener.archives.dimse.contexts import FIND, VERIFICATION
from screener.archives.dimse.entity import Peer
from screener.archives.http import Access
from screener.errors import ExitCode, UsageError
from tests.archives.fake_archive import FakeArchive, fake_archive
from tests.archives.images import SECRETS, image
from tests.archives.orthanc import Orthanc, free_port
from tests.archives.web_server import Reply, web_server

pytestmark = pytest.mark.network


def steps_of(answers) -> dict[str, str]:
    with web_server(answers) as server:
        steps = list(check_web(Access(WebAddress.of(server.url), seconds=2)))
    for each in steps:
        assert not [secret for secret in SECRETS if secret in str(each.found)]
    return {str(each.what).removeprefix("archive: "): str(each.found) for each in steps}


def test_a_real_archive_is_found_well_and_is_left_as_it_was(orthanc: Orthanc) -> None:
    orthanc.ask("/instances", "POST", image(1, StudyDate=f"{date.today():%Y%m%d}"))
    steps = list(check_archive(orthanc.url, orthanc.credentials, None, "SCREENER"))
    assert [each.error for each in steps] == [None] * 5
    assert [str(each.found) for each in steps][2:4] == ["1 with CR or DX", "0.0 MB"]
    assert "may store" in str(steps[4].found)
    assert len(orthanc.ask("/instances")) == 1


def test_a_real_archive_without_dicomweb_is_found_well(orthanc: Orthanc) -> None:
    orthanc.ask("/instances", "POST", image(1, StudyDate=f"{date.today():%Y%m%d}"))
    url = f"dicom://ORTHANC@127.0.0.1:{orthanc.port}"
    steps = list(check_archive(url, None, None, "SCREENER"))
    assert [each.error for each in steps] == [None] * 4
    assert "accepts AE title SCREENER" in str(steps[0].found)
    assert "agrees to store structured reports" in str(steps[3].found)
    assert len(orthanc.ask("/instances")) == 1


def test_an_archive_that_takes_no_reports_is_told_with_the_entry_that_is_missing() -> None:
    entity = AE(ae_title="PACS")
    for each in (VERIFICATION, FIND):
        entity.add_supported_context(each)
    found = [(evt.EVT_C_FIND, lambda event: iter(()))]
    port = free_port()
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=found)
    try:
        steps = list(check_dimse(Peer("PACS", "127.0.0.1", port), "SCREENER"))
    finally:
        server.shutdown()
    assert [each.error is None for each in steps] == [True, True, True, False]
    assert "does not offer Comprehensive 3D SR Storage to AE title SCREENER" in str(steps[3].found)


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [
        (401, "--credentials FILE", ExitCode.USAGE),
        (403, "right to search, retrieve and store", ExitCode.USAGE),
        (404, "https://HOST/dicom-web", ExitCode.USAGE),
        (502, "out of order", ExitCode.INTERRUPTED),
    ],
)
def test_each_refusal_names_the_entry_that_is_missing(status, words, code, monkeypatch) -> None:
    monkeypatch.setattr("screener.archives.http.time.sleep", lambda seconds: None)
    with web_server(lambda request: Reply(status)) as server:
        [step] = check_web(Access(WebAddress.of(server.url), seconds=2))
    assert words in str(step.found)
    assert step.error is not None
    assert step.error.exit_code is code


@pytest.mark.parametrize(("ahead", "words"), [(3600, "3600 s ahead of"), (-3600, "behind"), (0, "agrees")])
def test_a_clock_that_is_wrong_is_told(ahead, words) -> None:
    told = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    archive = FakeArchive([image(1)])

    def answers(request):
        reply = archive.answers(request)
        return Reply(reply.status, {**reply.headers, "Date": told}, reply.body)

    found = steps_of(lambda request: Reply(400) if request.method == "POST" else answers(request))["answers"]
    assert words in found.replace("3599", "3600").replace("3601", "3600")


def test_an_account_that_may_only_read_is_told() -> None:
    archive = FakeArchive([image(1)])
    found = steps_of(lambda request: Reply(403) if request.method == "POST" else archive.answers(request))
    assert found["one image"] == "0.0 MB"
    assert "PACS administrator" in found["takes results (STOW-RS)"]


def test_an_archive_without_studies_is_no_fault() -> None:
    with fake_archive(FakeArchive()) as server:
        steps = list(check_web(Access(WebAddress.of(server.url), seconds=2)))
    assert "no study since yesterday" in str(
        next(each for each in steps if "one image" in str(each.what)).found
    )


def test_what_names_no_archive_is_refused() -> None:
    for url in ("dicom://nobody", "s3://bucket"):
        with pytest.raises(UsageError, match="not the"):
            check_archive(url, None, None, "SCREENER")
