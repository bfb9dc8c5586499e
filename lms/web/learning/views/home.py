"""The learner's first page."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from lms.foundation import clock
from lms.web import stencils
from lms.web.learning.pages.home import home_page
from lms.web.learning.views.door import bp
from lms.web.templating import drawn
from lms.web.viewing import signed_in


@bp.get("/learn")
def home() -> ResponseReturnValue:
    page = home_page(signed_in(), now=clock.now())
    return stencils.show("learning/home.html", content=drawn("learning/_home.html", "home", page))
