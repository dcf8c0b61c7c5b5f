"""Files are data: whatever stands in one, there is one clear error or a sound agent, and nothing else."""

import contextlib
import hashlib
import io
import json
import random
import subprocess
import sys
import tracemalloc
import zipfile

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import agents
import gym_gridq
from agents.algorithms.checkpoint import read_checkpoint
from agents.algorithms.registry import AGENTS, agent_class
from agents.algorithms.tabular import TabularQAgent
from agents.cli import main
from agents.commands import train
from agents.config import TabularConfig
from agents.experience.snapshots import NotRestorableError, restore, snapshot
from agents.storage.archive import read_archive, write_archive
from agents.storage.run_folder import RunFolder
from agents.training.saving import continue_from, save_training
from tests.tried import tried

SEAL_BYTES = 93
MAX_MEMORY = 100 * 2**20


def sealed(archive):
    """An archive without its closing, closed with a right checksum."""
    return archive + b"gridq-checkpoint 0001 sha256 " + hashlib.sha256(archive).hexdigest().encode()


def outcome(path, data):
    """What comes of reading ``data``: an agent's checkpoint, or None after a clear error."""
    path.write_bytes(data)
    try:
        found = read_checkpoint(path)
        tried("changed checkpoints that still tell of an agent: read")
        return found
    except agents.CheckpointError as error:
        told = str(error)
    assert told.startswith((f"'{path}'", f"checkpoint '{path}'"))
    assert "\n" not in told
    tried("damaged and hostile checkpoints: refused with one clear error")
    return None


def answered(*words):
    """The exit code of a command; if it is not 0, one line has said why."""
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
        code = main(list(words))
    if code in (1, 2) and words:
        assert told.getvalue().startswith("gridq: error: ")
        assert told.getvalue().count("\n") == 1
        tried("any words, maps and configurations: refused with one clear line")
    else:
        tried("any words, maps and configurations: made sense")
    return code


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The bytes of a small checkpoint."""
    space = gymnasium.spaces.Discrete(2)
    path = tmp_path_factory.mktemp("small") / "agent.npz"
    TabularQAgent(space, space, TabularConfig(), 0).save(path)
    return path.read_bytes()


def test_every_byte_changed_is_noticed(small, tmp_path):
    path = tmp_path / "agent.npz"
    for place in range(len(small)):
        for mask in (0x01, 0x80, 0xFF):
            changed = bytearray(small)
            changed[place] ^= mask
            assert outcome(path, changed) is None


def test_every_truncation_and_every_addition_is_noticed(small, tmp_path):
    path = tmp_path / "agent.npz"
    for length in range(len(small)):
        assert outcome(path, small[:length]) is None
    for extra in (b"\0", b"PK\x05\x06", small):
        assert outcome(path, small + extra) is None


def test_every_byte_changed_under_a_right_checksum_does_no_harm(small, tmp_path):
    """Somebody who knows the format changes a byte: the file is refused, or gives an agent that works."""
    path = tmp_path / "agent.npz"
    body = small[:-SEAL_BYTES]
    refused = accepted = 0
    for place in range(len(body)):
        for mask in (0x01, 0x20, 0xFF):
            changed = bytearray(body)
            changed[place] ^= mask
            found = outcome(path, sealed(bytes(changed)))
            refused += found is None
            if found is not None:
                accepted += 1
                found.agent.act(np.array([0, 1]))
    assert refused > 0.4 * len(body)
    assert accepted > 0  # a number in the table may be any number


def test_garbage_is_refused(tmp_path, scale):
    rng = random.Random(0)
    for _ in range(500 * scale):
        data = rng.randbytes(rng.choice([0, 1, 50, 93, 200, 5000]))
        assert outcome(tmp_path / "a.npz", data) is None
        assert outcome(tmp_path / "a.npz", sealed(data)) is None


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Description and arrays of an unfinished training, for each agent."""
    folder = tmp_path_factory.mktemp("archives")
    made = {}
    for name in AGENTS:
        env = gymnasium.make("GridQ-v0")
        training = agents.Training(agents.make(name, env, seed=0), env, total_steps=70)
        training.run()
        save_training(folder / "c.npz", training)
        with (folder / "c.npz").open("rb") as file:
            made[name] = read_archive(file)
    return made


def nodes(value, path=()):
    """Every place in a JSON value."""
    yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from nodes(child, (*path, key))


def with_change(value, path, change):
    """A copy of a JSON value with another value at a place, or nothing (for None)."""
    if not path:
        return change
    copy = value.copy()
    copy[path[0]] = with_change(value[path[0]], path[1:], change)
    if len(path) == 1 and change is DELETE:
        del copy[path[0]]
    return copy


DELETE = object()
junk = st.one_of(
    st.just(DELETE),
    st.none(),
    st.booleans(),
    st.sampled_from(
        [0, 1, -1, 2**31, 2**63, 2**64, -(2**70), 10**12, 10**30, 0.5, -0.0, 1e308, 1e309, float("nan")]
    ),
    st.text(max_size=5),
    st.sampled_from(["dqn", "tabular", "|O", "<f8", "PCG64", "MT19937", "Discrete", "Box"]),
    st.lists(st.integers(-3, 10**12), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.just([[[[[]]]]]),
    st.sampled_from(
        [{"!": "array", "name": "0"}, {"!": "generator", "state": {}}, {"!": "tuple", "items": 3}]
    ),
)


@pytest.mark.parametrize("name", AGENTS)
@settings(max_examples=150, database=None)
@given(data=st.data())
def test_any_value_anywhere_in_a_description_does_no_harm(archives, tmp_path_factory, name, data):
    description, arrays = archives[name]
    changed = description
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(nodes(changed), key=str)))
        if path:
            changed = with_change(changed, path, data.draw(junk))
    file = io.BytesIO()
    write_archive(file, changed, arrays)
    tracemalloc.start()
    found = outcome(tmp_path_factory.getbasetemp() / f"{name}.npz", file.getvalue())
    if found is not None:
        # Gymnasium's own errors tell of an environment that the file says was never reset.
        with contextlib.suppress(ValueError, agents.DivergenceError, gymnasium.error.Error):
            found.agent.action_probabilities(np.arange(12))
            training = agents.Training(found.agent, gymnasium.make("GridQ-v0"), total_steps=90)
            continue_from(found, training)
            training.run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MAX_MEMORY


@pytest.mark.filterwarnings("ignore:.*WARN:UserWarning")  # what Gymnasium's checker says of a strange state
@pytest.mark.parametrize("env_id", ["GridQ-v0", "FrozenLake-v1", "CartPole-v1"])
@pytest.mark.filterwarnings("ignore")  # Gymnasium's own, of numbers out of range
@settings(max_examples=150, database=None)
@given(data=st.data())
def test_any_value_anywhere_in_the_state_of_an_environment_does_no_harm(env_id, data):
    env = gymnasium.make(env_id)
    observation, _ = env.reset(seed=0)
    taken = snapshot(env, observation)
    saved = json.loads(bytes(taken["text"]))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(nodes(saved), key=str)))
        if path:
            saved = with_change(saved, path, data.draw(junk))
    with contextlib.suppress(NotRestorableError):
        restore(env, taken | {"text": np.frombuffer(json.dumps(saved).encode(), np.uint8)})
        for _ in range(30):
            if any(env.step(env.action_space.sample())[2:4]):
                env.reset()
    # whatever it was, a new episode can begin
    env = gymnasium.make(env_id)
    env.reset(seed=0)
    env.step(0)
    tried("changed states of environments: refused, or gone on from")


@pytest.mark.parametrize("name", AGENTS)
@settings(max_examples=60, database=None)
@given(data=st.data())
def test_any_array_in_place_of_another_does_no_harm(archives, tmp_path_factory, name, data):
    description, arrays = archives[name]
    changed = dict(arrays)
    for key in data.draw(st.lists(st.sampled_from(sorted(arrays) or ["none"]), max_size=2)):
        dtype = data.draw(st.sampled_from(["<f4", "<f8", "<i8", "|b1", "|u1"]))
        shape = data.draw(st.lists(st.integers(0, 5), max_size=3))
        array = np.full(shape, data.draw(st.sampled_from([0, 1, -1, 100, np.nan, np.inf])))
        with np.errstate(invalid="ignore"):
            changed[key] = array.astype(dtype)
    file = io.BytesIO()
    write_archive(file, description, changed)
    outcome(tmp_path_factory.getbasetemp() / f"{name}.npz", file.getvalue())


def test_sizes_are_bounded_before_memory_is_taken(small, tmp_path):
    """A small file that claims to be huge costs no more than a small one."""
    path = tmp_path / "agent.npz"
    with zipfile.ZipFile(io.BytesIO(small)) as archive:
        description = json.loads(archive.read("description.json"))

    def claims(change, dtype="<f8", shape=(2, 2), compression=zipfile.ZIP_STORED):
        told = json.loads(json.dumps(description))
        change(told["agent"])
        told["arrays"] = {"agent/table": [dtype, list(shape)]}
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", compression) as archive:
            archive.writestr("description.json", json.dumps(told))
            archive.writestr("agent/table.npy", bytes(200))
            archive.comment = bytes(SEAL_BYTES)
        return sealed(file.getvalue()[:-SEAL_BYTES])

    huge = 10**11
    hidden = {"discount": 0.9, "learning_rate": 0.1, "epsilon": 0.1, "hidden_sizes": [60_000, 60_000]}
    files = [
        claims(lambda agent: None, shape=(huge, 2)),
        claims(lambda agent: None, shape=(huge, huge, huge)),
        claims(lambda agent: agent["observation_space"].update(n=huge)),
        claims(lambda agent: agent["action_space"].update(n=huge)),
        claims(lambda agent: agent["observation_space"].update(kind="MultiBinary", shape=[huge])),
        claims(lambda agent: agent["observation_space"].update(kind="MultiBinary", shape=[huge] * 30)),
        claims(lambda agent: agent.update(name="q-learning", config=hidden)),
        claims(lambda agent: agent.update(name="dqn", config={"hidden_sizes": [60_000, 60_000]})),
        claims(lambda agent: agent.update(name="dqn", config={"hidden_sizes": [], "replay_capacity": 2**40})),
        claims(lambda agent: agent.update(name="dqn", config={"hidden_sizes": [], "replay_capacity": 10**8})),
        claims(
            lambda agent: agent["observation_space"].update(
                kind="Tuple", spaces=[{"kind": "Discrete", "n": huge, "start": 0}] * 2
            )
        ),
        claims(lambda agent: agent.update(extra=[[[]]] * 150_000)),
    ]
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("description.json", bytes(200 * 2**20))
        archive.comment = bytes(SEAL_BYTES)
    files.append(sealed(bomb.getvalue()[:-SEAL_BYTES]))
    tracemalloc.start()
    for data in files:
        assert outcome(path, data) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MAX_MEMORY


# -- the other readers ---------------------------------------------------------------------------------------


@settings(max_examples=400, database=None)
@given(
    rows=st.one_of(
        st.lists(st.text(alphabet="S.#GPHx \n\0é", max_size=6), max_size=6),
        st.text(),
        st.integers(),
        st.none(),
    )
)
def test_any_map_makes_a_layout_or_a_clear_error(rows):
    try:
        layout = gym_gridq.Layout.resolve(rows)
    except ValueError as error:
        told = str(error)
        assert told.count("\n") == 0
        tried("any words, maps and configurations: refused with one clear line")
        return
    gym_gridq.solve(gym_gridq.Dynamics(layout))
    tried("any words, maps and configurations: made sense")


@settings(max_examples=300, database=None)
@given(data=st.one_of(st.binary(max_size=60), st.text(alphabet="S.#GPH\r\n\t ", max_size=30).map(str.encode)))
def test_any_map_file_is_solved_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "map.txt"
    path.write_bytes(data)
    assert answered("solve", "--layout", str(path), "--json") in (0, 1)


words = st.one_of(
    st.sampled_from(
        ["train", "evaluate", "watch", "solve", "--help", "--json", "--quiet", "--resume", "--run-dir"]
    ),
    st.sampled_from(
        ["--agent", "--env-id", "--env-arg", "--seed", "--epsilon", "--hidden-sizes", "--layout"]
    ),
    st.sampled_from(
        ["dqn", "tabular", "GridQ-v0", "slip=0.5", "slip=nan", "layout=book", "book", "1", "-1", "0.5", "nan"]
    ),
    st.text(max_size=6).filter(lambda text: "\0" not in text),
)


@settings(max_examples=300, database=None)
@given(arguments=st.lists(words, max_size=6))
def test_any_words_on_the_command_line_get_an_answer(tmp_path_factory, arguments):
    def no_training(folder, *rest):
        raise ValueError("the words made sense; nothing is trained here")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "train_into", no_training)
        patch.chdir(tmp_path_factory.getbasetemp())
        assert answered(*arguments) in (0, 1, 2)


@settings(max_examples=200, database=None)
@given(data=st.data())
def test_any_configuration_of_a_run_is_used_or_refused(tmp_path_factory, data):
    good = {
        "env_id": "GridQ-v0",
        "env_kwargs": {},
        "num_envs": 1,
        "agent": "tabular",
        "hyperparameters": {},
        "seed": 0,
    }
    good |= {"total_steps": 3, "episodes": None}
    key = data.draw(st.sampled_from(sorted(good)))
    changed = good | {key: data.draw(junk.filter(lambda value: value is not DELETE))}
    folder = tmp_path_factory.mktemp("run")
    (folder / "config.json").write_text(
        data.draw(st.sampled_from(["", "{", "[]", json.dumps(changed), json.dumps(good)]))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "write_report", lambda *arguments: None)
        patch.setattr(agents.Training, "run", lambda training: None)  # it may be for 2**64 steps
        assert answered("train", "--resume", str(folder), "--quiet") in (0, 1, 130)
    RunFolder(folder)


def test_every_agent_refuses_the_state_of_every_other(archives, tmp_path):
    for name in AGENTS:
        for other in AGENTS:
            if name != other:
                description, arrays = archives[other]
                claimed = {**description, "agent": {**description["agent"], "name": name}}
                file = io.BytesIO()
                write_archive(file, claimed, arrays)
                found = outcome(tmp_path / "a.npz", file.getvalue())
                assert found is None or isinstance(found.agent, agent_class(name))


def test_a_fuzzer_that_follows_coverage_finds_nothing(scale):
    words = [sys.executable, "-m", "tests.reliability.fuzzer", "--inputs", str(800 * scale)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert len(figures) == 2 + len(AGENTS)
    for figure in figures.values():
        assert figure["accepted"] > 0
        assert figure["refused"] > 0
        assert figure["kept"] > 2
        tried("inputs of the fuzzer that follows coverage: refused, or read as a whole", figure["inputs"])
