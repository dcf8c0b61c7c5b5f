"""A type checker knows every setting; and what else `make`, `train` and `History` take and give."""

import ast
import dataclasses
import subprocess
import sys
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq  # noqa: F401 - registers the ids
from agents.algorithms.registry import AGENTS, agent_class

ROOT = Path(__file__).parents[2]


def test_a_type_checker_knows_the_settings_there_are():
    """What it makes of them is seen by `make lint`, in typing_sample.py."""
    stub = ast.parse((ROOT / "agents/algorithms/typed_make.pyi").read_text("utf-8"))
    named = {
        node.name: [field.target.id for field in node.body if isinstance(field, ast.AnnAssign)]
        for node in stub.body
        if isinstance(node, ast.ClassDef)
    }
    overloads = [node for node in stub.body if isinstance(node, ast.FunctionDef)]
    assert len(overloads) == len(AGENTS) + 1
    for overload, name in zip(overloads, AGENTS, strict=False):
        assert overload.args.args[0].annotation.slice.value == name
        fields = dataclasses.fields(agent_class(name).config_class)
        known = named[overload.args.kwarg.annotation.slice.id]
        assert known == [field.name for field in fields], "run python -m tools.typed_make"


def test_an_id_is_an_environment():
    program = (
        "import agents; agent = agents.make('tabular', 'GridQ-v0', seed=0);"
        "print(agents.train(agent, 'GridQ-v0', total_steps=500))"
    )
    said = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=ROOT)
    env = gymnasium.make("GridQ-v0")
    history = agents.train(agents.make("tabular", env, seed=0), env, total_steps=500)
    assert said == f"{history!r}\n"
    with pytest.raises(gymnasium.error.Error):
        agents.make("tabular", "NoSuch-v0")


def test_progress_is_shown_on_request(capsys):
    agent = agents.make("tabular", "GridQ-v0", seed=0)
    agents.train(agent, "GridQ-v0", total_steps=100)
    assert capsys.readouterr().err == ""
    agents.train(agent, "GridQ-v0", total_steps=100, progress=True)
    assert "100/100" in capsys.readouterr().err


def test_a_history_is_a_table():
    env = gymnasium.make("GridQ-v0")
    history = agents.train(agents.make("tabular", env, seed=0), env, episodes=7)
    table = history.to_dict()
    assert tuple(table) == agents.Episode._fields
    assert {len(column) for column in table.values()} == {7}
    assert np.array_equal(table["episode_return"], history.returns)
    assert repr(history).startswith(f"History(7 episodes, {table['steps'][-1]} steps")
    assert {len(column) for column in agents.History().to_dict().values()} == {0}
    assert repr(agents.History()) == "History(no episode)"


def test_an_agent_is_told_in_a_line():
    agent = agents.make("dqn", "GridQ-v0", seed=3)
    assert repr(agent) == "DQNAgent(Discrete(12) -> Discrete(4), seed=3, epsilon=1)"
