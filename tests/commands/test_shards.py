"""Shards of a scan, merged, give what one scan of everything gives, byte for byte; no study is divided."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from screener.domain import Screenable
from screener.engines.local import LocalEngine
from screener.errors import ExitCode
from screener.ledger import Ledger, ResultKey, Stamp
from tests.commands.conftest import invoke, make_mixed_tree, radiograph, read_csv, write_dicom, write_jpeg

pytestmark = pytest.mark.slow  # whole scans, one after another

SHARDS = 3
OF_TIME = {"seconds", "images_per_second", "report_id", "options"}


@dataclass(frozen=True, slots=True)
class Night:
    """What one scan, and the merge of three shards, wrote of the same files."""

    root: Path
    whole: Path
    merged: Path
    ledgers: list[Path]
    exit_codes: tuple[int, int]


def make_tree(root: Path) -> None:
    """Write studies that lie in several folders, with copies, and UIDs that other images have too."""
    make_mixed_tree(root)
    for number in range(12):
        study = f"1.2.3.{number // 2}"
        for folder in ("monday", "tuesday"):
            write_dicom(
                root / folder / f"{number}.dcm",
                number,
                StudyInstanceUID=study,
                SOPInstanceUID=f"{study}.{number}",
            )
        write_jpeg(root / "jpegs" / f"{number}.jpg", number)
    for number in range(4):  # one SOP Instance UID, another study and another picture each
        write_dicom(
            root / "shared" / f"{number}.dcm",
            40 + number,
            StudyInstanceUID=f"1.9.{number}",
            SOPInstanceUID="1.9",
        )
    write_dicom(root / "bare" / "no-study.dcm", 50, StudyInstanceUID="")
    (root / "monday" / "cut.dcm").write_bytes((root / "monday" / "0.dcm").read_bytes()[:3000])
    (root / "monday" / "header.dcm").write_bytes((root / "monday" / "0.dcm").read_bytes()[:300])


def scan(root: Path, out: Path, ledger: Path, *options: object) -> int:
    listed = out.with_name(f"{out.stem}-files.csv")
    done = invoke("scan", root, "--out", out, "--no-pdf", "--files-csv", listed, "--ledger", ledger, *options)
    return done.exit_code


def night(folder: Path, root: Path, *options: object) -> Night:
    """Scan everything at once, and in shards whose ledgers are merged; the ledgers of former nights serve."""
    whole, merged = folder / "whole.pdf", folder / "merged.pdf"
    first = scan(root, whole, folder / "whole.sqlite", *options)
    ledgers = [folder / f"{index}.sqlite" for index in range(1, SHARDS + 1)]
    for index, ledger in enumerate(ledgers, 1):
        scan(root, folder / f"shard-{index}.pdf", ledger, "--shard", f"{index}/{SHARDS}", *options)
    listed = merged.with_name("merged-files.csv")
    joined = invoke("merge", *ledgers, "--out", merged, "--no-pdf", "--files-csv", listed)
    assert joined.exception is None or isinstance(joined.exception, SystemExit), joined.output
    return Night(root, whole, merged, ledgers, (first, joined.exit_code))


def check_same(night: Night) -> None:
    assert night.merged.with_suffix(".csv").read_bytes() == night.whole.with_suffix(".csv").read_bytes()
    files = [each.with_name(f"{each.stem}-files.csv").read_bytes() for each in (night.merged, night.whole)]
    assert files[0] == files[1]
    merged, whole = (
        json.loads(each.with_suffix(".json").read_text(encoding="utf-8"))
        for each in (night.merged, night.whole)
    )
    assert {name: value for name, value in merged.items() if name not in OF_TIME} == {
        name: value for name, value in whole.items() if name not in OF_TIME
    }
    assert night.exit_codes[0] == night.exit_codes[1]


def test_what_is_another_shards_is_not_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(root := tmp_path / "studies")
    asked: list[Path] = []
    read = LocalEngine.read_studies

    def counted(engine: LocalEngine, files: Iterable[Screenable]) -> Iterator[str | None]:
        files = list(files)
        asked.extend(file.path for file in files)  # type: ignore[misc]
        return read(engine, files)

    monkeypatch.setattr(LocalEngine, "read_studies", counted)
    ledger = tmp_path / "1.sqlite"
    scan(root, tmp_path / "one.pdf", ledger, "--shard", "1/3")
    assert len(asked) > 30
    asked.clear()
    before = (tmp_path / "one-files.csv").read_bytes()
    scan(root, tmp_path / "two.pdf", ledger, "--shard", "1/3")
    assert asked == []
    assert [line.split(b",")[:3] for line in (tmp_path / "two-files.csv").read_bytes().split(b"\n")] == [
        line.split(b",")[:3] for line in before.split(b"\n")
    ]
    other = next(path for path in sorted((root / "monday").iterdir()) if path.name.encode() not in before)
    write_dicom(other, 60, StudyInstanceUID="1.8", SOPInstanceUID="1.8.1")
    scan(root, tmp_path / "three.pdf", ledger, "--shard", "1/3")
    assert asked == [other]


def test_whose_a_file_is_may_be_told_otherwise_by_other_decoders(tmp_path: Path) -> None:
    path, stamp = tmp_path / "a.dcm", Stamp(1000, 5)
    with Ledger(tmp_path / "ledger.sqlite", key=ResultKey("m"), decoders="old") as ledger:
        ledger.leave({path: stamp})
        assert ledger.reuse("a.dcm", path, stamp)
        assert ledger.size() == 0
    with Ledger(tmp_path / "ledger.sqlite", key=ResultKey("m"), decoders="new") as ledger:
        assert not ledger.reuse("a.dcm", path, stamp)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Night:
    root = tmp_path_factory.mktemp("studies")
    make_tree(root)
    return night(tmp_path_factory.mktemp("out"), root)


def test_merged_shards_give_the_bytes_of_one_scan(first: Night) -> None:
    check_same(first)
    files = first.merged.with_name("merged-files.csv").read_text(encoding="utf-8")
    assert files.count("duplicate of monday/") == 12
    assert "SOP Instance UID shared with other pixels" in first.merged.with_suffix(".csv").read_text()


def test_no_study_is_divided_and_none_is_lost(first: Night) -> None:
    shards = [
        {row["study_id"] for row in read_csv(first.merged.with_name(f"shard-{index}.csv")) if row["rank"]}
        for index in range(1, SHARDS + 1)
    ]
    whole = {row["study_id"] for row in read_csv(first.whole.with_suffix(".csv")) if row["rank"]}
    assert all(shards)
    assert sum(map(len, shards)) == len(set.union(*shards))
    assert set.union(*shards) == whole
    images = Counter(
        {row["study_id"]: int(row["images"]) for row in read_csv(first.whole.with_suffix(".csv"))}
    )
    assert images["1.2.3.0"] == 2


def test_later_nights_merge_to_the_bytes_of_one_ledger(tmp_path: Path) -> None:
    make_tree(tmp_path / "studies")
    night(tmp_path, tmp_path / "studies", "--max-wait", 0)
    write_dicom(tmp_path / "studies" / "new" / "image.dcm", 60)
    (tmp_path / "studies" / "new" / "empty.dcm").touch()
    (tmp_path / "studies" / "tuesday" / "4.dcm").rename(tmp_path / "studies" / "exports" / "moved.dcm")
    later = night(tmp_path, tmp_path / "studies", "--max-wait", 0)
    check_same(later)
    assert "known since" in later.merged.with_name("merged-files.csv").read_text(encoding="utf-8")
    newer = night(tmp_path, tmp_path / "studies", "--new-only")
    check_same(newer)
    assert read_csv(newer.merged.with_suffix(".csv")) == []


def test_what_cannot_be_told_now_is_every_shards_and_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tree(tmp_path / "studies")
    os.utime(tmp_path / "studies" / "monday" / "3.dcm", (2e9, 2e9))  # by its clock it is written just now
    monkeypatch.setattr("time.time", lambda: 2e9)
    young = night(tmp_path, tmp_path / "studies", "--settle", 60)
    check_same(young)
    report = json.loads(young.merged.with_suffix(".json").read_text(encoding="utf-8"))
    assert report["files_unsettled"] == 1


@pytest.mark.parametrize(
    ("choose", "said"),
    [
        pytest.param(lambda ledgers: ledgers[:2], "Shards are missing: 3 of 3", id="one is missing"),
        pytest.param(
            lambda ledgers: [*ledgers, ledgers[0]], "Shard 1/3 is there twice", id="one is twice there"
        ),
        pytest.param(
            lambda ledgers: [ledgers[0].with_name("whole.sqlite")], "was of everything", id="no shard"
        ),
    ],
)
def test_ledgers_that_do_not_belong_together_are_refused(
    first: Night, tmp_path: Path, choose: Callable[[list[Path]], list[Path]], said: str
) -> None:
    result = invoke("merge", *choose(first.ledgers), "--out", tmp_path / "report.pdf", "--no-pdf")
    assert result.exit_code == ExitCode.USAGE
    assert said in result.output
    assert not (tmp_path / "report.csv").exists()


def test_shards_told_different_things_are_refused(first: Night, tmp_path: Path) -> None:
    other = tmp_path / "3.sqlite"
    scan(first.root, tmp_path / "shard.pdf", other, "--shard", "3/3", "--prevalence", "0.1")
    result = invoke("merge", *first.ledgers[:2], other, "--out", tmp_path / "report.pdf", "--no-pdf")
    assert result.exit_code == ExitCode.USAGE
    assert "differ in operating point, threshold or prevalence" in result.output


@pytest.mark.parametrize("shard", ["0/3", "4/3", "3", "1/0", "a/b", "-1/3", "1/3/5"])
def test_a_shard_that_is_none_is_refused(tmp_path: Path, shard: str) -> None:
    write_jpeg(tmp_path / "image.jpg")
    result = invoke(
        "scan", tmp_path, "--out", tmp_path / "r.pdf", "--ledger", tmp_path / "l", f"--shard={shard}"
    )
    assert result.exit_code == ExitCode.USAGE
    assert "--shard is i/n" in result.output


def test_a_shard_without_a_ledger_is_refused(tmp_path: Path) -> None:
    write_jpeg(tmp_path / "image.jpg")
    result = invoke("scan", tmp_path, "--out", tmp_path / "r.pdf", "--shard", "1/2")
    assert result.exit_code == ExitCode.USAGE
    assert "--shard needs --ledger" in result.output


def test_the_images_of_the_tree_differ() -> None:
    assert radiograph(1).tobytes() != radiograph(2).tobytes()
