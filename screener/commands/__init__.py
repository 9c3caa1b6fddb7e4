"""One module per command: each takes its options, does its work, prints, and returns an exit code."""
