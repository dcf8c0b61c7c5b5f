import io

import numpy as np
from PIL import Image

from agents.pictures.curves import draw_curves, draw_runs
from agents.pictures.films import write_gif
from agents.training.metrics import KNOWN, METRICS

BLUE, ORANGE, GREEN, PINK = (0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167)


def drawn(draw, *arguments):
    """The picture as an array (height, width, 3)."""
    file = io.BytesIO()
    draw(file, *arguments)
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def metrics(n):
    columns = {name: np.linspace(1, 2, n) for name in METRICS}
    return columns | {"steps": np.arange(1.0, n + 1)}


def without(n, *names):
    """Metrics with no number in some columns."""
    return metrics(n) | {name: np.full(n, np.nan) for name in names}


def rows_of(picture, colour):
    """Rows with pixels of a colour."""
    return np.flatnonzero((abs(picture - colour) < 12).all(axis=2).any(axis=1))


def test_curves_show_first_what_was_known_and_survive_missing_numbers():
    picture = drawn(draw_curves, without(300, "greedy_return"), "title")
    assert picture.shape[1] == 640
    value, error, gained, loss = (rows_of(picture, colour) for colour in (BLUE, ORANGE, GREEN, PINK))
    assert value.max() < error.min() < error.max() < gained.min() < gained.max() < loss.min()
    for data in (metrics(0), metrics(1), without(40, "loss", *KNOWN)):
        assert drawn(draw_curves, data, "").shape[1] == 640


def test_there_are_no_empty_panels():
    heights = [drawn(draw_curves, data, "").shape[0] for data in (metrics(9), without(9, *KNOWN))]
    assert heights[0] > heights[1] + 200
    picture = drawn(draw_curves, without(300, *KNOWN), "")
    assert rows_of(picture, BLUE).max() < rows_of(picture, ORANGE).min()  # return above loss
    assert not len(rows_of(picture, GREEN))


def test_animations_keep_frames_and_colours():
    frames = [np.full((8, 8, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255))]
    frames[1][:4] = (255, 0, 0)
    file = io.BytesIO()
    write_gif(file, frames, frame_ms=100)
    with Image.open(file) as animation:
        assert animation.n_frames == 2
        assert np.asarray(animation.convert("RGB"))[0, 0].tolist() == [255, 0, 0]
        assert animation.info["duration"] == 100
        animation.seek(1)
        assert animation.info["duration"] == 400
        assert np.asarray(animation.convert("RGB"))[7, 7].tolist() == [0, 0, 255]


def test_settings_are_drawn_over_one_another_in_colours_of_their_own():
    few = without(100, *KNOWN)
    picture = drawn(draw_runs, {"first": [few], "second": [few | {"return": few["return"] + 1}]})
    halves = picture[: len(picture) // 2], picture[len(picture) // 2 :]
    for colour in (BLUE, ORANGE):
        assert all(len(rows_of(half, colour)) for half in halves)
    nothing = without(30, "loss", *KNOWN)
    for runs in (
        {"empty": [metrics(0)]},
        {"no loss": [nothing]},
        {"one": [metrics(1)], "none": [metrics(0)]},
    ):
        assert drawn(draw_runs, runs).shape[1] == 900


def test_seeds_are_a_band_from_the_least_to_the_most():
    low = without(100, "loss", *KNOWN)
    runs = {"both": [low, low | {"return": low["return"] + 1}]}
    picture = drawn(draw_runs, runs)
    band = (0.18 * np.array(BLUE) + 0.82 * 255).round()
    column = picture[:, 450]
    (middle,) = [np.flatnonzero((abs(column - BLUE) < 12).all(axis=1)).mean()]
    inside = np.flatnonzero((abs(column - band) < 6).all(axis=1))
    assert len(inside) > 40
    assert inside.min() < middle < inside.max()
    assert abs(inside.mean() - middle) < 4


def test_twenty_settings_have_a_legend_that_stands_below():
    few = without(20, "loss", *KNOWN)
    two, twenty = (drawn(draw_runs, {f"run {i}": [few] for i in range(n)}) for n in (2, 20))
    assert twenty.shape[0] > two.shape[0] + 40
    assert (twenty[:200] == two[:200]).mean() > 0.9  # the panel is as large as ever


def test_labels_beside_long_numbers_are_not_cut_off():
    data = metrics(9) | {"greedy_value": np.linspace(-12345.04, -12344.96, 9)}
    for picture in (drawn(draw_curves, data, "title"), drawn(draw_runs, {"run": [data]})):
        assert (picture[:, :3] == 255).all()
