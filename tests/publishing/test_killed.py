"""publish is killed: what it had sent is known, or sent again as the same bytes, and nothing is lost."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from screener.archives.credentials import VARIABLE
from screener.ledger import Ledger
from tests.archives.web_server import web_server
from tests.publishing.fake_archive import FakeArchive
from tests.publishing.hospital import Hospital, screened
from tests.publishing.test_web import CREDENTIALS, publish

STUDIES = 5


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize("stored_first", [True, False], ids=["after it was stored", "before it was stored"])
def test_a_kill_in_the_middle_of_a_study_costs_nothing(hospital: Hospital, monkeypatch, stored_first: bool):
    monkeypatch.setenv(VARIABLE, CREDENTIALS)
    images = [hospital.image(chr(97 + number), f"1.2.{number + 1}") for number in range(STUDIES)]
    hospital.night(*map(screened, images))
    archive, bodies = FakeArchive(), []
    archive.put(*images)
    third, killed = threading.Event(), threading.Event()

    def remember(request):
        if request.method != "POST":
            return
        bodies.append(request.body)
        if len(bodies) == 3 and not killed.is_set():
            if stored_first:
                archive.store(request)
            third.set()
            killed.wait(20)

    archive.before = remember
    with web_server(archive) as server:
        command = [sys.executable, "-m", "screener", "publish", "--ledger", hospital.ledger]
        process = subprocess.Popen(
            [*command, "--to", f"{server.url}/dicom-web"], env=os.environ, stderr=subprocess.DEVNULL
        )
        assert third.wait(30)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        killed.set()
        again = publish(hospital, server)
    assert f"{STUDIES - 2} sr stored, 2 known there already, 0 refused" in again.output
    assert bodies.count(bodies[2]) == 2  # the same bytes once more
    assert len({*archive.stored}) == STUDIES
    with Ledger(hospital.ledger) as ledger:
        assert {each.sop_uid for each in ledger.published.stored(f"{server.url}/dicom-web")} == {
            *archive.stored
        }
