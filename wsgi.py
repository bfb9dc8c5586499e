"""The entry points of web servers: `wsgi:gate` for granian (`lms serve`), `wsgi:app` for any that speaks WSGI."""

from lms.app import create_app
from lms.foundation.processes import end_with_supervisor
from lms.web.gate import Gate

end_with_supervisor()
app = create_app()
gate = Gate(app, body_seconds=app.config["BODY_SECONDS"])
