"""Loaded by every Python process of the test cluster: some files are slow, or kill what opens them."""

import os
import signal
import sys
import time
from pathlib import Path


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _hook(event: str, arguments: tuple) -> None:
    if event != "open" or isinstance(arguments[0], int):
        return
    name = os.path.basename(os.fsdecode(arguments[0]))
    if name.startswith("slow"):
        time.sleep(0.15)
    elif name.startswith("poison"):
        os.kill(os.getpid(), signal.SIGSEGV)
    elif name.startswith("assassin"):  # this process, its fork server, the worker of the cluster
        os.kill(_parent(os.getppid()), signal.SIGKILL)
        time.sleep(60)


sys.addaudithook(_hook)
