"""What every backend owes: all cells, no more of them under way than needed, and news when nobody can go on.

The real clusters are in `tests.interop.programs`; here stand in for their libraries a few lines each.
"""

from __future__ import annotations

import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor

import pytest

import agents
from agents.cli import main
from agents.experiments import backends, cell
from agents.experiments.backends import BACKENDS
from agents.experiments.batches import Batches
from agents.versions import versions
from tests.agents.experiments.comparing import told

PLAN = {"agent": "tabular", "seeds": 6, "env_kwargs": {"slip": [0.0, 0.3]}, "total_steps": 40, "quiet": True}


class FakeRay(types.ModuleType):
    """Runs a task when it is waited for, the latest first; a cluster whose nodes come and go."""

    class RayError(Exception):
        pass

    class RayTaskError(RayError):
        def __init__(self, cause):
            super().__init__(f"a long traceback of {cause}")
            self.cause = cause

    def __init__(self):
        super().__init__("ray")
        self.exceptions = self
        self.calls = []
        self.cores = [2, 2, 4, 4, 0, 1]
        self.waiting = 0

    def is_initialized(self):
        return False

    def init(self, **options):
        self.calls.append(("init", options))

    def shutdown(self):
        self.calls.append("shutdown")

    def remote(self, **options):
        self.calls.append(("remote", options))

        def made(function):
            def submit(*arguments):
                self.waiting += 1
                return function, arguments

            return types.SimpleNamespace(remote=submit)

        return made

    def cluster_resources(self):
        cores = self.cores.pop(0) if len(self.cores) > 1 else self.cores[0]
        return {"CPU": float(cores)} if cores else {}

    def wait(self, running):
        return [running[-1]], running[:-1]

    def get(self, task):
        function, arguments = task
        self.waiting -= 1
        try:
            return function(*arguments)
        except Exception as error:
            raise self.RayTaskError(error) from error

    def cancel(self, task, force):
        assert force
        self.waiting -= 1


class FakeDask(types.ModuleType):
    """Dask's client, as far as a sweep needs it."""

    class KilledWorker(Exception):  # noqa: N818 - Dask's name
        pass

    class CancelledError(Exception):
        pass

    def __init__(self):
        super().__init__("distributed")
        self.waiting = 0
        self.open = []

    def LocalCluster(self, n_workers, threads_per_worker, dashboard_address):  # noqa: N802 - Dask's name
        assert threads_per_worker == 1
        self.n_workers = n_workers
        return self._opened(types.SimpleNamespace(scheduler_address="tcp://here:1"))

    def Client(self, address):  # noqa: N802 - Dask's name
        self.address = address
        return self._opened(self)

    def _opened(self, thing):
        module = self

        class Opened:
            def __enter__(self):
                module.open.append(thing)
                return thing

            def __exit__(self, *error):
                module.open.remove(thing)

        return Opened()

    def nthreads(self):
        return {"a": 1, "b": 1}

    def submit(self, function, *arguments, pure):
        assert not pure  # or a batch that ran would not run again
        self.waiting += 1
        return types.SimpleNamespace(result=lambda: self._result(function, arguments))

    def _result(self, function, arguments):
        self.waiting -= 1
        return function(*arguments)

    def as_completed(self):
        return Running()


class Running(list):
    add = list.append

    def __next__(self):
        return self.pop()


@pytest.fixture(params=["ray", "dask"])
def fake(request, monkeypatch):
    """The name of a backend, and what stands for its library."""
    library = FakeRay() if request.param == "ray" else FakeDask()
    monkeypatch.setitem(sys.modules, library.__name__, library)
    return request.param, library


def test_a_backend_gives_every_cell_as_it_is(tmp_path, fake, here):
    backend, library = fake
    alone = agents.sweep(**PLAN, folder=tmp_path / "alone")
    found = agents.sweep(**PLAN, backend=backend, folder=tmp_path / backend)
    assert told(found.records) == told(alone.records)
    assert library.waiting == 0


def test_ray_is_asked_for_retries_without_end_and_one_thread(tmp_path, monkeypatch):
    ray = FakeRay()
    monkeypatch.setitem(sys.modules, "ray", ray)
    agents.sweep(**PLAN, backend="ray", address="auto", folder=tmp_path)
    (_, connected), (_, task), ended = ray.calls
    assert connected["address"] == "auto"
    assert "num_cpus" not in connected  # those of the cluster
    assert task["max_retries"] == -1
    assert task["runtime_env"]["env_vars"]["OPENBLAS_NUM_THREADS"] == "1"
    assert ended == "shutdown"


def test_dask_finds_the_cluster_that_is_there(tmp_path, monkeypatch):
    dask = FakeDask()
    monkeypatch.setitem(sys.modules, "distributed", dask)
    agents.sweep(**PLAN, backend="dask", address="tcp://there:8786", folder=tmp_path / "a")
    assert dask.address == "tcp://there:8786"
    agents.sweep(**PLAN, backend="dask", jobs=3, folder=tmp_path / "b")
    assert (dask.address, dask.n_workers) == ("tcp://here:1", 3)
    assert dask.open == []


def test_no_more_is_under_way_than_keeps_the_workers_busy(fake, monkeypatch):
    backend, library = fake
    most = []
    monkeypatch.setattr(backends, "run_cells_elsewhere", lambda batch, expected: batch)
    batches = Batches([(number, {}) for number in range(50)], lambda number: 0)
    done = []
    for results in BACKENDS[backend](batches, None, None):
        most.append(library.waiting)
        done += results
    assert sorted(number for number, _ in done) == list(range(50))
    assert max(most) <= 2 * 4 - 1  # twice what the largest cluster had


def test_jobs_are_the_most_on_a_cluster_that_is_there(fake, monkeypatch):
    backend, library = fake
    most = []
    monkeypatch.setattr(
        backends, "run_cells_elsewhere", lambda batch, expected: most.append(library.waiting) or batch
    )
    batches = Batches([(number, {}) for number in range(20)], lambda number: 0)
    done = [cell for results in BACKENDS[backend](batches, 3, "there") for cell in results]
    assert len(done) == 20
    assert max(most) + 1 == 3  # the one that ends is no longer counted


def test_whoever_does_not_wait_leaves_nothing_behind(fake, monkeypatch):
    backend, library = fake
    monkeypatch.setattr(backends, "run_cells_elsewhere", lambda batch, expected: batch)
    finished = BACKENDS[backend](
        Batches([(number, {}) for number in range(50)], lambda number: 0), None, None
    )
    next(finished)
    finished.close()
    if backend == "ray":
        assert (library.waiting, library.calls[-1]) == (0, "shutdown")
    else:
        assert library.open == []


def test_a_machine_with_other_releases_is_refused_and_what_is_finished_is_kept(
    tmp_path, fake, monkeypatch, capsys
):
    backend, _ = fake
    answers = iter([dict(versions())] * 6)
    other = {**versions(), "numpy": "1.0"}
    monkeypatch.setattr(backends, "versions", lambda: next(answers, other))
    words = "sweep --agent tabular --seeds 20 --total-steps 40 --quiet --jobs 1 --backend"
    assert main([*words.split(), backend, "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert f"numpy {versions()['numpy']}, but the sweep was begun with 1.0" in said
    assert "gridq sweep --resume" in said
    assert 2 <= (tmp_path / "results.csv").read_text().count("\n") < 21


def test_threads_of_a_worker_wait_for_one_another(monkeypatch):
    """DeZero's switches are of the process, so that two trainings at once would spoil each other."""
    at_work = threading.Semaphore(1)

    def alone(cells):
        assert at_work.acquire(blocking=False)
        threading.Event().wait(0.01)
        at_work.release()
        return [len(cells)]

    monkeypatch.setattr(cell, "run_cells", alone)
    with ThreadPoolExecutor(4) as threads:
        tasks = [threads.submit(cell.run_cells_elsewhere, [None] * n, versions()) for n in range(8)]
    assert [task.result() for task in tasks] == [[n] for n in range(8)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"backend": "slurm"}, "unknown backend 'slurm'; choose from loky, ray, dask"),
        ({"address": "auto"}, "choose the backend ray or dask, or leave the address out"),
        ({"backend": "ray"}, r"pip install 'gym-gridq\[ray\]'"),
        ({"backend": "dask"}, r"pip install 'gym-gridq\[dask\]'"),
    ],
)
def test_a_backend_that_is_not_there_is_refused_first(tmp_path, monkeypatch, arguments, message):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match=message):
        agents.sweep("tabular", folder=tmp_path / "sweep", **arguments)
    assert not (tmp_path / "sweep").exists()
