"""How worker processes start here: from a fork server where there is one, else each as a new program."""

import multiprocessing
from multiprocessing.context import BaseContext

FORK_SERVER = "forkserver" in multiprocessing.get_all_start_methods()  # on Linux and macOS


def starting() -> BaseContext:
    """Return what starts workers.

    Raises:
        OutputError: There is no folder for the fork server's socket.
    """
    if FORK_SERVER:
        from screener.engines.start_method import fork_server

        return fork_server()
    from screener.engines.spawned import spawning

    return spawning()


def start_ahead() -> None:
    """Start the fork server, where there is one, while this process imports its own modules."""
    if FORK_SERVER:
        from screener.engines import start_method

        start_method.start_ahead()
