"""Errors that have a name and a sentence for people.

Pure rules and services raise these; `lms.web.errors` turns them into a page or
problem-JSON once. A refusal that a page explains beforehand is a value, not an error.
"""

from __future__ import annotations

from lms.foundation.messages import Message


class DomainError(Exception):
    """Something a person asked for that can't be done, with what to do about it.

    `message` says what happened, `kept` what was not lost, `remedy` what to do next.
    """

    status = 409
    code = "conflict"

    def __init__(self, message: Message | str, *, kept: Message | None = None, remedy: Message | None = None) -> None:
        self.message = message if isinstance(message, Message) else Message(message)
        self.kept = kept
        self.remedy = remedy
        super().__init__(self.message.in_english())


class NotFound(DomainError):
    """It does not exist, or the viewer may not know that it does."""

    status = 404
    code = "not-found"

    def __init__(self, message: Message | str = "There is nothing at this address.") -> None:
        super().__init__(message)


class Forbidden(DomainError):
    """The viewer is known and the action is not theirs to take."""

    status = 403
    code = "forbidden"


class Invalid(DomainError):
    """What was sent can't be read as what was asked for."""

    status = 422
    code = "invalid"


class Busy(DomainError):
    """The database would not take the write in time; nothing was changed."""

    status = 503
    code = "busy"
    retry_after_seconds = 2

    def __init__(self) -> None:
        super().__init__(
            "Many people are saving at this moment, and yours did not get its turn.",
            kept=Message("What you typed is still on this page."),
            remedy=Message("Wait a few seconds and send it again."),
        )


class Conflict(DomainError):
    """Somebody did the same at the same moment: the database kept theirs, and nothing of this one.

    Raised in place of every broken constraint that says "only once" (see `unit_of_work`). A service that
    can say more catches it around a savepoint, and answers with what stands.
    """

    def __init__(self) -> None:
        super().__init__(
            "This was done at the same moment elsewhere, perhaps by you in another window.",
            kept=Message("What was done there stands; nothing was done twice."),
            remedy=Message("Reload the page to see where things are."),
        )


class ReadOnlyRequest(RuntimeError):
    """A request that may only read tried to write: a mistake of ours, never the person's."""
