"""What a Ray of this machine's own costs beside the local engine: processor time an image, and the start.

Run: python -m benchmarks.bench_ray [--images 600] [--pairs 2]     (needs the extras 'ray' and 'dev')

Each pair scans few and many JPEGs with either engine, two workers; the difference between many and few is the
images' own, what is left is the start's. Small JPEGs show Ray at its worst.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.speed.inputs import jpeg_folder
from benchmarks.speed.processes import Ran, scan

FEW = 100


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=600)
    parser.add_argument("--pairs", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        few = jpeg_folder(folder / "few" / "images", FEW)
        many = jpeg_folder(folder / "many" / "images", arguments.images)
        for pair in range(arguments.pairs):
            found = {}
            for engine in ("local", "ray"):
                first, second = (_ran(radiographs, folder, engine) for radiographs in (few, many))
                more = arguments.images - FEW
                radiograph = (second.busy - first.busy) / more
                found[engine] = (
                    radiograph,
                    first.busy - radiograph * FEW,
                    (second.seconds - first.seconds) / more,
                )
                milliseconds = ", ".join(f"{1000 * each:.1f} ms" for each in (radiograph, found[engine][2]))
                print(
                    f"pair {pair + 1}, {engine:<6} processor and clock for each image {milliseconds}; ",
                    end="",
                )
                print(f"processor to start and end {found[engine][1]:.1f} s", flush=True)
            (radiograph, start, clock), (radiograph_on_ray, start_on_ray, clock_on_ray) = (
                found["local"],
                found["ray"],
            )
            print(
                f"pair {pair + 1}, ray / local: processor {radiograph_on_ray / radiograph:.2f}, clock ",
                end="",
            )
            print(
                f"{clock_on_ray / clock:.2f}; {start_on_ray - start:.1f} s of processor more to start",
                flush=True,
            )


def _ran(radiographs: Path, folder: Path, engine: str) -> Ran:
    options = ("--no-pdf", "--workers", "2", "--engine", engine)
    return scan(radiographs, folder / "report.pdf", *options).ran


if __name__ == "__main__":
    main()
