"""Certificates: issue, revocation, renderings."""
