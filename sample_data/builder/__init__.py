"""Builds the sample studies from a chest CT; run it with ``sample_data/build.py``."""
