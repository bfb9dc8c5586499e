"""What waits for a decision."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from lms.foundation import clock
from lms.interop.words import gettext as _
from lms.overviews.queues import Queue, QueueName
from lms.overviews.queues import queues as waiting_for
from lms.web.staff.views.door import bp
from lms.web.viewing import signed_in

TODAY = "today"


@bp.get("/staff")
def queues() -> ResponseReturnValue:
    return render_template("staff/queues.html", queues=desk())


def desk() -> list[tuple[Queue, str, str, str | None]]:
    """The viewer's queues, each with its name, what it is about, and where its work is done."""
    return [(queue, *words_of(queue.name)) for queue in waiting_for(signed_in(), clock.now())]


def words_of(name: QueueName) -> tuple[str, str, str | None]:
    match name:
        case "claims":
            return (
                _("Claims"),
                _("What coaches say about themselves, and nobody has checked yet."),
                url_for("staff.list_claims"),
            )
        case "forms":
            return (
                _("Exam forms"),
                _("Forms that no second person has opened as they stand now."),
                url_for("staff.list_forms"),
            )
        case "attendance":
            return (
                _("Attendance today"),
                _("Sessions that began today, where somebody has no mark yet."),
                url_for("staff.list_classes", when=TODAY),
            )
        case "undone":
            return (
                _("Attendance changed after a certificate"),
                _("A certificate stands, and the attendance it rests on does not any more."),
                url_for("staff.list_undone"),
            )
        case "outbox":
            return (
                _("Mails that failed"),
                _("Mails and other deliveries that were given up. An operator looks into these."),
                None,
            )
