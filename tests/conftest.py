"""What every test shares: hypothesis without clocks, so that a busy machine fails nothing."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("no-clock", deadline=None)
settings.load_profile("no-clock")
