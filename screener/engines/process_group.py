"""Importing this moves the process into a group of its own. Only the fork server imports it.

So that a signal to the whole group of a scan, such as Ctrl-C or `kill -TERM -PGID`, reaches the parent alone,
which then lets its workers finish the batches in hand.
"""

import os

os.setpgid(0, 0)
