"""Bytes ↔ values, one file per format; values are arguments, never settings, requests or rows."""
