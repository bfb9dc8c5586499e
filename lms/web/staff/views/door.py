"""The door itself: its blueprint, and which capability each of its views asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from lms.accounts.rules import Capability
from lms.foundation import clock
from lms.interop.words import gettext as _
from lms.web import timetable
from lms.web.lists import address, chosen
from lms.web.viewing import require

bp = Blueprint("staff", __name__)

ANY = (
    Capability.DECIDE_CLAIMS,
    Capability.SEE_RESULTS,
    Capability.RUN_CLASSES,
    Capability.SEE_PEOPLE,
    Capability.ACTIVATE_FORMS,
)
# A view that is not named here opens for nobody.
NEEDS: Mapping[str, tuple[Capability, ...]] = {
    "queues": ANY,
    "list_claims": (Capability.DECIDE_CLAIMS,),
    "show_claim": (Capability.DECIDE_CLAIMS,),
    "create_decision": (Capability.DECIDE_CLAIMS,),
    "list_results": (Capability.SEE_RESULTS,),
    "list_attempts": (Capability.SEE_RESULTS,),
    "show_attempt": (Capability.SEE_RESULTS,),
    "list_forms": (Capability.ACTIVATE_FORMS,),
    "create_activation": (Capability.ACTIVATE_FORMS,),
    "create_form_withdrawal": (Capability.ACTIVATE_FORMS,),
    "list_people": (Capability.SEE_PEOPLE,),
    "show_person": (Capability.SEE_PEOPLE,),
    "list_classes": (Capability.RUN_CLASSES,),
    "list_undone": (Capability.RUN_CLASSES,),
    "new_class": (Capability.RUN_CLASSES,),
    "create_class": (Capability.RUN_CLASSES,),
    "show_class": (Capability.RUN_CLASSES,),
    "show_change": (Capability.RUN_CLASSES,),
    "create_change": (Capability.RUN_CLASSES,),
    "create_opening": (Capability.RUN_CLASSES,),
    "create_closing": (Capability.RUN_CLASSES,),
    "show_cancellation": (Capability.RUN_CLASSES,),
    "create_cancellation": (Capability.RUN_CLASSES,),
}
PART_OF_ADDRESS = re.compile(r"[A-Za-z0-9_-]{1,100}")


@bp.before_request
def guard() -> ResponseReturnValue | None:
    return require(*NEEDS.get((request.endpoint or "").rpartition(".")[2], ()))()


@bp.url_value_preprocessor
def refuse_odd_names(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What can be no token and no id is never asked of the database, which may stumble over it."""
    if any(not PART_OF_ADDRESS.fullmatch(str(value)) for value in (values or {}).values()):
        abort(404)


@bp.context_processor
def helpers() -> dict[str, Any]:
    return {"timetable": timetable, "address": address, "chosen": chosen, "age": age, "now": clock.now()}


def age(since: datetime | None, now: datetime) -> str:
    """ "9 d", "4 h": how long something has waited, in its largest unit."""
    if since is None:
        return ""
    waited = max(now - since, timedelta(0))
    if waited >= timedelta(days=1):
        return str(_("%(days)s d", days=waited.days))
    if waited >= timedelta(hours=1):
        return str(_("%(hours)s h", hours=waited.seconds // 3600))
    return str(_("%(minutes)s min", minutes=waited.seconds // 60))
