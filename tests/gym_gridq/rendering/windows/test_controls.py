"""What the keys do, without a window."""

from __future__ import annotations

import numpy as np
import pytest

from gym_gridq import Dynamics, solve
from gym_gridq.rendering import Overlay
from gym_gridq.rendering.windows.controls import SPEEDS, Controls

MINUS = "\N{MINUS SIGN}"


def test_speeds_go_up_to_no_waiting_and_down_to_the_slowest():
    controls = Controls(pace=4.0)
    paces = []
    while controls.pace is not None:
        paces.append(controls.pace)
        controls.faster()
    assert paces == [4.0, 8.0, 16.0, 32.0, 64.0]
    assert controls.notice == ("full speed", ())
    controls.faster()
    assert controls.pace is None
    for expected in [*reversed(SPEEDS), SPEEDS[0]]:
        controls.slower()
        assert controls.pace == expected


def test_a_speed_between_two_steps_joins_the_ladder():
    controls = Controls(pace=5.0)
    controls.slower()
    assert controls.pace == 4.0
    controls.pace = 100.0
    controls.faster()
    assert controls.pace is None


def test_steps_are_made_while_paused_only():
    controls = Controls()
    controls.step()
    assert not controls.step_wanted
    controls.pause()
    controls.step()
    assert controls.step_wanted
    controls.pause()
    assert not controls.paused


def test_overlays_switch_and_the_same_key_takes_them_away():
    controls = Controls()
    seen = []
    for key in ("v", "v", "p", "q", "q"):
        controls.switch(key)
        seen.append(controls.mode)
    assert seen == ["v", "none", "p", "q", "none"]


def test_each_mode_shows_its_part_of_the_q_values():
    q_values = np.random.default_rng(0).normal(size=(12, 4))
    overlay = Overlay(q_values=q_values, status=(("step", "1"),))
    modes = {mode: overlay.seen(mode) for mode in ("q", "v", "p", "none")}
    assert modes["q"] is overlay
    assert (modes["v"].values == q_values.max(axis=1)).all()
    assert (modes["v"].arrows == overlay.arrows).all()
    assert modes["p"].values is modes["p"].q_values is None
    assert (modes["p"].arrows == overlay.arrows).all()
    assert modes["none"].arrows is None
    assert all(seen.status == overlay.status for seen in modes.values())


def test_a_click_asks_for_a_cell_and_a_second_one_puts_it_away():
    controls = Controls()
    for clicked, shown in ((6, 6), (7, 7), (7, None), (6, 6), (None, None)):
        controls.click(clicked)
        assert controls.cell == shown


def test_the_backup_of_the_book_in_numbers():
    dynamics = Dynamics("book")
    title, rows = Overlay(solve(dynamics).q).explained(dynamics, 6)
    assert title == "cell (1, 2), state 6, discount 0.9"
    assert rows == [
        ("Q(up) = 0.90", "backup  0 + 0.9 · 1.00 = 0.90"),
        ("Q(down) = 0.73", "backup  0 + 0.9 · 0.81 = 0.73"),
        ("Q(left) = 0.81", "backup  0 + 0.9 · 0.90 = 0.81"),
        (f"Q(right) = {MINUS}0.10", f"backup  {MINUS}1 + 0.9 · 1.00 = {MINUS}0.10"),
    ]


def test_the_backup_cuts_what_follows_the_end():
    dynamics = Dynamics("book")
    _, rows = Overlay(np.full((12, 4), 7.0)).explained(dynamics, 2)
    assert rows[3] == ("Q(right) = 7.00", "backup  1.00")


def test_the_backup_of_a_slippery_move_is_a_weighted_sum():
    dynamics = Dynamics("book", slip=0.2)
    _, rows = Overlay(np.zeros((12, 4))).explained(dynamics, 2)
    assert rows[9:] == [
        ("Q(right) = 0.00", "backup  0.8 (1)"),
        ("", "+ 0.1 (0 + 0.9 · 0.00)"),
        ("", "+ 0.1 (0 + 0.9 · 0.00) = 0.80"),
    ]


@pytest.mark.parametrize(("state", "kind"), [(5, "a wall"), (3, "terminal")])
def test_what_has_no_values_says_so(state, kind):
    assert Overlay(np.ones((12, 4))).explained(Dynamics("book"), state)[1] == [
        ("Q", f"0: the cell is {kind}")
    ]
