"""Where cells run: one function a backend, each an iterator of finished batches in whatever order they end.

A backend takes no more batches than it needs to keep busy, so that their size can follow what the first
cells took. None schedules, retries or moves anything itself: that is what the library behind it is for.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator
from importlib import import_module
from typing import Any, TypeAlias

from agents.experiments.batches import Batches
from agents.experiments.cell import Cell, CellResult, run_cells, run_cells_elsewhere
from agents.versions import versions

__all__ = ["BACKENDS", "check_backend", "n_cores"]

Finished: TypeAlias = Generator[list[CellResult], None, None]
"""The results of each batch when it is finished.

Raises:
    ChildProcessError: if a worker process has died and its backend does not replace it, or if the workers
        cannot run this release.
    ConnectionError: if nobody answers at the address.
"""

Backend = Callable[[Batches, "int | None", "str | None"], Finished]
"""Takes the cells; how many batches run at a time, None being the number of cores, of this machine or of the
cluster; and the address of a cluster that is there already, where None starts one on this machine."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Of linear algebra in a worker: more would change the last bits."""


def n_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_backend(name: str, address: str | None) -> None:
    """Refuses a backend that is not there.

    Raises:
        ValueError: for an unknown name, one whose library is not installed, or an address that it has no use
            for.
    """
    if name not in BACKENDS:
        raise ValueError(f"unknown backend {name!r}; choose from {', '.join(BACKENDS)}")
    if name == "loky":
        if address is not None:
            raise ValueError(
                f"the address {address!r} is a cluster's, and loky is this machine; "
                "choose the backend ray or dask, or leave the address out"
            )
        return
    try:
        import_module(_LIBRARIES[name])
    except ImportError as error:
        raise ValueError(
            f"the backend {name!r} is not installed ({error}); pip install 'gym-gridq[{name}]'"
        ) from error


def _on_loky(batches: Batches, jobs: int | None, address: str | None) -> Finished:
    """Processes of this machine. One that dies ends the sweep."""
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    batches.jobs = jobs = min(jobs or n_cores(), len(batches))
    # joblib runs one job in this process, whatever its threads; so there are two, of which one waits
    with parallel_config(backend="loky", n_jobs=max(2, jobs), inner_max_num_threads=1):
        ahead = 2 * jobs if jobs > 1 else 1
        parallel = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch=ahead)
        finished = parallel(delayed(_run_undisturbed)(batch) for batch in batches)
    with contextlib.closing(finished):  # ends the processes, if nobody waits for what they do
        try:
            yield from finished
        except TerminatedWorkerError as error:
            raise ChildProcessError(
                "a worker process has died, for want of memory or because somebody ended it; "
                "what is finished is kept"
            ) from error


def _run_undisturbed(batch: list[Cell]) -> list[CellResult]:
    """Runs cells in a worker, whom Ctrl-C at a terminal reaches too; but what is to end, the parent says."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _leave_with_parent()
    return run_cells(batch)


@functools.cache
def _leave_with_parent() -> None:
    """Ends this worker when its parent has died, who then cannot say so; loky waits for five minutes."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _on_ray(batches: Batches, jobs: int | None, address: str | None) -> Finished:
    """Tasks of a Ray cluster. One whose worker or whose node has gone is run again, however often."""
    import ray

    with _connected_to_ray(ray, address, jobs) as most:
        task = ray.remote(num_cpus=1, max_retries=-1, runtime_env={"env_vars": ONE_THREAD})
        remote = task(run_cells_elsewhere).remote
        running: list[Any] = []

        def ended() -> list[CellResult]:
            (done,), running[:] = ray.wait(running)
            results: list[CellResult] = ray.get(done)
            return results

        try:
            yield from _streamed(
                batches,
                most,
                lambda: int(ray.cluster_resources().get("CPU", 0)),
                lambda batch: running.append(remote(batch, versions())),
                ended,
            )
        except ray.exceptions.RayTaskError as error:
            raise _given_up(error.cause) from error
        except ray.exceptions.RayError as error:
            raise _given_up(error) from error
        finally:
            for reference in running:
                ray.cancel(reference, force=True)


@contextlib.contextmanager
def _connected_to_ray(ray: Any, address: str | None, jobs: int | None) -> Iterator[int | None]:
    """A connection of our own, unless there is one already.

    Yields:
        The most batches at a time; None is as many as the cluster takes, and one of our own takes ``jobs``.
    """
    if ray.is_initialized():
        yield jobs
        return
    local = {"num_cpus": jobs or n_cores(), "include_dashboard": False} if address is None else {}
    on_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=address or "local", log_to_driver=False, logging_level="ERROR", **local)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, on_sigterm)  # which Ray took for itself
        yield None if address is None else jobs
    finally:
        ray.shutdown()


def _on_dask(batches: Batches, jobs: int | None, address: str | None) -> Finished:
    """Tasks of a Dask cluster. One whose worker has gone is run again, as often as Dask's settings allow."""
    import distributed

    with contextlib.ExitStack() as opened:
        most = jobs
        if address is None:
            cluster = distributed.LocalCluster(
                n_workers=jobs or n_cores(), threads_per_worker=1, dashboard_address=None
            )
            most = None  # as many as it has workers
            address = opened.enter_context(cluster).scheduler_address
        client = opened.enter_context(distributed.Client(address))
        running = distributed.as_completed()

        def ended() -> list[CellResult]:
            results: list[CellResult] = next(running).result()
            return results

        try:
            yield from _streamed(
                batches,
                most,
                lambda: sum(client.nthreads().values()),
                lambda batch: running.add(client.submit(run_cells_elsewhere, batch, versions(), pure=False)),
                ended,
            )
        except (distributed.KilledWorker, distributed.CancelledError, ImportError, OSError) as error:
            raise _given_up(error) from error


def _streamed(
    batches: Batches,
    most: int | None,
    workers: Callable[[], int],
    submit: Callable[[list[Cell]], object],
    ended: Callable[[], list[CellResult]],
) -> Finished:
    """Keeps batches submitted, and yields the results of each.

    Args:
        batches: the cells.
        most: submitted at a time; None is two for each worker, so that none waits for its next one, however
            many workers there are by now.
        workers: how many there are.
        submit: has a batch run.
        ended: waits for one of those submitted, and gives its results.
    """
    running, batches.jobs = 0, most or max(1, workers())
    for batch in batches:
        submit(batch)
        running += 1
        while running >= (most or 2 * batches.jobs):
            yield ended()
            running, batches.jobs = running - 1, most or max(1, workers())
    for _ in range(running):
        yield ended()


def _given_up(error: BaseException) -> ChildProcessError:
    return ChildProcessError(f"the cluster could not run a batch ({error}); what is finished is kept")


BACKENDS: dict[str, Backend] = {"loky": _on_loky, "ray": _on_ray, "dask": _on_dask}

_LIBRARIES = {"ray": "ray", "dask": "distributed"}
