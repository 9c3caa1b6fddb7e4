"""What screens many images: worker processes on this machine, or a Ray cluster; and what a worker does."""
