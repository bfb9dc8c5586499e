"""Measures the product against a minimal ceiling application, on the same server and settings, in one interleaved run."""
