"""What every test shares: hypothesis without clocks, so that a busy machine fails nothing."""

from __future__ import annotations

import gymnasium
from hypothesis import settings

# The vector environment needs Gymnasium 1.1; test_env.py checks that asking for it on an older one says so.
collect_ignore = (
    [] if hasattr(gymnasium.vector, "AutoresetMode") else ["test_vector_env.py", "test_vector_wrappers.py"]
)

settings.register_profile("no-clock", deadline=None)
settings.load_profile("no-clock")
