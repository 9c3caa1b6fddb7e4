"""Stored values from encoded pixels: one module a codec family."""
