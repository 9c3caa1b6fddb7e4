"""screener merge: the shards of a scan as one report."""

from screener.commands.console import log, results
from screener.commands.ending import Ending
from screener.commands.run_summary import print_summary
from screener.errors import ExitCode
from screener.options import MergeOptions
from screener.reporting.merge import merge as join


def merge(options: MergeOptions, ending: Ending) -> ExitCode:
    """Write the outputs of all shards together; ends as a scan of everything would have ended."""
    summary = join(options, log, ending.known)
    print_summary(results(), options, summary)
    return ExitCode(summary.exit_code)
