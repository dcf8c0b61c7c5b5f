"""What may be laid over the board: checked at once, without pygame."""

from __future__ import annotations

import subprocess
import sys

import gymnasium
import numpy as np
import pytest

import gym_gridq
from gym_gridq import LAYOUTS, Layout
from gym_gridq.rendering.numerals import signed, written
from gym_gridq.rendering.overlay import Overlay

BOOK = LAYOUTS["book"]
MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"q_values": np.zeros((4, 12))}, r"q_values has shape \(4, 12\); this map wants \(12, 4\)"),
        ({"q_values": np.zeros(12)}, r"shape \(12,\)"),
        ({"q_values": np.full((12, 4), np.nan)}, r"q_values\[0, 0\] is nan"),
        ({"q_values": np.diag(np.full(12, np.inf))[:, :4]}, r"q_values\[0, 0\] is inf"),
        ({"q_values": "high"}, "q_values is not an array of numbers"),
        ({"q_values": [[0.0] * 4] * 11 + [[0.0]]}, "q_values is not an array of numbers"),
        ({"values": np.zeros((12, 1))}, r"values has shape \(12, 1\); this map wants \(12,\)"),
        ({"policy": -np.ones((12, 4))}, "policy holds -1.0"),
        ({"q_values": np.zeros((12, 4)), "values": np.zeros(12)}, "room for one"),
        ({"q_values": np.zeros((12, 4)), "discount": 1.5}, "discount is 1.5; give a number from 0 to 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_anything_is(arguments, message):
    env = gymnasium.make("GridQ-v0", render_mode="rgb_array").unwrapped
    with pytest.raises(ValueError, match=message):
        env.show(**arguments)


def test_a_status_is_a_mapping():
    with pytest.raises(TypeError, match="give a mapping"):
        Overlay.checked(BOOK, status="episode 3")


def test_show_imports_no_pygame_and_neither_does_text():
    code = (
        "import sys, gymnasium, numpy as np, gym_gridq\n"
        "env = gymnasium.make('GridQ-v0', render_mode='ansi', cell_size=50); env.reset()\n"
        "env.unwrapped.show(q_values=np.zeros((12, 4))); env.render()\n"
        "assert 'pygame' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_is_shown_does_not_change_with_the_array_it_was_given():
    q_values = np.zeros((12, 4))
    overlay = Overlay.checked(BOOK, q_values=q_values)
    q_values[:] = 1.0
    assert not overlay.q_values.any()


def test_arrows_are_the_tied_greedy_actions_of_the_exact_solution():
    solution = gym_gridq.solve(gym_gridq.Dynamics("book"))
    arrows = Overlay.checked(BOOK, q_values=solution.q).arrows[BOOK.free_states]
    assert (arrows == (solution.policy > 0)[BOOK.free_states]).all()


def test_a_policy_takes_the_place_of_the_greedy_arrows():
    policy = np.zeros((12, 4))
    policy[:, 2] = 0.5
    overlay = Overlay.checked(BOOK, q_values=np.eye(12)[:, :4], policy=policy)
    assert (overlay.arrows == (policy > 0)).all()


@pytest.mark.parametrize(
    ("value", "scale", "tight", "text"),
    [
        (0.81, 1, False, "0.81"),
        (-0.81, 1, False, f"{MINUS}0.81"),
        (-0.001, 1, False, "0.00"),
        (0.81, 1, True, ".81"),
        (-0.1, 1, True, f"{MINUS}.10"),
        (1.0, 1, True, "1.00"),
        (10.06, 20, False, "10.1"),
        (-199.6, 200, False, f"{MINUS}200"),
        (0.00123, 0.002, False, "0.00123"),
        (12345.0, 20000, False, "1.2e+04"),
    ],
)
def test_numbers_are_short(value, scale, tight, text):
    assert written(np.array([value]), scale, tight) == [text]


def test_rewards_carry_their_sign():
    assert [signed(reward) for reward in (1.0, 0.0, -0.5)] == ["+1", "0", f"{MINUS}0.5"]


def test_status_is_set_like_the_numbers():
    overlay = Overlay.checked(
        BOOK, status={"step": np.int64(12345), "return": np.float32(-0.5), "loss": None, "agent": "dqn"}
    )
    assert overlay.status == (
        ("step", "12,345"),
        ("return", f"{MINUS}0.5"),
        ("loss", "-"),
        ("agent", "dqn"),
    )


@pytest.mark.parametrize("cell_size", [0, 7, -3, 1.5, "big", True, float("nan")])
def test_a_cell_size_that_leaves_nothing_to_see(cell_size):
    with pytest.raises(ValueError, match=r"cell_size is .*; give .* from 8"):
        gymnasium.make("GridQ-v0", cell_size=cell_size)


def test_a_cell_size_that_asks_for_a_gigapixel():
    with pytest.raises(ValueError, match=r"1,200 million pixels .* give at most 2041"):
        gymnasium.make("GridQ-v0", cell_size=10_000)
    corridor = Layout.from_rows(["S" + "." * 60_000 + "G"])
    with pytest.raises(ValueError, match="give at most"):
        gymnasium.make("GridQ-v0", layout=corridor, cell_size=100)
