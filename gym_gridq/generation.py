"""Random maps that can always be solved."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gym_gridq.checks import as_count, as_float
from gym_gridq.layout import Layout

__all__ = ["random_layout"]

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


def random_layout(n_rows: int, n_columns: int, wall_density: float = 0.2, seed: int | None = None) -> Layout:
    """Draws a map of a given size on which the goal can be reached from the start.

    Walls are strewn uniformly. Start and goal are two random cells of the largest region that the walls leave
    connected; so the way between them winds around the walls, and other cells may be closed off.

    Args:
        n_rows: number of rows, at least 1.
        n_columns: number of columns, at least 1; the map needs two cells.
        wall_density: share of the cells that are walls, in [0, 1); rounded to a whole number of cells, of
            which two at least stay free.
        seed: an integer from 0 up; the same seed gives the same map. None draws another one each time.

    Returns:
        A layout of one start, one goal, floor and walls.

    Raises:
        ValueError: for a size, a density or a seed out of its range.
    """
    size = as_count(n_rows, "n_rows") * as_count(n_columns, "n_columns")
    density = as_float(wall_density)
    if not 0.0 <= density < 1.0:
        raise ValueError(f"wall_density is {wall_density!r}; give a number from 0 to below 1")
    n_walls = round(density * size)
    if size - n_walls < 2:
        raise ValueError(
            f"a {n_rows}x{n_columns} map with wall_density {wall_density} has no room for a start and a "
            "goal; give it more cells or fewer walls"
        )
    rng = np.random.default_rng(None if seed is None else as_count(seed, "seed", 0, ", or None"))

    free = np.ones(size, dtype=bool)
    free[rng.permutation(size)[:n_walls]] = False
    start_side, goal_side = _neighbours(n_rows, n_columns)
    touching = free[start_side] & free[goal_side]
    if not touching.any():  # so many walls that no two free cells meet: one of them moves beside another
        pair = int(rng.choice(np.flatnonzero(free[start_side] | free[goal_side])))
        both = np.array([start_side[pair], goal_side[pair]])
        free[rng.choice(np.setdiff1d(np.flatnonzero(free), both))] = False
        free[both] = True
        touching = free[start_side] & free[goal_side]
    region = _regions(size, start_side[touching], goal_side[touching])
    sizes = np.bincount(region[free], minlength=size)
    start, goal = rng.choice(np.flatnonzero(free & (region == sizes.argmax())), size=2, replace=False)

    cells = np.where(free, ".", "#")
    cells[start], cells[goal] = "S", "G"
    return Layout.from_rows("".join(row) for row in cells.reshape(n_rows, n_columns).tolist())


def _neighbours(n_rows: int, n_columns: int) -> tuple[IntArray, IntArray]:
    """All pairs of cells that touch, ``(E,)`` and ``(E,)``."""
    cells = np.arange(n_rows * n_columns).reshape(n_rows, n_columns)
    one = np.concatenate([cells[:-1].ravel(), cells[:, :-1].ravel()])
    other = np.concatenate([cells[1:].ravel(), cells[:, 1:].ravel()])
    return one, other


def _regions(size: int, one: IntArray, other: IntArray) -> IntArray:
    """The smallest cell of the region each cell belongs to, ``(size,)``, given the pairs that connect."""
    region = np.arange(size)
    while True:
        of_one, of_other = region[one], region[other]
        apart = of_one != of_other
        if not apart.any():
            return region
        one, other, of_one, of_other = one[apart], other[apart], of_one[apart], of_other[apart]
        np.minimum.at(region, np.maximum(of_one, of_other), np.minimum(of_one, of_other))
        while (region[region] != region).any():
            region = region[region]
