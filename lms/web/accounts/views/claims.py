"""What people say about themselves: membership, age, experience, evidence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.accounts import queries
from lms.accounts.models import Claim, ClaimDecision, ClaimSource, ClaimStatus
from lms.content import queries as content
from lms.foundation import clock
from lms.foundation.database import db
from lms.interop.words import gettext as _
from lms.interop.words import ngettext
from lms.overviews.claims import earlier_claims
from lms.requirements import Campus, ClaimKind, fact_value
from lms.usecases import claiming
from lms.web.accounts.forms import ClaimForm, claim_form
from lms.web.accounts.views.door import bp
from lms.web.lists import asked_place, pages_around
from lms.web.viewing import safe_next, signed_in
from lms.web.wording import day, label

OVER = frozenset({ClaimStatus.REJECTED, ClaimStatus.REPLACED, ClaimStatus.EXPIRED})


@dataclass(frozen=True)
class ClaimRow:
    """A claim as its person reads it. Days are those that the verifier set, or else those claimed."""

    token: str
    title: str
    said: str
    state: str
    word: str
    reason: str
    valid_from: date | None
    valid_until: date | None
    stated_at: object
    can_withdraw: bool
    can_restore: bool
    new_claim_url: str | None


@dataclass(frozen=True)
class Question:
    """A claim about which the staff asked for more, and their words."""

    claim: Claim
    words: str


@bp.get("/account/claims")
def list_claims() -> ResponseReturnValue:
    campus, today = content.campus(), content.today(clock.now())
    person_id = signed_in().person_id
    current = queries.own_claims_that_count(person_id)
    earlier = earlier_claims(person_id, asked_place())
    taken = {(claim.kind, claim.subject) for claim in current}
    decisions = queries.newest_decisions([claim.id for claim in (*current, *earlier.rows)])
    return render_template(
        "accounts/claims.html",
        current=[row(claim, decisions.get(claim.id), campus, today) for claim in current],
        earlier=[row(claim, decisions.get(claim.id), campus, today, taken) for claim in earlier.rows],
        kinds=campus.claim_kinds,
        **pages_around(earlier),
    )


@bp.get("/account/claims/new")
def new_claim() -> ResponseReturnValue:
    """The form of one kind, or the list of kinds where none is named."""
    if not request.args.get("kind"):
        return render_template("accounts/claim_kinds.html", kinds=content.campus().claim_kinds)
    kind = asked_kind_or_404()
    asked = open_question(kind)
    return form_page(kind, claim_form(kind, asked.claim if asked else None), asked)


@bp.post("/account/claims/new")
def create_claim() -> ResponseReturnValue:
    kind = asked_kind_or_404()
    form = claim_form(kind)
    now = clock.now()
    said = form.said(kind.asks, today=content.today(now)) if form.validate_on_submit() else None
    if said is None:
        return form_page(kind, form, open_question(kind)), 422
    claiming.claim(
        signed_in().person_id,
        kind.kind,
        kind.subject,
        said.value,
        said.valid_from,
        said.valid_until,
        note(form),
        now=now,
    )
    db.session.commit()
    flash(
        _("This counts from now on.")
        if kind.self_declared
        else _("Sent. We tell you as soon as the staff have looked."),
        "ok",
    )
    return redirect(asked_next() or url_for(".list_claims"), 303)


def form_page(kind: ClaimKind, form: ClaimForm, asked: Question | None) -> str:
    return render_template("accounts/new_claim.html", kind=kind, form=form, asked=asked, back=asked_next())


def asked_next() -> str | None:
    """The page of this site that asked for the claim, to go on there."""
    return safe_next((request.form if request.method == "POST" else request.args).get("next"))


def open_question(kind: ClaimKind) -> Question | None:
    """What the staff asked about the reader's own claim of this kind, and nobody has answered."""
    own = queries.own_claims_that_count(signed_in().person_id, kind.kind, kind.subject)
    claim = next((one for one in own if one.status is ClaimStatus.NEEDS_MORE), None)
    if claim is None:
        return None
    decision = queries.newest_decisions([claim.id]).get(claim.id)
    return Question(claim, decision.note if decision else "")


@bp.post("/account/claims/<token>/withdrawal")
def withdraw_claim(token: str) -> ResponseReturnValue:
    reader = signed_in()
    claim = queries.own_claim(reader.person_id, token) or abort(404)
    claiming.withdraw(claim, reader.person_id, now=clock.now())
    db.session.commit()
    flash(_("Your claim is withdrawn."), "ok")
    return redirect(url_for(".list_claims"), 303)


@bp.post("/account/claims/<token>/restoration")
def restore_claim(token: str) -> ResponseReturnValue:
    """Undo a withdrawal."""
    reader = signed_in()
    claim = queries.own_claim(reader.person_id, token) or abort(404)
    claiming.restore(claim, reader.person_id, now=clock.now())
    db.session.commit()
    flash(_("Your claim is back."), "ok")
    return redirect(url_for(".list_claims"), 303)


def asked_kind_or_404() -> ClaimKind:
    """The kind that the address or the form names, of those that this campus knows."""
    said = request.form if request.method == "POST" else request.args
    kind, subject = said.get("kind", ""), said.get("subject", "")
    return content.campus().claim_kind(kind, subject) or abort(404)


def note(form: ClaimForm) -> str:
    return str(form.note.data or "").strip() if "note" in form else ""


def row(
    claim: Claim,
    decision: ClaimDecision | None,
    campus: Campus,
    today: date,
    taken: Collection[tuple[str, str]] = (),
) -> ClaimRow:
    """`taken` are the kinds, with their subjects, of which another claim counts or waits."""
    kind = campus.claim_kind(claim.kind, claim.subject)
    since = (decision.valid_from if decision else None) or claim.valid_from
    until = (decision.valid_until if decision else None) or claim.valid_until
    state, word = state_of(claim, until, today)
    return ClaimRow(
        token=claim.token,
        title=kind.title if kind else claim.subject or claim.kind,
        said=words(claim, kind),
        state=state,
        word=word,
        reason=decision.note if decision else "",
        valid_from=None if kind and kind.asks == "date" else since,
        valid_until=until,
        stated_at=claim.recorded_at,
        can_withdraw=says_something(claim) and not claiming.stands(claim, kind),
        can_restore=claim.withdrawn_at is not None and (claim.kind, claim.subject) not in taken,
        new_claim_url=url_for(".new_claim", kind=claim.kind, subject=claim.subject or None) if kind else None,
    )


def says_something(claim: Claim) -> bool:
    return claim.withdrawn_at is None and claim.status not in OVER


def state_of(claim: Claim, until: date | None, today: date) -> tuple[str, str]:
    """The state whose sign stands there, and its word."""
    if claim.withdrawn_at is not None:
        return "ended", _("Withdrawn by you")
    if claim.status is ClaimStatus.APPROVED and until is not None and until < today:
        return "expired", label(ClaimStatus.EXPIRED)
    if claim.status is ClaimStatus.SUBMITTED:
        return "submitted", _("Being checked by the staff")
    if claim.status is ClaimStatus.APPROVED and claim.source is ClaimSource.SELF_DECLARED:
        return "approved", _("Counts, as stated by you")
    if claim.status is ClaimStatus.REPLACED:
        return "superseded", label(claim.status)
    return claim.status.value, label(claim.status)


def words(claim: Claim, kind: ClaimKind | None) -> str:
    """The value as people read it: a date in words, a number of years with its word."""
    value = fact_value(kind.asks, claim.value) if kind and claim.value else claim.value
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int):
        return str(ngettext("%(num)s year", "%(num)s years", value))
    return str(value)
