"""The learner's first page."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from lms.foundation import clock
from lms.web.learning.pages.home import home_page
from lms.web.learning.views.door import bp
from lms.web.viewing import signed_in


@bp.get("/learn")
def home() -> ResponseReturnValue:
    return render_template("learning/home.html", page=home_page(signed_in(), now=clock.now()))
