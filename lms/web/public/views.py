"""The first page, the short texts in the foot of every page, and what machines ask."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue

from lms.foundation import clock
from lms.web.assets import asset
from lms.web.public.pages.front import front_page
from lms.web.public.readiness import readiness

bp = Blueprint("public", __name__)

# Lessons and exams are behind the sign-in page, where a robot has nothing to read: they need no line.
ROBOTS = """User-agent: *
Disallow: /account
Disallow: /author
Disallow: /certificates/
Disallow: /staff
Disallow: /teach
"""


@bp.get("/")
def home() -> ResponseReturnValue:
    return render_template("public/home.html", page=front_page(now=clock.now()))


@bp.get("/help")
def help() -> ResponseReturnValue:  # noqa: A001  # the endpoint's name is the page's
    return render_template("public/help.html")


@bp.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    return render_template("public/accessibility.html")


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    return render_template("public/privacy.html")


@bp.get("/healthz")
def show_health() -> ResponseReturnValue:
    """Alive: this process answers."""
    return unkept(jsonify(alive=True))


@bp.get("/readyz")
def show_readiness() -> ResponseReturnValue:
    """Ready to serve: 200, else 503 with what is lacking."""
    found = readiness()
    response = unkept(jsonify(found.to_json()))
    response.status_code = 200 if found.ready else 503
    return response


@bp.get("/favicon.ico")
def show_icon() -> ResponseReturnValue:
    return redirect(asset("favicon.svg"))


@bp.get("/robots.txt")
def show_robots() -> ResponseReturnValue:
    return Response(ROBOTS, mimetype="text/plain")


def unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
