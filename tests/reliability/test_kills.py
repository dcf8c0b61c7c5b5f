import json
import subprocess
import sys

import pytest

from tests.tried import tried

pytestmark = pytest.mark.linux


def test_killed_trainings_end_as_if_nothing_had_been(scale):
    words = [sys.executable, "-m", "tests.reliability.kills", "--kills", str(200 * scale)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["kills"] >= 200 * scale
    assert figures["unreadable"] == 0
    assert figures["different"] == 0
    assert figures["resumed_past_step_0"] > figures["kills"] / 2
    assert done.stderr == ""
    tried("SIGKILLs: resumed to the same bytes", figures["kills"])
