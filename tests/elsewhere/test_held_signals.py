"""Signals meant for the scan alone are dropped by the fork server, with and without sigtimedwait."""

import subprocess
import sys

import pytest

PROGRAM = """
import os, signal
{taken}
signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGHUP))
os.kill(os.getpid(), signal.SIGTERM)
import screener.engines.process_group
print("lives", os.getpgid(0) == os.getpid(), signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, flush=True)
os.kill(os.getpid(), signal.SIGTERM)
print("went on")
"""


@pytest.mark.parametrize("taken", ["", "del signal.sigtimedwait"], ids=["Linux", "macOS"])
def test_a_signal_from_before_is_dropped_and_one_from_after_ends_it(taken: str) -> None:
    command = [sys.executable, "-c", PROGRAM.format(taken=taken)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("lives True True\n", -15), done.stderr
