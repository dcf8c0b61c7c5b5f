"""Watching, playing and recording: the commands with real windows, real keys and real files."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.classic_control import CartPoleEnv
from PIL import Image

import agents
import gym_gridq
from agents.algorithms.checkpoint import read_checkpoint
from agents.cli import main
from agents.commands.drawing import follow
from agents.commands.live_view import SECONDS, LiveView
from agents.experience.rollout import VectorRollout
from agents.pictures.films import write_frames
from agents.training.by_hand import EpsilonByHand
from agents.training.loop import Callback, Training
from agents.training.metrics import read_metrics
from agents.training.saving import continue_from, save_training
from gym_gridq.drawing import Track
from gym_gridq.rendering.geometry import Geometry
from tests.gym_gridq.rendering import x11

FRAME = np.arange(3 * 31 * 41, dtype=np.uint8).reshape(31, 41, 3)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A short finished run."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    assert (
        main(["train", "--agent", "tabular", "--episodes", "200", "--run-dir", str(folder), "--quiet"]) == 0
    )
    return folder


class Program:
    """``gridq ...`` as a process with a window."""

    def __init__(self, words, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agents", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(agents.__file__).parents[1])},
        )

    def window(self):
        return x11.window_of_process(self.process.pid)

    def answer_to(self, window, *keys):
        """The next line it prints. The keys hold a restart: see `x11.escape` for why once may not do."""
        x11.press(window, *keys)
        while not select.select([self.process.stdout], [], [], 30)[0]:
            x11.press(window, *keys)
        return self.process.stdout.readline()

    def end(self):
        """Its exit code and output, once it has ended."""
        out, err = self.process.communicate(timeout=120)
        assert err == ""
        return self.process.returncode, out


@pytest.fixture
def gridq(screen, tmp_path):
    programs = []

    def start(*words):
        programs.append(Program(words, tmp_path))
        return programs[-1]

    yield start
    for program in programs:
        program.process.kill()
        program.process.communicate()


def test_play_is_steered_with_arrows_and_letters(gridq):
    program = gridq("play")
    window = program.window()
    line = program.answer_to(window, "r", "Up", "w", "Right", "d", "Right")
    assert re.fullmatch(r"episode \d: return 1 in 5 steps\n", line)
    line = program.answer_to(window, "d", "w", "w", "d", "d", "d")  # the first key plays again
    assert re.fullmatch(r"episode \d: return 1 in 5 steps\n", line)
    x11.escape(program.process, window)
    assert program.end() == (0, "")


def test_play_restarts_shows_the_hint_and_ends_by_the_close_button(gridq, screen):
    program = gridq("play", "--env-arg", "layout=aima", "--env-arg", "step_reward=-0.04")
    window = program.window()
    keys = ("Up", "r", "Up", "Up", "q", "v", "p", "h", "h", "Right", "Right", "Right")
    assert re.fullmatch(r"episode \d: return 0.8 in 5 steps\n", program.answer_to(window, *keys))
    x11.press_close_button(screen, window)
    assert program.end() == (0, "")


def test_watch_plays_until_the_window_is_closed(gridq, run):
    program = gridq("watch", run, "--speed", 1000)
    window = program.window()
    x11.press(window, "space", "Right", "Right", "space", "minus", "plus", "r")
    x11.escape(program.process, window)
    assert program.end()[0] == 0


def test_watch_saves_a_picture(gridq, run, tmp_path):
    program = gridq("watch", run)
    window = program.window()
    while not (tmp_path / "gridq-001.png").exists():
        x11.press(window, "space", "s")
    x11.escape(program.process, window)
    assert program.end()[0] == 0
    with Image.open(tmp_path / "gridq-001.png") as picture:
        # the board as large as it was shown, without the bar below it
        assert picture.size in [Geometry(gym_gridq.LAYOUTS["book"], cell).size for cell in range(100, 200)]


def test_closing_the_window_ends_only_the_watching(gridq, tmp_path):
    words = "train --agent tabular --episodes 60 --num-envs 1 --watch --speed 30 --run-dir run --quiet"
    program = gridq(*words.split())
    x11.escape(program.process, program.window())
    assert program.end()[0] == 0
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["episodes"] == 60


def test_the_end_stays_in_sight_until_the_window_is_closed(gridq, tmp_path):
    words = "train --agent tabular --total-steps 40 --watch --speed max --run-dir run --quiet"
    program = gridq(*words.split())
    window = program.window()
    while not (tmp_path / "run" / "summary.json").exists():
        with pytest.raises(subprocess.TimeoutExpired):  # it does not end by itself
            program.process.wait(0.02)
    assert program.process.poll() is None
    x11.escape(program.process, window)
    assert program.end() == (0, "")


def live_view(env_id, speed=float("inf"), **options):
    """One that never waits, unless a speed is given."""
    return LiveView(gymnasium.make(env_id, render_mode="rgb_array"), 0.9, speed, **options)


def test_what_is_watched_learns_the_same(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    weights = []
    for watched in (False, True):
        env = gymnasium.make("GridQ-v0")
        agent = agents.make("tabular", env, seed=3)
        callbacks = [live_view("GridQ-v0")] if watched else []
        agents.train(agent, env, total_steps=500, callbacks=callbacks)
        for callback in callbacks:
            callback.close()
        weights.append(agent.q_values(np.arange(12)))
    assert (weights[0] == weights[1]).all()


def test_a_policy_without_a_value_is_watched_all_the_same(monkeypatch):
    """Without a discount, one that walks into walls for ever is worth nothing that could be drawn."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("tabular", env, seed=0, discount=1.0)
    watching = LiveView(gymnasium.make("GridQ-v0", render_mode="rgb_array"), 1.0, float("inf"))
    agents.train(agent, env, total_steps=50, callbacks=[watching])
    curves = watching._curves()
    watching.close()
    assert "greedy value" not in curves
    assert len(curves["max abs(Q - q*)"].points) >= 2


@pytest.mark.parametrize("num_envs", [1, pytest.param(3, marks=pytest.mark.lanes)])
@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
def test_every_kind_of_training_can_be_watched(monkeypatch, env_id, num_envs):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = gymnasium.make(env_id) if num_envs == 1 else gymnasium.make_vec(env_id, num_envs=num_envs)
    agent = agents.make("q-learning", env, seed=0)
    watching = live_view(env_id)
    agents.train(agent, env, total_steps=60, callbacks=[watching])
    watching.close()
    trail = watching._stage._lane.trail
    assert len(trail) > 0
    assert not set(trail) - {0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11}


def test_the_end_of_a_training_goes_on_though_a_restart_was_asked_for(monkeypatch, trained):
    """R begins the episode that is shown anew; only closing the window ends the showing."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    watching, seen = live_view("GridQ-v0"), []
    watching._window.controls.restart_wanted = True

    def draw(tracks, overlay, curves, seconds):
        seen.append((tracks[0].state, dict(overlay.status)))
        watching._window.controls.restart_wanted = len(seen) == 3
        if len(seen) == 8:
            watching.close()

    monkeypatch.setattr(watching._window, "draw", draw)
    summary = {"mean_return": 1.0, "optimal_states": 10, "n_states": 10, "max_q_error": 0.0, "seed": 0}
    watching.hold(trained, summary)
    assert [state for state, _ in seen] == [8, 4, 0, 8, 4, 0, 1, 2]
    assert seen[-1][1] == {
        "episode": "2",
        "step": "4",
        "return": "0",
        "reward": "0",
        "mean return": "1",
        "optimal states": "10 / 10",
        "max abs(Q - q*)": "0",
    }


def test_of_a_policy_without_a_value_no_optimal_states_are_counted(monkeypatch, trained):
    """Such a summary says null of them, see test_judging.py."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    watching, said = live_view("GridQ-v0"), []

    def draw(tracks, overlay, curves, seconds):
        said.append(dict(overlay.status))
        watching.close()

    monkeypatch.setattr(watching._window, "draw", draw)
    summary = {"mean_return": 0.0, "optimal_states": None, "n_states": 10, "max_q_error": 0.0, "seed": 0}
    watching.hold(trained, summary)
    assert "optimal states" not in said[0]
    assert said[0]["max abs(Q - q*)"] == "0"


@pytest.fixture(scope="module")
def trained():
    """An agent that knows the optimum."""
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("tabular", env, seed=0, learning_rate=1.0, epsilon=1.0)
    agents.train(agent, env, total_steps=4_000)
    assert gym_gridq.grade(env, agent.q_values(range(12))).regret == 0
    return agent


class Seen:
    """What a live view draws, in the place of its window's pictures; it takes as long as they are shown."""

    def __init__(self, monkeypatch, watching):
        self.overlays, self.seconds, self.curves = [], [], []
        monkeypatch.setattr(watching._window, "draw", self._draw)

    def _draw(self, tracks, overlay, curves, seconds):
        self.overlays.append(overlay)
        self.curves.append(curves)
        self.seconds.append(seconds)


@pytest.mark.parametrize("agent_name", ["tabular", "dqn"])
@pytest.mark.parametrize("limits", [{"total_steps": 2_000}, {"episodes": 60}], ids=["steps", "episodes"])
def test_the_whole_way_of_a_learner_takes_the_time_of_the_film(monkeypatch, agent_name, limits):
    """Shorter trainings are stretched to it, the beginning more than the end."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = gymnasium.make("GridQ-v0")
    agent = agents.make(agent_name, env, seed=0)
    watching = live_view("GridQ-v0", None)
    seen = Seen(monkeypatch, watching)
    agents.train(agent, env, callbacks=[watching], **limits)
    assert sum(seen.seconds) == pytest.approx(SECONDS, abs=0.6)
    steps = [int(dict(overlay.status)["step"].replace(",", "")) for overlay in seen.overlays]
    assert steps == sorted(steps)
    assert len(steps) > 100
    quarter = np.searchsorted(np.cumsum(seen.seconds), SECONDS / 4)
    assert steps[quarter] < (0.2 if "total_steps" in limits else 0.35) * steps[-1]


def test_faster_and_slower_change_the_length_of_the_film(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    lengths = []
    for press in ("slower", None, "faster"):
        env = gymnasium.make("GridQ-v0")
        watching = live_view("GridQ-v0", None)
        controls = watching._window.controls
        if press is not None:
            getattr(controls, press)()
            assert controls.notice == ("{:g} times as fast", (2.0 if press == "faster" else 0.5,))
        seen = Seen(monkeypatch, watching)
        agents.train(agents.make("tabular", env, seed=0), env, 2_000, callbacks=[watching])
        lengths.append(sum(seen.seconds))
        watching.close()
    assert lengths == pytest.approx([2 * SECONDS, SECONDS, SECONDS / 2], rel=0.05)


def test_the_last_picture_of_a_training_agrees_with_the_table(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("tabular", env, seed=0)
    watching = live_view("GridQ-v0")
    seen = Seen(monkeypatch, watching)
    agents.train(agent, env, 1_500, callbacks=[watching])
    watching.close()
    q_values = agent.q_values(range(12))
    assert (seen.overlays[-1].q_values == q_values).all()
    assert dict(seen.overlays[-1].status)["step"] == "1,500"
    grade = gym_gridq.grade(env, q_values)
    value, error = (seen.curves[-1][name] for name in ("greedy value", "max abs(Q - q*)"))
    assert value.points[-1] == (1500, pytest.approx(grade.value))
    assert value.level == pytest.approx(grade.optimal_value)
    assert error.points[-1] == (1500, pytest.approx(grade.max_q_error))
    assert {overlay.scale for overlay in seen.overlays} == {1.0}  # colours mean the same throughout


def test_who_ends_a_paused_training_waits_for_no_window(gridq, tmp_path):
    program = gridq("train", "--agent", "tabular", "--watch", "--run-dir", "run", "--quiet")
    x11.press(program.window(), "space")
    program.process.terminate()
    _, err = program.process.communicate(timeout=120)
    assert program.process.returncode == 130
    assert "gridq train --resume run" in err


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["play"], "'gridq solve' prints the map's optimum, or 'xvfb-run gridq play ...' gives"),
        (["train", "--watch"], "leave out --watch, or 'xvfb-run gridq train --watch ...' gives"),
    ],
)
def test_without_a_display_the_error_says_what_to_do(capsys, no_screen, monkeypatch, words, advice, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 1
    err = capsys.readouterr().err
    assert "there is no display" in err
    assert advice in err
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def cart_run(tmp_path_factory):
    """A run in a world that is no map, but draws itself."""
    folder = tmp_path_factory.mktemp("runs") / "cart"
    words = "train --env-id CartPole-v1 --agent random --total-steps 40 --num-envs 1 --quiet --run-dir"
    assert main([*words.split(), str(folder)]) == 0
    return folder


def test_any_environment_that_draws_can_be_watched_and_recorded(capsys, monkeypatch, tmp_path, cart_run):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert main(["watch", str(cart_run), "--episodes", "2"]) == 0
    length = float(re.search(r"mean length ([\d.]+) steps", capsys.readouterr().out)[1])
    out = recorded(capsys, cart_run, tmp_path / "out.gif", "--episodes", 2)
    assert out.startswith(f"{2 * length + 2:.0f} frames")  # the same episodes, and the start of each


def test_what_needs_a_map_says_so(capsys, monkeypatch, tmp_path, cart_run):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.chdir(tmp_path)
    assert main(["record", str(cart_run), "out.gif", "--time-lapse", "10"]) == 1
    assert "a time-lapse shows Q-values on a map, and CartPole-v1 has none" in capsys.readouterr().err


def test_what_draws_no_frames_says_so(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(CartPoleEnv.metadata, "render_modes", ["human"])
    assert main(["play", "--env-id", "CartPole-v1"]) == 1
    assert "CartPole-v1 draws no frames (it has no render mode 'rgb_array')" in capsys.readouterr().err


def test_play_wants_a_few_actions(capsys, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert main(["play", "--env-id", "Pendulum-v1"]) == 1
    assert (
        "play takes a key for each action, and the actions of Pendulum-v1 are Box" in capsys.readouterr().err
    )


@pytest.mark.parametrize("ending", ["Escape", "SIGTERM"])
@pytest.mark.parametrize("is_paused", [False, True])
def test_worlds_of_others_are_watched_until_the_end(gridq, cart_run, ending, is_paused):
    """More than five episodes, the same keys, and whichever way it ends it ends at once."""
    program = gridq("watch", cart_run, "--speed", "max")
    window = program.window()
    if is_paused:
        x11.press(window, "h", "space")
    if ending == "Escape":
        x11.escape(program.process, window)
        code, out = program.end()
        assert code == 0
        assert out == "" or out.startswith("mean return")
    else:
        program.process.terminate()
        assert program.process.wait(timeout=120) == 130


def test_a_world_of_others_is_played_by_number_and_by_arrow(gridq):
    program = gridq("play", "--env-id", "FrozenLake-v1", "--env-arg", "is_slippery=false")
    window = program.window()
    line = program.answer_to(window, "r", "Down", "1", "Right", "2", "Down", "2")
    assert re.fullmatch(r"episode \d: return 1 in 6 steps\n", line)
    x11.escape(program.process, window)
    assert program.end() == (0, "")


def test_a_training_in_a_world_of_others_is_watched_without_being_changed(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    weights = []
    for watched in (False, True):
        env = gymnasium.make("FrozenLake-v1")
        agent = agents.make("tabular", env, seed=3)
        callbacks = [live_view("FrozenLake-v1")] if watched else []
        agents.train(agent, env, total_steps=500, callbacks=callbacks)
        weights.append(agent.q_values(np.arange(16)))
        for callback in callbacks:
            assert set(callback._curves()) == {"return, exploring", "loss"}
            callback.close()
    assert (weights[0] == weights[1]).all()


# -- epsilon by hand -----------------------------------------------------------------------------------------


class Hand(Callback):
    """A person who changes epsilon at certain steps."""

    def __init__(self, by_hand, wishes):
        self.by_hand, self.wishes = by_hand, list(wishes.items())

    def on_step(self, training):
        if self.wishes and training.steps >= self.wishes[0][0]:
            self.by_hand.set(self.wishes.pop(0)[1])


def trained_by_hand(changes, wishes, num_envs, total_steps=900):
    env = gymnasium.make("GridQ-v0") if num_envs == 1 else gymnasium.make_vec("GridQ-v0", num_envs=num_envs)
    agent = agents.make("tabular", env, seed=1, epsilon=1.0)
    by_hand = EpsilonByHand(changes)
    training = Training(agent, env, total_steps, callbacks=[by_hand, Hand(by_hand, wishes)])
    training.run()
    return training, by_hand


@pytest.mark.parametrize("num_envs", [1, pytest.param(3, marks=pytest.mark.lanes)])
def test_a_training_with_epsilon_by_hand_is_told_again_exactly(num_envs):
    wishes = {150: 0.2, 300: 0.0, 450: None, 600: 0.5}
    first, by_hand = trained_by_hand([], wishes, num_envs)
    assert [change["epsilon"] for change in by_hand.changes] == [0.2, 0.0, None, 0.5]
    again, _ = trained_by_hand(by_hand.changes, {}, num_envs)
    alone, _ = trained_by_hand([], {}, num_envs)
    observations = range(12)
    assert (first.agent.q_values(observations) == again.agent.q_values(observations)).all()
    assert list(first.history.episodes) == list(again.history.episodes)
    assert list(first.history.episodes) != list(alone.history.episodes)
    assert again.agent.epsilon == 0.5


def test_a_training_with_epsilon_by_hand_resumes_exactly(tmp_path):
    wishes = {150: 0.2, 300: 0.0, 600: 0.5}
    whole, by_hand = trained_by_hand([], wishes, 1)
    half, _ = trained_by_hand(by_hand.changes, {}, 1, total_steps=400)
    save_training(tmp_path / "half.npz", half)
    checkpoint = read_checkpoint(tmp_path / "half.npz")
    callbacks = [EpsilonByHand(by_hand.changes)]
    rest = Training(checkpoint.agent, gymnasium.make("GridQ-v0"), 900, callbacks=callbacks)
    assert continue_from(checkpoint, rest) is None
    rest.run()
    assert (whole.agent.q_values(range(12)) == rest.agent.q_values(range(12))).all()


@pytest.mark.parametrize(
    "changes",
    ["0.1", [0.1], [{"step": 1}], [{"step": -1, "epsilon": 0.1}], [{"step": 1, "epsilon": 1.5}], {"step": 1}],
)
def test_changes_by_hand_that_make_no_sense(changes):
    with pytest.raises(ValueError, match="epsilon_by_hand is .*; expected a list of changes"):
        EpsilonByHand(changes)


def test_epsilon_changed_while_watching_is_noted_and_kept_when_resumed(gridq, tmp_path):
    """The run of the hand, stopped and resumed without a window, goes on with the hand's epsilon."""
    config = tmp_path / "run" / "config.json"
    words = "train --agent tabular --num-envs 1 --total-steps 3000 --watch --run-dir run --quiet"
    program = gridq(*words.split())
    window = program.window()
    while "epsilon_by_hand" not in config.read_text():
        x11.press(window, "Down")
    program.process.terminate()
    program.process.communicate(timeout=120)
    changes = json.loads(config.read_text())["epsilon_by_hand"]
    assert 0 < changes[0]["step"] < 3000
    assert changes[0]["epsilon"] < 1
    resumed = gridq("train", "--resume", "run", "--quiet")
    assert resumed.end()[0] == 0
    assert read_metrics(tmp_path / "run" / "metrics.csv")["epsilon"][-1] == changes[-1]["epsilon"]
    assert json.loads(config.read_text())["epsilon_by_hand"] == changes


@pytest.mark.parametrize("options", [["--episodes", "9"], ["--time-lapse", "1"]])
def test_a_recording_without_end_is_refused(capsys, monkeypatch, run, tmp_path, options):
    monkeypatch.setattr("agents.commands.record.MOST_FRAMES", 20)
    assert main(["record", str(run), str(tmp_path / "out.gif"), "--cell-size", "8", *options]) == 1
    assert "that makes more than 20 frames; record fewer episodes" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", [["--speed", "5"], ["--language", "zh"]])
def test_how_to_watch_without_a_window_is_wrong_usage(capsys, option):
    assert main(["train", *option]) == 2
    assert "give --watch too" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["play", "watch RUN", "record RUN out.gif", "train --watch"])
def test_an_unknown_language_is_wrong_usage(capsys, command):
    assert main([*command.split(), "--language", "fr"]) == 2
    assert "argument --language: invalid choice: 'fr'" in capsys.readouterr().err


def test_a_training_is_watched_in_the_language_of_its_environment(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    watching = LiveView(gymnasium.make("GridQ-v0", language="ja", render_mode="rgb_array"), 0.9)
    assert watching._window._language == "ja"
    watching.close()


@pytest.mark.parametrize(
    "command", ["play", "watch {} --episodes 1000", "train --watch --run-dir new --quiet"]
)
def test_windows_open_in_chinese(gridq, run, command):
    program = gridq(*command.format(run).split(), "--language", "zh")
    x11.escape(program.process, program.window())
    assert program.end()[0] == 0


# -- recordings ----------------------------------------------------------------------------------------------


def recorded(capsys, run, file, *options):
    code = main(["record", str(run), str(file), *map(str, options)])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return out


def test_record_writes_an_animation(capsys, run, tmp_path):
    out = recorded(capsys, run, tmp_path / "out.gif", "--episodes", 2, "--cell-size", 40)
    assert out == f"12 frames in {tmp_path / 'out.gif'}\n"
    with Image.open(tmp_path / "out.gif") as picture:
        assert picture.n_frames == 12
        assert picture.info["duration"] == 250


def test_a_recording_runs_at_the_environment_s_own_rate(capsys, cart_run, tmp_path):
    n_frames = int(recorded(capsys, cart_run, tmp_path / "out.gif").split()[0])
    assert milliseconds(tmp_path / "out.gif") == 20 * (
        n_frames + 3
    )  # CartPole's 50 a second; it rests at last


def milliseconds(animation):
    """How long it takes; equal frames after one another are one."""
    total = 0
    with Image.open(animation) as picture:
        for number in range(picture.n_frames):
            picture.seek(number)
            total += picture.info["duration"]
    return total


def test_what_is_too_fast_for_an_animation_leaves_frames_out(capsys, cart_run, tmp_path):
    """It takes as long as it should, and still ends on the last frame."""
    frames = list(np.zeros((101, 101, 4, 3), np.uint8))
    for number, frame in enumerate(frames):
        frame[number] = 255  # a line that moves down
    assert write_frames(tmp_path / "fast.gif", frames, fps=200) == 26
    assert milliseconds(tmp_path / "fast.gif") == 20 * (26 + 3)
    with Image.open(tmp_path / "fast.gif") as picture:
        picture.seek(picture.n_frames - 1)
        assert np.asarray(picture.convert("L"))[:, 0].argmax() == 100


def test_a_strip_stays_small_however_long_the_episode(tmp_path):
    frames = [np.full((400, 1200, 3), number // 8, np.uint8) for number in range(1000)]
    assert write_frames(tmp_path / "strip.png", frames) == 24
    with Image.open(tmp_path / "strip.png") as strip:
        assert max(strip.size) == 4000
        assert strip.getpixel((0, 0))[0] == 0  # the first frame and the last are there
        assert strip.getpixel((strip.width - 1, strip.height - 1))[0] == 999 // 8


def test_the_animation_of_a_training_tells_episode_and_step(run, capsys, tmp_path):
    """Frame by frame it is what `record` writes."""
    recorded(capsys, run, tmp_path / "out.gif")
    with Image.open(run / "greedy.gif") as left, Image.open(tmp_path / "out.gif") as right:
        assert left.n_frames == right.n_frames
        for number in range(left.n_frames):
            left.seek(number)
            right.seek(number)
            assert left.convert("RGB").tobytes() == right.convert("RGB").tobytes()


def test_record_writes_a_strip_that_shows_every_frame(capsys, run, tmp_path):
    recorded(capsys, run, tmp_path / "strip.png", "--cell-size", 40)
    with Image.open(tmp_path / "strip.png") as strip:
        width, height = strip.size
    env = gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=40)
    env.reset()
    frame_height, frame_width, _ = env.render().shape
    assert (width, height) == (4 * frame_width, 2 * frame_height)


@pytest.mark.parametrize("kind", [".mp4", ".webm"])
def test_record_writes_films(capsys, run, tmp_path, kind):
    import imageio_ffmpeg

    film = tmp_path / f"out{kind}"
    recorded(capsys, run, film, "--cell-size", 41)
    assert imageio_ffmpeg.count_frames_and_secs(str(film)) == (6, 1.5)
    assert [path.name for path in tmp_path.iterdir()] == [film.name]


@pytest.mark.parametrize("kind", [["--episodes", "1"], ["--time-lapse", "200"]])
def test_recordings_speak_the_language_asked_for(capsys, run, tmp_path, kind):
    pictures = []
    for language in ("en", "zh", "ja"):
        recorded(capsys, run, tmp_path / "out.png", "--cell-size", 48, "--language", language, *kind)
        pictures.append((tmp_path / "out.png").read_bytes())
    assert len(set(pictures)) == 3


def test_a_time_lapse_shows_the_training_again(capsys, run, tmp_path):
    steps = json.loads((run / "summary.json").read_text())["steps"]
    out = recorded(capsys, run, tmp_path / "lapse.gif", "--time-lapse", 200, "--cell-size", 20)
    assert out.startswith(f"{steps // 200} frames")


def test_a_time_lapse_needs_a_training_of_so_many_steps(capsys, run, tmp_path):
    steps = json.loads((run / "summary.json").read_text())["steps"]
    words = ["record", str(run), str(tmp_path / "out.gif"), "--time-lapse", str(10 * steps)]
    assert main(words) == 1
    assert f"ends after {steps} steps; give --time-lapse fewer than {10 * steps}" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("out.avi", "ends in none of .gif, .mp4, .webm, .png"),
        ("out", "ends in none of"),
        ("missing/out.gif", "missing/out.gif: No such file or directory"),
        ("missing/out.mp4", "missing/out.mp4: No such file or directory"),
    ],
)
def test_a_recording_that_cannot_be_written(capsys, run, tmp_path, monkeypatch, file, message):
    monkeypatch.chdir(tmp_path)
    assert main(["record", str(run), file, "--cell-size", "8"]) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_recording_without_ffmpeg_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ImportError, match=r"gym-gridq\[video\]"):
        write_frames(tmp_path / "out.mp4", [FRAME])


def test_an_earlier_recording_stays_when_a_new_one_fails(tmp_path):
    path = tmp_path / "out.gif"
    write_frames(path, [FRAME])
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_frames(path, [FRAME, "no frame"])
    assert path.read_bytes() == before


# -- plots ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("file", "magic"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")])
def test_plot_draws_runs_over_one_another(capsys, run, tmp_path, file, magic):
    assert main(["plot", str(run), str(run), "--output", str(tmp_path / file)]) == 0
    assert (tmp_path / file).read_bytes().startswith(magic)


def test_plot_shows_its_picture_when_asked(gridq, run):
    program = gridq("plot", run, "--show")
    x11.escape(program.process, program.window())
    assert program.end() == (0, "1 run in gridq-plot.png\n")


def test_a_plot_of_an_unknown_kind_is_refused(capsys, run):
    assert main(["plot", str(run), "--output", "a.jpg"]) == 1
    assert "ends in none of .png, .svg, .pdf; choose one of them" in capsys.readouterr().err


def test_max_q_error_falls_in_the_metrics(run):
    error = read_metrics(run / "metrics.csv")["max_q_error"]
    error = error[np.isfinite(error)]
    assert len(error) > 10
    assert error[-1] < 0.5 * error[0]


# -- the first of many lanes ---------------------------------------------------------------------------------


@pytest.mark.lanes
@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
def test_what_is_seen_of_the_first_lane_is_its_own_episode(env_id, mode):
    """With 32 lanes one ends at almost every step; the first one's trail is wiped by its own end alone."""
    n_lanes, layout = 32, gym_gridq.LAYOUTS["book"]
    arguments = {"num_envs": n_lanes, "max_episode_steps": 30, "autoreset_mode": mode}
    rollout = VectorRollout(gymnasium.make_vec(env_id, **arguments))
    twin = gymnasium.make_vec("GridQ-v0", **arguments)
    track, generator = Track(), np.random.default_rng(0)
    rollout.reset(0)
    follow(track, rollout, layout)
    path, n_episodes, over = [int(twin.reset(seed=0)[0][0])], 1, np.zeros(n_lanes, bool)
    for _ in range(400):
        actions = generator.integers(0, 4, n_lanes)
        begins = over if mode == "NextStep" else None
        observations, _, terminated, truncated, _ = twin.step(actions)
        over = terminated | truncated
        if mode == "Disabled" and over.any():
            observations, _ = twin.reset(options={"reset_mask": over})
        begins = over if begins is None else begins
        rollout.step(actions)
        follow(track, rollout, layout)
        moved = not begins[0] and observations[0] != path[-1]
        path = [int(observations[0])] if begins[0] else [*path, int(observations[0])]
        n_episodes += int(begins[0])
        assert list(track.trail) == path[-13:]
        assert track.steps == len(path) - 1
        assert track.episode == n_episodes
        assert track.heading == (gym_gridq.Action(actions[0]) if moved else None)
    assert n_episodes > 10


@pytest.mark.lanes
def test_a_time_lapse_of_lanes_draws_no_move_from_a_goal_to_a_start(monkeypatch, tmp_path, capsys):
    words = "train --agent tabular --num-envs 32 --total-steps 20000 --seed 0 --quiet --run-dir"
    assert main([*words.split(), str(tmp_path / "run")]) == 0
    drawn = []

    def spy(renderer, tracks, overlay):
        drawn.append((list(tracks[0].trail), tracks[0].heading))
        return [FRAME]

    monkeypatch.setattr("gym_gridq.rendering.Renderer.draw", spy)
    assert main(["record", str(tmp_path / "run"), str(tmp_path / "out.png"), "--time-lapse", "32"]) == 0
    assert any(trail[-1] == 3 and len(trail) > 3 for trail, _ in drawn)  # the way to the goal is in sight
    for trail, heading in drawn:
        assert 3 not in trail[:-1]
        assert heading is None or len(trail) > 1


def test_a_map_that_was_edited_is_trained_on_with_its_rewards(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    layout = gym_gridq.Layout.from_rows(["..G", "SP."], {"P": -3.0})
    (tmp_path / "map-001.txt").write_text(layout.to_text())
    words = "train --agent tabular --total-steps 40 --num-envs 1 --quiet --run-dir run --env-arg"
    assert main([*words.split(), "layout=map-001.txt"]) == 0
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    env = gymnasium.make("GridQ-v0", **config["env_kwargs"])
    assert env.unwrapped.layout == layout
