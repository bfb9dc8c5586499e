"""Where a person's work begins: the desk of whoever has one, else the learner's home."""

from __future__ import annotations

from flask import url_for

from lms.accounts.rules import Capability, Viewer

DESKS: tuple[tuple[str, frozenset[Capability]], ...] = (
    ("staff.queues", frozenset({Capability.DECIDE_CLAIMS, Capability.SEE_RESULTS, Capability.SEE_PEOPLE})),
    ("teaching.list_classes", frozenset({Capability.TEACH})),
    ("authoring.list_modules", frozenset({Capability.AUTHOR_LESSONS})),
)


def desk_of(viewer: Viewer | None) -> str:
    """The address that signing in leads to when a person was on the way to nowhere else."""
    for endpoint, capabilities in DESKS:
        if viewer is not None and any(viewer.can(capability) for capability in capabilities):
            return url_for(endpoint)
    return url_for("learning.home")
