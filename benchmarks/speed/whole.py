"""What a whole command takes: start, memory, one worker or all, a second night, the walk, the outputs."""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.speed import inputs, processes, rates
from benchmarks.speed.figures import Figure

_WALK = """
import json, sys, time
from pathlib import Path
from screener.intake import count_files, scan_roots, walk
roots = scan_roots((Path(sys.argv[1]),))
start = time.perf_counter()
files = sum(1 for _ in walk(roots))
print(json.dumps([files, time.perf_counter() - start]))
"""


def start(folder: Path, repeats: int = 5) -> list[Figure]:
    """Return how long --help takes, and the first outcome of a scan of ten files."""
    helped = median_seconds([*processes.SCREENER_COMMAND, "--help"], repeats)
    bare = median_seconds([sys.executable, "-c", "pass"], repeats)
    studies = inputs.jpeg_folder(folder / "ten", 10)
    damaged = min(studies.iterdir())
    content = damaged.read_bytes()
    damaged.unlink()
    damaged.write_bytes(content[: len(content) // 2])  # what failed is told at once
    command = [
        *processes.SCREENER_COMMAND,
        "scan",
        str(studies),
        "--out",
        str(folder / "ten.pdf"),
        "--no-pdf",
    ]
    first = statistics.median(
        next(at for at, line in timed_lines(command) if " failed " in line) for _ in range(repeats)
    )
    return [
        Figure(
            "help", "--help", helped, f"{helped:.2f} s (bare Python {bare:.2f} s)", "< 0.2 s", helped < 0.2
        ),
        Figure("first", "start to first outcome, 10 files", first, f"{first:.2f} s", "< 1.0 s", first < 1.0),
    ]


def scaling(each: rates.Input, repeats: int) -> Figure:
    """Return how many times as fast all workers are as one."""
    count = processes.cores()
    pairs = [(rates.steady(each, "--workers", "1"), rates.steady(each)) for _ in range(repeats)]
    ratio = statistics.median(all_.rate / one.rate for one, all_ in pairs)
    said = f"{ratio:.2f} × one worker"
    return Figure("scaling", f"{count} workers", ratio, said, "≥ 1.85 × (2)", ratio >= 1.85 * count / 2)


def growth(folder: Path, counts: list[int]) -> list[Figure]:
    """Return memory and cost per file as files grow in number: names of one small image, with a ledger."""
    found = []
    for count in counts:
        studies = inputs.small_folder(folder / f"names-{count}", count)
        ledger = ("--ledger", str(folder / f"{count}.ledger"))
        scanned = processes.scan(studies, folder / f"{count}.pdf", "--no-pdf", *ledger, watch=True)
        found.append((count, scanned))
        if count == 10_000:
            found_again = processes.scan(studies, folder / f"{count}.pdf", "--no-pdf", *ledger)
    peaks = [scanned.ran.peak for _, scanned in found]
    costs = [1000 * scanned.ran.busy / count for count, scanned in found]
    names = " / ".join(f"{count:,}" for count in counts)
    each = Figure(
        "memory", f"memory, all processes, {names} files", max(peaks),
        " / ".join(f"{peak:.0f}" for peak in peaks) + " MB", "< 600 MB", max(peaks) < 600,
    )  # fmt: skip
    cost = Figure(
        "growth", f"processor per file, {names} files", costs[-1] / costs[0],
        " / ".join(f"{cost:.2f}" for cost in costs) + " ms", "constant", costs[-1] <= 1.05 * costs[0],
    )  # fmt: skip
    if 10_000 not in counts:
        return [each, cost]
    seconds = found_again.ran.seconds
    again = Figure("again", "10,000 unchanged files again", seconds, f"{seconds:.1f} s", "< 5 s", seconds < 5)
    return [each, cost, again]


def walking(folder: Path, count: int) -> Figure:
    """Return how long it takes to find and stamp so many files."""
    studies = folder / f"names-{count}"
    if not studies.exists():
        inputs.small_folder(studies, count)
    times = []
    for _ in range(3):
        files, seconds = json.loads(processes.run([sys.executable, "-c", _WALK, str(studies)]).output)
        assert files == count
        times.append(seconds)
    seconds = statistics.median(times)
    met = seconds < 3 * count / 100_000
    return Figure("walk", f"walk of {count:,} files", seconds, f"{seconds:.2f} s", "< 3 s (100,000)", met)


def outputs(folder: Path, count: int) -> list[Figure]:
    """Return what CSV and JSON take of a scan of so many studies, and how long the PDF takes."""
    studies = inputs.jpeg_folder(folder / "studies", count)
    command = [*processes.SCREENER_COMMAND, "scan", str(studies), "--out", str(folder / "whole.pdf")]
    lines = timed_lines(command)
    lists = next(at for at, line in lines if "writing the worklist" in line)
    pdf = next(at for at, line in lines if "writing the PDF" in line)
    end = lines[-1][0]
    share, took = (pdf - lists) / (pdf - 0), end - pdf
    said = f"{pdf - lists:.2f} s, {share:.1%} of the scan"
    return [
        Figure("lists", f"CSV and JSON of {count:,} studies", share, said, "≤ 2 %", share <= 0.02),
        Figure("pdf", f"PDF of {count:,} studies", took, f"{took:.1f} s", "≤ 12 s", took <= 12),
    ]


def timed_lines(command: list[str]) -> list[tuple[float, str]]:
    """Return a command's log lines, each with the seconds since the start, and one for the end."""
    began, lines = time.perf_counter(), []
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        lines.append((time.perf_counter() - began, line))
    if process.wait() not in processes.DONE:
        sys.exit(
            f"{' '.join(command)}\nended with {process.returncode}:\n{''.join(line for _, line in lines)}"
        )
    return [*lines, (time.perf_counter() - began, "end")]


def median_seconds(command: list[str], runs: int) -> float:
    """Return the median wall time of a command, after one run to warm the caches."""
    return statistics.median([processes.run(command).seconds for _ in range(runs + 1)][1:])
