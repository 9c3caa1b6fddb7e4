"""Scans of object stores: what they write is what a scan of the same files writes, byte for byte."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from screener.errors import ExitCode
from tests.commands.conftest import make_mixed_tree, read_csv, write_dicom, write_jpeg
from tests.stores.harness import Bucket

SECONDS = 120


def screener(bucket: Bucket, *words: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "screener", *map(str, words)],
        env=os.environ | bucket.server.environment | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def scan(bucket: Bucket, source: object, out: Path, *words: object, code: int = 3) -> str:
    """Scan into a folder of its own; return what was said."""
    out.parent.mkdir(exist_ok=True)
    files = out.with_name("files.csv")
    done = screener(bucket, "scan", source, "--out", out, "--no-pdf", "--files-csv", files, *words)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def written(out: Path) -> tuple[bytes, bytes]:
    return out.with_suffix(".csv").read_bytes(), out.with_name("files.csv").read_bytes()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    make_mixed_tree(tmp_path / "studies")
    write_dicom(tmp_path / "studies" / "study" / "no-uid.dcm", 8, StudyInstanceUID="")
    (tmp_path / "studies" / "exports" / "tif.tif").write_bytes(b"II*\0" + bytes(100))
    (tmp_path / "studies" / "exports" / "not.jpg").write_bytes(b"BM" + bytes(100))
    return tmp_path / "studies"


def test_a_store_gives_what_a_folder_gives(bucket: Bucket, tree: Path, tmp_path: Path) -> None:
    bucket.put_folder(tree, "2026")
    scan(bucket, tree, tmp_path / "local" / "report.pdf")
    scan(bucket, bucket.url("2026"), tmp_path / "store" / "report.pdf")
    assert written(tmp_path / "store" / "report.pdf") == written(tmp_path / "local" / "report.pdf")
    outcomes = {row["outcome"] for row in read_csv(tmp_path / "store" / "files.csv")}
    assert outcomes == {"screened", "not_screened", "ignored"}


def test_each_object_is_read_once_and_one_that_tells_nothing_never(
    bucket: Bucket, tree: Path, tmp_path: Path
) -> None:
    bucket.put_folder(tree, "2026")
    scan(bucket, bucket.url("2026"), tmp_path / "store" / "report.pdf")
    assert bucket.asked("GET", "pa.dcm") == 1
    assert bucket.asked("HEAD", "pa.dcm") == 0
    assert bucket.asked("GET", "empty.png") == bucket.asked("GET", ".hidden.dcm") == 0


def test_several_roots_stores_among_them_are_told_apart(bucket: Bucket, tmp_path: Path) -> None:
    write_jpeg(tmp_path / "ward" / "1.jpg", 1)
    write_jpeg(tmp_path / "annex" / "1.jpg", 2)
    bucket.put_folder(tmp_path / "annex", "annex")
    words = (
        tmp_path / "ward",
        "--out",
        tmp_path / "r.pdf",
        "--no-pdf",
        "--files-csv",
        tmp_path / "files.csv",
    )
    done = screener(bucket, "scan", bucket.url("annex"), *words)
    assert done.returncode == 0, done.stderr
    assert [row["file"] for row in read_csv(tmp_path / "files.csv")] == ["annex/1.jpg", "ward/1.jpg"]
    done = screener(bucket, "scan", bucket.url("annex/1.jpg"), *words[1:])
    assert [row["file"] for row in read_csv(tmp_path / "files.csv")] == ["1.jpg"]


def test_the_night_after_reads_what_is_new_and_what_has_changed(
    bucket: Bucket, tree: Path, tmp_path: Path
) -> None:
    bucket.put_folder(tree, "2026")
    ledger = ("--ledger", tmp_path / "ledger.sqlite")
    scan(bucket, bucket.url("2026"), tmp_path / "one" / "report.pdf", *ledger)
    before = bucket.asked("GET", "/2026/")
    scan(bucket, bucket.url("2026"), tmp_path / "two" / "report.pdf", *ledger, code=0)
    assert bucket.asked("GET", "/2026/") == before > 0
    assert written(tmp_path / "two" / "report.pdf")[1].count(b"screened") == written(
        tmp_path / "one" / "report.pdf"
    )[1].count(b"screened")
    write_dicom(tree / "study" / "pa.dcm", 9, PatientID="P-9")
    bucket.put("2026/study/pa.dcm", (tree / "study" / "pa.dcm").read_bytes())
    scan(bucket, bucket.url("2026"), tmp_path / "three" / "report.pdf", *ledger, code=0)
    assert bucket.asked("GET", "/2026/") == before + 1
    rows = read_csv(tmp_path / "three" / "report.csv")
    assert "P-9" in {row["patient_id"] for row in rows}


def test_an_object_that_could_not_be_read_is_tried_again_the_night_after(
    bucket: Bucket, tmp_path: Path
) -> None:
    write_jpeg(tmp_path / "a.jpg", 1)
    bucket.put("2026/a.jpg", (tmp_path / "a.jpg").read_bytes())
    bucket.server.client.put_object(
        Bucket=bucket.name, Key="2026/b.jpg", Body=b"archived", StorageClass="GLACIER"
    )
    ledger = ("--ledger", tmp_path / "ledger.sqlite")
    scan(bucket, bucket.url("2026"), tmp_path / "one" / "report.pdf", *ledger)
    [row] = [each for each in read_csv(tmp_path / "one" / "files.csv") if each["file"] == "b.jpg"]
    assert (row["cause"], row["reason"][:33]) == ("failed", "cannot be read from its store: it")
    asked = bucket.asked("GET", "b.jpg")
    scan(bucket, bucket.url("2026"), tmp_path / "two" / "report.pdf", *ledger, code=3)
    assert bucket.asked("GET", "b.jpg") > asked > 0


def test_reports_are_written_into_a_store_and_nothing_else(
    bucket: Bucket, tree: Path, tmp_path: Path
) -> None:
    scan(bucket, tree, tmp_path / "local" / "report.pdf")
    out = bucket.url("reports/night.pdf")
    done = screener(
        bucket,
        *("scan", tree, "--out", out, "--html"),
        *("--files-csv", bucket.url("reports/files.csv"), "--summary", bucket.url("reports/mail.txt")),
    )
    assert done.returncode == 3, done.stderr
    names = ["files.csv", "mail.txt", "night.csv", "night.html", "night.json", "night.pdf"]
    assert bucket.keys() == [f"reports/{name}" for name in names]
    assert bucket.get("reports/night.csv") == (tmp_path / "local" / "report.csv").read_bytes()
    assert bucket.get("reports/night.pdf").startswith(b"%PDF")
    assert json.loads(bucket.get("reports/night.json"))["options"]["out"] == out
    assert out in done.stdout.replace("\n", "")


def test_images_are_read_from_the_store_for_the_report_and_for_names(bucket: Bucket, tmp_path: Path) -> None:
    write_dicom(tmp_path / "studies" / "pa.dcm", 3, PatientAge="004Y")
    bucket.put_folder(tmp_path / "studies", "2026")
    ledger = ("--ledger", tmp_path / "ledger.sqlite")
    done = screener(bucket, "scan", bucket.url("2026"), "--out", tmp_path / "report.pdf", "--html", *ledger)
    assert done.returncode == 0, done.stderr
    assert bucket.asked("GET", "pa.dcm") == 3  # to screen it, for the page, for the card
    again = screener(
        bucket, "report", *ledger, "--out", tmp_path / "again.pdf", "--include-names", "--no-pdf"
    )
    assert again.returncode == 0, again.stderr
    assert "SECRET, NAME" in (tmp_path / "again.csv").read_text(encoding="utf-8")
    bucket.server.client.delete_object(Bucket=bucket.name, Key="2026/pa.dcm")
    gone = screener(bucket, "report", *ledger, "--out", tmp_path / "gone.pdf")
    assert gone.returncode == 0, gone.stderr


def test_shards_of_a_store_merge_into_the_whole(bucket: Bucket, tree: Path, tmp_path: Path) -> None:
    bucket.put_folder(tree, "2026")
    scan(bucket, bucket.url("2026"), tmp_path / "whole" / "report.pdf")
    ledgers = []
    for index in (1, 2):
        ledgers.append(tmp_path / f"{index}.sqlite")
        words = ("--ledger", ledgers[-1], "--shard", f"{index}/2")
        out = tmp_path / f"{index}.pdf"
        done = screener(bucket, "scan", bucket.url("2026"), "--out", out, "--no-pdf", *words)
        assert done.returncode in (0, 3), done.stderr
    merged = tmp_path / "merged" / "report.pdf"
    merged.parent.mkdir()
    files = ("--files-csv", merged.with_name("files.csv"))
    done = screener(bucket, "merge", *ledgers, "--out", merged, "--no-pdf", *files)
    assert done.returncode == 3, done.stderr
    assert written(merged) == written(tmp_path / "whole" / "report.pdf")


def test_no_name_of_an_object_is_told_under_pseudonyms(bucket: Bucket, tree: Path, tmp_path: Path) -> None:
    bucket.put_folder(tree, "Doe-Jane")
    (tmp_path / "key").write_bytes(os.urandom(32))
    out = tmp_path / "store" / "report.pdf"
    said = scan(
        bucket, bucket.url("Doe-Jane"), out, "--pseudonymise", "--pseudonym-key", tmp_path / "key", "--html"
    )
    for text in (said, *(each.read_text(encoding="utf-8") for each in out.parent.iterdir())):
        for name in ("Doe-Jane", "pa.dcm", "cut.jpg", "exports"):
            assert name not in text


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["scan", "s3://BUCKET/none", "--out", "r.pdf"], ExitCode.USAGE, "not a single object"),
        (["scan", "s3://no-such-bucket-here", "--out", "r.pdf"], ExitCode.USAGE, "no such object or bucket"),
        (["scan", "ftp://host/x", "--out", "r.pdf"], ExitCode.USAGE, "no store that Screener knows"),
        (
            ["scan", "s3://BUCKET/2026", "s3://BUCKET/2026/a", "--out", "r.pdf"],
            ExitCode.USAGE,
            "counted twice",
        ),
        (
            ["scan", "s3://BUCKET", "--out", "s3://no-such-bucket-here/r.pdf"],
            ExitCode.OUTPUT,
            "cannot be written",
        ),
        (["scan", "s3://BUCKET", "--out", "s3://BUCKET/r.txt"], ExitCode.USAGE, "must end in .pdf"),
        (
            ["scan", "s3://BUCKET", "--out", "r.pdf", "--ledger", "s3://BUCKET/l"],
            ExitCode.USAGE,
            "not in a store",
        ),
        (["doctor", "--out", "s3://no-such-bucket-here/r.pdf"], ExitCode.OUTPUT, "cannot be written"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_file(
    bucket: Bucket, tmp_path: Path, words: list[str], code: ExitCode, says: str
) -> None:
    bucket.put("2026/a/1.jpg")
    done = subprocess.run(
        [sys.executable, "-m", "screener", *(word.replace("BUCKET", bucket.name) for word in words)],
        env=os.environ | bucket.server.environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=tmp_path,
    )
    assert (done.returncode, says in done.stderr + done.stdout) == (code, True), done.stderr + done.stdout
    assert bucket.asked("GET", "1.jpg") == 0
    assert list(tmp_path.iterdir()) == []


def test_an_image_in_a_store_is_explained(bucket: Bucket, tmp_path: Path) -> None:
    write_dicom(tmp_path / "pa.dcm", 3)
    url = bucket.put("2026/pa.dcm", (tmp_path / "pa.dcm").read_bytes())
    done = screener(bucket, "explain", url, "--out", tmp_path / "explained")
    assert done.returncode == 0, done.stderr
    at_home = screener(bucket, "explain", tmp_path / "pa.dcm", "--out", tmp_path / "explained")
    assert done.stdout == at_home.stdout
    gone = screener(bucket, "explain", bucket.url("2026/gone.dcm"), "--out", tmp_path / "explained")
    assert (gone.returncode, "no such object" in gone.stderr) == (ExitCode.USAGE, True)
