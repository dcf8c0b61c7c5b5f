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
from PIL import Image

import agents
import gym_gridq
from agents.cli import main
from agents.commands.live_view import LiveView
from agents.commands.stages import follow
from agents.experience.rollout import VectorRollout
from agents.pictures.films import write_frames
from agents.training.metrics import read_metrics
from gym_gridq.drawing import Track
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
    env = gymnasium.make("GridQ-v0", render_mode="rgb_array")
    env.reset()
    height, width, _ = env.render().shape
    with Image.open(tmp_path / "gridq-001.png") as picture:
        assert picture.size == (width, height)


def test_closing_the_window_ends_only_the_watching(gridq, tmp_path):
    words = "train --agent tabular --episodes 60 --num-envs 1 --watch --speed 30 --run-dir run --quiet"
    program = gridq(*words.split())
    x11.escape(program.process, program.window())
    assert program.end()[0] == 0
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["episodes"] == 60


def test_the_end_stays_in_sight_until_the_window_is_closed(gridq, tmp_path):
    words = "train --agent tabular --total-steps 40 --watch --run-dir run --quiet"
    program = gridq(*words.split())
    window = program.window()
    while not (tmp_path / "run" / "summary.json").exists():
        assert program.process.poll() is None
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


def test_the_end_of_a_training_waits_though_a_restart_was_asked_for(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    watching = LiveView(gymnasium.make("GridQ-v0"), 0.9, None)
    waits = []

    def hold(seconds):
        waits.append(not watching._window.controls.restart_wanted)
        watching.close()

    monkeypatch.setattr(watching._window, "hold", hold)
    watching._window.controls.restart_wanted = True
    watching.hold()
    assert waits == [True]


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
    assert main(["train", "--env-id", "CartPole-v1", "--agent", "random", "--watch"]) == 1
    assert "--watch shows GridQ's maps, and CartPole-v1 is something else" in capsys.readouterr().err


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
    assert program.end() == (0, "1 runs in gridq-plot.png\n")


def test_a_plot_of_an_unknown_kind_is_refused(capsys, run):
    assert main(["plot", str(run), "--output", "a.jpg"]) == 1
    assert "let the name end in .png, .svg, .pdf" in capsys.readouterr().err


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
