"""What a ledger keeps of images so that somebody notices when they change."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from screener.domain import FileKind, Ignored, ImageFacts, ImageFile
from screener.engines.worker import Screener, ScreenerSetup, screen_batch
from screener.inference.model_folder import load_model_folder
from screener.inference.summary import NUMBERS, summary_of
from screener.ledger.forget import Whose, forget
from screener.resources import shipped_model
from tests.commands.conftest import write_dicom, write_jpeg
from tests.ledger.formats import BEFORE_FACTS
from tests.ledger.test_upkeep import scan
from tests.outcomes import found, missed

FACTS = ImageFacts("ACME DX-9", "1.2.840.10008.1.2.1", (0.5,) * NUMBERS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    scan(
        path,
        replace(found("a.dcm", 1.0, "1.2", sop="1.2.1"), facts=FACTS),
        replace(missed("b.dcm", study="1.3"), facts=replace(FACTS, summary=())),
    )
    return path


def kept(path: Path) -> list[tuple]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT device, coding, summary FROM image_facts ORDER BY result").fetchall()


def test_each_image_has_its_facts_whether_it_was_screened_or_not(path: Path) -> None:
    (device, coding, summary), failed = kept(path)
    assert (device, coding) == ("ACME DX-9", "1.2.840.10008.1.2.1")
    assert np.frombuffer(summary, "<f2").tolist() == list(FACTS.summary)
    assert failed[2] == b""


def test_what_is_forgotten_has_none(path: Path) -> None:
    forget(path, Whose(study="1.2"), print)
    assert len(kept(path)) == 1


def test_a_ledger_of_the_tenth_format_is_upgraded_and_has_none_of_what_it_knew(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(BEFORE_FACTS + "PRAGMA user_version = 10;")
    scan(path, replace(found("c.dcm", 1.0, "1.4", sop="1.4.1"), facts=FACTS), day=1)
    assert len(kept(path)) == 1


def test_a_summary_is_the_same_everywhere_and_near_for_near_images() -> None:
    ramp = np.arange(1280, dtype=np.float32) / 1280
    assert summary_of(ramp)[:3] == (0.478515625, -0.188232421875, 0.2364501953125)
    rng = np.random.default_rng(1)
    own, near, far = (
        np.array(summary_of(ramp + shift * rng.random(1280).astype(np.float32))) for shift in (0, 0.01, 1)
    )
    assert np.abs(near - own).max() < np.abs(far - own).max() / 10


def test_a_worker_tells_machine_and_coding_where_a_ledger_is_to_keep_them(tmp_path: Path) -> None:
    write_dicom(tmp_path / "a.dcm", 1, Manufacturer="ACME  Corp", ManufacturerModelName="DX-9")
    write_dicom(tmp_path / "b.dcm", 2, Manufacturer="ACME", ViewPosition="LATERAL")
    write_jpeg(tmp_path / "c.jpg", 3)
    kinds = {"a.dcm": FileKind.DICOM, "b.dcm": FileKind.DICOM, "c.jpg": FileKind.JPEG}
    files = [ImageFile(tmp_path / name, name, kind) for name, kind in kinds.items()]
    for digests in (True, False):
        told = screen_batch(
            files, replace(Screener.of(ScreenerSetup.of(load_model_folder(shipped_model()))), digests=digests)
        )
        facts = [each.facts for each in told if not isinstance(each, Ignored)]
        if not digests:
            assert facts == [None] * 3
            continue
        assert [(each.device, each.coding) for each in facts] == [
            ("ACME Corp DX-9", "1.2.840.10008.1.2.1"),
            ("ACME", "1.2.840.10008.1.2.1"),
            ("", "jpeg"),
        ]
        assert [len(each.summary) for each in facts] == [NUMBERS, 0, NUMBERS]
