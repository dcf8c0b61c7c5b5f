import hashlib
import io
import json
import os
import pickle
import re
import struct
import tracemalloc
import zipfile

import gymnasium
import numpy as np
import pytest

import agents
import gym_gridq  # noqa: F401 - registers the ids
from agents.algorithms.checkpoint import read_checkpoint
from agents.algorithms.registry import agent_class
from agents.storage.archive import read_archive, write_archive
from agents.storage.checkpoint_file import write_checkpoint
from agents.storage.space_descriptions import describe_space, space_from

LEARNERS = sorted(agents.AGENTS)


def trained(name, env_id="GridQ-v0", steps=150, **kwargs):
    env = gymnasium.make(env_id, **kwargs)
    agent = agents.make(name, env, seed=5)
    agents.train(agent, env, total_steps=steps)
    return agent, env


def sealed(description, arrays):
    """Bytes of a file with a right checksum, whatever is in it."""
    file = io.BytesIO()
    write_archive(file, description, arrays)
    return file.getvalue()


def reseal(path, change):
    """Changes the archive within a checkpoint and closes it with a right checksum again."""
    changed = change(path.read_bytes()[:-93])
    digest = hashlib.sha256(changed).hexdigest().encode()
    path.write_bytes(changed + b"gridq-checkpoint 0001 sha256 " + digest)


def archive_of(members, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
        archive.comment = bytes(93)
    return file.getvalue()[:-93]


@pytest.fixture
def saved(tmp_path):
    agent, _ = trained("q-learning")
    agent.save(tmp_path / "agent.npz")
    return tmp_path / "agent.npz"


@pytest.mark.parametrize("name", LEARNERS)
def test_what_is_loaded_goes_on_as_what_was_saved(tmp_path, name):
    agent, env = trained(name)
    agent.save(tmp_path / "agent.npz")
    again = agents.load(tmp_path / "agent.npz")
    assert type(again) is type(agent)
    assert again.config == agent.config
    assert again.seed == 5
    agents.train(agent, env, total_steps=200, seed=1)
    agents.train(again, env, total_steps=200, seed=1)
    assert again.state_description() == agent.state_description()
    arrays, arrays_again = agent.state_arrays(), again.state_arrays()
    assert arrays.keys() == arrays_again.keys()
    assert all(np.array_equal(arrays[key], arrays_again[key]) for key in arrays)


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Blackjack-v1", "GridQ-OneHot-v0"])
def test_other_spaces_come_back(tmp_path, env_id):
    agent, env = trained("q-learning", env_id)
    agent.save(tmp_path / "agent.npz")
    again = agents.load(tmp_path / "agent.npz")
    assert again.observation_space == env.observation_space
    assert again.action_space == env.action_space


@pytest.mark.parametrize("name", ["q-learning", "random"])
def test_a_box_of_any_size_comes_back(tmp_path, name):
    """Its bounds are kept as arrays: as text they would be longer than a description may be."""
    rng = np.random.default_rng(0)
    bounds = rng.uniform(-2, -1, 60_000), rng.uniform(1, 2, 60_000)
    settings = agent_class(name).config_class.from_mapping(
        {"hidden_sizes": ()} if name == "q-learning" else {}
    )
    box = gymnasium.spaces.Box(*bounds, dtype=np.float64)
    agent = agent_class(name)(box, gymnasium.spaces.Discrete(2), settings, 0)
    agent.save(tmp_path / "agent.npz")
    assert agents.load(tmp_path / "agent.npz").observation_space == box


def test_what_could_not_be_read_again_is_not_written(tmp_path, saved, monkeypatch):
    agent, good = agents.load(saved), saved.read_bytes()
    for what, most in (("description", 3_000), ("directory", 200), ("file", 8_000)):
        with monkeypatch.context() as patch:
            patch.setattr(agents.storage.archive, f"MAX_{what.upper()}_BYTES", most)
            message = rf"the checkpoint's {what} has \d+ bytes, but only {most} could be read again"
            if what == "description":
                with pytest.raises(ValueError, match=message):
                    write_checkpoint(saved, agent.saved(), {"long": "x" * most})
            else:
                with pytest.raises(ValueError, match=message):
                    write_checkpoint(saved, agent.saved(), {}, {str(i): np.zeros(600) for i in range(3)})
    assert saved.read_bytes() == good
    assert list(tmp_path.iterdir()) == [saved]


@pytest.mark.parametrize("name", LEARNERS)
def test_what_the_writer_allows_the_reader_takes(tmp_path, monkeypatch, name):
    """At the very limits of both."""
    trained(name)[0].save(tmp_path / "agent.npz")
    made = (tmp_path / "agent.npz").read_bytes()
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        monkeypatch.setattr(
            agents.storage.archive, "MAX_DESCRIPTION_BYTES", archive.getinfo("description.json").file_size
        )
    directory_bytes = struct.unpack("<L", made[-93 - 10 : -93 - 6])[0]
    monkeypatch.setattr(agents.storage.archive, "MAX_DIRECTORY_BYTES", directory_bytes)
    monkeypatch.setattr(agents.storage.archive, "MAX_FILE_BYTES", len(made))
    agents.load(tmp_path / "agent.npz").save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == made


def test_the_largest_replay_costs_what_it_holds(tmp_path):
    """A file of some kilobytes that calls for a replay of 100 million transitions."""
    env = gymnasium.make("CartPole-v1")
    agent = agents.make("dqn", env, seed=0, hidden_sizes=(), replay_capacity=100_000_000, batch_size=8)
    agents.train(agent, env, total_steps=50)
    agent.save(tmp_path / "agent.npz")
    assert (tmp_path / "agent.npz").stat().st_size < 10_000
    tracemalloc.start()
    again = agents.load(tmp_path / "agent.npz")
    agents.train(again, env, total_steps=200)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert again.replay.size == 250
    assert peak < 2**20


def test_equal_agents_give_equal_bytes_and_numpy_can_read_them(tmp_path):
    for number in (1, 2):
        trained("q-learning")[0].save(tmp_path / f"{number}.npz")
    assert (tmp_path / "1.npz").read_bytes() == (tmp_path / "2.npz").read_bytes()
    with np.load(tmp_path / "1.npz", allow_pickle=False) as arrays:
        assert arrays["agent/weights"].shape == (12 * 100 + 100 + 100 * 4 + 4,)


@pytest.mark.parametrize(
    "array",
    [
        *(np.arange(6.0).reshape(2, 3).T, np.array(1, np.int8), np.zeros((0, 3), bool), np.float16([1])),
        np.ones((1, 2) * 4, np.uint16),
    ],
)
def test_arrays_of_every_shape_come_back_and_can_be_written_to(array):
    _, arrays = read_archive(io.BytesIO(sealed({}, {"x": array})))
    assert np.array_equal(arrays["x"], array)
    assert (arrays["x"].dtype, arrays["x"].shape) == (array.dtype, array.shape)
    arrays["x"][...] = 0
    loaded = np.load(io.BytesIO(sealed({}, {"x": array})))["x"]
    assert np.array_equal(loaded, array)


def test_format_version_1_stays_as_it_is():
    """Files of it are out in the world: what is written may not drift with Python, NumPy or a change here."""
    arrays = {
        "x": np.arange(3, dtype=np.int32),
        "m/y": np.zeros((2, 0, 3)),
        "m/z": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "all": np.array(True),
    }
    made = sealed({"b": [None, 0.1], "a": {"d": 1, "c": "é"}}, arrays)
    assert hashlib.sha256(made).hexdigest() == (
        "38067693edb5080c0ba433ea88a8e950c50094a782810d44d4e38b8a5cf3698f"
    )


def test_arrays_have_the_header_that_numpy_writes():
    for array in (np.arange(3), np.zeros((2, 0, 3)), np.array(True), np.zeros((1,) * 8, np.int8)):
        with zipfile.ZipFile(io.BytesIO(sealed({}, {"x": array}))) as archive:
            member = archive.read("x.npy")
        file = io.BytesIO()
        np.save(file, array)
        assert len(member) % 64 == array.nbytes % 64
        assert member[:8] == file.getvalue()[:8]
        assert member[10:].split(b"}")[0] == file.getvalue()[10:].split(b"}")[0]


@pytest.mark.parametrize("n_bytes", [2**20 - 1, 2**20, 2**20 + 1])
def test_the_seal_is_the_checksum_of_every_byte_before_it(n_bytes):
    """It is taken block by block; here the last one is nearly full, full, and a single byte."""
    around = len(sealed({}, {"x": np.zeros(10**6, np.uint8)})) - 10**6
    made = sealed({}, {"x": np.ones(n_bytes - around + 93, np.uint8)})
    assert len(made) == n_bytes + 93
    assert made[-64:] == hashlib.sha256(made[:-93]).hexdigest().encode()


def test_spaces_as_json():
    spaces = gymnasium.spaces
    for space in [
        spaces.Discrete(3, start=-1),
        spaces.Box(-np.inf, np.array([1.0, np.inf], np.float32), dtype=np.float32),
        spaces.Box(0, 5, (2, 2), np.int16),
        spaces.MultiDiscrete([3, 4], start=[1, 0]),
        spaces.MultiBinary([2, 3]),
        spaces.Tuple([spaces.Discrete(2), spaces.Dict({"a": spaces.Discrete(3)})]),
    ]:
        arrays = {}
        told = json.loads(json.dumps(describe_space(space, arrays)))
        assert space_from(told, arrays) == space
    with pytest.raises(ValueError, match="Text cannot be described"):
        describe_space(spaces.Text(5), {})
    for wrong in (
        *({"kind": "Text"}, {}, None, {"kind": "Discrete", "n": 0, "start": 0}),
        {"kind": "Box", "low": [0], "high": [1], "dtype": "O"},
        {"kind": "MultiBinary", "shape": "ab"},
    ):
        with pytest.raises(ValueError, match="describes no space"):
            space_from(wrong, {})


# -- files that are no checkpoints -------------------------------------------------------------------------


def refused(path, words):
    with pytest.raises(agents.CheckpointError, match=words):
        agents.load(path)
    assert issubclass(agents.CheckpointError, ValueError)


def test_missing(tmp_path):
    refused(tmp_path / "none.npz", r"there is no checkpoint '.*none\.npz'")
    refused(tmp_path, "cannot be read: it is not a regular file")


def test_truncated_or_damaged(saved):
    good = saved.read_bytes()
    for length in (0, 3, 50, len(good) // 2, len(good) - 1):
        saved.write_bytes(good[:length])
        refused(saved, "truncated|not a checkpoint")
    for place in (0, 100, len(good) // 2, len(good) - 100):
        saved.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        refused(saved, "checksum does not match")
    saved.write_bytes(good + b"x")
    refused(saved, "cannot be used")


def test_another_version(saved):
    saved.write_bytes(saved.read_bytes().replace(b"gridq-checkpoint 0001", b"gridq-checkpoint 0002"))
    refused(saved, "format version 2, but this program reads version 1; use the release that wrote it")


class Harmful:
    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_pickle_is_never_opened(tmp_path, saved):
    harmful = Harmful()
    harmful.path = tmp_path / "done"
    (tmp_path / "p.npz").write_bytes(pickle.dumps(harmful))
    refused(tmp_path / "p.npz", "it is a pickle, which can run any code")

    np.savez(tmp_path / "o.npz", weights=np.array([harmful], object))
    refused(tmp_path / "o.npz", "not one of ours")

    objects = io.BytesIO()
    np.save(objects, np.array([harmful], object), allow_pickle=True)
    for dtype, words in [("|O", "only plain numbers are allowed"), ("<f4", "has not the size|is not <f4")]:
        listing = {"agent": {}, "training": None, "arrays": {"x": [dtype, [1]]}}
        members = [("description.json", json.dumps(listing)), ("x.npy", objects.getvalue())]
        reseal(saved, lambda _, members=members: archive_of(members))
        refused(saved, words)
    assert not (tmp_path / "done").exists()


def test_not_ours(tmp_path):
    path = tmp_path / "agent.npz"
    path.write_text("hello")
    refused(path, "not a checkpoint of this package")
    np.savez(path, weights=np.zeros(3))
    refused(path, "without the closing seal: truncated, or not one of ours")


def edited(saved, edit, **arrays):
    """The checkpoint with another description, or other arrays, and a right checksum."""
    with saved.open("rb") as file:
        description, old = read_archive(file)
    edit(description)
    saved.write_bytes(sealed(description, old | arrays))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda d: d["agent"].update(name="mystery"), "unknown agent 'mystery'"),
        (lambda d: d["agent"].update(name=["dqn"]), "unknown agent"),
        (lambda d: d["agent"]["config"].update(epsilon=2), "epsilon is 2"),
        (lambda d: d["agent"]["config"].update(speed=2), "unknown hyperparameter 'speed'"),
        (
            lambda d: d["agent"]["config"].update(hidden_sizes=[200]),
            r"array 'weights' is float32 \(1704,\), but this agent holds float32 \(3404,\)",
        ),
        (lambda d: d["agent"]["config"].update(hidden_sizes=[65536] * 9), r"holds float32 \(34\d{9},\)"),
        (
            lambda d: d["agent"]["config"].update(hidden_sizes=[50]),
            r"array 'weights' is float32 \(1704,\), but",
        ),
        (lambda d: d["agent"]["observation_space"].update(n=10**15), "array 'weights' is"),
        (lambda d: d["agent"]["action_space"].update(kind="Box"), "describes no space"),
        (lambda d: d["agent"].pop("state"), "its description is incomplete"),
        (lambda d: d["agent"]["state"]["generators"].pop("replay"), "random generator 'replay' is damaged"),
        (
            lambda d: d["agent"]["state"]["generators"]["weights"]["state"].update(inc=-1),
            "random generator 'weights' is damaged",
        ),
        (lambda d: d["agent"].update(seed="x"), "seed is 'x'"),
        (lambda d: d["agent"].update(config=[1]), r"its settings are \[1\]; a JSON object was expected"),
        (lambda d: d["agent"].update(state=0), "its state is 0; a JSON object was expected"),
        (lambda d: d["agent"]["state"].update(speed=3), "it holds 'speed', which this agent cannot use"),
        (lambda d: d.pop("agent"), "its description is incomplete"),
        (lambda d: d.update(training=3), "its description of the training is 3; a JSON object was expected"),
    ],
)
def test_descriptions_that_make_no_agent(saved, edit, words):
    edited(saved, edit)
    refused(saved, words)


def test_arrays_that_do_not_fit(saved):
    for weights in (np.zeros(1704), np.zeros((1704, 1), np.float32), np.zeros(0, np.float32)):
        edited(saved, lambda d: None, **{"agent/weights": weights})
        refused(saved, "array 'weights' is")


def test_an_array_under_another_name_is_missed(saved):
    weights = agents.load(saved).network.weights
    with saved.open("rb") as file:
        description, _ = read_archive(file)
    saved.write_bytes(sealed(description, {"agent/wights": weights}))
    refused(saved, "array 'weights' is missing")


def test_archives_that_no_writer_of_ours_made(saved):
    good = saved.read_bytes()

    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    listing = json.dumps({"agent": {}, "training": None, "arrays": {"agent/weights": ["<f4", [10**9]]}})
    for made, words in [
        (archive_of(members, zipfile.ZIP_DEFLATED), "it holds compressed data"),
        (archive_of(members[1:]), "its members are not those of a checkpoint"),
        (archive_of([*members, ("extra.npy", b"")]), "its arrays are not those of its description"),
        (archive_of([members[0], ("../agent/weights.npy", members[1][1])]), "its arrays are not those of"),
        (archive_of([members[0], ("agent/weights.npy", good)]), "has not the size of <f4"),  # nested
        (archive_of([("description.json", b"[]")]), "its description is not a JSON object"),
        (archive_of([("description.json", b"{" * 100)]), "cannot be used"),
        (archive_of([("description.json", b"[" * 2_000_000)]), "cannot be used"),
        (archive_of([("description.json", b" " * 3_000_000)]), "its description is longer"),
        (archive_of([("description.json", listing), members[1]]), "has not the size of <f4"),
        (archive_of([members[0], ("agent/weights.npy", b"x" * len(members[1][1]))]), "is not <f4"),
        (archive_of([(f"{number}.npy", b"") for number in range(6000)]), "its directory has"),
        (b"PK\x05\x06" + bytes(18), "its directory is not where it belongs|not those of a checkpoint"),
        (b"x" * 500, "its directory is not where it belongs"),
    ]:
        reseal(saved, lambda _, made=made: made)
        refused(saved, words)


@pytest.mark.parametrize(
    "entry",
    [
        *(["|O", [1]], ["<U3", [1]], ["<c8", [1]], [4, [1]], "<f4", ["<f4"], ["<f4", [1], 0], None),
        *(["<f4", [-1]], ["<f4", [1.0]], ["<f4", [True]], ["<f4", [2**31]], ["<f4", [1] * 9], ["<f4", "1"]),
    ],
)
def test_only_plain_numbers_in_a_few_dimensions_are_read(saved, entry):
    listing = json.dumps({"agent": {}, "training": None, "arrays": {"x": entry}})
    made = archive_of([("description.json", listing), ("x.npy", bytes(132))])
    reseal(saved, lambda _: made)
    refused(saved, re.escape(f"array 'x' is described as {entry}; only plain numbers are allowed"))


def test_sizes_that_lie(saved):
    def claiming(stored, unpacked):
        def change(archive):
            entry = bytearray(archive)
            place = archive.index(b"PK\x01\x02") + 20  # sizes of the first member in the directory
            entry[place : place + 8] = struct.pack("<2L", stored, unpacked)
            return bytes(entry)

        return change

    good = saved.read_bytes()
    for change, words in [
        (claiming(700, 701), "its sizes contradict each other"),
        (claiming(2**30, 2**30), "its members overlap"),
    ]:
        saved.write_bytes(good)
        reseal(saved, change)
        refused(saved, words)


def test_an_end_record_that_lies(saved):
    good = saved.read_bytes()
    at = len(good) - 93 - 22  # where the record begins

    def with_bytes(place, new):
        return lambda archive: archive[:place] + new + archive[place + len(new) :]

    nowhere = "its directory is not where it belongs"
    offset = struct.unpack("<L", good[at + 16 : at + 20])[0]
    for change, words in [
        (with_bytes(at, b"PK\x05\x07"), nowhere),
        (with_bytes(at + 20, struct.pack("<H", 92)), nowhere),
        (lambda archive: archive[:at] + b"PK\x06\x07" + bytes(16) + archive[at:], nowhere),  # zip64
        (with_bytes(at + 16, struct.pack("<L", offset + 50)), r"not a sound archive \(it points outside"),
        (with_bytes(at + 16, struct.pack("<L", offset - 50)), r"not a sound archive \(Bad magic"),
    ]:
        saved.write_bytes(good)
        reseal(saved, change)
        refused(saved, words)


def test_limits_are_exact(saved, monkeypatch):
    good = saved.read_bytes()
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        description_bytes = archive.getinfo("description.json").file_size
    directory_bytes = struct.unpack("<L", good[-93 - 10 : -93 - 6])[0]
    for name, size, words in [
        ("MAX_FILE_BYTES", len(good), f"it has {len(good)} bytes; checkpoints end at {len(good) - 1}"),
        ("MAX_DIRECTORY_BYTES", directory_bytes, f"its directory has {directory_bytes} bytes"),
        (
            "MAX_DESCRIPTION_BYTES",
            description_bytes,
            f"its description is longer than {description_bytes - 1}",
        ),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(agents.storage.archive, name, size)
            agents.load(saved)
            patch.setattr(agents.storage.archive, name, size - 1)
            refused(saved, words)


def test_a_name_twice(saved):
    with pytest.warns(UserWarning, match="Duplicate name"):
        made = archive_of([("description.json", "{}"), ("description.json", "{}")])
    reseal(saved, lambda _: made)
    refused(saved, "its members are not those of a checkpoint")


def test_what_cannot_be_kept_is_refused_when_writing(tmp_path, saved):
    good = saved.read_bytes()
    for arrays in ({"x": np.array(["text"])}, {"x": np.array([None])}, {"../x": np.zeros(1)}):
        with pytest.raises(TypeError, match="cannot be kept in a checkpoint"):
            write_checkpoint(saved, agents.load(saved).saved(), {}, arrays)
    assert saved.read_bytes() == good
    assert list(tmp_path.iterdir()) == [saved]


def test_training_and_its_arrays_come_back(tmp_path):
    agent, _ = trained("tabular")
    write_checkpoint(tmp_path / "c.npz", agent.saved(), {"steps": 3}, {"0": np.arange(4)})
    checkpoint = read_checkpoint(tmp_path / "c.npz")
    assert checkpoint.training == {"steps": 3}
    assert checkpoint.arrays["0"].tolist() == [0, 1, 2, 3]
