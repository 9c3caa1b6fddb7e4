"""screener receive: images that senders push, into the inbox, until the service is stopped."""

import signal
import threading
from pathlib import Path

from screener.arrivals.receive import ReceiveOptions, receiving
from screener.commands.console import Log
from screener.errors import ExitCode


def receive(options: ReceiveOptions, log_file: Path | None, log_format: str) -> ExitCode:
    """Receive until SIGTERM or Ctrl-C, then end after the images in hand."""
    log = Log(log_file, log_format == "json")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: ended.set())

    listening = options.listening
    senders = ", ".join(listening.calling) or "any sender: name those that may send by --calling"
    secure = "TLS with client certificates" if listening.tls else "no TLS"
    with receiving(options, log) as port:
        log.event(f"listening on port {port} as {listening.aet} for {senders}; {secure}", port=port)
        ended.wait()
        log("stopping after the images in hand")
    log("stopped")
    return ExitCode.DONE
