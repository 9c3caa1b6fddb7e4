"""Python imports this first. It takes away what Windows lacks, from this process and all that it starts.

What the standard library itself needs here stays: /proc, SIGKILL, descriptors that are passed on.
"""

import ctypes
import multiprocessing.context as contexts
import os
import signal
import sys
import tempfile  # noqa: F401  # as long as what it asks for is there
from typing import Any

_FORKING = ("multiprocessing.forkserver", "multiprocessing.popen_forkserver")
for _name in ("fcntl", "grp", "pwd", "resource", *_FORKING):
    sys.modules[_name] = None  # type: ignore[assignment]
for _name in (
    "fchmod", "getegid", "geteuid", "getgid", "getuid", "killpg", "memfd_create", "sched_getaffinity",
    "setpgid", "setsid", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW",
):  # fmt: skip
    if hasattr(os, _name):
        delattr(os, _name)
for _name in ("SIGHUP", "pthread_sigmask", "sigtimedwait"):
    delattr(signal, _name)
del contexts.ForkServerContext, contexts.ForkServerProcess
contexts._concrete_contexts = {"spawn": contexts.SpawnContext()}
contexts._default_context._default_context = contexts._concrete_contexts["spawn"]
contexts._default_context.get_all_start_methods = lambda: ["spawn"]
import multiprocessing  # noqa: E402

multiprocessing.get_all_start_methods = lambda: ["spawn"]

_library = ctypes.CDLL


class _Library(_library):
    def __init__(self, name: str | None, *more: Any, **others: Any) -> None:
        if name is None:
            raise TypeError("there is no library without a name here")
        super().__init__(name, *more, **others)


ctypes.CDLL = _Library
