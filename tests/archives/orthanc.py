"""A real archive on loopback: Orthanc with its DICOMweb plugin, as Debian packages them.

Absent programs skip a test with a reason; REQUIRE_ARCHIVE_TESTS=1, as .ci/run sets it, fails it.
"""

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
NEEDED = ("Orthanc", "storescu", "cc")
SHIM = Path(__file__).with_name("loopback.c")
USER, PASSWORD = "screener", "screener-test"
AET, OWN_AET, MODALITY_AET = "ORTHANC", "SCREENER", "DXROOM1"
START_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Orthanc:
    """A running archive.

    root: its own REST interface; url: its DICOMweb service. port: DIMSE, AE title ORTHANC.
    receive_port: where it takes AE SCREENER to listen. credentials: a file of USER:PASSWORD.
    """

    root: str
    port: int
    receive_port: int
    credentials: Path

    @property
    def url(self) -> str:
        return f"{self.root}/dicom-web"

    def ask(self, path: str, method: str = "GET", body: bytes | None = None) -> Any:
        """Return what Orthanc's own REST interface answers."""
        request = urllib.request.Request(self.root + path, body, method=method)
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        request.add_header("Content-Type", "application/octet-stream")
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if content[:1] in (b"{", b"[") else content

    def store(self, *paths: Path) -> None:
        """Put DICOM files into the archive."""
        for path in paths:
            self.ask("/instances", "POST", path.read_bytes())

    def empty(self) -> None:
        """Remove every patient."""
        for patient in self.ask("/patients"):
            self.ask(f"/patients/{patient}", "DELETE")


def free_port() -> int:
    """Return a port of loopback that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def require(*programs: str) -> None:
    """Skip the test where a program is absent, or fail it where archives are required."""
    missing = [name for name in programs if not shutil.which(name)]
    if "Orthanc" in programs and not PLUGIN.exists():
        missing.append(str(PLUGIN))
    if not missing:
        return
    reason = f"{', '.join(missing)} absent (Debian: apt install orthanc orthanc-dicomweb dcmtk gcc libc6-dev)"
    if os.environ.get("REQUIRE_ARCHIVE_TESTS"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def orthanc_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """The archive of the session."""
    require(*NEEDED)
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as archive:
        yield archive


@pytest.fixture
def orthanc(orthanc_server: Orthanc) -> Orthanc:
    """The archive of the session, emptied."""
    orthanc_server.empty()
    return orthanc_server


@contextmanager
def running_orthanc(folder: Path, **settings: Any) -> Iterator[Orthanc]:
    """Give an archive whose files lie in a folder; settings go before those below."""
    http, dimse, receive = free_port(), free_port(), free_port()
    shim = folder / "loopback.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, SHIM, "-ldl"], check=True)
    (folder / "orthanc.json").write_text(json.dumps(_settings(folder, http, dimse, receive) | settings))
    (folder / "credentials").write_text(f"{USER}:{PASSWORD}\n")
    archive = Orthanc(f"http://127.0.0.1:{http}", dimse, receive, folder / "credentials")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [shutil.which("Orthanc") or "Orthanc", folder / "orthanc.json"],
            stdout=log,
            stderr=log,
            env={**os.environ, "LD_PRELOAD": str(shim)},
        )
        try:
            _wait_for(archive, process, folder / "log")
            yield archive
        finally:
            process.kill()
            process.wait()


def _wait_for(archive: Orthanc, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            archive.ask("/system")
            return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError(f"Orthanc did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _settings(folder: Path, http: int, dimse: int, receive: int) -> dict[str, Any]:
    store_only = {"AllowFind": False, "AllowGet": False, "AllowMove": False, "AllowStore": True}
    return {
        "Name": "SCREENERTEST",
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "RemoteAccessAllowed": False,
        "HttpPort": http,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "DicomAet": AET,
        "DicomPort": dimse,
        "DicomCheckCalledAet": True,
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowStore": False,
        "DicomModalities": {
            "screener": {
                "AET": OWN_AET,
                "Host": "127.0.0.1",
                "Port": receive,
                "AllowStorageCommitment": True,
                **{f"Allow{each}": True for each in ("Get", "Move", "Find", "Store")},
            },
            "modality": {"AET": MODALITY_AET, "Host": "127.0.0.1", "Port": 11113, **store_only},
        },
        "StableAge": 5,
        "OverwriteInstances": False,
        "SaveJobs": False,
        "StorageCompression": False,
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "QidoCaseSensitive": False},
    }
