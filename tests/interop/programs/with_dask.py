"""Sweeps on Dask: the cells of loky to the last bit, with a worker killed in their midst."""

# pip install gymnasium==1.4.0 numpy scipy dezero pygame-ce matplotlib pillow tqdm joblib
# pip install distributed==2026.8.0

import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

import distributed
from sweeps import PLAN, told

import agents


def kill_a_worker(results: Path, lines: int) -> None:
    """Kills the process that wrote the last line, when there are so many."""
    text = ""
    while text.count("\n") < lines:
        threading.Event().wait(0.02)
        text = results.read_text() if results.exists() else ""
    worker = text.splitlines()[-1].split(",")[-2]
    os.kill(int(worker.rpartition(":")[2]), signal.SIGKILL)


def main() -> int:
    """Runs the plan in three ways, which must agree."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        on_loky = agents.sweep(**PLAN, jobs=2, folder=folder / "loky")

        # a cluster of our own, started and ended by the sweep, of which a worker is killed
        path = folder / "started"
        thread = threading.Thread(target=kill_a_worker, args=(path / "results.csv", 20))
        thread.start()
        started = agents.sweep(**PLAN, jobs=2, backend="dask", folder=path)
        thread.join()
        assert told(started) == told(on_loky)
        workers = {record["worker"] for record in started.records}
        assert len(workers) == 3  # two, and the one that took the place of the dead

        # one that is there already
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            address = cluster.scheduler_address
            found = agents.sweep(**PLAN, backend="dask", address=address, folder=folder / "cluster")
        assert told(found) == told(on_loky)

        print(
            f"distributed {distributed.__version__}: {len(started.records)} cells by {len(workers)} workers,"
        )
        print("one of two killed after some 20 cells: equal to loky's to the last bit")
    return 0


if __name__ == "__main__":
    sys.exit(main())
