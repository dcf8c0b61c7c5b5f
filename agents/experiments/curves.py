"""The curves of a sweep's cells on disk: a file that grows by a record a cell, and the arrays made of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from agents.experiments.cell import CURVES, POINTS, CellResult
from agents.experiments.plan import Plan, read_plan
from agents.storage.files import opened_to_read, replacing

__all__ = ["GROWING", "RECORD", "by_setting", "packed", "read_curves", "unpacked", "write_arrays"]

GROWING = ".curves"
"""The file of a sweep's folder that they are added to."""

RECORD = np.dtype([("index", "<i8"), ("curves", "<f4", (len(CURVES), POINTS))])
"""A cell's number and its curves. Records of one length can be added without writing the others anew."""

Curves = npt.NDArray[np.float32]


def packed(results: Iterable[CellResult]) -> bytes:
    """The records of finished cells."""
    return b"".join(np.array((result.number, result.curves), RECORD).tobytes() for result in results)


def unpacked(file: BinaryIO) -> dict[int, Curves]:
    """The curves by cell, (len(CURVES), POINTS) each; half a record at the end of the file is left alone."""
    curves: dict[int, Curves] = {}
    while len(record := file.read(RECORD.itemsize)) == RECORD.itemsize:
        number, values = np.frombuffer(record, RECORD)[0]
        curves[int(number)] = values
    return curves


def read_curves(path: str | os.PathLike[str]) -> tuple[Plan, dict[int, Curves]]:
    """The plan of a sweep and the curves of its finished cells, whether or not a process is at work there.

    Raises:
        ValueError: if it is another folder, or a damaged one.
        OSError: if it cannot be read.
    """
    plan = read_plan(Path(path) / "config.json")
    with opened_to_read(Path(path) / GROWING) as file:
        curves = unpacked(file)
    return plan, {index: curve for index, curve in curves.items() if 0 <= index < plan.n_cells}


def by_setting(plan: Plan, curves: Mapping[int, Curves]) -> Curves:
    """The curves of every cell, (settings, seeds, len(CURVES), POINTS); NaN where unknown."""
    every = np.full((plan.n_cells, len(CURVES), POINTS), np.nan, np.float32)
    for index, curve in curves.items():
        every[index] = curve
    return np.swapaxes(every.reshape(plan.seeds, len(plan.settings), len(CURVES), POINTS), 0, 1)


def write_arrays(path: Path, plan: Plan, curves: Curves) -> None:
    """Writes an NPZ file: one array a curve, (settings, seeds, points), in the order of the plan.

    ``progress`` (points,) is the part of the training that was over; ``settings`` tells what each setting is,
    as JSON.

    Raises:
        OSError: if it cannot be written.
    """
    named = [json.dumps(plan.named(number)) for number in range(len(plan.settings))]
    arrays = {name: curves[:, :, number] for number, name in enumerate(CURVES)}
    with replacing(path) as file:
        np.savez_compressed(
            file,
            progress=np.arange(1, POINTS + 1) / POINTS,
            settings=np.array(named),
            **arrays,  # type: ignore[arg-type]
        )
