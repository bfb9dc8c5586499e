"""The views of this door, one file a subject; importing them hangs them on `bp`."""

from lms.web.staff.views import activations, claims, classes, people, queues, results
from lms.web.staff.views.door import bp

__all__ = ["activations", "bp", "claims", "classes", "people", "queues", "results"]
