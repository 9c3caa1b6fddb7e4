"""Screener against what its readers would write instead, and against what the machine allows."""
