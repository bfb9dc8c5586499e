"""Where things are: a remedy's action and target become an address of this site."""

from __future__ import annotations

from flask import current_app, url_for

from lms.foundation.settings import Settings
from lms.requirements import Remedy


def remedy_url(remedy: Remedy | None) -> str | None:
    """The page on which a person can do what the remedy asks, or None where there is none to open."""
    if remedy is None:
        return None
    match remedy.action:
        case "claim":
            kind, _, subject = remedy.target.partition(":")
            return url_for("accounts.new_claim", kind=kind, subject=subject or None)
        case "program" | "partner":
            return url_for("catalog.show_program", program_id=remedy.target)
        case "module":
            return url_for("learning.find_module", module_id=remedy.target)
        case "lesson":
            return url_for("learning.find_lesson", lesson_id=remedy.target)
        case "exam":
            return url_for("assessment.find_exam", exam_id=remedy.target)
        case "class":
            return url_for("live.list_classes", stage=remedy.target)
        case "certificate":
            return url_for("catalog.list_programs", leads_to=remedy.target)
    return None


def absolute(path: str) -> str:
    """A path as people outside our pages need it, always on the configured origin."""
    settings: Settings = current_app.extensions["lms_settings"]
    return settings.base_url + path
