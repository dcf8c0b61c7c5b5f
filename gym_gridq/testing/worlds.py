"""Small worlds with a known optimum, each of which some mistakes of a learner fail (`gym_gridq.testing`)."""

from __future__ import annotations

import numpy as np

from gym_gridq.testing.world import World

__all__ = ["QUICK", "WORLDS"]


def _far_apart() -> tuple[str, ...]:
    """A map of 289 cells, the same however it is turned, with two corridors on every side.

    The states of one, less 256, are those of another, which asks for the opposite direction.
    """
    cells = np.full((17, 17), "#")
    for _ in range(4):
        cells[0, 1:5] = list("SSSG")
        cells[15, 2:6] = list("GSSS")
        cells = np.rot90(cells)
    return tuple("".join(row) for row in cells.tolist())


WORLDS = (
    # A terminal state is worth nothing, whatever its observation looks like. Who bootstraps from it takes the
    # near prize over and over, since near / (1 - d) > d / (1 - d^2), though near < d.
    World(
        "two-doors",
        "termination",
        ("HS.G",),
        (
            "the target bootstraps from terminal states: cut it where `terminated` is true",
            "the reward of the last step is lost, or counted twice",
            "the step that only begins an episode is learned from (autoreset)",
        ),
        lambda discount: {"H": 0.2 * discount + 0.8 * discount / (1 + discount)},
        aliased_end=True,
    ),
    # From the first cell the smaller prize is right, by two steps; from those on the right of the gap the
    # larger one, by as much as a learner may lose that still explores.
    World(
        "corridor",
        "discounting",
        ("HS..SSSSSSSSSSG",),
        (
            "the discount is not the one you gave, or is taken twice or not at all",
            "in n-step returns, the value behind the window needs the discount to the power n",
            "the target network is never updated",
        ),
        lambda discount: {"H": discount**10},
        effort=2,
    ),
    # A prize next to the start, and a larger one behind a loss.
    World(
        "past-the-pit",
        "exploration",
        ("HSP.G",),
        (
            "exploration is missing, or ends too early",
            "ties always go to the first action",
            "the target takes the mean, or the behaviour's action, where the maximum is meant",
        ),
        lambda discount: {"H": 0.1 * discount**2, "P": -0.2 * discount**2},
    ),
    # One prize far off, and nothing on the way.
    World(
        "long-hall",
        "credit for what comes late",
        ("S.........G",),
        (
            "the replay keeps or gives only some of the transitions",
            "the successor's value never arrives: look at the target network and at the next observation",
            "exploration ends before the prize was found",
        ),
    ),
    # A toll on the way to the larger prize. Who counts it or the prize wrongly turns at another cell.
    World(
        "toll",
        "rewards on the way",
        ("HS...SPSSG",),
        (
            "negative rewards are dropped, clipped or rounded",
            "the reward is summed over the episode, delayed by a step, or counted twice at the end",
            "the discount is wrong",
        ),
        lambda discount: {"H": 0.6 * discount**3, "P": -0.4 * discount**3},
    ),
    # Both prizes are above 1.
    World(
        "large-prizes",
        "the size of rewards",
        ("HSSSSSSSG",),
        ("rewards or targets are clipped, replaced by their sign, or rounded",),
        lambda discount: {"H": 1.5, "G": 1.5 / discount**4},
    ),
    # Every step costs, going on for ever costs 1 and ending somewhat less: optimal values below 0.
    World(
        "cost-of-living",
        "rewards of every step",
        ("HSSSSSSSG",),
        (
            "rewards are shifted, or a step penalty is added",
            "negative rewards are dropped, or values are kept from falling below 0",
            "terminal states are bootstrapped from",
        ),
        lambda discount: {
            "S": discount - 1,
            "H": 0.4 * discount**4 - 1,
            "G": 0.4 - 1,
        },
    ),
    # P pays for ever what G pays at once: from the nearer half, either is right.
    World(
        "annuity",
        "rewards without end",
        ("PSSSSSG",),
        (
            "the time limit is taken for an end",
            "the reward of terminal steps is doubled or lost",
            "the value behind the last step of a rollout is missing",
            "the discount is wrong",
        ),
        lambda discount: {"P": 1 - discount},
        max_episode_steps=20,
        random_start=True,
        value_tolerance=0.1,
    ),
    # Every step is cut short by the time limit; who takes it for an end sees but the next reward.
    World(
        "time-limit",
        "truncation",
        ("P..S#G",),
        (
            "the time limit is taken for an end: only `terminated` cuts bootstrapping",
            "the successor of the last step is the first observation of the next episode",
            "the reward of a step cut short is lost",
        ),
        lambda discount: {"S": 2 * (1 - discount), "P": 0.8 * (1 - discount) * discount**2},
        max_episode_steps=1,
        random_start=True,
    ),
    # The short way runs along a cliff that only exploration falls off.
    World(
        "cliff",
        "on-policy against off-policy",
        (".....", "SSSSG", "HHHHH"),
        (
            "the target follows the exploring policy, and exploration does not end",
            "the target bootstraps with another action than the best",
        ),
        lambda discount: {"H": 0.0},
    ),
    # A walk between holes that mostly goes well. Who keeps the last outcome instead of the mean turns back,
    # or jumps, after the first fall.
    World(
        "slippery-bridge",
        "stochastic dynamics: means",
        ("HHHH", "S..G", "HHHH"),
        ("the step size is too large, so that the last outcome counts more than the mean",),
        lambda discount: {"H": 0.0},
        slip=0.2,
        random_start=True,
        tolerance=0.1,
        value_tolerance=1.0,
    ),
    # The short way runs along holes. Who counts on the likeliest outcome alone takes it.
    World(
        "slippery-ledge",
        "stochastic dynamics: risks",
        ("....", "S..G", "HHHH"),
        (
            "the likeliest outcome is taken for the only one",
            "errors are clipped on one side, so that bad luck counts less than good",
        ),
        slip=0.2,
        random_start=True,
        tolerance=0.1,
        value_tolerance=1.0,
        effort=2,
    ),
    # More states than a byte can tell apart.
    World(
        "far-apart",
        "large state numbers",
        _far_apart(),
        ("observations are kept in too small a type, such as uint8",),
    ),
    # Two ways are equally good: values on the one not taken are learned late.
    World(
        "book",
        "all of it together",
        ("...G", ".#.P", "S..."),
        (
            "observation, action and reward of different steps are put together",
            "some actions are tried too seldom for their values to be learned",
        ),
        value_tolerance=0.1,
    ),
)
"""The worlds."""

QUICK = tuple(
    world
    for world in WORLDS
    if world.name in {"two-doors", "corridor", "annuity", "time-limit", "toll", "book"}
)
"""The worlds that catch most mistakes, for a first look."""
