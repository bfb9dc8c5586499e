"""Classes: offerings, sessions, seats, attendance."""
