import types
import zlib

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq  # noqa: F401 - registers the ids
from agents.training.metrics import METRICS, MetricsFile, read_metrics
from agents.training.progress import ProgressBar


def train(path, total_steps=200, callbacks=()):
    env = gymnasium.make("GridQ-v0", slip=0.3)
    return agents.train(
        agents.make("tabular", env, seed=2), env, total_steps, callbacks=[MetricsFile(path), *callbacks]
    )


def test_a_line_for_every_episode_that_reads_back_exactly(tmp_path):
    history = train(tmp_path / "metrics.csv")
    columns = read_metrics(tmp_path / "metrics.csv")
    assert list(columns) == list(METRICS)
    assert columns["return"].tolist() == history.returns.tolist()
    assert columns["loss"].tolist() == history.losses.tolist()
    assert columns["episode"].tolist() == list(range(1, len(history.episodes) + 1))


def test_no_loss_is_an_empty_field(tmp_path):
    env = gymnasium.make("GridQ-v0")
    agents.train(
        agents.make("random", env, seed=0), env, episodes=2, callbacks=[MetricsFile(tmp_path / "m.csv")]
    )
    assert np.isnan(read_metrics(tmp_path / "m.csv")["loss"]).all()
    assert b",,1.0,,,,\n" in (tmp_path / "m.csv").read_bytes()


def test_equal_runs_write_equal_bytes(tmp_path):
    train(tmp_path / "a.csv")
    train(tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_lines_after_the_state_gone_on_from_are_cut_off(tmp_path):
    class Remember(agents.Callback):
        state_at_100 = None

        def on_step(self, training):
            if training.steps == 100:
                self.state_at_100 = training.callbacks[0].state()

    path, remember = tmp_path / "m.csv", Remember()
    train(path, callbacks=[remember])
    whole = path.read_bytes()
    again = MetricsFile(path)
    again.load_state(remember.state_at_100)
    again.on_start(None)
    again.on_end(None)
    kept = path.read_bytes()
    assert whole.startswith(kept)
    assert 0 < len(kept) < len(whole)
    assert kept.endswith(b"\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not a metrics file"),
        (b"a,b\n1,2\n", "is not a metrics file"),
        (",".join(METRICS).encode() + b"\n1,2,x,4,5,6\n", "is damaged"),
        (",".join(METRICS).encode() + b"\n1,2\n", "is damaged"),
        (",".join(METRICS).encode() + b"\n1,2,3,4,5,6\n1,2\n", "is damaged"),
        (b"\xff" * 3000, "is not a metrics file"),
    ],
)
def test_files_that_are_no_metrics(tmp_path, content, words):
    (tmp_path / "m.csv").write_bytes(content)
    with pytest.raises(ValueError, match=words):
        read_metrics(tmp_path / "m.csv")


@pytest.mark.parametrize("limits", [{"total_steps": 300}, {"episodes": 5}])
def test_the_progress_bar_shows_how_it_goes_and_changes_nothing(capsys, monkeypatch, limits):
    monkeypatch.setattr(ProgressBar, "REFRESH_SECONDS", 0.0)
    env = gymnasium.make("GridQ-v0")
    plain, shown = agents.make("tabular", env, seed=0), agents.make("tabular", env, seed=0)
    agents.train(plain, env, **limits)
    agents.train(shown, env, **limits, callbacks=[ProgressBar()])
    assert (plain.table == shown.table).all()
    out, err = capsys.readouterr()
    assert out == ""
    unit = "steps" if "total_steps" in limits else "episodes"
    for word in ("return ", "loss ", "epsilon 0.10", f" {unit}/s"):
        assert word in err


class Halving:
    """A judge that says 1, 1/2, 1/3 and so on, whenever the steps have doubled."""

    def __init__(self):
        self.asked = 0

    def due(self, steps, judged_at):
        return steps >= 2 * judged_at

    def judge(self, agent):
        self.asked += 1
        return {"max_q_error": 1 / self.asked, "greedy_value": float("nan")}


def test_what_is_known_is_asked_for_when_it_is_due(tmp_path):
    env, judge = gymnasium.make("GridQ-v0"), Halving()
    agent = agents.make("tabular", env, seed=0)
    metrics_file = MetricsFile(tmp_path / "m.csv", judge)
    agents.train(agent, env, total_steps=5_000, callbacks=[metrics_file])
    columns = read_metrics(tmp_path / "m.csv")
    judged = np.isfinite(columns["max_q_error"])
    assert judged[0]
    assert 5 < judged.sum() == judge.asked < 15
    steps = columns["steps"][judged]
    assert (steps[1:] >= 2 * steps[:-1]).all()
    assert columns["max_q_error"][judged].tolist() == [1 / n for n in range(1, judge.asked + 1)]
    assert np.isnan(columns["greedy_value"]).all()
    assert metrics_file.known["max_q_error"] == 1 / judge.asked
    going_on = MetricsFile(tmp_path / "m.csv", judge)
    going_on.load_state(metrics_file.state())
    assert going_on.state() == metrics_file.state()


def test_a_file_of_an_earlier_release_is_read_and_gone_on_with(tmp_path):
    path = tmp_path / "m.csv"
    lines = b"episode,steps,return,length,loss,epsilon,max_q_error\n1,5,1.0,5,,1.0,0.5\n"
    path.write_bytes(lines)
    columns = read_metrics(path)
    assert columns["max_q_error"].tolist() == [0.5]
    assert np.isnan(columns["greedy_value"]).all()
    file = MetricsFile(path, Halving())
    file.load_state({"bytes": len(lines), "crc32": zlib.crc32(lines), "judged_at": 5})
    file.on_start(None)
    file.on_episode(types.SimpleNamespace(agent=None), agents.Episode(2, 10, 1.0, 5, 0.25, 1.0))
    file.on_end(None)
    assert path.read_bytes() == lines + b"2,10,1.0,5,0.25,1.0,1.0\n"
