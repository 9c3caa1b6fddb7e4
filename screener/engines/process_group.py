"""Importing this moves the process into a group of its own. Only the fork server imports it.

So that a signal to the whole group of a scan, such as Ctrl-C or `kill -TERM -PGID`, reaches the parent alone,
which then lets its workers finish the batches in hand. The server starts with these signals held back
(start_method.py): one that came before the server left the group was meant for the parent, and is dropped.
"""

import os
import signal

_HELD = (signal.SIGTERM, signal.SIGHUP)  # as start_method.py has them: importing it here would take time

os.setpgid(0, 0)
if hasattr(signal, "sigtimedwait"):
    while signal.sigtimedwait(_HELD, 0):
        pass
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
else:  # macOS: to ignore a signal drops what is held back of it
    _BEFORE = {number: signal.signal(number, signal.SIG_IGN) for number in _HELD}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
    for _number, _handler in _BEFORE.items():
        signal.signal(_number, _handler)
