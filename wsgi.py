"""The entry points of web servers: `wsgi:gate` for granian (`lms serve`), `wsgi:app` for any that speaks WSGI."""

from lms.foundation.processes import end_with_supervisor, made_to_last

end_with_supervisor()
with made_to_last():
    from sqlalchemy.orm import configure_mappers

    from lms.app import create_app
    from lms.web.gate import Gate

    app = create_app()
    configure_mappers()  # or the first request of each worker would, in memory of its own
    gate = Gate(app, body_seconds=app.config["BODY_SECONDS"])
