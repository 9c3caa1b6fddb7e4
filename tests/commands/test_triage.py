"""scan --html and report --html: the triage page of real scans."""

import json
import re
import shutil
from pathlib import Path

import pytest

from screener.errors import OutputError
from screener.inference.model_folder import MANIFEST, NETWORK, seal_model_folder
from screener.resources import shipped_model
from tests.commands.conftest import invoke, make_mixed_tree, read_csv, write_dicom

pytestmark = pytest.mark.slow  # whole scans, one after another


def data_of(path: Path) -> dict:
    html = path.read_text(encoding="utf-8")
    return json.loads(html.partition('id="worklist">')[2].partition("</script>")[0])


def radiographs_of(path: Path) -> dict[int, dict]:
    html = path.read_text(encoding="utf-8")
    found = re.findall(r'id="image-(\d+)" data-thumbnail="([^"]*)">(.*?)</script>', html, re.S)
    return {
        int(rank): {"thumbnail": thumbnail, **json.loads(radiograph)} for rank, thumbnail, radiograph in found
    }


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """Scan the mixed tree with a ledger and a triage page; return the folder of outputs."""
    root, out = tmp_path_factory.mktemp("studies"), tmp_path_factory.mktemp("out")
    make_mixed_tree(root)
    done = invoke(
        "scan", root, "--out", out / "report.pdf", "--html", "--no-pdf", "--html-images", 2,
        "--ledger", out / "ledger.sqlite", "--workers", 1,
    )  # fmt: skip
    assert done.exit_code == 3, done.output
    assert "triage page" in done.output
    return root, out


def report_again(ledger: Path, out: Path, *options: object) -> Path:
    """Write a past run's page again; return it."""
    done = invoke("report", "--ledger", ledger, "--out", out, "--html", "--no-pdf", *options)
    assert done.exit_code == 0, done.output
    return out.with_suffix(".html")


def test_the_page_has_the_rows_of_the_worklist_in_their_order(night):
    _, out = night
    rows = read_csv(out / "report.csv")
    data = data_of(out / "report.html")
    told = [dict(zip(data["columns"], cells, strict=True)) for cells in data["rows"]]
    assert [row["study_id"] for row in told if row["rank"]] == [
        row["study_id"] for row in rows if row["rank"]
    ]
    assert {row["study_id"] for row in told} == {row["study_id"] for row in rows}
    assert [row["probability"] or "" for row in told if row["rank"]] == [
        row["probability"] for row in rows if row["rank"]
    ]


def test_the_first_studies_have_an_image_and_the_next_a_thumbnail(night):
    _, out = night
    radiographs = radiographs_of(out / "report.html")
    assert sorted(radiographs) == [1, 2, 3]
    assert all(radiograph["thumbnail"] for radiograph in radiographs.values())
    assert [rank for rank in sorted(radiographs) if radiographs[rank].get("image")] == [1, 2]


def test_no_name_and_no_birth_date_is_in_the_page(night):
    _, out = night
    html = (out / "report.html").read_text(encoding="utf-8")
    assert "SECRET" not in html
    assert "1954" not in html


def test_report_writes_the_same_page_again(night, tmp_path):
    _, out = night
    again = report_again(out / "ledger.sqlite", tmp_path / "again.pdf", "--html-images", 2)
    assert data_of(again)["rows"] == data_of(out / "report.html")["rows"]
    assert radiographs_of(again) == radiographs_of(out / "report.html")


def test_with_pseudonyms_nothing_in_the_page_tells_who_it_is(night, tmp_path):
    root, out = night
    (tmp_path / "key").write_bytes(b"k" * 32)
    keyed = ("--pseudonymise", "--pseudonym-key", tmp_path / "key")
    html = report_again(out / "ledger.sqlite", tmp_path / "again.pdf", *keyed).read_text(encoding="utf-8")
    for name in ("A-1", "P-1", "exports/", str(root), "pa.dcm", read_csv(out / "report.csv")[0]["study_id"]):
        assert name not in html
    assert re.search(r'"s-[0-9a-f]{16}"', html)


def test_names_are_in_the_page_only_where_they_are_asked_for(night, tmp_path):
    _, out = night
    data = data_of(report_again(out / "ledger.sqlite", tmp_path / "named.pdf", "--include-names"))
    place = data["columns"].index("patient_name")
    assert "SECRET, NAME" in [row[place] for row in data["rows"]]


def test_an_image_that_is_gone_is_missing_with_a_reason(tmp_path):
    write_dicom(tmp_path / "studies" / "a" / "pa.dcm", 1)
    write_dicom(tmp_path / "studies" / "b" / "pa.dcm", 2)
    ledger, out = tmp_path / "ledger.sqlite", tmp_path / "report.pdf"
    invoke("scan", tmp_path / "studies", "--out", out, "--no-pdf", "--ledger", ledger, "--workers", 1)
    first = read_csv(out.with_suffix(".csv"))[0]["file"]
    (tmp_path / "studies" / first).unlink()
    radiographs = radiographs_of(report_again(ledger, out))
    assert (radiographs[1]["thumbnail"], radiographs[1]["note"]) == (
        "",
        "the file is gone, or was replaced since",
    )
    assert radiographs[2]["image"]


def test_without_images_the_page_still_lists_every_study(tmp_path):
    shutil.copytree(Path(__file__).parents[2] / "sample_data" / "studies", tmp_path / "studies")
    out = tmp_path / "report.pdf"
    invoke("scan", tmp_path / "studies", "--out", out, "--html", "--html-images", 0, "--no-pdf")
    assert len(data_of(out.with_suffix(".html"))["rows"]) == 11
    assert not any("image" in radiograph for radiograph in radiographs_of(out.with_suffix(".html")).values())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--html-images", -1), "--html-images must be 0 or more"),
        (("--files-csv", "{out}.html"), "taken by another output"),
    ],
    ids=["fewer than no images", "the page's own name"],
)
def test_what_cannot_be_is_refused_before_the_scan(tmp_path, options, message):
    write_dicom(tmp_path / "studies" / "a" / "pa.dcm", 1)
    given = [str(each).format(out=tmp_path / "report") for each in options]
    done = invoke("scan", tmp_path / "studies", "--out", tmp_path / "report.pdf", "--html", *given)
    assert done.exit_code == 2
    assert message in done.output
    assert not (tmp_path / "report.csv").exists()


def test_a_page_that_cannot_be_written_leaves_the_pdf_to_be_written(tmp_path, monkeypatch):
    write_dicom(tmp_path / "studies" / "pa.dcm")

    def full(*arguments, **options):
        raise OutputError("the disk is full")

    monkeypatch.setattr("screener.reporting.render.write_triage_page", full)
    done = invoke("scan", tmp_path / "studies", "--out", tmp_path / "report.pdf", "--html", "--workers", 1)
    assert (done.exit_code, "the disk is full" in done.output) == (6, True)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["exit_code"] == 6


def test_flagged_studies_alone_have_a_map(night):
    _, out = night
    flagged = {
        int(row["rank"]): row["status"] == "flagged" for row in read_csv(out / "report.csv") if row["rank"]
    }
    drawn = {
        rank: "map" in radiograph
        for rank, radiograph in radiographs_of(out / "report.html").items()
        if radiograph["thumbnail"]
    }
    assert drawn
    assert drawn == {rank: flagged[rank] for rank in drawn}


def test_a_past_run_whose_model_is_gone_is_shown_without_maps(night, tmp_path):
    root, _ = night
    model = shutil.copytree(shipped_model(), tmp_path / "own")
    with (model / NETWORK).open("ab") as network:
        network.write(bytes(16))  # another checksum, the same network
    described = json.loads((model / MANIFEST).read_text(encoding="utf-8"))
    sealed = ("format", "files", "manifest_sha256")
    seal_model_folder(model, {name: value for name, value in described.items() if name not in sealed})
    ledger = tmp_path / "ledger.sqlite"
    options = ("--model", model, "--ledger", ledger, "--threshold", 0.000001, "--workers", 1)
    invoke("scan", root, "--out", tmp_path / "first.pdf", "--no-pdf", *options)
    with_it = report_again(ledger, tmp_path / "with.pdf")
    assert all(
        "map" in radiograph for radiograph in radiographs_of(with_it).values() if radiograph["thumbnail"]
    )
    shutil.rmtree(model)
    done = invoke("report", "--ledger", ledger, "--out", tmp_path / "without.pdf", "--html", "--no-pdf")
    assert "images are shown without activation maps" in done.output
    radiographs = radiographs_of(tmp_path / "without.html").values()
    assert any(radiograph["thumbnail"] for radiograph in radiographs)
    assert not any("map" in radiograph for radiograph in radiographs)
