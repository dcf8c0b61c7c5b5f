"""How the world tells itself: in a line, and in a notebook by a picture."""

from __future__ import annotations

import io

import gymnasium
import numpy as np
from PIL import Image

import gym_gridq


def test_everything_is_told_in_a_line() -> None:
    env = gymnasium.make("GridQ-v0", layout="aima", slip=0.2).unwrapped
    env.reset(seed=0)
    solution = gym_gridq.solve(env)
    told = {
        repr(env): "GridQEnv(Layout(aima, 3x4), slip=0.2, state=8)",
        repr(gym_gridq.Layout.from_rows(["SG"])): "Layout(unnamed, 1x2)",
        repr(gym_gridq.solve(gym_gridq.GridQEnv())): "Solution(12 states, 4 actions, v from 0 to 1)",
        repr(gym_gridq.grade(gym_gridq.GridQEnv(), np.zeros((12, 4)))): (
            "Grade(value=0 of 0.6561, regret=0.66, 5 of 10 states optimal, without end, max_q_error=1)"
        ),
    }
    for said, expected in told.items():
        assert said == expected
    best = gym_gridq.grade(env, solution.q)
    assert ", max_q_error=0)" in repr(best)


def test_a_notebook_shows_the_board() -> None:
    env = gym_gridq.GridQEnv()
    blank = env._repr_png_()
    env.reset(seed=0)
    env.show(q_values=gym_gridq.solve(env).q)
    shown = env._repr_png_()
    pictures = [np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int) for png in (blank, shown)]
    assert pictures[0].std() > 10
    assert pictures[0].shape != pictures[1].shape or abs(pictures[0] - pictures[1]).max() > 50
    assert env.render_mode is None
    assert "...G\n.#.P\nS..." in env.layout._repr_html_()
