"""Mutation fuzz: real and made files, damaged at random, scanned; every file must end as one outcome.

`python -m tests.hostile.fuzz --minutes 30 --shared ../shared` runs for long; a test runs it for seconds.
"""

import argparse
import csv
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from screener.options import ScanOptions
from screener.reasons import ReasonCode
from screener.resources import shipped_model
from screener.screening.scan import run_scan

REPOSITORY = Path(__file__).parents[2]
LARGEST = 400_000  # bytes of a seed: a larger one only slows the fuzz down
FILES = 200  # a round

Mutation = Callable[[bytes, bytes, random.Random], bytes]


def flip_bits(content: bytes, other: bytes, rng: random.Random) -> bytes:
    flipped = bytearray(content)
    for _ in range(rng.choice((1, 3, 10, 100))):
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def flip_in_header(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """Change bytes of the first two kilobytes, where tags, lengths and markers are."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 2, 6))):
        changed[rng.randrange(min(len(changed), 2048))] = rng.choice(
            (0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256))
        )
    return bytes(changed)


def truncate(content: bytes, other: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def zero_the_rest(content: bytes, other: bytes, rng: random.Random) -> bytes:
    kept = rng.randrange(len(content))
    return content[:kept] + bytes(len(content) - kept)


def overwrite(content: bytes, other: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content))
    length = rng.choice((4, 64, 4096))
    return content[:start] + rng.randbytes(length) + content[start + length :]


def splice(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """Go on with another file: its tags, its pixels, its markers."""
    return content[: rng.randrange(len(content))] + other[rng.randrange(len(other)) :]


def swap_parts(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """Exchange two stretches: elements out of order, values under other tags."""
    length = rng.choice((8, 32, 256))
    one, two = sorted(rng.randrange(max(1, len(content) - length)) for _ in range(2))
    if two < one + length:
        return content[::-1]
    return (
        content[:one] + content[two : two + length] + content[one + length : two]
        + content[one : one + length] + content[two + length :]
    )  # fmt: skip


def repeat_part(content: bytes, other: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content))
    part = content[start : start + rng.choice((16, 512))]
    return content[:start] + part * rng.choice((2, 50)) + content[start:]


def keep(content: bytes, other: bytes, rng: random.Random) -> bytes:
    return content


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits, flip_in_header, truncate, zero_the_rest, overwrite, splice, swap_parts, repeat_part, keep,
)  # fmt: skip


def seeds(shared: Path | None) -> list[Path]:
    """Return the files to damage: the sample studies, pydicom's own, and real ones where there are any."""
    import pydicom

    folders = [REPOSITORY / "sample_data" / "studies", Path(pydicom.__file__).parent / "data" / "test_files"]
    if shared:
        folders += [shared / "data" / "dicom", shared / "data" / "originals"]
    return [path for folder in folders for path in sound(folder)]


def sound(folder: Path) -> list[Path]:
    """Return the files below a folder that are small enough to damage many times."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in found if 0 < path.stat().st_size <= LARGEST]


def write_round(folder: Path, sources: list[Path], rng: random.Random, files: int) -> None:
    """Write damaged files with names of all kinds."""
    for i in range(files):
        path, other = rng.choice(sources), rng.choice(sources)
        mutate = rng.choice(MUTATIONS)
        content = mutate(path.read_bytes(), other.read_bytes(), rng)
        suffix = rng.choice((path.suffix, path.suffix, ".dcm", ".jpg", ""))
        target = folder / f"{i % 7}" / f"{i:04}-{mutate.__name__}-{path.stem[:40]}{suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def scan_round(folder: Path, out: Path, files: int) -> Counter[str]:
    """Scan a folder; return how many files ended how.

    Raises:
        AssertionError: A file is missing or counted twice, the totals do not add up, or a bug shows.
    """
    options = ScanOptions(
        paths=(folder,), out=out / "report.pdf", model=shipped_model(), workers=2, pdf=False,
        files_csv=out / "files.csv", file_timeout=20, file_memory=1024,
    )  # fmt: skip
    summary = run_scan(options, _Silent())
    with (out / "files.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    totals = summary.totals
    assert summary.complete
    assert len({row["file"] for row in rows}) == len(rows) == totals.files_seen == files, "a file is lost"
    counted = Counter(row["cause"] or row["outcome"] for row in rows)
    assert counted["screened"] == totals.images_screened
    assert counted["failed"] == totals.images_failed
    assert counted["ineligible"] == totals.images_ineligible
    bugs = [row for row in rows if row["reason_code"] == ReasonCode.UNFORESEEN_ERROR]
    assert summary.exit_code == (3 if counted["failed"] else 0), bugs
    return counted


class _Silent:
    def begin(self, files: int, model: str) -> None: ...

    def outcome(self, outcome: object) -> None: ...

    def say(self, message: str) -> None: ...


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--shared", type=Path)
    parser.add_argument("--seeds", type=Path, help="a folder: damage its files alone")
    parser.add_argument("--keep", type=Path, help="where the files of a failing round go")
    arguments = parser.parse_args()
    sources = sound(arguments.seeds) if arguments.seeds else seeds(arguments.shared)
    started, total, rounds = time.monotonic(), Counter[str](), 0
    while time.monotonic() - started < 60 * arguments.minutes:
        rng = random.Random(arguments.seed + rounds)
        with tempfile.TemporaryDirectory() as temporary:
            folder, out = Path(temporary) / "studies", Path(temporary) / "out"
            folder.mkdir()
            out.mkdir()
            write_round(folder, sources, rng, FILES)
            try:
                total += scan_round(folder, out, FILES)
            except BaseException:
                if arguments.keep:
                    Path(temporary).rename(arguments.keep / f"round-{rounds}")
                sys.stdout.write(f"round {rounds} (seed {arguments.seed + rounds}) failed\n")
                raise
        rounds += 1
        minutes = (time.monotonic() - started) / 60
        sys.stdout.write(f"{minutes:.1f} min, {rounds} rounds, {rounds * FILES} files: {dict(total)}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
