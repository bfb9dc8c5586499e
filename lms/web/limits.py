"""Flood limits by network address, beside the failure rows that throttle sign-in."""

from __future__ import annotations

from flask_limiter import Limiter

from lms.web.viewing import remember_address

limiter = Limiter(key_func=remember_address, default_limits=[], headers_enabled=False)
FORMS_THAT_MAIL = "20 per minute; 200 per hour"
SIGN_IN = "60 per minute"
CODES = "120 per minute"
