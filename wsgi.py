"""The WSGI entry point: `granian --interface wsgi wsgi:app`, `flask --app wsgi routes`."""

from lms.app import create_app
from lms.foundation.processes import end_with_supervisor

end_with_supervisor()
app = create_app()
