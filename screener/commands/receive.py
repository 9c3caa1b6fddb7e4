"""screener receive: images that senders push, into the inbox, until the service is stopped."""

import signal
import threading
from pathlib import Path

from screener.arrivals.receive import ReceiveOptions, receiving
from screener.commands.console import Log
from screener.errors import ExitCode
from screener.said import say


def receive(options: ReceiveOptions, log_file: Path | None, log_format: str) -> ExitCode:
    """Receive until SIGTERM or Ctrl-C, then end after the images in hand."""
    log = Log(log_file, log_format == "json")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: ended.set())

    listening = options.listening
    senders = ", ".join(listening.calling) or say("arrivals.any_sender")
    secure = say("arrivals.with_tls" if listening.tls else "arrivals.without_tls")
    with receiving(options, log) as port:
        begun = say("arrivals.listening", port=port, aet=listening.aet, senders=senders, secure=secure)
        log.event(begun, port=port)
        ended.wait()
        log(say("arrivals.stopping"))
    log(say("arrivals.ended"))
    return ExitCode.DONE
