"""Names that can't be guessed, for addresses and mailed links."""

from __future__ import annotations

import hashlib
import secrets

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 26  # 26 × 5 bits = 130 bits


def new_token() -> str:
    """A fresh address part of 128 random bits, 22 characters."""
    return secrets.token_urlsafe(16)


def new_code() -> str:
    """A fresh code of 130 random bits that people can read aloud: no I, L, O or U."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(CODE_LENGTH))


def digest(secret: str) -> str:
    """What we store of a secret that was mailed or set as a cookie: its SHA-256, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
