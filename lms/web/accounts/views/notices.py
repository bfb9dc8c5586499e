"""What one was told."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.foundation import audit, clock
from lms.foundation.database import db
from lms.foundation.messages import Message
from lms.notices import queries, services
from lms.web.accounts.views.door import bp
from lms.web.viewing import signed_in

A_PAGE = 25


@bp.get("/account/notices")
def list_notices() -> ResponseReturnValue:
    """Newest first, paged by `before`; reading marks nothing as seen."""
    person_id = signed_in().person_id
    before = request.args.get("before", type=key)
    found = queries.own_notices(person_id, before_id=before, limit=A_PAGE + 1)
    shown = found[:A_PAGE]
    return render_template(
        "accounts/notices.html",
        notices=[(notice, Message.from_json(notice.message)) for notice in shown],
        unseen=queries.unseen_count(person_id),
        newest_url=url_for(".list_notices") if before else None,
        older_url=url_for(".list_notices", before=shown[-1].id) if len(found) > A_PAGE else None,
    )


@bp.post("/account/notices")
def mark_notices_seen() -> ResponseReturnValue:
    person_id, now = signed_in().person_id, clock.now()
    if services.mark_seen(person_id, now=now):
        audit.record("see_notices", "person", person_id, actor_id=person_id, at=now)
    db.session.commit()
    return redirect(url_for(".list_notices"), 303)


def key(text: str) -> int:
    """A row's key from an address; anything that no key can be is ignored."""
    number = int(text)
    if not 0 < number < 2**63:
        raise ValueError(text)
    return number
