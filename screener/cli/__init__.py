"""The command line: parse, build options, call one command, exit with its code.

Heavy libraries load inside the commands, so that --help answers at once.
"""

import sys
from datetime import datetime

from screener.cli import (
    archives,
    auditing,
    checking,
    configuring,
    fitting,
    ledgers,
    merging,
    monitoring,
    publishing,
    reporting,
    reviewing,
    screening,
    services,
    simulating,
    training,
)
from screener.cli.common import app
from screener.errors import ExitCode
from screener.streams import outlast_readers

__all__ = [
    "app",
    "archives",
    "auditing",
    "checking",
    "configuring",
    "fitting",
    "ledgers",
    "main",
    "merging",
    "monitoring",
    "publishing",
    "reporting",
    "reviewing",
    "screening",
    "services",
    "simulating",
    "training",
]


def main() -> None:
    """Run the command line; the only place that ends the process."""
    started = datetime.now().astimezone()
    outlast_readers()
    try:
        app()
    except SystemExit as ended:
        if ended.code == ExitCode.USAGE:
            from screener.commands.unparsed import summarise_unparsed

            summarise_unparsed(sys.argv[1:], started)
        raise
