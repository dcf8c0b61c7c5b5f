import json
import os
import shutil
import signal
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
from agents.storage.run_folder import RunFolder
from agents.training.interruption import Interruption
from agents.training.metrics import read_metrics
from tests.tried import tried

ROOT = Path(__file__).parents[3]
LANES = pytest.param(["--agent", "tabular", "--num-envs", 3], marks=pytest.mark.lanes)
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
FILES = {
    "checkpoint.npz",
    "config.json",
    "metrics.csv",
    "summary.json",
    "curves.png",
    "q_values.png",
    "greedy.gif",
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def gridq(capsys, *words):
    """Exit code, output and errors of a command."""
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def visible(folder):
    return {path.name for path in Path(folder).iterdir() if not path.name.startswith(".")}


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished") / "run"
    assert (
        main(["train", "--agent", "tabular", "--episodes", "200", "--run-dir", str(folder), "--quiet"]) == 0
    )
    return folder


@pytest.fixture
def run(finished_run):
    """A short finished run of our own."""
    shutil.copytree(finished_run, "run")
    return Path("run")


@pytest.fixture
def no_pictures(monkeypatch):
    """Pictures take longer than everything else, and are equal where Q-values and metrics are."""
    for name in ("draw_curves", "_draw_grid", "_write_episode"):
        monkeypatch.setattr(f"agents.commands.report.{name}", lambda *arguments: None)


# -- train -------------------------------------------------------------------------------------------------


def test_training_leaves_everything_and_says_where(capsys):
    code, out, err = gridq(capsys, "train", "--agent", "q-learning", "--episodes", 150, "--seed", 1)
    assert (code, err) == (0, "")
    folder = Path("runs/GridQ-v0-q-learning-1-1")
    assert visible(folder) == FILES
    summary = json.loads((folder / "summary.json").read_text())
    env = gymnasium.make("GridQ-v0")
    agent = agents.load(folder / "checkpoint.npz")
    grade = gym_gridq.grade(env, agent.q_values(np.arange(12)))
    assert summary["seed"] == 1
    assert summary["episodes"] == 150
    assert summary["mean_return"] == agents.evaluate(agent, env).mean_return
    assert summary["greedy_length"] == grade.greedy_length
    assert summary["optimal_states"] == grade.optimal_states
    assert summary["max_q_error"] == pytest.approx(grade.max_q_error, rel=1e-12)
    assert all(Path(path).is_file() for path in summary["paths"].values())
    for word in (
        "environment steps",
        "seconds",
        "mean return",
        "greedy path",
        "of 10",
        "max abs(Q - q*)",
        str(folder),
    ):
        assert word in out
    metrics = read_metrics(folder / "metrics.csv")
    assert metrics["episode"].tolist() == list(range(1, 151))
    assert metrics["steps"][-1] == summary["steps"] == metrics["length"].sum()


def test_progress_is_shown_on_a_terminal(capsys, monkeypatch, no_pictures):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("agents.training.progress.ProgressBar.REFRESH_SECONDS", 0.0)
    words = ["--agent", "q-learning", "--total-steps", 400, "--num-envs", 1]
    code, _, err = gridq(capsys, "train", *words, "--run-dir", "run")
    assert code == 0
    assert "| 400/400 [" in err
    for word in ("steps/s", "greedy ", " of 0.656", "error ", "epsilon 0.10"):
        assert word in err
    assert max(map(len, err.replace("\n", "\r").split("\r"))) <= 80


def test_pictures_are_pictures(run):
    with Image.open(run / "curves.png") as curves, Image.open(run / "q_values.png") as values:
        assert curves.size[0] == 640
        assert np.asarray(values.convert("RGB")).reshape(-1, 3).std(axis=0).min() > 10
    with Image.open(run / "greedy.gif") as animation:
        assert animation.n_frames == 6  # the start and five steps
        assert animation.info["loop"] == 0


def test_a_new_folder_for_every_run(capsys, no_pictures):
    for number in (1, 2, 3):
        assert gridq(capsys, "train", "--agent", "random", "--total-steps", 20, "--quiet") == (0, "", "")
        assert Path(f"runs/GridQ-v0-random-0-{number}").is_dir()
    first, second = (read_metrics(f"runs/GridQ-v0-random-0-{number}/metrics.csv") for number in (1, 2))
    assert all(np.array_equal(first[name], second[name], equal_nan=True) for name in first)


def test_settings_and_arguments_of_the_environment_are_used_and_kept(capsys, no_pictures):
    words = [
        "--agent",
        "q-learning",
        "--epsilon",
        0.5,
        "--hidden-sizes",
        "8,4",
        "--env-arg",
        "slip=0.25",
        "--env-arg",
        "layout=aima",
    ]
    assert gridq(capsys, "train", "--total-steps", 50, "--run-dir", "run", "--quiet", *words)[0] == 0
    config = json.loads(Path("run/config.json").read_text())
    assert config["hyperparameters"] == {
        "discount": 0.9,
        "learning_rate": 0.01,
        "epsilon": 0.5,
        "hidden_sizes": [8, 4],
    }
    assert config["env_kwargs"] == {"slip": 0.25, "layout": "aima"}
    agent = agents.load("run/checkpoint.npz")
    assert agent.config.hidden_sizes == (8, 4)
    assert agent.epsilon == 0.5


def test_other_environments_leave_out_what_cannot_be_known(capsys):
    words = ["--env-id", "FrozenLake-v1", "--agent", "tabular", "--total-steps", 300]
    assert gridq(capsys, "train", "--run-dir", "run", *words)[0] == 0
    summary = json.loads(Path("run/summary.json").read_text())
    assert "optimal_states" not in summary
    assert visible("run") == FILES - {"q_values.png"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--discount", 1], "a cost of every step does: --env-arg step_reward=-0.04\n"),
        (["--discount", 1, "--env-arg", "step_reward=-0.04"], ""),
        (
            ["--env-arg", "layout=four-rooms"],
            "gridq train --resume run --total-steps 19200\n",
        ),
        (["--env-arg", "layout=['S#G']"], ""),  # nothing better is known than never to arrive
    ],
)
def test_who_never_reaches_the_goal_is_told_what_to_try(capsys, no_pictures, words, message):
    code, _, err = gridq(capsys, "train", "--agent", "tabular", "--run-dir", "run", *words)
    assert code == 0
    assert err.endswith(message)
    assert bool(err) == bool(message)


@pytest.mark.linux
def test_pictures_of_other_environments_need_no_screen_and_no_words_about_it():
    kept = {name: value for name, value in os.environ.items() if name not in (*SCREENS, "XDG_RUNTIME_DIR")}
    words = ["--env-id", "CartPole-v1", "--agent", "random", "--total-steps", "10", "--run-dir", "run"]
    command = [sys.executable, "-m", "agents", "train", "--quiet", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=kept, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert Path("run/greedy.gif").is_file()


@pytest.mark.parametrize("words", [LANES, ["--env-id", "GridQ-OneHot-v0"], []])
def test_many_lanes_one_hot_vectors_and_every_agent(capsys, words):
    assert gridq(capsys, "train", "--total-steps", 100, "--run-dir", "run", "--quiet", *words)[0] == 0
    assert visible("run") == FILES
    assert gridq(capsys, "evaluate", "run", "--episodes", 1)[0] == 0


# -- resume ------------------------------------------------------------------------------------------------


def contents(folder):
    """What must be equal after a resume: everything but the seconds."""
    summary = json.loads((folder / "summary.json").read_text())
    del summary["seconds"], summary["paths"]
    kept = {name: (folder / name).read_bytes() for name in sorted(visible(folder) - {"summary.json"})}
    return summary, kept


@pytest.mark.parametrize("words", [["--agent", "q-learning"], ["--num-envs", 1], [], LANES])
def test_an_interrupted_run_goes_on_as_if_nothing_had_happened(capsys, monkeypatch, no_pictures, words):
    words = [*words, "--total-steps", 400, "--seed", 3, "--env-arg", "slip=0.2"]
    assert gridq(capsys, "train", "--run-dir", "whole", "--quiet", *words)[0] == 0
    stop_at = iter([57, 200, 350])
    real = Interruption.on_step

    def interrupted(interruption, training):
        if training.steps >= limit:
            signal.raise_signal(signal.SIGINT)
        real(interruption, training)

    monkeypatch.setattr(Interruption, "on_step", interrupted)
    limit = next(stop_at)
    code, _, err = gridq(capsys, "train", "--run-dir", "parts", "--quiet", *words)
    assert code == 130
    assert "gridq train --resume parts" in err
    for limit in stop_at:  # noqa: B007 - read by `interrupted`
        assert gridq(capsys, "train", "--resume", "parts", "--quiet")[0] == 130
    limit = 10**9
    assert gridq(capsys, "train", "--resume", "parts", "--quiet")[0] == 0
    assert contents(Path("parts"))[0] == contents(Path("whole"))[0]
    assert contents(Path("parts"))[1] == contents(Path("whole"))[1]


def test_resuming_a_finished_run_completes_missing_files(capsys, run):
    whole = contents(run)
    for name in ("summary.json", "curves.png", "greedy.gif"):
        (run / name).unlink()
    code, _, err = gridq(capsys, "train", "--resume", run, "--quiet")
    assert (code, err) == (0, "")
    assert visible(run) == FILES
    assert contents(run) == whole


class Forgetful(gymnasium.Env):
    """An environment that nobody can take a snapshot of: an iterator keeps to itself how far its end is."""

    metadata = {"render_modes": ["ansi"]}  # noqa: RUF012
    observation_space = action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, render_mode=None):
        self.render_mode = render_mode

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._moves = iter(range(int(self.np_random.integers(3, 9))))
        return 0, {}

    def step(self, action):
        return 1, float(action), next(self._moves, None) is None, False, {}


def test_an_environment_that_cannot_be_restored_goes_on_with_a_new_episode_and_says_so(
    capsys, monkeypatch, no_pictures
):
    spec = gymnasium.envs.registration.EnvSpec("Forgetful-v0", Forgetful)
    monkeypatch.setitem(gymnasium.registry, "Forgetful-v0", spec)

    def interrupted(self, training):
        if training.steps == 50:
            training.stop("interrupted")

    monkeypatch.setattr("agents.training.interruption.Interruption.on_step", interrupted)
    words = ["--agent", "tabular", "--num-envs", 1, "--total-steps", 200, "--run-dir", "run", "--quiet"]
    assert gridq(capsys, "train", "--env-id", "Forgetful-v0", *words)[0] == 130
    n_before = len(read_metrics("run/metrics.csv")["episode"])
    code, _, err = gridq(capsys, "train", "--resume", "run", "--quiet")
    assert code == 0
    assert err == (
        "without greedy.gif: Forgetful-v0 draws no pictures\n"
        "Forgetful-v0 cannot be restored, so it goes on with a new episode: "
        "Forgetful._moves: it holds a range_iterator, which cannot be looked into\n"
    )
    metrics = read_metrics("run/metrics.csv")
    assert metrics["episode"].tolist() == list(range(1, len(metrics["episode"]) + 1))
    first_after = metrics["steps"][n_before] - metrics["length"][n_before]
    assert first_after == 50  # the episode that was interrupted is given up, and counts for nothing


def test_the_seconds_are_those_of_the_whole_run(capsys, monkeypatch, no_pictures):
    ticks = iter([0.0, 10.0, 0.0, 3.5, 0.0, 0.25])
    monkeypatch.setattr("agents.commands.train.time.perf_counter", lambda: next(ticks))

    def interrupted(self, training):
        if training.steps == 40:
            training.stop("interrupted")

    monkeypatch.setattr("agents.training.interruption.Interruption.on_step", interrupted)
    words = ["--agent", "random", "--total-steps", 100, "--run-dir", "run", "--quiet"]
    assert gridq(capsys, "train", *words)[0] == 130
    for seconds in (13.5, 13.75):  # the second resume finds the run finished
        assert gridq(capsys, "train", "--resume", "run", "--quiet")[0] == 0
        assert json.loads(Path("run/summary.json").read_text())["seconds"] == seconds


def test_metrics_that_changed_are_not_gone_on_with(capsys, run):
    path = run / "metrics.csv"
    path.write_bytes(path.read_bytes()[:-5])
    code, _, err = gridq(capsys, "train", "--resume", run)
    assert code == 1
    assert "is not as the checkpoint left it" in err
    path.unlink()
    code, _, err = gridq(capsys, "train", "--resume", run)
    assert code == 1
    assert "is missing" in err


def test_ctrl_c_twice_stops_now(capsys, monkeypatch):
    def impatient(interruption, training):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Interruption, "on_step", impatient)
    before = signal.getsignal(signal.SIGINT)
    code, _, err = gridq(capsys, "train", "--run-dir", "run", "--quiet")
    assert code == 130
    assert err.endswith("gridq: error: interrupted\n")
    assert signal.getsignal(signal.SIGINT) is before
    assert "checkpoint.npz" in visible("run")


def test_ctrl_c_while_pictures_are_drawn_says_how_to_get_them(capsys, monkeypatch, no_pictures):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr("agents.commands.report.judge", interrupted)
        code, out, err = gridq(capsys, "train", "--total-steps", 64, "--run-dir", "run")
    assert (code, out) == (130, "")
    assert err == ("trained to its end; for the summary and the pictures:\n    gridq train --resume run\n")
    assert gridq(capsys, "train", "--resume", "run", "--quiet")[0] == 0
    assert Path("run/summary.json").is_file()


@pytest.mark.linux
def test_ctrl_break_saves_like_ctrl_c(capsys, monkeypatch):
    """It is a signal of Windows, for which another stands in."""
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    on_step = Interruption.on_step

    def interrupted(interruption, training):
        if training.steps == 40:
            signal.raise_signal(signal.SIGBREAK)
        on_step(interruption, training)

    monkeypatch.setattr(Interruption, "on_step", interrupted)
    words = ["--agent", "tabular", "--num-envs", 1, "--total-steps", 100, "--run-dir", "run", "--quiet"]
    code, _, err = gridq(capsys, "train", *words)
    assert code == 130
    assert "finishing the step, then saving" in err
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL


def test_two_processes_cannot_train_into_one_folder(capsys, run):
    from agents.storage.run_folder import RunFolder

    with RunFolder(run).lock():
        code, _, err = gridq(capsys, "train", "--resume", run)
    assert code == 1
    assert "another process is training into 'run'" in err
    assert gridq(capsys, "train", "--resume", run, "--quiet")[0] == 0


def test_lanes_need_a_gymnasium_that_has_them(capsys, monkeypatch):
    monkeypatch.setattr("agents.training.configuration.HAS_LANES", False)
    code, _, err = gridq(capsys, "train", "--num-envs", 2)
    assert code == 1
    assert "2 environments side by side need gymnasium >= 1.1" in err


# -- evaluate, watch, solve ----------------------------------------------------------------------------------


def test_evaluate_prints_a_table_or_json(capsys, run):
    code, out, _ = gridq(capsys, "evaluate", run, "--episodes", 3)
    assert code == 0
    assert "5 steps" in out
    code, out, _ = gridq(capsys, "evaluate", run, "--json")
    assert code == 0
    assert json.loads(out)["greedy_length"] == 5


def test_exact_evaluation_plays_nothing(capsys, monkeypatch, run):
    monkeypatch.setattr("agents.commands.judging.evaluate", None)
    code, out, _ = gridq(capsys, "evaluate", run, "--exact")
    assert code == 0
    assert "mean return        1.000 +- 0.000 (greedy)" in out
    assert "reaches the goal   100.00% of the time" in out
    code, out, _ = gridq(capsys, "evaluate", run, "--exact", "--json")
    judged = json.loads(out)
    assert [judged[name] for name in ("mean_return", "std_return", "mean_length", "std_length")] == [
        1,
        0,
        5,
        0,
    ]
    assert (judged["ended"], judged["reached_goal"]) == (1, 1)
    assert judged["greedy_length"] == 5
    summary = json.loads((run / "summary.json").read_text())
    assert summary["exact"].items() <= judged.items()


def test_exact_figures_on_a_slippery_map_are_what_samples_average_to(capsys, no_pictures):
    words = ("--agent", "tabular", "--episodes", 60, "--seed", 2, "--env-arg", "slip=0.3")
    assert gridq(capsys, "train", *words, "--env-arg", "layout=aima", "--run-dir", "run", "--quiet")[0] == 0
    exact = json.loads(Path("run/summary.json").read_text())["exact"]
    code, out, _ = gridq(capsys, "evaluate", "run", "--episodes", 2000, "--json")
    assert code == 0
    sampled = json.loads(out)
    assert sampled["exact"] == exact
    assert sampled["mean_return"] == pytest.approx(
        exact["mean_return"], abs=4 * exact["std_return"] / 2000**0.5
    )
    assert sampled["mean_length"] == pytest.approx(
        exact["mean_length"], abs=4 * exact["std_length"] / 2000**0.5
    )
    assert 0 < exact["reached_goal"] < exact["ended"] <= 1, "some end in the hole"
    assert exact["mean_return"] == pytest.approx(2 * exact["reached_goal"] - exact["ended"], abs=1e-12)


def test_what_cannot_be_known_exactly(capsys, run):
    code, _, err = gridq(capsys, "evaluate", run, "--exact", "--episodes", 3)
    assert code == 2
    assert "--exact plays no episodes" in err
    words = ("--agent", "random", "--env-id", "CartPole-v1", "--episodes", 1, "--run-dir", "pole", "--quiet")
    assert gridq(capsys, "train", *words)[0] == 0
    code, _, err = gridq(capsys, "evaluate", "pole", "--exact")
    assert code == 1
    assert "the rules of CartPole-v1 are unknown" in err


def test_watch_without_a_display_says_what_to_do(capsys, monkeypatch, run):
    for name in SCREENS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    code, _, err = gridq(capsys, "watch", run)
    assert code == 1
    assert "there is no display" in err
    assert "greedy.gif" in err


def test_watch_shows_episodes(capsys, monkeypatch, run):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    code, out, err = gridq(capsys, "watch", run, "--episodes", 1)
    assert (code, err) == (0, "")
    assert "mean return 1.000, mean length 5.0 steps" in out


def test_solve_prints_the_exact_optimum(capsys):
    code, out, _ = gridq(
        capsys, "solve", "--layout", "aima", "--slip", 0.2, "--step-reward", -0.04, "--discount", 1
    )
    assert code == 0
    for value in ("0.8116", "0.8678", "0.9178", "0.7616", "0.6603", "0.7053", "0.6553", "0.6114", "0.3879"):
        assert value in out
    code, out, _ = gridq(capsys, "solve", "--json")
    solution = json.loads(out)
    assert np.array_equal(solution["v"], gym_gridq.solve(gym_gridq.Dynamics()).v)
    assert solution["layout"] == ["...G", ".#.P", "S..."]
    code, out, _ = gridq(capsys, "solve")
    assert "↑→" in out  # both are optimal from the start


def test_solve_under_a_limit(capsys):
    words = ("solve", "--layout", "frozenlake-4x4", "--slip", 2 / 3, "--horizon", 100)
    code, out, _ = gridq(capsys, *words)
    assert code == 0
    assert "discount 1, slip 0.666667, step reward 0, at most 100 steps\nfrom the start 0.744190\n" in out
    code, out, _ = gridq(capsys, *words, "--discount", 0.9, "--json")
    solution = json.loads(out)
    expected = gym_gridq.solve_horizon(gym_gridq.Dynamics("frozenlake-4x4", slip=2 / 3), 100, 0.9)
    assert (solution["horizon"], solution["discount"]) == (100, 0.9)
    for name in ("v", "q", "policy"):
        assert np.array_equal(solution[name], getattr(expected, name))
    assert gridq(capsys, "solve", "--horizon", 0)[0] == 2


def test_solve_reads_a_map_from_a_file(capsys):
    Path("map.txt").write_text("S.G\n", encoding="utf-8")
    code, out, _ = gridq(capsys, "solve", "--layout", "map.txt")
    assert code == 0
    assert "map.txt, 1x3" in out
    assert "0.9000" in out


def test_every_command_takes_a_map_from_a_file(capsys, no_pictures):
    """What a run uses is in the run: the file may go."""
    Path("map.txt").write_text("S..  \r\n\r\n.#G\n\n", encoding="utf-8")
    words = [
        "--agent",
        "tabular",
        "--episodes",
        5,
        "--run-dir",
        "run",
        "--quiet",
        "--env-arg",
        "layout=map.txt",
    ]
    assert gridq(capsys, "train", *words) == (0, "", "")
    Path("map.txt").unlink()
    assert json.loads(Path("run/config.json").read_text())["env_kwargs"] == {"layout": ["S..", ".#G"]}
    assert gridq(capsys, "evaluate", "run")[0] == 0


def test_a_blank_within_a_row_is_no_end_of_it(capsys):
    Path("map.txt").write_text("S. .G\n", encoding="utf-8")
    code, _, err = gridq(capsys, "solve", "--layout", "map.txt")
    assert code == 1
    assert "unknown letter ' ' in row 0" in err


# -- bad input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, ""),
        (["sove"], 2, "unknown command 'sove'; did you mean 'solve'?"),
        (["train", "--learning-rte", "1"], 2, "'--learning-rte'; did you mean '--learning-rate'?"),
        (["train", "--epsil", "1"], 2, "did you mean '--epsilon'?"),
        (["train", "word"], 2, "unrecognized argument 'word'"),
        (["train", "--agent", "sarza"], 2, "unknown agent 'sarza'; did you mean 'sarsa'?"),
        (["train", "--agent=tabula"], 2, "did you mean 'tabular'?"),
        (["train", "--agent"], 2, "expected one argument"),
        (["train", "--agent", "tabular", "--hidden-sizes", "3"], 2, "unrecognized argument '--hidden-sizes'"),
        (
            ["train", "--total-steps", "0"],
            2,
            "argument --total-steps: '0' is given; give an integer from 1 up",
        ),
        (["train", "--seed", "-1"], 2, "--seed"),
        (["train", "--epsilon", "x"], 2, "argument --epsilon: 'x' is given; give a number"),
        (["train", "--epsilon", "1.5"], 1, "epsilon is 1.5; give a number, at least 0 and at most 1"),
        (["train", "--learning-rate", "0"], 1, "learning_rate is 0.0; give a number, more than 0"),
        (["train", "--env-id", "GridW-v0"], 1, "GridW"),
        (["train", "--slip", "0.2"], 2, "slip is an argument of the environment: --env-arg slip=..."),
        (["play", "--step-reward=-1"], 2, "argument of the environment: --env-arg step_reward=..."),
        (
            ["train", "--num-envs", "20000"],
            1,
            "replay_capacity is 10000, below num_envs 20000, of which each brings a transition",
        ),
        (["train", "--env-id", "CartPole"], 1, "'CartPole' names no version; did you mean 'CartPole-v1'?"),
        (["train", "--env-id", "gym_gridq:GridQ"], 1, "did you mean 'gym_gridq:GridQ-v0'?"),
        (["play", "--env-id", "GridQ"], 1, "did you mean 'GridQ-v0'?"),
        (["sweep", "--env-id", "FrozenLake", "--seeds", "1"], 1, "did you mean 'FrozenLake-v1'?"),
        (["train", "--env-id", "MountainCarContinuous-v0"], 1, "the action space is Box"),
        (["train", "--env-arg", "slip=2"], 1, "slip is 2"),
        (["train", "--env-arg", "slop=2"], 1, "slop"),
        (
            ["train", "--env-arg", "slip"],
            1,
            "'slip' does not set an argument of the environment; write NAME=VALUE",
        ),
        (["train", "--env-arg", "layout=bok"], 1, "there is no layout and no file 'bok'"),
        (["train", "--resume", "none"], 1, "there is no run folder 'none'"),
        (["train", "--resume", "."], 1, "'.' is not a run folder"),
        (
            ["train", "--resume", "x", "--seed", "1"],
            2,
            "--resume goes on with the run as it was; leave out --seed",
        ),
        (["train", "--resume", "x", "--epsilon", "1"], 2, "leave out --epsilon"),
        (["evaluate"], 2, "the following arguments are required: RUN"),
        (["evaluate", "none"], 1, "there is no run folder 'none'"),
        (["watch", "none"], 1, "there is no run folder 'none'"),
        (["watch", "none", "--speed", "0"], 2, "'0' is given; give a number above zero, or max"),
        (["play", "--env-id", "Pendulum-v1"], 1, "play takes a key for each action, and the actions of"),
        (["solve", "--layout", "bok"], 1, "there is no layout and no file 'bok'"),
        (["solve", "--slip", "1.5"], 1, "slip is 1.5"),
        (["solve", "--discount", "-1"], 1, "discount is -1"),
        (["solve", "--discount", "nan"], 1, "discount is nan"),
        (["solve", "--slip", "much"], 2, "'much' is given; give a number"),
        (["solve", "--layout", "aima", "--discount", "1", "--step-reward", "1"], 1, "earns without end"),
    ],
)
def test_wrong_words_get_one_clear_line(capsys, words, code, message):
    got, out, err = gridq(capsys, *words)
    assert got == code
    assert message in err
    if words:
        assert out == ""
        assert err.startswith("gridq: error: ")
        assert err.count("\n") == 1
    assert not Path("runs").exists()
    tried("wrong words and settings at the command line: refused with one clear line")


def test_a_run_folder_that_exists_or_cannot_be_made(capsys):
    Path("run").mkdir()
    code, _, err = gridq(capsys, "train", "--run-dir", "run")
    assert code == 1
    assert "the run folder 'run' exists; choose another name" in err
    Path("run/config.json").write_text("{}")
    _, _, err = gridq(capsys, "train", "--run-dir", "run")
    assert "the run folder 'run' exists; choose another, or go on with it: gridq train --resume run" in err
    Path("run/config.json").unlink()
    Path("file").write_text("x")
    for folder in ("file", "file/run"):
        code, _, err = gridq(capsys, "train", "--run-dir", folder)
        assert code == 1
        assert "file" in err
    with pytest.raises(ValueError, match=r"config\.json would have \d+ bytes; 1048576 are allowed"):
        RunFolder.create("new", {"env_kwargs": {"layout": ["." * 2**20]}})  # it could not be read again
    assert visible(".") == {"run", "file"}
    assert list(Path("run").iterdir()) == []


@pytest.mark.linux
def test_a_run_folder_where_nothing_can_be_made(capsys):
    code, _, err = gridq(capsys, "train", "--run-dir", "/proc/run")
    assert (code, err) == (1, "gridq: error: /proc/run: No such file or directory\n")


def test_a_folder_of_runs_is_told_from_a_run(capsys, run):
    inside = str(Path("folder/run"))
    os.renames(run, inside)
    for command in ("evaluate", "watch", "plot"):
        code, out, err = gridq(capsys, command, "folder")
        assert (code, out) == (1, "")
        assert "'folder' is not a run folder" in err
        assert f"name one of those in it, such as {inside!r}" in err


def test_a_sweep_is_no_damaged_run(capsys):
    words = ("sweep", "--agent", "random", "--seeds", 1, "--total-steps", 10, "--out", "sweep", "--quiet")
    assert gridq(capsys, *words, "--jobs", 1)[0] == 0
    for command in (["evaluate", "sweep"], ["train", "--resume", "sweep"], ["train", "--config", "sweep"]):
        code, out, err = gridq(capsys, *command)
        assert (code, out) == (1, "")
        assert "is that of a sweep, not of a run; 'gridq plot' and 'gridq list' show sweeps" in err


def test_damaged_files_of_a_run(capsys, run):
    for name, words in [("checkpoint.npz", "cannot be used"), ("config.json", "is damaged")]:
        good = (run / name).read_bytes()
        (run / name).write_bytes(b"{" + good[:40])
        for command in (["evaluate", run], ["watch", run], ["train", "--resume", run]):
            code, out, err = gridq(capsys, *command)
            assert (code, out) == (1, "")
            assert words in err
        (run / name).write_bytes(good)
    (run / "checkpoint.npz").unlink()
    assert "there is no checkpoint" in gridq(capsys, "evaluate", run)[2]


def test_a_checkpoint_for_other_spaces_is_refused(capsys, monkeypatch, run):
    config = json.loads((run / "config.json").read_text())
    env = gymnasium.make("FrozenLake-v1")
    agents.make(config["agent"], env, config["seed"], **config["hyperparameters"]).save(
        run / "checkpoint.npz"
    )
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    for command in (["evaluate", run], ["watch", run], ["record", run, "a.gif"], ["train", "--resume", run]):
        code, out, err = gridq(capsys, *command)
        assert (code, out) == (1, "")
        assert "the agent was made for the observation space Discrete(16)" in err
        assert "Discrete(12)" in err


def test_diverging_training_stops_with_the_last_good_checkpoint(capsys):
    code, _, err = gridq(
        capsys,
        "train",
        "--agent",
        "q-learning",
        "--learning-rate",
        10,
        "--env-arg",
        "step_reward=1e30",
        "--run-dir",
        "run",
    )
    assert code == 1
    assert "lower the learning rate (10.0)" in err
    assert np.isfinite(agents.load("run/checkpoint.npz").network.weights).all()


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (MemoryError("of 9 GiB"), 1, "gridq: error: not enough memory of 9 GiB\n"),
        (ValueError("no environment '\n'"), 1, "gridq: error: no environment ' '\n"),
        (KeyboardInterrupt(), 130, "gridq: error: interrupted\n"),
        (
            OSError(28, "No space left on device", "run/x"),
            1,
            "gridq: error: run/x: No space left on device\n",
        ),
        (BrokenPipeError(), 1, ""),
    ],
)
def test_what_may_befall_a_command(capsys, monkeypatch, error, code, message):
    def befallen(arguments):
        raise error

    monkeypatch.setattr("agents.commands.solve.run", befallen)
    stdout = sys.stdout
    got = main(["solve"])
    monkeypatch.setattr(sys, "stdout", stdout)
    assert got == code
    assert capsys.readouterr().err == message


def test_a_mistake_of_ours_keeps_its_traceback(monkeypatch):
    def mistaken(arguments):
        raise KeyError("ours")

    monkeypatch.setattr("agents.commands.solve.run", mistaken)
    with pytest.raises(KeyError, match="ours"):
        main(["solve"])


@pytest.mark.parametrize("command", ["train", "evaluate", "watch", "solve"])
def test_help_shows_every_option_with_its_default(capsys, command):
    code, out, _ = gridq(capsys, command, "--help")
    assert code == 0
    options = out.split("options:")[1]
    for block in options.split("\n  --")[1:]:
        name = block.split()[0]
        assert name == "json" or "(default: " in " ".join(block.split()), block


def test_as_a_program():
    def program(*words):
        return subprocess.run(
            [sys.executable, "-m", "agents", *words],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = program()
    assert done.returncode == 2
    assert "usage: gridq COMMAND" in done.stdout
    done = program("solve", "--slip", "2")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("gridq: error: slip is 2.0")


@pytest.mark.parametrize("name", ["name", "seed", "env"])
def test_a_setting_is_never_taken_for_an_argument(capsys, run, name):
    config = json.loads((run / "config.json").read_text())
    config["hyperparameters"] = {name: 1}
    (run / "config.json").write_text(json.dumps(config))
    (run / "checkpoint.npz").unlink()
    code, _, err = gridq(capsys, "train", "--resume", "run")
    assert code == 1
    assert f"unknown hyperparameter '{name}'" in err


@pytest.mark.parametrize(
    "words", [("solve", "--layout", "notes.txt"), ("train", "--env-arg", "layout=notes.txt")]
)
def test_a_wrong_map_file_is_named(capsys, words):
    Path("notes.txt").write_text("nonsense")
    code, _, err = gridq(capsys, *words)
    assert code == 1
    assert "the map 'notes.txt': unknown letter" in err
    Path("notes.txt").write_text("S" * (2**24 + 1))
    code, _, err = gridq(capsys, *words)
    assert code == 1
    assert "the map 'notes.txt' is larger than" in err


# -- where standard output leads -----------------------------------------------------------------------------


def solve(*words, **kwargs):
    """``gridq solve`` in a process of its own."""
    program = [sys.executable, "-m", "agents", "solve", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **kwargs.pop("environment", {})}
    return subprocess.run(program, stderr=subprocess.PIPE, env=environment, check=False, **kwargs)


@pytest.mark.parametrize("encoding", ["cp932", "cp1252", "latin-1", "ascii"])
def test_an_encoding_without_lines_and_arrows_gets_ascii_s(encoding):
    done = solve(environment={"PYTHONIOENCODING": encoding}, stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode("ascii")
    assert "+--------+--------+" in text
    assert "########" in text
    assert "0.6561" in text


def test_a_name_that_an_encoding_lacks_is_escaped(tmp_path):
    (tmp_path / "\u5730\u56f3.txt").write_text("S.G\n", encoding="utf-8")
    done = solve(
        "--layout",
        str(tmp_path / "\u5730\u56f3.txt"),
        environment={"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(rb"\u5730\u56f3.txt, 1x3")


@pytest.mark.linux
def test_standard_output_that_is_closed_is_no_error():
    done = solve(preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.linux
def test_a_reader_that_goes_away_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    done = solve("--layout", "dyna-maze", stdout=writer)
    os.close(writer)
    assert done.stderr == b""


# -- configurations that no run has --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"discount": None}, "discount is None; give a number, at least 0 and at most 1"),
        ({"env": 5}, "unknown hyperparameter 'env'"),
        ({"learning_rate": "fast"}, "learning_rate is 'fast'"),
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        ["evaluate", "run"],
        ["train", "--resume", "run"],
        ["record", "run", "out.gif"],
        ["record", "run", "out.gif", "--time-lapse", "5"],
    ],
)
def test_settings_of_a_run_that_make_no_sense(capsys, run, settings, message, words):
    config = json.loads((run / "config.json").read_text())
    config["hyperparameters"] |= settings
    (run / "config.json").write_text(json.dumps(config))
    code, _, err = gridq(capsys, *[run if word == "run" else word for word in words])
    assert code == 1
    assert "config.json' is damaged: " + message in err
