"""Pulling out of a real archive, by both protocols."""

import os
import subprocess
import time
from datetime import date
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from screener.archives.address import WebAddress
from screener.archives.credentials import Credentials
from screener.archives.dimse.entity import Peer, Tls
from screener.archives.dimse.scp import Listening
from screener.archives.http import Access
from screener.archives.words import ArchiveAwayError, ArchiveRefusedError
from screener.arrivals.pull import PullOptions, pull
from screener.arrivals.receive import ReceiveOptions, receiving
from screener.arrivals.sources import MoveSource, WebSource
from screener.commands.pull import in_words
from tests.archives.certificates import make_certificate
from tests.archives.images import CR, SECRETS, image
from tests.archives.orthanc import Orthanc, require, running_orthanc
from tests.arrivals.test_pull import Told, images_in

TODAY = f"{date.today():%Y%m%d}"


@pytest.fixture
def filled(orthanc: Orthanc) -> Orthanc:
    """Return the archive with three images of two studies, and what is none of a pull's business."""
    for content in (
        image(1, StudyDate=TODAY),
        image(
            2,
            StudyDate=TODAY,
            Modality="CR",
            SOPClassUID=CR,
            PatientName="SECRETNAME^Zoë",
            SpecificCharacterSet="ISO_IR 192",
        ),
        image(3, study=2, StudyDate=TODAY, PatientID="SECRETPATIENT2"),
        image(4, study=3, StudyDate="20200101", PatientID="SECRETPATIENT3"),
        image(5, StudyDate=TODAY, Modality="OT", SOPClassUID="1.2.840.10008.5.1.4.1.1.7"),
        image(6, StudyDate=TODAY, SeriesDescription="Screener pneumonia triage RESEARCH"),
    ):
        orthanc.ask("/instances", "POST", content)
    return orthanc


def test_dicomweb_brings_each_image_once_and_as_it_was(filled: Orthanc, tmp_path) -> None:
    access = Access(WebAddress.of(filled.url), Credentials.found(filled.credentials))
    options = PullOptions(source=WebSource(access), inbox=tmp_path / "inbox")
    done = pull(options, Told())
    assert (done.images, done.studies, done.exit_code) == (3, 2, 0), in_words(done)
    assert images_in(tmp_path / "inbox") == [f"1.2.826.77.3.{number}" for number in (1, 2, 3)]
    one = next(path for path in (tmp_path / "inbox").rglob("*.dcm") if _uid(path) == "1.2.826.77.3.1")
    assert pydicom.dcmread(one).PixelData == pydicom.dcmread(BytesIO(image(1))).PixelData
    assert pull(options, Told()).known == 3


def test_wrong_credentials_are_told_with_the_remedy(filled: Orthanc, tmp_path) -> None:
    access = Access(WebAddress.of(filled.url), Credentials.of("screener:wrongword", "test"))
    with pytest.raises(ArchiveRefusedError, match="--credentials FILE") as caught:
        pull(PullOptions(source=WebSource(access), inbox=tmp_path / "inbox"), Told())
    assert "wrongword" not in str(caught.value)


def test_c_move_brings_the_same_images(filled: Orthanc, tmp_path) -> None:
    peer = Peer("ORTHANC", "127.0.0.1", filled.port)
    options = PullOptions(source=MoveSource(peer, "SCREENER"), inbox=tmp_path / "inbox")
    lines: list[str] = []
    listening = Listening(aet="SCREENER", port=filled.receive_port, parts=tmp_path, host="127.0.0.1")
    with receiving(
        ReceiveOptions(inbox=tmp_path / "inbox", listening=listening, min_free=0),
        lambda said: lines.append(str(said)),
    ):
        done = pull(options, Told())
        assert pull(options, Told()).known == 3
    assert (done.images, done.studies, done.exit_code) == (3, 2, 0), in_words(done)
    assert images_in(tmp_path / "inbox") == [f"1.2.826.77.3.{number}" for number in (1, 2, 3)]
    assert not [each for each in SECRETS if each in " ".join(lines)]


@pytest.mark.parametrize(
    ("peer", "own", "error", "words"),
    [
        ("OTHER", "SCREENER", ArchiveRefusedError, "another AE title"),
        ("ORTHANC", "NOBODY", ArchiveAwayError, "enter NOBODY"),
    ],
)
def test_ae_titles_that_are_not_entered_are_told(filled: Orthanc, tmp_path, peer, own, error, words) -> None:
    source = MoveSource(Peer(peer, "127.0.0.1", filled.port), own)
    with pytest.raises(error, match=words):
        pull(PullOptions(source=source, inbox=tmp_path / "inbox"), Told())


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
def test_images_that_a_sender_pushes_by_dcmtk_are_taken(tmp_path, secure: bool) -> None:
    require("storescu")
    ours = make_certificate(tmp_path / "ours.pem", "127.0.0.1")
    tls = Tls(ours, ours, ours) if secure else None
    options = ["+tls", ours, ours, "+cf", ours] if secure else []
    (tmp_path / "image.dcm").write_bytes(image(1))
    listening = Listening(
        aet="SCREENER", port=0, parts=tmp_path, host="127.0.0.1", calling=("DXROOM1",), tls=tls
    )
    with receiving(ReceiveOptions(inbox=tmp_path / "inbox", listening=listening, min_free=0), print) as port:
        command = ["storescu", *options, "-aet", "DXROOM1", "-aec", "SCREENER", "127.0.0.1", str(port)]
        subprocess.run([*command, tmp_path / "image.dcm"], check=True, capture_output=True, env=os.environ)
    assert images_in(tmp_path / "inbox") == ["1.2.826.77.3.1"]


def test_the_routing_script_of_the_guide_sends_images_and_no_results(orthanc: Orthanc, tmp_path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "pacs.md").read_text(encoding="utf-8")
    script = guide.partition("```\nfunction OnStoredInstance")[2].partition("```")[0]
    (tmp_path / "route.lua").write_text("function OnStoredInstance" + script)
    listening = Listening(aet="SCREENER", port=0, parts=tmp_path, host="127.0.0.1")
    options = ReceiveOptions(inbox=tmp_path / "inbox", listening=listening, min_free=0)
    (tmp_path / "router").mkdir()
    with receiving(options, print) as port:
        here = {"AET": "SCREENER", "Host": "127.0.0.1", "Port": port}
        settings = {"LuaScripts": [str(tmp_path / "route.lua")], "DicomModalities": {"screener": here}}
        with running_orthanc(tmp_path / "router", **settings) as router:
            router.ask("/instances", "POST", image(6, SeriesDescription="Screener pneumonia triage"))
            router.ask("/instances", "POST", image(1))
            until = time.monotonic() + 10
            while not images_in(tmp_path / "inbox") and time.monotonic() < until:
                time.sleep(0.05)
    assert images_in(tmp_path / "inbox") == ["1.2.826.77.3.1"]


def _uid(path) -> str:
    return str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID)
