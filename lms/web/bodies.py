"""A form that a script sends as JSON is read as the form it stands for, and nothing else is taken for one."""

from __future__ import annotations

from flask import abort, request
from werkzeug.datastructures import ImmutableMultiDict

from lms.web.viewing import SAFE_METHODS


def read_json_as_form() -> None:
    """Texts, whole numbers, yes and no, and lists of them, by name; 400 for whatever else JSON can say.

    Fields expect texts. Without this a list, a number or a hundred thousand brackets reached them as they were.
    """
    if request.method in SAFE_METHODS or not request.is_json:
        return
    try:
        sent = request.get_json()
    except (RecursionError, ValueError):  # brackets beyond all depth, and numbers beyond all length
        abort(400)
    if not isinstance(sent, dict):
        abort(400)
    values = {name: value if isinstance(value, list) else [value] for name, value in sent.items()}
    if not all(is_plain(value) for value in [*values, *(one for several in values.values() for one in several)]):
        abort(400)
    request.form = ImmutableMultiDict({name: [str(one) for one in several] for name, several in values.items()})


def is_plain(value: object) -> bool:
    """Whether a field of a form could hold it; half of a surrogate pair is no letter."""
    if isinstance(value, str):
        return not any("\ud800" <= sign <= "\udfff" for sign in value)
    return isinstance(value, int)
