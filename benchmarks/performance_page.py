"""Measure the tables of docs/performance.md anew and put them there: on a machine that does nothing else.

Run: python -m benchmarks.performance_page [--only rates]   (ten minutes; needs the extras train and dev)

Each table stands between two comments, <!-- NAME --> and <!-- /NAME -->. What is between them is replaced,
with the date, the model and the number of cores above it; everything else on the page is written by hand.
"""

import argparse
import subprocess
import sys
import time
from itertools import groupby

from benchmarks.speed.inputs import REPOSITORY
from benchmarks.speed.processes import cores
from screener.inference.model_folder import load_model_folder
from screener.resources import shipped_model

PAGE = REPOSITORY / "docs" / "performance.md"
MEASURED = {  # the tables that each bench prints last
    ("rates", "figures"): ("bench_scan", "--images", "300", "--repeats", "2", "--studies", "500"),
    ("resolution",): ("bench_resolution",),
    ("reading",): ("bench_reading", "--images", "100"),
}


def main() -> None:
    """Run the benches one after the other, and write the page after each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="only the benches of tables whose name holds this")
    wanted = parser.parse_args().only
    for names, (bench, *options) in MEASURED.items():
        if any(wanted in name for name in names):
            command = f"python -m benchmarks.{bench} {' '.join([*options, '--markdown'])}"
            found = tables_in(output_of(command.split()[1:]))
            page = PAGE.read_text(encoding="utf-8")
            for name, table in zip(names, found[-len(names) :], strict=True):
                page = with_table(page, name, f"{circumstances(command)}\n\n{table}")
            PAGE.write_text(page, encoding="utf-8")


def circumstances(command: str) -> str:
    """Return the sentence above a table."""
    model = load_model_folder(shipped_model()).identity
    return f"`{command}`, {time.strftime('%Y-%m-%d')}, {model}, {cores()} cores, nothing else running:"


def output_of(arguments: list[str]) -> str:
    """Return what Python prints, run so; end where it fails. Its progress goes to the terminal."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"python {' '.join(arguments)} ended with {done.returncode}")
    return done.stdout


def tables_in(output: str) -> list[str]:
    """Return the tables of a bench's output, in Markdown."""
    parts = groupby(output.splitlines(), key=lambda line: line.startswith("|"))
    return ["\n".join(lines) for is_table, lines in parts if is_table]


def with_table(page: str, name: str, table: str) -> str:
    """Return the page with another table of that name.

    Raises:
        ValueError: The page has no place for it.
    """
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, found, rest = page.partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{PAGE.name} has no {start.strip()} … {end}")
    return f"{before}{start}\n{table}\n\n{end}{after}"


if __name__ == "__main__":
    main()
