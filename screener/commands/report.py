"""screener report: a past run's outputs once more, from the ledger."""

from screener.commands.console import log, results
from screener.commands.ending import Ending
from screener.commands.run_summary import print_summary
from screener.errors import ExitCode
from screener.options import ReportOptions
from screener.reporting.rerender import rerender


def report(options: ReportOptions, ending: Ending) -> ExitCode:
    """Write a past run's outputs again and print where they are; done, whatever that run ended with."""
    summary = rerender(options, log, ending.known)
    print_summary(results(), options, summary)
    return ExitCode.DONE
