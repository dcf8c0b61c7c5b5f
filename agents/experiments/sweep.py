"""sweep: many trainings, cell by cell, none of them lost."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from agents.arguments import checked_count
from agents.experiments.backends import BACKENDS, check_backend
from agents.experiments.batches import Batches
from agents.experiments.findings import Sweep
from agents.experiments.plan import planned
from agents.experiments.sweep_folder import SweepFolder
from agents.training.progress import progress_bar

__all__ = ["run_missing", "sweep"]


def sweep(
    agent: str | Sequence[str] = "dqn",
    env_id: str | Sequence[str] = "GridQ-v0",
    seeds: int = 30,
    settings: Mapping[str, Any] | None = None,
    total_steps: int | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    backend: str = "loky",
    folder: str | os.PathLike[str] | None = None,
    *,
    episodes: int | None = None,
    num_envs: int | None = None,
    address: str | None = None,
    quiet: bool = False,
) -> Sweep:
    """Trains every agent on every environment with every setting and every seed.

    A cell is the same training as ``gridq train`` with these options, to the last bit, whichever worker ran
    it, in whatever order and beside whichever others. Settings that were tuned for an environment are used
    unless others are given. Finished cells are on disk; the same call with the same folder goes on with what
    is missing.

    Args:
        agent: name of an agent, or several.
        env_id: as `gymnasium.make` takes it, or several. Worker processes know what Gymnasium and GridQ
            register; name the module of any other: ``"my_package:MyEnv-v0"``.
        seeds: the seeds are 0 to this number less one.
        settings: hyperparameters; a list is a list of values to try, so that
            ``{"hidden_sizes": [[64, 64], [128]]}`` tries two.
        total_steps: environment steps of each training; what was tuned by default.
        env_kwargs: arguments of the environment; a list is a list of values to try.
        jobs: trainings at a time; the number of cores by default, those of this machine or of the cluster.
        backend: ``"loky"``, processes of this machine; ``"ray"`` or ``"dask"``, a cluster.
        folder: where the results are, made if it is not there; by default a new one under ``runs/``.
        episodes: episodes of each training.
        num_envs: environments side by side.
        address: of a running cluster, such as ``"auto"`` for Ray on its head node or
            ``"tcp://HOST:8786"`` for Dask; by default one of this machine's cores is started.
        quiet: show no progress.

    Returns:
        The finished cells, failures included.

    Raises:
        ValueError: for anything that a training would refuse, before the first one runs; or a folder that
            holds something else.
        BlockingIOError: if another process runs a sweep in the folder.
        ChildProcessError: if a worker has died whose work nobody took over; what is finished is kept.
        OSError: if something cannot be written, or nobody answers at the address.
    """
    check_backend(backend, address)
    plan = planned(
        [agent] if isinstance(agent, str) else list(agent),
        [env_id] if isinstance(env_id, str) else list(env_id),
        seeds,
        _as_lists(settings),
        _as_lists(env_kwargs),
        total_steps,
        episodes,
        num_envs,
    )
    with contextlib.closing(SweepFolder.made(folder, plan)) as opened:
        return run_missing(opened, jobs, backend, address, quiet)


def run_missing(
    folder: SweepFolder,
    jobs: int | None = None,
    backend: str = "loky",
    address: str | None = None,
    quiet: bool = False,
) -> Sweep:
    """Runs what a folder still lacks.

    Args:
        folder: the sweep.
        jobs: trainings at a time; None is the number of cores, of this machine or of the cluster.
        backend: where they run.
        address: of a running cluster; None starts one on this machine.
        quiet: show no progress.

    Raises:
        ValueError: for a number of jobs or a backend that there is not.
        ChildProcessError: if a worker has died whose work nobody took over; what is finished is kept.
        OSError: if something cannot be written, or nobody answers at the address.
    """
    jobs = None if jobs is None else checked_count("jobs", jobs)
    check_backend(backend, address)
    plan = folder.plan
    cells = [(index, plan.cell(index)) for index in folder.missing]
    if cells:
        batches = Batches(cells, plan.setting_of)
        with (
            contextlib.closing(BACKENDS[backend](batches, jobs, address)) as finished,
            progress_bar(plan.n_cells, len(folder.records), " cells", quiet) as advance,
        ):
            for results in finished:
                folder.add(results)
                batches.note(results)
                advance(len(results))
    found = Sweep(folder)
    folder.write_curves()
    found.plot(folder.path / "curves.png")
    found.plot(folder.path / "settings.png", "settings")
    folder.write_json("summary.json", found.summary())
    return found


def _as_lists(values: Mapping[str, Any] | None) -> dict[str, list[Any]]:
    return {name: value if isinstance(value, list) else [value] for name, value in (values or {}).items()}
