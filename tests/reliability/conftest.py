"""How long the proofs take: ``GRIDQ_RELIABILITY=long`` is the setting for a release."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def scale():
    """How many times as much as in CI is tried."""
    return 10 if os.environ.get("GRIDQ_RELIABILITY") == "long" else 1
