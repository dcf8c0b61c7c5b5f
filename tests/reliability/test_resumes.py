"""Whatever environment is resumed goes on as if nothing had been, or says that it cannot."""

import json
import os
import subprocess
import sys

import gymnasium
import pytest

from tests.reliability.resumes import ARGUMENTS, ELSEWHERE, NEEDS_FRAMES
from tests.reliability.users_worlds import EXACT, SAID
from tests.tried import tried

pytestmark = pytest.mark.xdist_group("resumes")  # one process finds the verdicts, for all

THEIRS = {name for name in getattr(gymnasium.wrappers, "__all__", ()) if name[0].isupper()}
"""Gymnasium's wrappers; before 1.0 they had other names."""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """The verdict on each, found by two processes that share nothing but files."""
    folder = tmp_path_factory.mktemp("resumes")
    words = [sys.executable, "-m", "tests.reliability.resumes"]
    for number, what in enumerate(("save", "resume")):
        environment = {**os.environ, "PYTHONHASHSEED": str(number + 1)}
        done = subprocess.run([*words, what, folder], env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def test_no_resume_goes_wrong_in_silence(verdicts):
    wrong = [name for name, verdict in verdicts.items() if verdict == "wrong"]
    assert wrong == []
    exact = sum(verdict == "exact" for verdict in verdicts.values())
    tried("resumes of environments and wrappers that went on exactly", exact)
    tried("resumes that said why they begin a new episode instead", len(verdicts) - exact)
    tried("resumes that went wrong in silence", len(wrong))


def test_what_gymnasium_ships_goes_on_exactly(verdicts):
    cannot = {*NEEDS_FRAMES, "processes"}  # a surface of pygame, or another process, cannot be looked into
    for name, verdict in verdicts.items():
        if not name.startswith("user's") and not cannot & set(name.split()):
            assert verdict == "exact", name
    tried_with_one = {word for name in verdicts for word in name.split()}
    assert THEIRS & set(ARGUMENTS) <= tried_with_one


def test_no_wrapper_of_gymnasium_s_is_forgotten():
    assert set(ELSEWHERE) | set(ARGUMENTS) >= THEIRS


@pytest.mark.parametrize("name", EXACT)
def test_what_users_make_goes_on_exactly_where_all_of_it_can_be_seen(verdicts, name):
    assert {verdict for case, verdict in verdicts.items() if case.startswith(f"user's {name} @")} == {"exact"}


@pytest.mark.parametrize("name", SAID)
def test_what_users_make_says_that_it_cannot_be_resumed(verdicts, name):
    assert verdicts[f"user's {name} @17"].startswith("said: ")
