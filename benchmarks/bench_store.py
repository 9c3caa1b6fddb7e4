"""What it costs to scan images in an object store, not a folder, by the time that the store takes to answer.

Run: python -m benchmarks.bench_store [--images 400] [--latency 0 20 50]     (needs the extras 's3' and 'dev')

The store is a server in this process, on loopback, which waits before each answer; it takes processor time
of the same cores. A table tells images a second beside the folder's, in the same run.
"""

import argparse
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.speed.inputs import jpeg_folder
from benchmarks.speed.processes import scan
from benchmarks.speed.slow_store import BUCKET, slow_store


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--latency", type=float, nargs="+", default=[0, 20, 50], help="milliseconds")
    parser.add_argument("--workers", type=int, nargs="+", default=[2], help="one line for each number")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        radiographs = jpeg_folder(folder / "images", arguments.images)
        base = _rate(str(radiographs), folder, "2", {})
        print(f"{'folder, 2 workers':<32}{base:8.1f} images/s")
        for milliseconds in arguments.latency:
            for workers in arguments.workers:
                with slow_store(radiographs, milliseconds / 1000) as environment:
                    rate = _rate(f"s3://{BUCKET}", folder, str(workers), environment)
                name = f"store at {milliseconds:g} ms, {workers} workers"
                print(f"{name:<32}{rate:8.1f} images/s  {rate / base:5.2f} of the folder", flush=True)


def _rate(source: str, folder: Path, workers: str, environment: Mapping[str, str]) -> float:
    os.environ.update(environment)
    done = scan(source, folder / "report.pdf", "--no-pdf", "--workers", workers)
    return done.images / done.screening


if __name__ == "__main__":
    main()
