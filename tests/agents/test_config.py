from dataclasses import dataclass

import numpy as np
import pytest

from agents.arguments import suggestion
from agents.config import Config, QLearningConfig, RandomConfig, TabularConfig
from agents.fields import parse_setting, setting


def test_defaults_are_the_books():
    assert QLearningConfig() == QLearningConfig(0.9, 0.01, 0.1, (100,))
    assert TabularConfig() == TabularConfig(discount=0.9, learning_rate=0.8, epsilon=0.1)
    assert RandomConfig().to_dict() == {}


def test_values_are_kept_in_the_fields_own_type():
    config = QLearningConfig(discount=1, learning_rate=np.float32(0.5), hidden_sizes=[np.int64(3), 4])
    assert type(config.discount) is float
    assert config.learning_rate == 0.5
    assert config.hidden_sizes == (3, 4)
    assert type(config.hidden_sizes[0]) is int


def test_dictionary_and_back():
    config = QLearningConfig(hidden_sizes=(64, 32), epsilon=0.25)
    assert config.to_dict()["hidden_sizes"] == [64, 32]
    assert QLearningConfig.from_mapping(config.to_dict()) == config


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("learning_rate", 0, "learning_rate is 0; give a number, more than 0 and at most 10"),
        ("learning_rate", -0.1, "more than 0"),
        ("learning_rate", float("nan"), "learning_rate is nan"),
        ("learning_rate", float("inf"), "learning_rate is inf"),
        ("learning_rate", "0.1", "learning_rate is '0.1'; give a number"),
        ("epsilon", 1.1, "epsilon is 1.1; give a number, at least 0 and at most 1"),
        ("epsilon", -1e-9, "at least 0"),
        ("epsilon", True, "epsilon is True"),
        ("epsilon", None, "epsilon is None"),
        ("discount", 2, "discount is 2"),
        ("hidden_sizes", (0,), "at least 1"),
        ("hidden_sizes", (1.5,), "a sequence of integers"),
        ("hidden_sizes", "64", "a sequence of integers"),
        ("hidden_sizes", 64, "a sequence of integers"),
    ],
)
def test_bad_value_is_named_with_what_was_expected(name, value, words):
    with pytest.raises(ValueError, match=words):
        QLearningConfig(**{name: value})


def test_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(
        ValueError, match=r"unknown hyperparameter 'learning_rte'; did you mean 'learning_rate'\?"
    ):
        QLearningConfig.from_mapping({"learning_rte": 0.1})
    with pytest.raises(ValueError, match="choose from discount, epsilon, hidden_sizes, learning_rate"):
        QLearningConfig.from_mapping({"zzz": 0.1})
    assert suggestion("x", []) == "there are none to choose from"


@dataclass(frozen=True)
class Everything(Config):
    count: int = setting(3, "an integer", low=1)
    limit: float | None = setting(None, "a number or nothing", above=0)
    double: bool = setting(True, "a truth")
    kind: str = setting("hard", "a word", choices=("hard", "soft"))
    sizes: tuple[int, ...] = setting((), "integers")


def test_every_kind_of_field_reads_what_a_person_types():
    assert parse_setting(int, "5") == 5
    assert parse_setting(float | None, "None") is None
    assert parse_setting(float | None, "1e-3") == 1e-3
    assert parse_setting(bool, "False") is False
    assert parse_setting(str, "soft") == "soft"
    assert parse_setting(tuple[int, ...], "64, 32") == (64, 32)
    assert parse_setting(tuple[int, ...], "none") == ()
    assert parse_setting(int, "1e3") == 1000
    assert parse_setting(tuple[int, ...], "1e2,5") == (100, 5)
    for kind, text in [
        (tuple[int, ...], ""),
        (tuple[int, ...], "100,,100"),
        (int, "1.5"),
        (int, "inf"),
        (bool, "yes"),
        (float, "none"),
        (tuple[int, ...], "a"),
    ]:
        with pytest.raises((ValueError, OverflowError), match=r"."):
            parse_setting(kind, text)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"count": 0}, "count is 0; give an integer, at least 1"),
        ({"count": 1.0}, "count is 1.0"),
        ({"limit": 0}, "limit is 0; give a number, more than 0, or None"),
        ({"double": 1}, "double is 1; give True or False"),
        ({"kind": "half"}, "kind is 'half'; give one of 'hard', 'soft'"),
        ({"kind": 3}, "kind is 3"),
    ],
)
def test_every_kind_of_field_refuses_clearly(values, words):
    with pytest.raises(ValueError, match=words):
        Everything(**values)
    assert Everything(limit=2).limit == 2.0
