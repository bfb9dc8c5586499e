"""An exam's rules in plain words, made from its document: nobody writes them a second time."""

from __future__ import annotations

from lms.assessment.rules.review import Element, may_show
from lms.content.documents import ExamDocument
from lms.foundation.messages import Message


def terms(exam: ExamDocument) -> tuple[Message, ...]:
    """What a learner should know before starting, in the order in which it matters."""
    said = (_size(exam), _time(exam), _mark(exam), _attempts(exam), _wait(exam), _window(exam), _release(exam))
    return (*(message for message in said if message is not None), _review(exam))


def _size(exam: ExamDocument) -> Message:
    if exam.kind == "quiz":
        return Message("One question, drawn for you.", {"n": exam.count}, "{n} questions, drawn anew for each try.")
    return Message("One item.", {"n": exam.count}, "{n} items. You can go back and change an answer until you submit.")


def _time(exam: ExamDocument) -> Message:
    if exam.minutes is None:
        return Message("There is no time limit. Your answers are kept, and you can go on later.")
    return Message(
        "You have one minute. The clock runs on when you leave; at its end we submit what is saved.",
        {"n": exam.minutes},
        "You have {n} minutes. The clock runs on when you leave; at its end we submit what is saved.",
    )


def _mark(exam: ExamDocument) -> Message:
    if exam.cuts:
        return Message("Each form has its own pass mark; it is about {mark} %.", {"mark": exam.pass_mark})
    return Message("You pass with {mark} %.", {"mark": exam.pass_mark})


def _attempts(exam: ExamDocument) -> Message:
    if exam.attempts_included is None:
        return Message("You can try as often as you like.")
    return Message("You have one attempt.", {"n": exam.attempts_included}, "You have {n} attempts.")


def _wait(exam: ExamDocument) -> Message | None:
    if not exam.cooldown_hours or exam.attempts_included == 1:
        return None
    return Message(
        "After an attempt the next is possible one hour later.",
        {"n": exam.cooldown_hours},
        "After an attempt the next is possible {n} hours later.",
    )


def _window(exam: ExamDocument) -> Message | None:
    if exam.window_days is None:
        return None
    if exam.window_from == "attended":
        return Message(
            "You can take it within one day after your class.",
            {"n": exam.window_days},
            "You can take it within {n} days after your class.",
        )
    return Message(
        "You can take it within one day after enrolling.",
        {"n": exam.window_days},
        "You can take it within {n} days after enrolling.",
    )


def _release(exam: ExamDocument) -> Message:
    if exam.release == "at_once":
        return Message("You see your result at once.")
    return Message("Staff release the results; we write to you when yours is there.")


def _review(exam: ExamDocument) -> Message:
    if may_show(exam.preset, Element.EXPLANATION, released=True):
        return Message("The result shows your score, your answers, which were right, and why.")
    return Message("The result shows your score and your profile by area. Items and answers stay closed.")
