"""What every test shares: no clocks, no screen but the tests' own."""

from __future__ import annotations

import shutil

import gymnasium
import pytest
from hypothesis import settings

# A busy machine fails no property test.
settings.register_profile("no-clock", deadline=None)
settings.load_profile("no-clock")

# The vector environment needs Gymnasium 1.1; test_env.py checks that asking for it on an older one says so.
collect_ignore = (
    []
    if hasattr(gymnasium.vector, "AutoresetMode")
    else [
        "test_vector_env.py",
        "test_vector_wrappers.py",
        "test_learning.py",
        "test_lanes.py",
        "test_snapshots.py",
        "reliability",
    ]
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the tests in real windows where there is no Xvfb to open them on; `make test` says so."""
    if shutil.which("Xvfb") is None:
        windowed = [item for item in items if "virtual_screen" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=windowed)
        items[:] = [item for item in items if item not in windowed]
