from __future__ import annotations

import pytest

from agents.experiments import backends
from agents.experiments.cell import run_cells


@pytest.fixture
def here(monkeypatch):
    """Cells run in this process, one after another."""
    monkeypatch.setitem(backends.BACKENDS, "loky", lambda batches, jobs, address: _run(batches))


def _run(batches):
    for batch in batches:
        yield run_cells(batch)
