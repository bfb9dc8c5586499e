"""Laws are tried without a clock, and with the same examples each time: what fails, fails for everyone.

`HYPOTHESIS_PROFILE=searching` looks for new examples instead.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

without_clock = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("steady", parent=without_clock, derandomize=True)
settings.register_profile("searching", parent=without_clock)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
