"""The WSGI entry point: `granian --interface wsgi wsgi:app`, `flask --app wsgi routes`."""

from lms.app import create_app

app = create_app()
