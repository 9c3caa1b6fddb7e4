"""Start-up, rate and memory of 'screener scan', measured as whole processes.

Run: make bench   (or: python benchmarks/bench_scan.py --images 500)

- `screener --help`: median of 5, against the bare interpreter as baseline.
- a scan of N JPEG files and of N/10: rate, and the growth of the largest process between the two.
- with a ledger, a scan of N unchanged files again, against the first one.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
FILM = REPOSITORY / "sample_data" / "studies" / "exports" / "film-01.jpg"
SCREENER = [sys.executable, "-m", "screener"]


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=500, help="JPEG files to scan")
    parser.add_argument("--source", type=Path, help="folder of JPEG files to scan instead of the sample film")
    arguments = parser.parse_args()
    bare = median_seconds([sys.executable, "-c", "pass"])
    helped = median_seconds([*SCREENER, "--help"])
    print(f"screener --help     {helped:.2f} s, {helped / bare:.1f} × the bare interpreter ({bare:.2f} s)")
    few = measured_scan(arguments.images // 10, arguments.source)
    many = measured_scan(arguments.images, arguments.source)
    for count, (seconds, rate, megabytes) in ((arguments.images // 10, few), (arguments.images, many)):
        print(
            f"scan of {count:>6} JPEG  {seconds:.1f} s, {rate:.0f} images/s, "
            f"largest process {megabytes:.0f} MB"
        )
    first, again = measured_nights(arguments.images)
    print(
        f"the same files again {again:.2f} s with a ledger, "
        f"{again / first:.3f} × the first night ({first:.1f} s)"
    )
    print(f"memory, {arguments.images} against {arguments.images // 10}   {many[2] / few[2]:.2f} ×")


def median_seconds(command: list[str], runs: int = 5) -> float:
    """Return the median wall time of a command, after one run to warm the caches."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def measured_scan(count: int, source: Path | None) -> tuple[float, float, float]:
    """Return seconds, images per second, and the largest process in MB, of a scan without PDF."""
    films = sorted(path for path in source.rglob("*") if path.is_file()) if source else [FILM]
    with tempfile.TemporaryDirectory() as folder:
        studies = Path(folder) / "studies"
        studies.mkdir()
        for i in range(count):
            film = films[i % len(films)]
            shutil.copy(film, studies / f"{i:06d}{film.suffix}")
        out = Path(folder) / "report.pdf"
        code = (
            "import resource, subprocess, sys; from subprocess import DEVNULL; "
            "code = subprocess.call(sys.argv[1:], stderr=DEVNULL, stdout=DEVNULL); "
            "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        command = [*SCREENER, "scan", str(studies), "--out", str(out), "--no-pdf"]
        done = subprocess.run(
            [sys.executable, "-c", code, *command], capture_output=True, text=True, check=True
        )
        exit_code, peak = map(int, done.stdout.split())
        if exit_code != 0:
            sys.exit(f"the scan ended with {exit_code}")
        report = json.loads(out.with_suffix(".json").read_text())
    return report["seconds"], report["images_per_second"], peak / 1024


def measured_nights(count: int) -> tuple[float, float]:
    """Return the seconds of a scan with a new ledger, and of the same scan again, without PDF."""
    with tempfile.TemporaryDirectory() as folder:
        studies = Path(folder) / "studies"
        for i in range(count):
            (studies / f"{i // 1000:03d}").mkdir(parents=True, exist_ok=True)
            target = studies / f"{i // 1000:03d}" / f"{i:06d}.jpg"
            if i % 1000:
                target.hardlink_to(studies / f"{i // 1000:03d}" / f"{i - i % 1000:06d}.jpg")
            else:
                shutil.copy(FILM, target)
        out, ledger = Path(folder) / "report.pdf", Path(folder) / "ledger.sqlite"
        command = [*SCREENER, "scan", str(studies), "--out", str(out), "--no-pdf", "--ledger", str(ledger)]
        times = []
        for _ in range(2):
            start = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            times.append(time.perf_counter() - start)
    return times[0], times[1]


if __name__ == "__main__":
    main()
