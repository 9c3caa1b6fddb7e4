"""An S3 server on loopback, for all tests of object stores."""

import importlib.util
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from screener import stores
from screener.locations import ObjectUrl

NEEDED = ("boto3", "moto", "flask", "flask_cors", "s3fs")
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """The server. environment: what a command needs to find it. log: a line for each request."""

    environment: dict[str, str]
    log: Path
    client: Any


@dataclass(frozen=True, slots=True)
class Bucket:
    """An empty bucket of its own for each test."""

    server: Server
    name: str

    def url(self, key: str = "") -> ObjectUrl:
        return ObjectUrl(f"s3://{self.name}/{key}".rstrip("/"))

    def put(self, key: str, content: bytes = b"x") -> ObjectUrl:
        self.server.client.put_object(Bucket=self.name, Key=key, Body=content)
        return ObjectUrl(f"s3://{self.name}/{key}")

    def put_folder(self, folder: Path, prefix: str) -> None:
        """Put all that lies below a folder."""
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            self.put(f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes())

    def get(self, key: str) -> bytes:
        content: bytes = self.server.client.get_object(Bucket=self.name, Key=key)["Body"].read()
        return content

    def keys(self) -> list[str]:
        return [
            each["Key"] for each in self.server.client.list_objects_v2(Bucket=self.name).get("Contents", ())
        ]

    def asked(self, method: str, what: str = "") -> int:
        """Return how many requests of a kind there were to this bucket, for what is so named."""
        lines = self.server.log.read_text(encoding="utf-8").splitlines()
        return sum(f"{method} /{self.name}" in line and what in line for line in lines)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the server; tests that need it are skipped where it is not installed."""
    for name in NEEDED:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"no S3 server: {name} is not installed")
    import boto3

    log = tmp_path_factory.mktemp("s3") / "requests.log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "AWS_ACCESS_KEY_ID": "of-the-tests",
        "AWS_SECRET_ACCESS_KEY": "of-the-tests",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=stream,
            stderr=stream,
            env=os.environ | environment,
        )
    try:
        _wait_for(port, process)
        client = boto3.client(
            "s3",
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id="of-the-tests",
            aws_secret_access_key="of-the-tests",
        )
        yield Server(environment, log, client)
        client.close()
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def bucket(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Return an empty bucket, with the environment in which this process reaches it."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    made = Bucket(server, f"studies-{uuid.uuid4().hex[:12]}")
    server.client.create_bucket(Bucket=made.name)
    stores._store.cache_clear()
    yield made
    stores._store.cache_clear()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert process.poll() is None, "the S3 server has ended"
            assert monotonic() < deadline, "the S3 server did not start"
            sleep(0.1)
