"""Pictures of sweeps, of every kind of setting."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import agents
from agents.experiments.statistics import profile, summarised
from agents.pictures.curves import COLOURS, DASHES
from agents.pictures.sweeps import draw_sweep_curves, draw_sweep_settings

KINDS_OF_SETTINGS = {
    "one": [{"agent": "dqn"}],
    "numeric": [{"learning_rate": 10.0**-number} for number in range(4)],
    "two": [{"learning_rate": x, "slip": y} for x in (0.1, 0.5) for y in (0.0, 0.2, 0.4)],
    "words": [
        {"loss": loss, "double_q": double} for loss in ("squared", "huber") for double in (True, False)
    ],
    "many": [{"learning_rate": number / 20, "loss": "_$x$"} for number in range(1, 13)],
}


def colours_in(picture: Image.Image) -> set[tuple[int, ...]]:
    counted = picture.convert("RGB").getcolors(2**24)
    assert counted is not None
    return {colour for count, colour in counted if count > 20}


@pytest.mark.parametrize("kind", KINDS_OF_SETTINGS)
def test_settings_of_every_kind_are_drawn(kind):
    settings = KINDS_OF_SETTINGS[kind]
    rng = np.random.default_rng(0)
    values = [[*rng.lognormal(number, 1, 8).tolist(), None] for number in range(len(settings))]
    values[0] = [None] * 9  # of which nothing is known
    summaries = [summarised(each) for each in values]
    file = io.BytesIO()
    names = [str(setting) for setting in settings]
    draw_sweep_settings(file, settings, names, values, summaries, profile("max_q_error", values))
    picture = Image.open(file)
    assert picture.width == 1000
    if len(settings) > 1:
        assert tuple(bytes.fromhex(COLOURS[1][1:])) in colours_in(picture)


def test_curves_are_told_apart_and_unknown_ones_left_out():
    n_settings = 12
    assert n_settings <= len(COLOURS) * len(DASHES)
    curves = np.cumsum(np.random.default_rng(0).random((n_settings, 5, 100)), axis=2)
    curves[3, :, :50] = np.nan
    files = io.BytesIO(), io.BytesIO()
    names = [f"learning_rate {number}" for number in range(n_settings)]
    known = {"return": curves}
    x = np.arange(1, 101) * 10.0
    draw_sweep_curves(files[0], known, x, "environment steps", names)
    draw_sweep_curves(
        files[1], known | {"regret": np.full_like(curves, np.nan)}, x, "environment steps", names
    )
    one, two = map(Image.open, files)
    assert list(one.getdata()) == list(two.getdata())
    assert {tuple(bytes.fromhex(colour[1:])) for colour in COLOURS} <= colours_in(one)


def test_a_sweep_shows_itself(tmp_path):
    plan = {"agent": "tabular", "seeds": 2, "settings": {"epsilon": [0.5, 1.0]}, "total_steps": 100}
    found = agents.sweep(**plan, folder=tmp_path / "sweep", quiet=True, jobs=1)
    for name in ("curves.png", "settings.png"):
        with Image.open(tmp_path / "sweep" / name) as picture:
            assert picture.width >= 500
    found.plot(tmp_path / "mine.svg", "settings")
    assert b"<svg" in (tmp_path / "mine.svg").read_bytes()
    assert "epsilon" in found._repr_html_()
    assert "data:image/png;base64," in found._repr_html_()
    with pytest.raises(ValueError, match="choose one of them"):
        found.plot(tmp_path / "mine.txt")
    with pytest.raises(ValueError, match="give 'curves' or 'settings'"):
        found.plot(tmp_path / "mine.png", "all")
