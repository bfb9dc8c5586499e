"""Where things are: a remedy's action and target become an address of this site."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_request_context, request, url_for

from lms.foundation.settings import Settings
from lms.requirements import Action, Remedy

PAGES: dict[Action, tuple[str, str]] = {
    Action.PROGRAM: ("catalog.show_program", "program_id"),
    Action.PARTNER: ("catalog.show_program", "program_id"),
    Action.MODULE: ("learning.find_module", "module_id"),
    Action.LESSON: ("learning.find_lesson", "lesson_id"),
    Action.EXAM: ("assessment.find_exam", "exam_id"),
    Action.CLASS: ("live.list_classes", "stage"),
    Action.CERTIFICATE: ("catalog.list_programs", "leads_to"),
}


def remedy_url(remedy: Remedy | None) -> str | None:
    """The page on which a person can do what the remedy asks, or None where there is none to open."""
    if remedy is None:
        return None
    if remedy.action in {Action.CLAIM, Action.ANSWER}:
        kind, _, subject = remedy.target.partition(":")
        return url_for("accounts.new_claim", kind=kind, subject=subject or None, next=asking_page())
    if remedy.action not in PAGES:
        return None
    endpoint, parameter = PAGES[remedy.action]
    values: dict[str, Any] = {parameter: remedy.target}
    return url_for(endpoint, **values)


def asking_page() -> str | None:
    """The program's page that is shown, to come back to when what it asks for is told; None on any other page."""
    return request.path if has_request_context() and request.endpoint == "catalog.show_program" else None


def absolute(path: str) -> str:
    """A path as people outside our pages need it, always on the configured origin."""
    settings: Settings = current_app.extensions["lms_settings"]
    return settings.base_url + path
