"""The views of this door, one file a subject; importing them hangs them on `bp`."""

from lms.web.accounts.views import claims, notices, passwords, privacy, profile, security, signing_in, signing_up
from lms.web.accounts.views.door import bp

__all__ = ["bp", "claims", "notices", "passwords", "privacy", "profile", "security", "signing_in", "signing_up"]
