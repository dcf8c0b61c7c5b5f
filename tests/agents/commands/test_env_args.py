"""Arguments of environments as people write them: understood or refused, never taken for something else."""

import json
import re
from pathlib import Path

import pytest

from agents.cli import main
from agents.commands.env_args import checked_arguments, parse_assignments, parse_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, True) for word in ("true", "True", "TRUE", " true ")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, None) for word in ("none", "None", "null", "NULL")),
        ("3", 3),
        ("-0.04", -0.04),
        ("1e-3", 1e-3),
        ("1_000", 1000),
        ("0x10", 16),
        ('["S.G", "..."]', ["S.G", "..."]),
        ("['S.G', '...']", ["S.G", "..."]),
        ("(1, 0, -1)", [1, 0, -1]),
        ("{'H': 0.5}", {"H": 0.5}),
        ("'4x4'", "4x4"),
        ("4x4", "4x4"),
        ("", ""),
        ("b'x'", "b'x'"),
        ("1j", "1j"),
        ("(" * 100_000, "(" * 100_000),
    ],
)
def test_a_value_is_read_as_python_and_json_write_it(text, value):
    read = parse_value(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("env_id", "words", "message"),
    [
        ("GridQ-v0", "slipp=0.1", "GridQ-v0 has no argument 'slipp'; did you mean 'slip'?"),
        ("gym_gridq:GridQ-v0", "slipp=0.1", "did you mean 'slip'?"),
        ("GridQ-OneHot-v0", "step_rewar=1", "did you mean 'step_reward'?"),
        ("FrozenLake-v1", "is_slipery=False", "did you mean 'is_slippery'?"),
        ("FrozenLake-v1", "is_slippery=no", "is_slippery is 'no'; give true or false"),
        ("FrozenLake-v1", "is_slippery=0", "is_slippery is 0; give true or false"),
        ("GridQ-v0", "random_start=1", "random_start is 1; give true or false"),
        ("GridQ-v0", "slip=much", "slip is 'much'; give a number, such as 0"),
        ("GridQ-v0", "slip=True", "slip is True; give a number"),
        ("GridQ-v0", "render_mode=human", "leave out render_mode=human"),
        ("GridQ-v0", "slip", "write NAME=VALUE"),
        ("GridQ-v0", "a b=1", "write NAME=VALUE"),
    ],
)
def test_what_an_environment_does_not_take_is_refused(env_id, words, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        checked_arguments(env_id, parse_assignments([words]))


def test_a_name_comes_once():
    with pytest.raises(ValueError, match="slip is given twice"):
        parse_assignments(["slip=0.1", "slip=0.2"])


def test_what_cannot_be_looked_at_is_left_to_gymnasium():
    assert checked_arguments("Nobody-v0", {"anything": "goes"}) == {"anything": "goes"}


def test_numbers_are_of_the_parameters_kind():
    checked = checked_arguments("GridQ-v0", parse_assignments(["max_episode_steps=1e2", "slip=1"]))
    assert checked == {"max_episode_steps": 100, "slip": 1}
    assert type(checked["max_episode_steps"]) is int


def test_ice_that_does_not_slip(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("agents.commands.report.draw_curves", lambda *arguments: None)
    monkeypatch.setattr("agents.commands.report._write_episode", lambda *arguments: None)
    words = ["--env-id", "FrozenLake-v1", "--env-arg", "is_slippery=False", "--agent", "tabular"]
    assert main(["train", *words, "--num-envs", "1", "--total-steps", "20", "--run-dir", "run"]) == 0
    assert json.loads(Path("run/config.json").read_text())["env_kwargs"] == {"is_slippery": False}


def test_an_environment_that_cannot_be_made_is_one_line(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "--env-id", "FrozenLake-v1", "--env-arg", "map_name=9x9"]) == 1
    assert "FrozenLake-v1 cannot be made with map_name='9x9'" in capsys.readouterr().err
