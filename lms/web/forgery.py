"""What another site's page sends in a reader's name is refused, whatever token it holds.

Browsers say where a form comes from. The token alone would do; this stands beside it for the
day on which one leaks.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from flask_wtf.csrf import CSRFError

from lms.foundation.settings import Settings
from lms.web.viewing import SAFE_METHODS


def refuse_other_sites() -> None:
    """Raises CSRFError where the browser names another origin, or hides it ("null").

    Hosts are compared, not schemes: behind a proxy that ends TLS we may see http where the reader sees https.
    """
    origin = request.headers.get("Origin")
    if origin is None or request.method in SAFE_METHODS:
        return
    settings: Settings = current_app.extensions["lms_settings"]
    if urlsplit(origin).netloc not in {request.host, urlsplit(settings.base_url).netloc}:
        raise CSRFError("The form came from another site.")
