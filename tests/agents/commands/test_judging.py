"""What is said of an agent: of the policy that it follows, and beside the optimum."""

import json
import shutil
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq
from agents.cli import main
from agents.commands.judging import judge_while_training
from agents.experiments.grids import exact_judgement
from agents.training.metrics import read_metrics


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_random_agent_is_judged_by_the_policy_it_follows():
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("random", env, seed=0)
    before = agent.state_description()
    result = agents.evaluate(agent, env, episodes=400, seed=1)
    error = result.std_return / 20
    # under the limit of 100 steps the walk earns a little more than without one, -47/55
    assert -47 / 55 - 4 * error < result.mean_return < -0.4
    assert agents.evaluate(agent, env, episodes=400, seed=1).mean_return == result.mean_return
    assert agent.state_description() == before


def test_its_table_says_what_the_random_walk_is_worth(capsys):
    assert main(["train", "--agent", "random", "--episodes", "20", "--run-dir", "run", "--no-pictures"]) == 0
    out, _ = capsys.readouterr()
    v = gym_gridq.evaluate_policy(gym_gridq.Dynamics(), np.full((12, 4), 0.25))
    assert f"discounted value   {v[8]:.4f}, the optimum is 0.6561" in out
    assert "(random)" in out
    assert "optimal states" not in out
    summary = json.loads(Path("run/summary.json").read_text())
    assert summary["greedy_value"] == v[8]
    assert np.isnan(read_metrics("run/metrics.csv")["greedy_value"]).all()


def test_a_run_shows_its_learning(capsys):
    assert main(["train", "--agent", "tabular", "--run-dir", "run", "--no-pictures"]) == 0
    out, _ = capsys.readouterr()
    assert "discounted value   0.6561, the optimum is 0.6561" in out
    assert "regret             0.0000" in out
    metrics = read_metrics("run/metrics.csv")
    judged = np.isfinite(metrics["greedy_value"])
    assert metrics["greedy_value"][judged][[0, -1]] == pytest.approx([0.0, 0.6561])
    assert metrics["optimal_value"][judged] == pytest.approx(0.6561)
    assert metrics["max_q_error"][judged][0] > 0.5
    assert metrics["max_q_error"][judged][-1] < 1e-6
    assert not Path("run/curves.png").exists()


def test_without_a_discount_a_policy_that_never_ends_is_reported_without_a_value(capsys):
    """On the book's map q* is 1 everywhere then, and the first of the best actions may lead in a circle."""
    words = ["--agent", "tabular", "--discount", "1", "--total-steps", "20000", "--run-dir", "run"]
    assert main(["train", *words, "--no-pictures"]) == 0
    out, _ = capsys.readouterr()
    assert "discounted value   none (it never ends, and the discount is 1), the optimum is 1.0000" in out
    assert "greedy path        does not end" in out
    summary = json.loads(Path("run/summary.json").read_text())
    assert summary["greedy_value"] is summary["regret"] is summary["greedy_length"] is None
    assert (summary["optimal_value"], summary["n_states"]) == (1.0, 10)
    assert summary["max_q_error"] < 1e-6


def test_elsewhere_greedy_episodes_are_played_now_and_then():
    words = ["--env-id", "FrozenLake-v1", "--env-arg", "is_slippery=false", "--agent", "tabular"]
    limits = ["--num-envs", "1", "--total-steps", "3000", "--evaluate-every", "500", "--quiet"]
    assert main(["train", *words, *limits, "--run-dir", "run", "--no-pictures"]) == 0
    assert main(["train", *words, *limits[:-2], "0", "--run-dir", "off", "--no-pictures", "--quiet"]) == 0
    metrics, off = read_metrics("run/metrics.csv"), read_metrics("off/metrics.csv")
    assert np.isfinite(metrics["greedy_return"]).sum() == 5
    assert np.isnan(off["greedy_return"]).all()
    assert metrics["return"].tolist() == off["return"].tolist()  # looking changes nothing


def test_a_run_without_its_checkpoint_is_not_trained_anew(capsys):
    assert main(["train", "--agent", "tabular", "--episodes", "9", "--run-dir", "run", "--no-pictures"]) == 0
    Path("run/checkpoint.npz").unlink()
    shutil.copytree("run", "copy")
    capsys.readouterr()
    assert main(["train", "--resume", "run"]) == 1
    assert "checkpoint.npz' is missing, so there is nothing to go on from" in capsys.readouterr().err
    for path in Path("run").iterdir():
        assert path.read_bytes() == (Path("copy") / path.name).read_bytes()


def test_what_is_left_out_is_said_before_any_step(capsys, monkeypatch):
    Path("map.txt").write_text(str(gym_gridq.random_layout(60, 60, seed=0)))
    monkeypatch.setattr(agents.Training, "run", lambda training: (_ for _ in ()).throw(ValueError("begun")))
    words = ["--env-arg", "layout=map.txt", "--total-steps", "100"]
    assert main(["train", *words, "--run-dir", "run"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("without q_values.png and greedy.gif: the map has 3600 cells")
    assert said[1] == "gridq: error: begun"


def test_probabilities_taken_for_action_values_are_noticed():
    with pytest.warns(UserWarning, match=r"graded as Q-values.*grade\(env, probabilities=array\)"):
        gym_gridq.grade(gym_gridq.GridQEnv(), np.full((12, 4), 0.25, np.float32))


def test_an_agent_without_action_values_is_judged_by_its_actions():
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("tabular", env, seed=0)
    agents.train(agent, env, total_steps=3_000)
    with_values = exact_judgement(agent, env, 0.9)

    class Silent(type(agent)):
        @property
        def q_values(self):
            raise AttributeError("none here")

    agent.__class__ = Silent
    assert exact_judgement(agent, env, 0.9) == with_values | {"max_q_error": None}
    config = {"agent": "tabular", "env_id": "GridQ-v0", "env_kwargs": {}, "hyperparameters": {}}
    judge = judge_while_training(env, config)
    known = {name: with_values[name] for name in ("greedy_value", "optimal_value")}
    assert judge.judge(agent) == known
