"""Whatever is typed wrong gets one clear line, and leaves nothing behind."""

from pathlib import Path

import pytest

from tests.agents.commands.wrong_uses import answer, prepare, wrong_uses
from tests.tried import tried


def test_wrong_uses_get_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    prepare()
    before = sorted(Path().rglob("*"))
    uses = wrong_uses()
    assert len(uses) >= 300
    unclear = {}
    for words in uses:
        got = answer(words)
        tried("wrong uses of the command line: one clear line each")
        if got is not None:
            unclear[" ".join(map(repr, words))] = got
    assert unclear == {}
    assert [path for path in sorted(Path().rglob("*")) if path not in before and path.name != ".lock"] == []


@pytest.mark.parametrize("words", [["solve"], ["list", "run"]])
def test_a_right_use_is_told_from_a_wrong_one(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    prepare()
    assert answer(words) is not None
