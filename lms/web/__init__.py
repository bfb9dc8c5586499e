"""Speaks HTTP: parse, one call, commit, answer. One door per subject; doors don't import each other."""
