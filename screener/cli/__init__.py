"""The command line: parse, build options, call one command, exit with its code.

Heavy libraries load inside the commands, so that --help answers at once.
"""

from screener.cli import fitting, merging, reporting, reviewing, screening, training
from screener.cli.common import app
from screener.streams import outlast_readers

__all__ = ["app", "fitting", "main", "merging", "reporting", "reviewing", "screening", "training"]


def main() -> None:
    """Run the command line; the only place that ends the process."""
    outlast_readers()
    app()
