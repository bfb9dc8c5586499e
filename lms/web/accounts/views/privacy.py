"""What we keep about a person, to read and to take away."""

from __future__ import annotations

import json

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from lms.foundation import clock
from lms.overviews import own_data
from lms.web.accounts.views.door import bp
from lms.web.viewing import no_store, signed_in


@bp.get("/account/privacy")
def show_privacy() -> ResponseReturnValue:
    return render_template("accounts/privacy.html")


@bp.get("/account/privacy/export.json")
def export_own_data() -> ResponseReturnValue:
    """Everything about the viewer as one JSON file."""
    found = own_data.export(signed_in().person_id, now=clock.now())
    response = Response(json.dumps(found, ensure_ascii=False, indent=2), mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="baton-my-data.json"'
    return no_store(response)
