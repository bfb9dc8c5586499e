"""Signing up and in, and everything about one's own account: profile, security, claims, notices, privacy."""
