"""How templates call what they are given: words in the reader's language, macros and functions, by the shortest way.

A page makes a hundred such calls. The general ways ask each time what kind of thing is called, and look up
language and catalogue anew for each word.
"""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any

from flask import Flask, current_app
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from lms.interop.words import catalogue

FUNCTIONS = frozenset({FunctionType, MethodType})


class QuickContext(Context):
    """Jinja's own, which need not ask a plain function or a macro what it is."""

    def call(self, called: Any, /, *args: Any, **named: Any) -> Any:
        kind = type(called)
        if kind is Macro:
            first: tuple[Any, ...] = (self.eval_ctx,)
        elif kind in FUNCTIONS and not hasattr(called, "jinja_pass_arg"):
            first = ()
        else:
            return super().call(called, *args, **named)
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        try:
            return called(*first, *args, **named)
        except StopIteration:
            return self.environment.undefined("A function that a template called ended as iterators do.")


def set_up(app: Flask) -> None:
    """After flask-babel, whose words these replace."""
    environment = app.jinja_env
    environment.context_class = QuickContext
    environment.globals.update({"_": _gettext, "gettext": _gettext, "ngettext": _ngettext})


@pass_eval_context
def _gettext(evaluated: EvalContext, text: str, /, **values: Any) -> str:
    found = str(catalogue().ugettext(text))
    return _filled(evaluated, found, values)


@pass_eval_context
def _ngettext(evaluated: EvalContext, singular: str, plural: str, count: int, /, **values: Any) -> str:
    found = str(catalogue().ungettext(singular, plural, count))
    return _filled(evaluated, found, {"num": count, **values})


def _filled(evaluated: EvalContext, text: str, values: dict[str, Any]) -> str:
    """The text with its values, which are escaped where the template escapes. It is a format even without any."""
    said = Markup(text) if evaluated.autoescape else text  # noqa: S704  # catalogues are ours
    return said % values if values or "%" in text else said


def drawn(template: str, macro: str, *given: object) -> Markup:
    """What a macro makes of these values. It knows nothing of the request but the reader's language."""
    module: Any = current_app.jinja_env.get_template(template).module
    return Markup(getattr(module, macro)(*given))  # noqa: S704  # templates escape
