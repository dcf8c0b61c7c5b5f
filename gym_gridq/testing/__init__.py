"""A check for authors of learners: small worlds with a known optimum, each of which some mistakes fail.

Call `check_learner` in a test, or run pytest on this package, one test a world::

    GRIDQ_LEARNER=your_package.module:function pytest --pyargs gym_gridq.testing

Without that variable the reference learner, `learn_by_table`, is checked.
"""

from __future__ import annotations

from gym_gridq.testing.check import check_learner
from gym_gridq.testing.judging import Learned
from gym_gridq.testing.reference import learn_by_table
from gym_gridq.testing.report import LearnerReport, RunReport, WorldReport
from gym_gridq.testing.world import World
from gym_gridq.testing.worlds import QUICK, WORLDS

__all__ = [
    "QUICK",
    "WORLDS",
    "Learned",
    "LearnerReport",
    "RunReport",
    "World",
    "WorldReport",
    "check_learner",
    "learn_by_table",
]
