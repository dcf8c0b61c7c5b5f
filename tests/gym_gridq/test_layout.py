from __future__ import annotations

import copy
import json
import pickle
import re

import numpy as np
import pytest
from hypothesis import given

from gym_gridq import LAYOUTS, Layout
from tests.worlds import layouts


def test_the_book_s_map() -> None:
    book = LAYOUTS["book"]
    assert str(book) == "...G\n.#.P\nS..."
    assert (book.n_rows, book.n_columns, book.n_states) == (3, 4, 12)
    assert book.start_states.tolist() == [8]
    assert np.flatnonzero(book.wall).tolist() == [5]
    assert np.flatnonzero(book.terminal).tolist() == [3]
    assert book.cells[7] == "P"
    assert book.free_states.tolist() == [0, 1, 2, 4, 6, 7, 8, 9, 10, 11]


def test_the_aima_map_differs_by_a_hole() -> None:
    aima = LAYOUTS["aima"]
    assert np.flatnonzero(aima.terminal).tolist() == [3, 7]
    assert str(aima).replace("H", "P") == str(LAYOUTS["book"])


@given(layouts())
def test_state_and_position_are_inverse(layout: Layout) -> None:
    for state in range(layout.n_states):
        row, column = layout.position(state)
        assert state == layout.n_columns * row + column == layout.state(row, column)
        assert layout.cells[state] == layout.rows[row][column]


@given(layouts())
def test_layouts_survive_pickle_and_deepcopy(layout: Layout) -> None:
    _ = layout.cells, layout.wall  # the caches must not travel
    for twin in (pickle.loads(pickle.dumps(layout)), copy.deepcopy(layout)):
        assert twin == layout
        assert hash(twin) == hash(layout)
        assert not twin.cells.flags.writeable


def test_nothing_in_a_layout_can_be_changed() -> None:
    book = LAYOUTS["book"]
    with pytest.raises(ValueError, match="read-only"):
        book.cells[0] = "G"
    with pytest.raises(TypeError, match="cannot be changed"):
        book.rewards["G"] = 2.0  # type: ignore[index]
    with pytest.raises(TypeError, match="cannot be changed"):
        book.rewards.update(G=2.0)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        book.rows = ("SG",)  # type: ignore[misc]
    rewards = {"S": 0, ".": 0, "G": 1, "P": -1, "H": -1}
    own = Layout(("SG",), rewards)
    rewards["G"] = 5
    assert own.rewards["G"] == 1
    with pytest.raises(TypeError, match="cannot be changed"):
        del own.rewards["G"]  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(book.rewards)) == copy.deepcopy(book.rewards) == book.rewards


def test_rewards_by_letter() -> None:
    layout = Layout.from_rows(["SHG"], rewards={"H": 0})
    assert layout.rewards == {"S": 0.0, ".": 0.0, "G": 1.0, "P": -1.0, "H": 0.0}
    assert {type(reward) for reward in layout.rewards.values()} == {float}
    usual = Layout.from_rows(["SHG"], name="usual")
    assert usual.name == "usual"
    assert usual == Layout.from_rows(["SHG"]), "a name is no difference"
    assert layout != usual
    assert len({hash(layout), hash(usual), hash(Layout.from_rows(["SGH"]))}) == 3


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "is empty"),
        ([""], "is empty"),
        (["S.", "G"], r"row 1 of the layout, 'G', has 1 letters, but row 0 has 2"),
        (
            ["S.x", "..G"],
            "unknown letter 'x' in row 0 of the layout, 'S.x'; use 'S' start, '.' floor, '#' wall",
        ),
        (["..", ".G"], "the layout has no start; mark at least one cell with 'S'"),
        (["..", ".S"], "the layout has no goal; mark at least one cell with 'G'"),
        (["SG", 3], "row 1 of the layout is 3"),
        ("nowhere", "unknown layout 'nowhere'; named layouts are aima, book"),
        (5, "layout is 5; give a name"),
        ({"rows": ["SG"]}, "a dictionary holds rows, rewards and name"),
    ],
)
def test_bad_maps(rows: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Layout.resolve(rows)  # type: ignore[arg-type]


def test_a_string_is_not_rows() -> None:
    with pytest.raises(ValueError, match="the rows are one string, 'SG'; give a list"):
        Layout.from_rows("SG")


@pytest.mark.parametrize(
    ("rewards", "message"),
    [
        ({"X": 1.0}, "rewards name 'X'"),
        ({"#": 1.0}, "rewards name '#'"),
        ({"G": float("nan")}, "the reward of 'G' is nan"),
        ({"G": "much"}, "the reward of 'G' is 'much'"),
        ({"G": True}, "the reward of 'G' is True; give a finite number, at most 1e100 either way"),
        ({"G": "2.5"}, "the reward of 'G' is '2.5'; give a finite number"),
        ({"G": None}, "the reward of 'G' is None; give a finite number"),
        ({"G": 10**400}, "the reward of 'G' is 10{79}; give a finite number"),
    ],
)
def test_bad_rewards(rewards: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Layout.from_rows(["SG"], rewards=rewards)


def test_rewards_of_a_bare_layout_are_complete() -> None:
    with pytest.raises(ValueError, match=r"rewards lack \['\.', 'H', 'P', 'S'\]; Layout\.from_rows fills in"):
        Layout(("SG",), rewards={"G": 1.0})


@pytest.mark.parametrize("cell", [(3, 0), (0, 4), (-1, 0), (0, -1)])
def test_cells_outside_the_map(cell: tuple[int, int]) -> None:
    words = f"cell {cell} lies outside the 3x4 map; rows go from 0 to 2, columns from 0 to 3"
    with pytest.raises(ValueError, match=re.escape(words)):
        LAYOUTS["book"].state(*cell)


@pytest.mark.parametrize("state", [-1, 12])
def test_states_outside_the_map(state: int) -> None:
    with pytest.raises(ValueError, match=f"state {state} does not exist; states go from 0 to 11"):
        LAYOUTS["book"].position(state)


def test_a_long_row_is_shortened_in_its_error() -> None:
    row = "S" + "." * 38 + "G"
    with pytest.raises(ValueError, match=re.escape(f"row 1 of the layout, '{row}', has 40 letters")):
        Layout.from_rows([row + ".", row])
    with pytest.raises(ValueError, match=re.escape(f"row 1 of the layout, '{row[:37]}...', has 41 letters")):
        Layout.from_rows([row, row + "."])


@pytest.mark.parametrize("rewards", [{}, {"P": -2.5, "G": 1e-7}, {".": -0.04, "S": -0.04, "H": 0.0}])
def test_a_text_map_comes_back_as_it_was_written(rewards):
    layout = Layout.from_rows(["..HG", ".#.P", "S..."], rewards)
    text = layout.to_text()
    assert text.startswith("..HG\n.#.P\nS...\n")
    assert text.count("=") == len(rewards)
    assert Layout.from_text(text) == layout
    assert Layout.from_text("\n" + text.replace("\n", "  \r\n\n")) == layout
    assert Layout.resolve(json.loads(json.dumps(layout.plain))) == layout


def test_a_line_that_sets_no_reward_is_said():
    with pytest.raises(ValueError, match=r"'P = much' sets no reward; write a letter and a number"):
        Layout.from_text("SG\nP = much\n")
    with pytest.raises(ValueError, match="rewards name 'X'"):
        Layout.from_text("SG\nX = 1\n")
