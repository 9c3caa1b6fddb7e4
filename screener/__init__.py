"""Screener: batch screening of chest radiographs for likely pneumonia. Not a medical device."""

__version__ = "0.1.0"
