"""Sweeps on Ray: the cells of loky to the last bit, with a node taken away in their midst."""

# pip install gymnasium==1.4.0 numpy scipy dezero pygame-ce matplotlib pillow tqdm joblib
# pip install ray==2.60.0

import sys
import tempfile
import threading
from pathlib import Path

import ray
from ray.cluster_utils import Cluster
from sweeps import PLAN, told

import agents
from agents.experiments.sweep_folder import SweepFolder


def take_away(cluster: Cluster, node: object, results: Path, lines: int) -> None:
    """Removes a node when so many cells are finished."""
    while not results.exists() or results.read_bytes().count(b"\n") < lines:
        threading.Event().wait(0.02)
    cluster.remove_node(node, allow_graceful=False)


def main() -> int:
    """Runs the plan in four ways, which must agree."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        on_loky = agents.sweep(**PLAN, jobs=2, folder=folder / "loky")

        # a cluster of our own, started and ended by the sweep
        started = agents.sweep(**PLAN, jobs=2, backend="ray", folder=folder / "started")
        assert not ray.is_initialized()
        assert told(started) == told(on_loky)

        # one that is there already, of two nodes, of which one goes
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        node = cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes()
        path = folder / "cluster"
        thread = threading.Thread(target=take_away, args=(cluster, node, path / "results.csv", 20))
        thread.start()
        found = agents.sweep(**PLAN, backend="ray", address=cluster.address, folder=path)
        thread.join()
        assert told(found) == told(on_loky)
        with_one_node = agents.sweep(**PLAN, backend="ray", address=cluster.address, folder=folder / "one")
        assert told(with_one_node) == told(on_loky)
        cluster.shutdown()

        workers = {record["worker"] for record in found.records}
        print(f"ray {ray.__version__}: {len(found.records)} cells by {len(workers)} workers on two nodes,")
        print("one of them taken away after some 20 cells: equal to loky's to the last bit")
        SweepFolder(path).close()  # and nobody holds the folder
    return 0


if __name__ == "__main__":
    sys.exit(main())
