"""Words in English, Chinese and Japanese: none is missing, every character is drawn."""

# ruff: noqa: RUF001 - the full-width marks are meant

from __future__ import annotations

import string

import gymnasium
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gym_gridq import LAYOUTS, Dynamics, solve
from gym_gridq.drawing import LANGUAGES, DrawingStyle, Track
from gym_gridq.rendering import Overlay, palette
from gym_gridq.rendering.canvas import font_for, label, lacks
from gym_gridq.rendering.geometry import Geometry
from gym_gridq.rendering.language import WORDS, translated
from gym_gridq.rendering.scene import Scene
from gym_gridq.rendering.text import Terminal, draw_text
from gym_gridq.rendering.windows.controls import EDITING_KEYS, KEYS, STEERING_KEYS

BOOK = LAYOUTS["book"]


def pixels(text, height=20, language="en"):
    import pygame

    return pygame.surfarray.array_alpha(label(text, height, palette.INK, language)).tolist()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", WORDS)
def test_every_word_is_there_in_every_language_and_all_of_it_is_drawn(text, language):
    word = translated(text, language)
    fields = [sorted(str(field[1:3]) for field in string.Formatter().parse(part)) for part in (text, word)]
    assert [field for field in fields[0] if "None" not in field] == [
        field for field in fields[1] if "None" not in field
    ]
    assert (word == text) == (language == "en")
    assert not [character for character in word if lacks(font_for(word, language), character)]


def test_what_the_keys_do_is_said_in_every_language():
    texts = {text for row in (*KEYS, *STEERING_KEYS, *EDITING_KEYS) for text in row}
    names = {"+  -", "Q", "V", "P", "R", "S", "H", "E", "Esc", "Ctrl+S", "1 - 6", "Ctrl+Z, Ctrl+Y"}
    assert texts - set(WORDS) == names


def test_missing_characters_are_noticed():
    assert lacks(None, "回")
    assert lacks(font_for("回", "en"), "😀")
    assert not lacks(None, "−")


@pytest.mark.parametrize("text", ["plain", "−0.5", "naïve", "жук", "", "😀", "😀 abc", "жук 😀"])
def test_what_pygames_font_draws_better_stays_with_it(text):
    assert font_for(text, "zh") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_characters_instead_of_boxes_in_any_language(language):
    assert pixels("回", language=language) != pixels("合", language=language)
    assert pixels("ス", language=language) != pixels("テ", language=language)
    assert pixels("→", language=language) != pixels("←", language=language)


def test_each_language_has_its_own_shapes():
    assert pixels("直", language="zh") != pixels("直", language="ja")
    assert pixels("直", language="en") == pixels("直", language="zh")
    assert pixels("直す", language="en") == pixels("直す", language="ja")


@pytest.mark.parametrize("height", [11, 13, 17, 22, 30])
def test_letters_and_characters_are_equally_tall_and_level(height):
    latin, chinese = (np.array(pixels(text, height)) for text in ("EHX", "国回困"))
    top, bottom, other_top, other_bottom = (
        edge for ink in (latin, chinese) for edge in np.flatnonzero((ink > 90).any(axis=0))[[0, -1]]
    )
    assert 1 <= (other_bottom - other_top + 1) / (bottom - top + 1) < 1.7
    assert abs((top + bottom) - (other_top + other_bottom)) / 2 <= 0.1 * height + 1


@pytest.mark.parametrize("cell_size", [32, 64, 120])
@pytest.mark.parametrize("language", ["zh", "ja"])
def test_a_frame_in_another_language_differs_in_its_words_alone(cell_size, language):
    overlay = Overlay.checked(BOOK, status={"episode": 12, "my own": 3})
    theirs, ours = (
        Scene(Geometry(BOOK, cell_size), chosen).frame(Track([0]), overlay) for chosen in (language, "en")
    )
    different = (theirs != ours).any(axis=2)
    geometry = Geometry(BOOK, cell_size)
    board_end = geometry.gutter + geometry.board_size[1]
    assert different[board_end:].any()
    assert different[:board_end].any() == (cell_size >= 40)  # START
    x, y = geometry.corners[8]
    different[board_end:] = False
    different[y + cell_size * 3 // 4 : y + cell_size, x : x + cell_size] = False
    assert not different.any()


@settings(max_examples=60)
@example({"\U000e0100": "\u200b"}, "en", 8)  # characters without a width
@given(
    st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=4),
    st.sampled_from(LANGUAGES),
    st.sampled_from([8, 40, 100]),
)
def test_any_status_is_drawn(status, language, cell_size):
    overlay = Overlay.checked(BOOK, status=status)
    assert all(text.isprintable() for pair in overlay.status for text in pair)
    frame = Scene(Geometry(BOOK, cell_size), language).frame(Track([8]), overlay)
    geometry = Geometry(BOOK, cell_size)
    assert frame.shape == (geometry.height, geometry.width, 3)
    text = draw_text(BOOK, Track([8]), overlay=overlay, terminal=Terminal(), language=language)
    assert len(text.split("\n")) == 8 + bool(overlay.status)


@pytest.mark.parametrize("make", [gymnasium.make, pytest.param(gymnasium.make_vec, marks=pytest.mark.lanes)])
@pytest.mark.parametrize("env_id", ["GridQ-v0", "GridQ-OneHot-v0"])
def test_an_unknown_language_is_refused(make, env_id):
    with pytest.raises(ValueError, match="language is 'fr'; give one of 'en', 'zh', 'ja'"):
        make(env_id, language="fr")


def test_the_environment_speaks_the_language_it_was_made_with():
    env = gymnasium.make("GridQ-v0", render_mode="rgb_array", cell_size=60, language="ja")
    env.reset()
    assert env.unwrapped.style == DrawingStyle(60, "ja")
    expected = Scene(Geometry(BOOK, 60), "ja").frame(Track([8]))
    assert np.array_equal(env.render(), expected)


def test_a_status_line_of_text():
    overlay = Overlay.checked(BOOK, status={"episode": 12, "return": 0.5, "mine": "x"})
    lines = [
        draw_text(BOOK, Track([8]), overlay=overlay, terminal=Terminal(0, unicode), language=language).split(
            "\n"
        )[-1]
        for language, unicode in (("zh", True), ("ja", True), ("zh", False))
    ]
    assert lines == [
        "    回合 12 · 回报 0.5 · mine x",
        "    エピソード 12 · 収益 0.5 · mine x",
        "    episode 12 . return 0.5 . mine x",
    ]


def test_a_cell_is_explained_in_the_language():
    dynamics = Dynamics("book")
    overlay = Overlay(solve(dynamics).q)
    title, rows = overlay.explained(dynamics, 6, "zh")
    assert title == "格子 (1, 2)，状态 6，折扣率 0.9"
    assert rows[0] == ("Q(上) = 0.90", "备份  0 + 0.9 · 1.00 = 0.90")
    assert overlay.explained(dynamics, 5, "ja")[1] == [("Q", "0：このマスは壁")]


def test_a_window_shows_its_words_in_the_language(screen, tmp_path, monkeypatch):
    import pygame

    from gym_gridq.rendering.windows import panels
    from gym_gridq.rendering.windows.grid_window import GridWindow
    from gym_gridq.rendering.windows.panels import Curve

    said = []

    def told(text, *arguments):
        said.append(text)
        return label(text, *arguments)

    monkeypatch.setattr(panels, "label", told)
    monkeypatch.chdir(tmp_path)
    pictures = set()
    for language, speed, saved in (
        ("en", "64 steps a second", "saved"),
        ("zh", "每秒 64 步", "已保存"),
        ("ja", "毎秒 64 ステップ", "保存しました"),
    ):
        window = GridWindow(Dynamics("book"), DrawingStyle(60, language), pace=None, with_curves=True)
        window.draw([Track([8])], curves={"loss": Curve([(1, 1.0), (2, 0.5)])})
        for key, notice in ((pygame.K_MINUS, speed), (pygame.K_s, saved)):
            said.clear()
            pygame.event.post(
                pygame.event.Event(pygame.KEYDOWN, window=window._window._window, key=key, mod=0)
            )
            window.answer()
            assert said[-1].startswith(notice)
        window.controls.notice = None
        window.controls.help = True
        pictures.add(pygame.image.tobytes(window._composed(window._window.size), "RGB"))
        window.close()
    assert len(pictures) == 3
