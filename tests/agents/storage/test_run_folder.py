import json
import os
import signal
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import agents
import agents.storage.run_folder
import gym_gridq  # noqa: F401 - registers the ids
from agents.algorithms.checkpoint import read_checkpoint
from agents.experience.snapshots import snapshot
from agents.storage.run_folder import RunFolder
from agents.training.saving import Checkpointing, continue_from, save_training
from tests.reliability.kills import in_a_fork

CONFIG = {"env_id": "module:Env/GridQ-v0", "env_kwargs": {}, "num_envs": 1, "agent": "tabular"}
CONFIG |= {"hyperparameters": {}, "seed": 3, "total_steps": 5, "episodes": None}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_names_are_free_and_safe():
    first, second = RunFolder.create(None, CONFIG), RunFolder.create(None, CONFIG)
    assert first.path == Path("runs/module-Env-GridQ-v0-tabular-3-1")
    assert second.path == Path("runs/module-Env-GridQ-v0-tabular-3-2")
    assert first.read_config() == CONFIG
    assert sorted(Path("runs").iterdir()) == [first.path, second.path]


def test_a_name_that_another_process_takes_meanwhile(monkeypatch):
    taken = RunFolder.create("runs/taken", CONFIG).path
    monkeypatch.setattr(
        agents.storage.run_folder, "_free_names", lambda *arguments: iter([taken, Path("runs/free")])
    )
    assert RunFolder.create(None, CONFIG).path == Path("runs/free")
    monkeypatch.setattr(
        agents.storage.run_folder, "_free_names", lambda *arguments: iter([Path("nowhere/run")])
    )
    with pytest.raises(FileNotFoundError):
        RunFolder.create(None, CONFIG)


def test_what_a_killed_process_left_is_cleared_away():
    run = RunFolder.create("run", CONFIG)
    partial = run.path / ".checkpoint.npz.77.partial"
    partial.write_bytes(b"half")
    with run.lock():
        assert not partial.exists()
    with run.lock():
        pass


@pytest.mark.linux
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_folder_that_a_killed_process_was_making_is_removed_by_the_next(monkeypatch):
    """But not one that a living process is making: that is how this test's own folder comes to be."""

    def die(path, value):
        os.kill(os.getpid(), signal.SIGKILL)

    def killed():
        agents.storage.run_folder.write_json = die
        RunFolder.create("run", CONFIG)

    _, status = os.waitpid(in_a_fork(killed), 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    (left,) = Path().iterdir()
    assert left.name.startswith(".new-run-")
    os.utime(left, (0, 0))  # a minute later
    (left.with_name(".new-run-young")).mkdir()  # its maker may not have come to lock it yet

    real = agents.storage.run_folder.write_json

    def beside(path, value):
        monkeypatch.setattr(agents.storage.run_folder, "write_json", real)
        assert not left.exists()
        os.utime(path.parents[1], (0, 0))
        RunFolder.create("beside", CONFIG)
        real(path, value)

    monkeypatch.setattr(agents.storage.run_folder, "write_json", beside)
    RunFolder.create("run", CONFIG)
    assert sorted(path.name for path in Path().iterdir()) == [".new-run-young", "beside", "run"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("env_id", 3), ("env_kwargs", []), ("num_envs", 0), ("num_envs", 2**21), ("num_envs", True)),
        *(("agent", None), ("hyperparameters", "x"), ("seed", -1), ("total_steps", 0), ("episodes", 1.5)),
    ],
)
def test_a_configuration_of_the_wrong_kind(name, value):
    run = RunFolder.create("run", CONFIG)
    run.config_file.write_text(json.dumps(CONFIG | {name: value}))
    with pytest.raises(ValueError, match=f"is damaged: {name} is"):
        run.read_config()


@pytest.mark.parametrize("name", CONFIG)
def test_a_configuration_that_lacks_something(name):
    run = RunFolder.create("run", CONFIG)
    run.config_file.write_text(json.dumps({key: value for key, value in CONFIG.items() if key != name}))
    with pytest.raises(ValueError, match=f"is damaged: {name} is missing"):
        run.read_config()


def test_a_file_that_is_too_large_or_missing():
    run = RunFolder.create("run", CONFIG)
    run.config_file.write_text("{" + " " * 2**20 + "}")
    with pytest.raises(ValueError, match="does not hold a JSON object of reasonable size"):
        run.read_config()
    run.config_file.unlink()
    with pytest.raises(ValueError, match="config.json' is missing"):
        run.read_config()


def training(**kwargs):
    env = gymnasium.make("GridQ-v0")
    return agents.Training(agents.make("tabular", env, seed=0), env, total_steps=20, **kwargs)


def test_checkpoints_come_after_some_time_or_some_steps(monkeypatch):
    saved_at = []
    monkeypatch.setattr(
        "agents.training.saving.save_training", lambda path, training, run: saved_at.append(training.steps)
    )
    training(callbacks=[Checkpointing(Path("c.npz"), every_steps=6)]).run()
    assert saved_at == [0, 6, 12, 18]
    saved_at.clear()
    clock = iter(range(0, 10_000, 10))
    monkeypatch.setattr("agents.training.saving.time.monotonic", lambda: next(clock))
    training(callbacks=[Checkpointing(Path("c.npz"))]).run()
    assert len(saved_at) > 3
    assert saved_at == sorted(set(saved_at))


def test_an_agent_alone_is_no_training_to_go_on_with():
    one = training()
    one.agent.save("agent.npz")
    with pytest.raises(ValueError, match="holds an agent but no training"):
        continue_from(read_checkpoint("agent.npz"), one)


def test_an_environment_without_a_snapshot_goes_on_with_a_new_episode():
    one = training()
    one.run()
    state = one.state()
    state["rollout"] |= {"world": None, "why_none": "it holds a lock"}
    other = training()
    assert other.load_state(state) == "it holds a lock"
    assert other.steps == 20
    assert other.rollout.observation == 8


def test_a_checkpoint_of_an_earlier_release_goes_on_with_a_new_episode():
    """It kept environments in another way, and one state for each class of callbacks."""
    one = training()
    one.run()
    grid = one.rollout.env.unwrapped.snapshot()
    state = one.state() | {
        "rollout": {"env": grid, "observation": 8, "return": 0.0, "length": 2},
        "callbacks": {},
    }
    other = training()
    assert other.load_state(state) == "the checkpoint is of a release that kept environments in another way"
    assert (other.steps, other.rollout.observation) == (20, 8)
    assert other.run() is other.history


@pytest.mark.parametrize("observation", [[8], [[8]], np.array([8, 8])])
def test_a_batch_of_observations_in_place_of_one_begins_a_new_episode(observation):
    one = training()
    one.run()
    state = one.state()
    state["rollout"]["world"] = snapshot(one.rollout.env, observation)
    other = training()
    assert "the saved observation" in other.load_state(state)
    assert other.rollout.observation == 8


@pytest.mark.parametrize("name", ["steps", "rollout", "n_losses", "loss_sum", "last_loss"])
def test_a_damaged_training_is_refused(name):
    one = training()
    one.run()
    save_training(Path("c.npz"), one)
    state = one.state()
    del state[name]
    with pytest.raises(ValueError, match="the saved state of the training is damaged"):
        training().load_state(state)
    with pytest.raises(ValueError, match="the saved state of the training is damaged"):
        training().load_state(one.state() | {name: "junk"})
    for change in ({"return": 1}, {"length": None}, {"length": 2.0}):
        with pytest.raises(ValueError, match="the saved state of the training is damaged"):
            training().load_state(one.state() | {"rollout": one.rollout.snapshot() | change})
    with pytest.raises(ValueError, match="the saved state of the training is damaged"):
        training().load_state(one.state() | {"rollout": {"world": one.rollout.snapshot()["world"]}})


def test_a_training_saved_before_its_first_step_begins_from_the_start():
    one, other = training(seed=3), training(seed=3)
    save_training(Path("c.npz"), one)
    checkpoint = read_checkpoint("c.npz")
    other.agent = checkpoint.agent
    assert continue_from(checkpoint, other) is None
    one.run()
    other.run()
    save_training(Path("one.npz"), one)
    save_training(Path("other.npz"), other)
    assert Path("one.npz").read_bytes() == Path("other.npz").read_bytes()
    assert np.array_equal(one.agent.table, other.agent.table)
