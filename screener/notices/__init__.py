"""How a run tells other programs that it began and how it ended: commands, pings, figures for Prometheus."""
