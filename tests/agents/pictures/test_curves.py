import io

import numpy as np
from PIL import Image

from agents.pictures.curves import draw_curves, draw_runs
from agents.pictures.films import write_gif
from agents.training.metrics import METRICS


def drawn(draw, *arguments):
    """The picture as an array (height, width, 3)."""
    file = io.BytesIO()
    draw(file, *arguments)
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def metrics(n):
    columns = {name: np.linspace(1, 2, n) for name in METRICS}
    return columns | {"steps": np.arange(1.0, n + 1)}


def test_curves_show_both_and_survive_missing_numbers():
    picture = drawn(draw_curves, metrics(300), "title")
    assert picture.shape == (480, 640, 3)
    blue, orange = (0, 114, 178), (213, 94, 0)
    rows = [np.flatnonzero((picture == colour).all(axis=2).any(axis=1)) for colour in (blue, orange)]
    assert rows[0].max() < rows[1].min()  # return above loss
    for data in (metrics(0), metrics(1), metrics(40) | {"loss": np.full(40, np.nan)}):
        assert drawn(draw_curves, data, "").shape == picture.shape


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


def test_runs_are_drawn_over_one_another_in_colours_of_their_own():
    picture = drawn(draw_runs, {"first": metrics(100), "second": metrics(60)})
    for colour in ((0, 114, 178), (213, 94, 0)):
        rows, columns = np.nonzero((abs(picture - colour) < 12).all(axis=2))
        height, width, _ = picture.shape
        quarters = {(row > height / 2, column > width / 2) for row, column in zip(rows, columns, strict=True)}
        assert len(quarters) == 4
    nothing = metrics(30) | {name: np.full(30, np.nan) for name in ("loss", "max_q_error")}
    for runs in ({"empty": metrics(0)}, {"no loss": nothing}, {"one": metrics(1), "empty": metrics(0)}):
        assert drawn(draw_runs, runs).shape == picture.shape
