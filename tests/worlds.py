"""Random worlds for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from gym_gridq import Dynamics, Layout


@st.composite
def layouts(draw: st.DrawFn, max_rows: int = 6, max_columns: int = 6) -> Layout:
    """Any legal map: unreachable goals, several starts and closed-off cells included."""
    n_rows = draw(st.integers(1, max_rows))
    n_columns = draw(st.integers(2 if n_rows == 1 else 1, max_columns))
    size = n_rows * n_columns
    cells = draw(st.lists(st.sampled_from("....##SGPH"), min_size=size, max_size=size))
    start, goal = draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    cells[start], cells[goal] = "S", "G"
    text = "".join(cells)
    return Layout.from_rows(text[i : i + n_columns] for i in range(0, size, n_columns))


@st.composite
def worlds(draw: st.DrawFn) -> Dynamics:
    """Any legal world."""
    return Dynamics(
        draw(layouts()),
        slip=draw(st.sampled_from([0.0, 0.2, 2 / 3, 1.0])),
        step_reward=draw(st.sampled_from([0.0, -0.04, 0.5])),
        random_start=draw(st.booleans()),
    )
