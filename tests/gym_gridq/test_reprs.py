"""How the world tells itself: in a line, and in a notebook by a picture."""

from __future__ import annotations

import io
import re
import subprocess
import sys

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


def test_a_notebook_shows_a_solution_as_a_table() -> None:
    table = gym_gridq.solve(gym_gridq.GridQEnv())._repr_html_()
    rows = [re.findall(r"<t[dh].*?>(.*?)</t[dh]>", row) for row in re.findall("<tr>(.*?)</tr>", table)]
    assert rows[0] == ["state", "v", *(f"q, action {action}" for action in range(4))]
    assert [row[0] for row in rows[1:]] == [*"012", "4", *"6789", "10", "11"]  # neither the wall nor the goal
    assert rows[7] == ["8", "0.6561", "0.6561", "0.5905", "0.5905", "0.6561"]
    assert re.findall("bold.>(.*?)<", table.split("<tr>")[8]) == ["0.6561", "0.6561"]  # up and right are tied
    assert "and 59 states more" in gym_gridq.solve(gym_gridq.Dynamics(["S" + 98 * "." + "GG"]))._repr_html_()
    taxi = gym_gridq.solve(gymnasium.make("Taxi-v3" if "Taxi-v3" in gymnasium.registry else "Taxi-v4"))
    assert "q, action 5" in taxi._repr_html_()


def test_a_notebook_shows_a_grade_as_a_table() -> None:
    told = gym_gridq.grade(gym_gridq.GridQEnv(), np.zeros((12, 4)))._repr_html_()
    cells = re.findall(r"<t[dh].*?>(.*?)</t[dh]>", told)
    assert cells == [
        *("value from the start", "0", "the optimum", "0.6561", "regret", "0.66"),
        *("optimal states", "5 of 10", "greedy path", "without end", "max abs(Q - q*)", "1"),
    ]


def test_tables_need_no_pygame() -> None:
    program = (
        "import sys, gym_gridq; env = gym_gridq.GridQEnv(); gym_gridq.solve(env)._repr_html_();"
        "gym_gridq.grade(env, [0] * 12)._repr_html_(); assert 'pygame' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
