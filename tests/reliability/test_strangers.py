"""Whatever stands in a run folder: it chooses no code, no file outside, and makes nothing wait for ever."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import tracemalloc
import xml.etree.ElementTree
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import agents
from agents.algorithms.checkpoint import read_checkpoint
from agents.cli import main
from agents.pictures.curves import draw_curves, draw_runs
from agents.storage.archive import read_archive, write_archive
from agents.storage.checkpoint_file import CheckpointError
from agents.storage.run_folder import RunFolder
from agents.training.interruption import Interruption
from agents.training.metrics import METRICS
from tests.tried import tried

pytestmark = pytest.mark.linux

ROOT = Path(__file__).parents[2]
READERS = (
    ["evaluate", "run"],
    ["record", "run", "out.gif"],
    ["record", "run", "out.gif", "--time-lapse", "100"],
    ["watch", "run", "--episodes", "1", "--speed", "1000"],
    ["train", "--resume", "run", "--quiet"],
)
MODULE = "import pathlib; pathlib.Path({mark!r}).touch()\nimport gym_gridq\n"


@pytest.fixture(scope="module")
def interrupted_run(tmp_path_factory):
    """A run in the midst of its training."""
    place = tmp_path_factory.mktemp("interrupted")
    with in_folder(place):
        words = "train --agent tabular --num-envs 1 --total-steps 60 --run-dir run --quiet"
        assert main(words.split()) == 0
        config = json.loads(Path("run/config.json").read_text())
        Path("run/config.json").write_text(json.dumps(config | {"total_steps": 90}))
    return place / "run"


@contextlib.contextmanager
def in_folder(place):
    before = Path.cwd()
    os.chdir(place)
    try:
        yield
    finally:
        os.chdir(before)


@pytest.fixture
def run(interrupted_run, tmp_path, monkeypatch):
    """A copy of it in the present directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    shutil.copytree(interrupted_run, "run")
    return Path("run")


def configure(run, **changes):
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps(config | changes))


def refused(capsys, words):
    """The one line by which a command refuses."""
    assert main(words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("gridq: error: ")
    assert err.count("\n") == 1
    tried("what strangers may leave in a folder: refused with one clear line, nothing run or followed")
    return err


def process(*words, cwd=".", **environment):
    return subprocess.run(
        [sys.executable, "-m", "agents", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# -- code --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_a_folder_imports_nothing(run, capsys, monkeypatch, words):
    monkeypatch.syspath_prepend(".")
    Path("pwn.py").write_text(MODULE.format(mark=str(Path("imported").absolute())))
    configure(run, env_id="pwn:GridQ-v0")
    assert "--import pwn" in refused(capsys, words)
    assert not Path("imported").exists()
    assert "pwn" not in sys.modules


def test_neither_the_current_directory_nor_the_folder_is_searched(run):
    mark = str(Path("imported").absolute())
    for place in (Path("pwn.py"), run / "pwn.py"):
        place.write_text(MODULE.format(mark=mark))
    configure(run, env_id="pwn:GridQ-v0")
    for words, cwd in ((["evaluate", "run"], "."), (["evaluate", "."], "run")):
        assert process(*words, cwd=cwd).returncode == 1
        done = process(*words, "--import", "pwn", cwd=cwd)
        assert done.returncode == 1
        assert done.stderr == "gridq: error: No module named 'pwn'\n"
    assert not Path(mark).exists()


def test_what_an_environment_of_a_library_s_asks_for_is_not_found_in_the_folder(run):
    (run / "mujoco.py").write_text(MODULE.format(mark=str(Path("imported").absolute())))
    configure(run, env_id="Ant-v5")
    done = process("record", ".", "out.gif", "--time-lapse", "10", cwd="run")  # looks at no checkpoint
    assert (done.returncode, done.stderr.startswith("gridq: error: ")) == (1, True)
    assert not Path("imported").exists()


def test_a_person_may_name_the_module(run):
    Path("elsewhere").mkdir()
    Path("elsewhere/mine.py").write_text(MODULE.format(mark=str(Path("imported").absolute())))
    configure(run, env_id="mine:GridQ-v0")
    path = os.pathsep.join([str(ROOT), str(Path("elsewhere").absolute())])
    for words in (["evaluate", "run", "--json"], ["train", "--resume", "run", "--quiet"]):
        done = process(*words, "--import", "mine", PYTHONPATH=path)
        assert (done.returncode, done.stderr) == (0, "")
    assert Path("imported").exists()
    assert process("evaluate", "run", "--import", "other", PYTHONPATH=path).returncode == 1


def test_a_new_run_goes_on_with_the_module_that_its_person_named(tmp_path):
    (tmp_path / "mine.py").write_text(MODULE.format(mark=str(tmp_path / "imported")))
    words = ["train", "--agent", "tabular", "--env-id", "mine:GridQ-v0", "--total-steps", "40", "--quiet"]
    done = process(*words, cwd=tmp_path)  # the current directory is searched for what a person names here
    assert (done.returncode, done.stderr) == (0, "")
    done = process(*words, "--import", "mine", cwd=tmp_path)
    assert done.returncode == 2
    assert "--env-id MODULE:ID" in done.stderr


def test_our_own_module_needs_no_word(run, capsys):
    configure(run, env_id="gym_gridq:GridQ-v0")
    assert main(["evaluate", "run", "--json"]) == 0


@pytest.mark.parametrize("name", ["../pwn", "pwn.", "a b", "", "-m"])
def test_a_module_by_another_name(run, capsys, name):
    assert "is not the name of a module" in refused(capsys, ["evaluate", "run", f"--import={name}"])


@pytest.mark.parametrize(
    ("env_id", "kwargs"),
    [
        ("GridQ-v0", {"vectorization_mode": "async"}),
        ("CartPole-v1", {"vector_kwargs": {"worker": "os.system"}}),
        ("CartPole-v1", {"wrappers": ["pwn"]}),
        ("CartPole-v1", {"render_mode": "human"}),
        ("CartPole-v1", {"entry_point": "pwn"}),
        ("CartPole-v1", {"xml_file": "/etc/passwd"}),
        ("CartPole-v1", {"make_kwargs": {"id": ["pwn:Env-v0"]}}),
        ("FrozenLake-v1", {"map_name": "..\\map"}),
        ("GridQ-v0", {"language": "~/words"}),
    ],
)
@pytest.mark.parametrize("words", READERS[::2], ids=" ".join)
def test_a_folder_chooses_no_file_and_no_process(run, capsys, monkeypatch, words, env_id, kwargs):
    def no_making(*arguments, **kwargs):
        raise AssertionError("something was made")

    monkeypatch.setattr(gymnasium, "make", no_making)
    monkeypatch.setattr(gymnasium, "make_vec", no_making)
    configure(run, env_id=env_id, env_kwargs=kwargs, num_envs=500)
    assert next(iter(kwargs)) in refused(capsys, words)


def test_a_person_may_say_an_argument_again(run, capsys):
    configure(run, env_kwargs={"language": "no/where"})
    err = refused(capsys, ["evaluate", "run"])
    assert "--env-arg language=..." in err
    assert "language" in refused(capsys, ["evaluate", "run", "--env-arg", "language=else/where"])
    # passed on now, and it is the environment that does not know it
    assert "run folder may not choose" not in refused(
        capsys, ["evaluate", "run", "--env-arg", "language=no/where"]
    )


# -- links and special files -------------------------------------------------------------------------------

FILES = ("config.json", "checkpoint.npz", "metrics.csv", ".seconds.json", ".lock")


@pytest.mark.parametrize("name", FILES)
def test_a_link_is_not_followed(run, capsys, name):
    victim = Path("victim")
    victim.write_bytes((run / name).read_bytes() if (run / name).exists() else b"precious")
    before = victim.read_bytes()
    (run / name).unlink(missing_ok=True)
    (run / name).symlink_to(victim.absolute())
    if name == ".seconds.json":
        assert main(["train", "--resume", "run", "--quiet"]) == 0
        assert not (run / name).is_symlink()
    else:
        assert "link" in refused(capsys, ["train", "--resume", "run", "--quiet"])
    assert victim.read_bytes() == before


@pytest.mark.parametrize("name", FILES)
def test_a_dangling_link_makes_nothing_outside(run, capsys, name):
    (run / name).unlink(missing_ok=True)
    (run / name).symlink_to(Path("outside").absolute())
    main(["train", "--resume", "run", "--quiet"])
    assert not Path("outside").exists()


def test_a_second_name_of_a_file_elsewhere_is_not_written(run, capsys):
    victim = Path("victim")
    os.link(run / "metrics.csv", victim)
    before = victim.read_bytes()
    assert "hard link" in refused(capsys, ["train", "--resume", "run", "--quiet"])
    assert victim.read_bytes() == before


@pytest.mark.parametrize("name", FILES)
def test_a_pipe_makes_nobody_wait(run, name):
    """In a process of its own, which a test can end."""
    (run / name).unlink(missing_ok=True)
    os.mkfifo(run / name)
    words = [sys.executable, "-m", "agents", "train", "--resume", "run", "--quiet"]
    done = subprocess.run(words, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60)
    assert b"Traceback" not in done.stderr
    assert done.returncode == (0 if name == ".seconds.json" else 1)


@pytest.mark.parametrize("name", FILES)
def test_a_folder_in_place_of_a_file(run, capsys, name):
    (run / name).unlink(missing_ok=True)
    (run / name).mkdir()
    refused(capsys, ["train", "--resume", "run", "--quiet"])


def test_planted_names_are_never_met(run, capsys):
    """Of partial files, which were once made under names that can be guessed."""
    Path("victim").write_text("precious")
    for number in (os.getpid(), *range(os.getpid(), os.getpid() + 50)):
        for name in ("gridq-plot.png", "out.gif"):
            with contextlib.suppress(FileExistsError):
                Path(f".{name}.{number}.partial").symlink_to("victim")
    for ending in ("mp4", "gif"):
        with contextlib.suppress(FileExistsError):
            Path(f".out.partial.{ending}").symlink_to("victim")
    for words in (["plot", "run"], ["record", "run", "out.gif"], ["record", "run", "out.mp4"]):
        assert main(words) == 0
    assert Path("victim").read_text() == "precious"


def test_a_checkpoint_that_a_person_names_may_be_a_link(run):
    Path("latest.npz").symlink_to("run/checkpoint.npz")
    assert agents.load("latest.npz").name == "tabular"
    with pytest.raises(CheckpointError, match="it is a link"):
        read_checkpoint("latest.npz")


# -- sizes -------------------------------------------------------------------------------------------------


def changed_checkpoint(run, change):
    with (run / "checkpoint.npz").open("rb") as file:
        description, arrays = read_archive(file)
    change(description)
    with (run / "checkpoint.npz").open("w+b") as file:
        write_archive(file, description, arrays)


def nested(levels):
    space = {"kind": "Discrete", "n": 2, "start": 0}
    for _ in range(levels):
        space = {"kind": "Tuple", "spaces": [space]}
    return space


@pytest.mark.parametrize(
    "change",
    [
        lambda agent: agent.update(observation_space=nested(400)),
        lambda agent: agent.update(observation_space=nested(100)),
        lambda agent: agent["config"].update(discount=10**400),
        lambda agent: agent["config"].update(learning_rate=-(10**400)),
        lambda agent: agent.update(seed=-(10**400)),
        lambda agent: agent["observation_space"].update(n=10**400),
    ],
)
def test_numbers_and_depths_beyond_reason_name_the_file(run, capsys, change):
    changed_checkpoint(run, lambda description: change(description["agent"]))
    with pytest.raises(CheckpointError, match=r"^'run/checkpoint.npz' cannot be used"):
        agents.load(run / "checkpoint.npz")
    for words in READERS[:2]:
        assert "run/checkpoint.npz" in refused(capsys, words)


@pytest.mark.parametrize(
    "changes",
    [
        {"hyperparameters": {"discount": 10**400}},
        {"env_kwargs": {"slip": 10**400}},
        {"env_kwargs": {"layout": json.loads("[" * 200 + "]" * 200)}},
        {"num_envs": 10**400},
        {"env_kwargs": {"slip": float("nan")}},
        {"env_id": "GridQ-v0\0"},
    ],
)
def test_configurations_beyond_reason(run, capsys, changes):
    configure(run, **changes)
    for words in READERS:
        refused(capsys, words)


def test_a_replay_that_claims_to_be_large_takes_no_memory(tmp_path):
    env = gymnasium.make("GridQ-v0")
    agent = agents.make("dqn", env, seed=0, hidden_sizes=(4,), learning_starts=10, n_steps=3)
    agents.train(agent, env, total_steps=40)
    agent.save(tmp_path / "checkpoint.npz")
    changed_checkpoint(
        tmp_path, lambda description: description["agent"]["config"].update(replay_capacity=10**8)
    )
    tracemalloc.start()
    agents.train(agents.load(tmp_path / "checkpoint.npz"), env, total_steps=40)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * 2**20


def test_lines_that_a_checkpoint_claims_take_no_memory(run, capsys):
    changed_checkpoint(
        run, lambda description: description["training"]["callbacks"][0][1].update(bytes=10**9)
    )
    tracemalloc.start()
    assert "metrics.csv" in refused(capsys, ["train", "--resume", "run", "--quiet"])
    assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"seed": 5}, "seed"),
        ({"agent": "random", "hyperparameters": {}}, "agent"),
        ({"hyperparameters": {"epsilon": 0.7}}, "hyperparameters"),
        ({"env_kwargs": {"slip": 0.5}}, "environment"),
        ({"env_id": "GridQ-OneHot-v0"}, "environment"),
        ({"num_envs": 200_000}, "environment"),
    ],
)
def test_the_checkpoint_of_another_run_is_refused(run, capsys, changes, named):
    metrics, checkpoint = (run / "metrics.csv").read_bytes(), (run / "checkpoint.npz").read_bytes()
    configure(run, **changes)
    for words in (READERS[0], READERS[-1]):
        assert f"made with another {named}" in refused(capsys, words)
    assert (run / "metrics.csv").read_bytes() == metrics
    assert (run / "checkpoint.npz").read_bytes() == checkpoint


# -- text --------------------------------------------------------------------------------------------------

ESCAPES = "\x1b]0;owned\x07\x9b2J‮\r"


def printed(capsys, words):
    main(words)
    out, err = capsys.readouterr()
    for text in (out, err):
        assert not set(text) & set(ESCAPES) - set("]0;owned2J")
    return out + err


@pytest.mark.parametrize(
    "changes",
    [
        {"env_id": f"Grid{ESCAPES}Q-v0"},
        {"env_id": f"{ESCAPES}:GridQ-v0"},
        {"agent": ESCAPES},
        {"env_kwargs": {ESCAPES: 1}},
        {"env_kwargs": {"layout": ESCAPES}},
        {"env_kwargs": {"layout": [ESCAPES]}},
        {"hyperparameters": {ESCAPES: 1}},
    ],
)
def test_nothing_in_a_folder_steers_the_terminal(run, capsys, changes):
    configure(run, **changes)
    for words in READERS:
        assert "gridq: error: " in printed(capsys, words)


def test_no_name_of_a_folder_steers_the_terminal(run, capsys):
    name = f"run{ESCAPES}"
    run.rename(name)
    for words in (["record", name, f"{ESCAPES}.gif"], ["train", "--resume", name]):
        assert "\\x1b" in printed(capsys, words)
    Path(name, "checkpoint.npz").write_bytes(b"junk")
    assert "\\x1b" in printed(capsys, ["evaluate", name])


@pytest.mark.parametrize("name", ["$\\frac{$", "$x", "_hidden", ESCAPES, "\ud800", "a\nb", "\\$$"])
@pytest.mark.parametrize("kind", ["svg", "png"])
def test_any_name_can_be_drawn(tmp_path, name, kind):
    metrics = {column: np.arange(3.0) for column in METRICS}
    with (tmp_path / "runs").open("w+b") as file:
        draw_runs(file, {name: [metrics], "other": [metrics]}, kind)
    if kind == "svg":
        text = (tmp_path / "runs").read_text()
        xml.etree.ElementTree.fromstring(text)
        assert text.count('id="legend_1"') == 1
    with (tmp_path / "curves").open("w+b") as file:
        draw_curves(file, metrics, name)


# -- two at once -------------------------------------------------------------------------------------------


def test_threads_that_save_into_one_file_leave_it_whole(tmp_path):
    env = gymnasium.make("GridQ-v0")
    path = tmp_path / "agent.npz"
    several = [agents.make("tabular", env, seed=seed) for seed in range(3)]
    several[0].save(path)
    over, problems, n_reads = threading.Event(), [], 0

    def save(agent):
        try:
            while not over.is_set():
                agent.save(path)
        except OSError as error:
            problems.append(error)

    threads = [threading.Thread(target=save, args=(agent,)) for agent in several]
    for thread in threads:
        thread.start()
    for _ in range(200):
        agents.load(path)
        n_reads += 1
    over.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(tmp_path.iterdir()) == [path]
    tried("reads of a file while three threads saved into it: whole", n_reads)


def during(monkeypatch, at_step, what):
    """Does something to the world in the middle of a training."""
    real = Interruption.on_step

    def on_step(interruption, training):
        if training.steps == at_step:
            what()
        real(interruption, training)

    monkeypatch.setattr(Interruption, "on_step", on_step)


TABULAR = ["train", "--agent", "tabular", "--num-envs", "1", "--run-dir", "mine"]
WORDS = [*TABULAR, "--total-steps", "300", "--checkpoint-every", "50", "--quiet"]


def test_a_folder_put_in_the_place_of_ours_is_not_written(run, capsys, monkeypatch):
    def exchange():
        Path("mine").rename("moved")
        shutil.copytree("run", "mine")

    contents = {path.name: path.read_bytes() for path in run.iterdir()}
    during(monkeypatch, 120, exchange)
    assert "mine/checkpoint.npz: its folder is no longer the one that was locked" in refused(capsys, WORDS)
    assert {path.name: path.read_bytes() for path in Path("mine").iterdir()} == contents
    assert agents.load("moved/checkpoint.npz").table.any()


def test_a_lock_that_was_removed_lets_nobody_in(run, monkeypatch):
    with RunFolder("run").lock():
        (run / ".lock").unlink()
        with pytest.raises(BlockingIOError, match="another process is training"):
            RunFolder("run").lock().__enter__()


def test_the_lock_of_another_machine_is_noticed(run, capsys, monkeypatch):
    """Which sees the file alone: where a disk is shared, the folder's own lock does not reach."""

    def another():
        Path("mine/.lock").unlink()
        Path("mine/.lock").touch()

    during(monkeypatch, 120, another)
    assert "another process has the lock now" in refused(capsys, WORDS)


@pytest.mark.parametrize("error", ["ENOLCK", "ENOTSUP"])
def test_a_disk_that_cannot_lock_is_not_another_process(run, capsys, monkeypatch, error):
    import errno
    import fcntl

    def cannot(*arguments):
        raise OSError(getattr(errno, error), os.strerror(getattr(errno, error)))

    monkeypatch.setattr(fcntl, "flock", cannot)
    err = refused(capsys, ["train", "--resume", "run", "--quiet"])
    assert err == f"gridq: error: run/.lock: {os.strerror(getattr(errno, error))}\n"


def test_what_another_process_is_writing_is_left_alone(run):
    program = (
        "import sys\nfrom agents.storage.files import replacing\n"
        "with replacing('run/film.gif') as file:\n"
        "    file.write(b'whole'); print(flush=True); sys.stdin.readline()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as writer:
        writer.stdout.readline()
        (run / ".checkpoint.npz.77.partial").write_bytes(b"of a dead one")
        with RunFolder("run").lock():
            assert len(list(run.glob(".film.gif.*.partial"))) == 1
            assert not (run / ".checkpoint.npz.77.partial").exists()
        writer.communicate(b"\n")
    assert (run / "film.gif").read_bytes() == b"whole"
    assert not list(run.glob(".*.partial"))


# -- the first error, signals and streams ------------------------------------------------------------------


def test_the_first_error_is_told(run, capsys, monkeypatch):
    """Not that of the file which is written last."""
    during(monkeypatch, 120, lambda: shutil.rmtree("mine"))
    assert "mine/.seconds.json" not in refused(capsys, WORDS)

    def diverge(training):
        raise agents.DivergenceError("the loss is nan")

    class Broken(agents.Callback):
        on_end = staticmethod(lambda training: (_ for _ in ()).throw(OSError("the disk is full")))

    env = gymnasium.make("GridQ-v0")
    agent = agents.make("random", env)
    broken = Broken()
    broken.on_step = diverge
    monkeypatch.setattr(Broken, "on_step", staticmethod(diverge))
    with pytest.raises(agents.DivergenceError):
        agents.train(agent, env, total_steps=5, callbacks=[Broken(), broken])


@pytest.mark.parametrize(
    "seconds", ["NaN", "Infinity", "-1", "1e400", '"x"', "true", "[]", "null", "10" * 200]
)
def test_seconds_that_are_none_do_not_reach_the_summary(run, seconds):
    (run / ".seconds.json").write_text(f'{{"seconds": {seconds}}}')
    assert main(["train", "--resume", "run", "--quiet"]) == 0
    assert 0 <= json.loads((run / "summary.json").read_text())["seconds"] < 100


ENDLESS = [*TABULAR, "--total-steps", "100000000"]


def started(before, *words, **kwargs):
    """A training process, begun by a shell that has made some arrangement."""
    command = f'{before}; exec "$@"'
    words = ["sh", "-c", command, "sh", sys.executable, "-m", "agents", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True, **kwargs)
    metrics = Path("mine/metrics.csv")
    while not (metrics.exists() and metrics.stat().st_size > 100):
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(0.01)
            raise AssertionError(running.stderr.read())
    return running


def test_a_terminal_that_is_closed_saves(run):
    running = started(":", *ENDLESS)
    running.send_signal(1)
    _, err = running.communicate()
    assert running.returncode == 130
    assert "gridq train --resume mine" in err
    agents.load("mine/checkpoint.npz")


def test_what_was_ignored_stays_ignored(run):
    """As for a job in the background of a shell, or under nohup."""
    running = started("trap '' INT HUP", *ENDLESS)
    for number in (2, 1, 2, 1):
        running.send_signal(number)
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(0.5)
    running.terminate()
    running.communicate()
    assert running.returncode == 130


def test_a_closed_standard_error(run):
    running = started("exec 2>&-", *ENDLESS)
    running.terminate()
    running.communicate()
    assert running.returncode == 130
    agents.load("mine/checkpoint.npz")
    lines = Path("mine/metrics.csv").read_text().splitlines()
    assert {line.count(",") for line in lines} == {len(METRICS) - 1}


def test_an_interrupt_that_a_library_makes_an_error_of_is_one(monkeypatch, capsys):
    def library(arguments):
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise TypeError("incompatible arguments") from None

    monkeypatch.setattr("agents.commands.plot.run", library)
    assert main(["plot"]) == 130
    assert capsys.readouterr().err == "gridq: error: interrupted\n"


def test_a_film_that_is_cut_off_leaves_nothing(run):
    program = """
import sys, time, numpy as np
from agents.pictures import films
import agents.commands.record as record, agents.cli
record._episodes = lambda *arguments: ([np.zeros((64, 64, 3), np.uint8)] * 3, 4.0)
real = np.ascontiguousarray
def slow(frame):
    print(flush=True); time.sleep(60); return real(frame)
films.np.ascontiguousarray = slow
sys.exit(agents.cli.main(["record", "run", "out.mp4"]))
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as running:
        running.stdout.readline()
        assert list(Path().glob(".out.mp4.*.partial.mp4"))
        running.terminate()
        running.communicate()
    assert running.returncode == 130
    assert [path.name for path in Path().iterdir()] == ["run"]
