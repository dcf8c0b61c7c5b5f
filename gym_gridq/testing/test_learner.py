"""``pytest --pyargs gym_gridq.testing``: the learner named by ``GRIDQ_LEARNER``, one test a world."""

from __future__ import annotations

import os
import pkgutil
from typing import Any

from gym_gridq.testing import WORLDS, World, check_learner


def pytest_generate_tests(metafunc: Any) -> None:
    """Makes one test a world."""
    metafunc.parametrize("world", WORLDS, ids=str)


def test_learner(world: World) -> None:
    """Checks the learner named by ``GRIDQ_LEARNER`` (``module:function``), else the reference learner."""
    train_fn = pkgutil.resolve_name(os.environ.get("GRIDQ_LEARNER", "gym_gridq.testing:learn_by_table"))
    report = check_learner(train_fn, worlds=[world])
    assert report.passed, report
