"""What follows from a new fact: the end of every use case that adds or withdraws one.

Lock the person; for each open enrollment in id order, and again while something was
credited or issued: gather, decide, issue what is due, refresh the standing index,
write notices. Nothing else in the house issues a certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lms.accounts import services as accounts
from lms.accounts.models import Person
from lms.accounts.queries import person
from lms.catalog.models import Enrollment
from lms.catalog.queries import active_enrollments
from lms.content import queries as content
from lms.credentials import services as credentials
from lms.credentials.models import Certificate
from lms.credentials.rules import AwardKey
from lms.foundation import audit, outbox
from lms.foundation.database import db
from lms.foundation.messages import Message
from lms.notices import services as notices
from lms.pathway import index
from lms.pathway.deciding import issue_decision, pinned_program, standing_of
from lms.pathway.gathering import gather
from lms.pathway.models import Credit
from lms.requirements import Award, Decision, Facts, Program, credits_due, expires_on

MOST_ROUNDS = 10  # a program completed may credit a stage of another, which may complete that one; never without end


@dataclass(frozen=True)
class Advanced:
    """What an advance brought: certificates newly issued, enrolments newly completed."""

    certificates: tuple[Certificate, ...] = ()
    completed: tuple[Enrollment, ...] = ()


def advance(person_id: int, *, now: datetime) -> Advanced:
    """Move a person's enrolments on as far as the facts allow."""
    accounts.lock_person(person_id)
    now = index.clock_of(person_id, now)
    certificates: list[Certificate] = []
    completed: list[Enrollment] = []
    for _round in range(MOST_ROUNDS):
        moved = False
        for enrollment in active_enrollments([person_id]):
            facts = credited(enrollment, gather(person_id, enrollment, now=now), now=now)
            found = standing_of(enrollment, now=now, facts=facts)
            decision = issue_decision(enrollment, facts, found, now=now)
            if decision.met:
                certificate = complete(enrollment, decision, now=now)
                if certificate is not None:
                    certificates.append(certificate)
                completed.append(enrollment)
                moved = True
            index.refresh(enrollment, found, decision, now=now)
        db.session.flush()
        if not moved:
            break
    return Advanced(tuple(certificates), tuple(completed))


def credited(enrollment: Enrollment, facts: Facts, *, now: datetime) -> Facts:
    """The facts after every credit that is due was given: a stage done elsewhere counts here."""
    program = pinned_program(enrollment)
    due = credits_due(program, facts, content.at_issuer(now), content.world(now))
    for stage_id, decision in due:
        cited = sorted({fact for leaf in decision.leaves() for fact in leaf.cites})
        db.session.add(Credit(enrollment_id=enrollment.id, stage_id=stage_id, evidence=cited, credited_at=now))
        stage = program.stage(stage_id)
        notices.tell(
            enrollment.person_id,
            f"credited:{enrollment.id}:{stage_id}",
            "credited",
            Message(
                "{stage} counts as done in {program}: you hold what it teaches.",
                {"stage": stage.title if stage else stage_id, "program": program.title},
            ),
            path=f"/learn/{program.id}",
            now=now,
        )
        audit.record("credit", "enrollment", enrollment.id, actor_id=None, at=now, stage=stage_id)
    if not due:
        return facts
    db.session.flush()
    return gather(enrollment.person_id, enrollment, now=now)


def complete(enrollment: Enrollment, decision: Decision, *, now: datetime) -> Certificate | None:
    """Close a completed enrollment and issue its award. None where the program awards nothing, or it stands already."""
    program = pinned_program(enrollment)
    enrollment.complete(at=now)
    audit.record("complete", "enrollment", enrollment.id, actor_id=None, at=now)
    if program.award is None:
        return None
    holder = person(enrollment.person_id)
    certificate, is_new = issue(enrollment, program, program.award, holder, decision, now=now)
    return certificate if is_new else None


def issue(
    enrollment: Enrollment, program: Program, award: Award, holder: Person, decision: Decision, *, now: datetime
) -> tuple[Certificate, bool]:
    """Issue the award from this decision, with what stood at this moment."""
    campus = content.campus()
    credential = campus.credential(award.credential)
    if credential is None:
        raise LookupError(f"The current release names no credential {award.credential}.")
    issued_on = content.today(now)
    expiry = expires_on(credential, issued_on, campus.cycle_ends)
    subject = {"track": enrollment.track, "program": program.id}.get(award.subject, "")
    key = AwardKey(holder.id, credential.id, subject, expiry.isoformat() if expiry else "")
    track = next((track.title for track in program.tracks if track.id == enrollment.track), "")
    snapshot = {
        "credential": credential.title,
        "statement": credential.statement,
        "public": credential.public,
        "program": {"id": program.id, "title": program.title, "hours": str(program.hours) if program.hours else None},
        "stages": [stage.title for stage in program.stages],
        "track": track,
        "release": enrollment.release_id,
        "issuer": {"name": campus.issuer.name, "signatory": campus.issuer.signatory},
        "decision": decision.to_json(),
    }
    certificate, is_new = credentials.issue(
        key,
        holder_name=holder.name,
        enrollment_id=enrollment.id,
        snapshot=snapshot,
        issued_on=issued_on,
        expires_on=expiry,
        now=now,
    )
    if is_new:
        _announce(certificate, credential.title, program, now=now)
    return certificate, is_new


def _announce(certificate: Certificate, title: str, program: Program, *, now: datetime) -> None:
    audit.record("issue", "certificate", certificate.id, actor_id=None, at=now)
    outbox.put("rendering", f"rendering:{certificate.id}", {"certificate_id": certificate.id}, now=now)
    notices.tell(
        certificate.person_id,
        f"certificate:{certificate.id}",
        "certificate",
        Message(
            "You completed the {program}. Your certificate {title} is issued.",
            {"program": program.title, "title": title},
        ),
        path=f"/certificates/{certificate.code}",
        now=now,
    )
