"""Same seed, same machine: the same bits, whatever differs outside."""

import os
import subprocess
import sys
import threading

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq  # noqa: F401 - registers the ids
from tests.reliability.training_digest import digest

AGENTS = sorted(agents.AGENTS)


def in_a_process(name, num_envs, **environment):
    words = [sys.executable, "-m", "tests.reliability.training_digest", name, str(num_envs)]
    environment = {**os.environ, **environment}
    return subprocess.check_output(words, env=environment, text=True).strip()


@pytest.mark.parametrize("num_envs", [1, pytest.param(6, marks=pytest.mark.lanes)])
@pytest.mark.parametrize("name", AGENTS)
def test_another_process_hash_seed_and_number_of_blas_threads(name, num_envs):
    here = digest(name, num_envs)
    assert here == digest(name, num_envs)
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    assert in_a_process(name, num_envs, PYTHONHASHSEED="1", **threads) == here
    threads = dict.fromkeys(threads, "2")
    assert in_a_process(name, num_envs, PYTHONHASHSEED="777", **threads) == here


@pytest.mark.lanes
@pytest.mark.parametrize("name", AGENTS)
def test_a_vector_environment_of_one_lane(name):
    scalar = gymnasium.make("GridQ-v0", slip=0.3, random_start=True)
    lane = gymnasium.make_vec("GridQ-v0", 1, slip=0.3, random_start=True, autoreset_mode="SameStep")
    one, other = agents.make(name, scalar, seed=2), agents.make(name, lane, seed=2)
    assert list(agents.train(one, scalar, 500).episodes) == list(agents.train(other, lane, 500).episodes)
    arrays, others = one.state_arrays(), other.state_arrays()
    assert all(np.array_equal(arrays[key], others[key]) for key in arrays)
    assert one.state_description() == other.state_description()


@pytest.mark.lanes
def test_threads_with_agents_of_their_own_do_not_touch_each_other():
    jobs = [("q-learning", 1), ("dqn", 1), ("dqn", 6), ("tabular", 1)]
    alone = [digest(*job, total_steps=300) for job in jobs]
    together = [""] * len(jobs)

    def work(number):
        together[number] = digest(*jobs[number], total_steps=300)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that they are in each other's way as often as can be
    try:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(len(jobs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert together == alone


def test_evaluation_progress_and_checkpoints_do_not_change_what_is_learned(tmp_path):
    from agents.training.callbacks import PeriodicEvaluation
    from agents.training.metrics import MetricsFile
    from agents.training.saving import Checkpointing

    def trained(*callbacks):
        env = gymnasium.make("GridQ-v0", slip=0.2)
        agent = agents.make("dqn", env, seed=0)
        agents.train(agent, env, 300, callbacks=callbacks)
        return agent.network.weights

    watched = trained(
        MetricsFile(tmp_path / "metrics.csv"),
        PeriodicEvaluation(gymnasium.make("GridQ-v0"), every_steps=50),
        Checkpointing(tmp_path / "c.npz", every_steps=7),
    )
    assert (watched == trained()).all()
