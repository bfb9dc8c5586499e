"""Decisions about sittings: when one may start, how long it lasts, which form it shows, which answer won."""
