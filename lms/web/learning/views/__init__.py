"""The pages of a learner. Each module here adds its addresses to the door."""

from lms.web.learning.views import finding, home, lessons, modules, programs
from lms.web.learning.views.door import bp

__all__ = ["bp", "finding", "home", "lessons", "modules", "programs"]
