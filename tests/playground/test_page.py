"""The playground's page in a real browser, as a visitor uses it, from a file."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gym_gridq
from docs._ext import playground
from tests.playground.conftest import Visit

FULL_SPEED = "6"


def click_cell(page: Any, row: int, column: int, board: str = "board-q") -> None:
    """A click into the middle of a cell."""
    canvas = page.locator(f"#{board} canvas").nth(1)
    box = canvas.bounding_box()
    gutter, n_rows = 18, int(page.input_value("#n-rows"))
    size = (box["height"] - gutter - 2) / n_rows
    canvas.click(position={"x": gutter + 1 + (column + 0.5) * size, "y": gutter + 1 + (row + 0.5) * size})


def tool(page: Any, name: str) -> None:
    page.click(f"#tools button[value={name}]")


def enter(page: Any, field: str, text: str) -> None:
    page.fill(field, text)
    page.press(field, "Tab")


def train(page: Any, condition: str) -> None:
    """Runs at full speed until a condition on `steps` and `error` holds, then stops."""
    page.fill("#speed", FULL_SPEED)
    page.click("#run")
    page.wait_for_function(
        f"""() => {{
            const steps = Number(document.getElementById("steps").textContent.replaceAll(",", ""));
            const error = Number(document.getElementById("max-error").dataset.exact);
            return {condition};
        }}"""
    )
    page.click("#run")


def error_of(page: Any) -> float:
    return float(page.get_attribute("#max-error", "data-exact"))


def values(page: Any) -> tuple[np.ndarray, np.ndarray]:
    """Q and q* of the free cells, (N, 4) each, as the page's table says."""
    if page.get_attribute("#values", "open") is None:
        page.click("#values summary")
    page.wait_for_selector("#values tbody tr")
    cells = page.eval_on_selector_all(
        "#values tbody tr",
        "rows => rows.map(row => [...row.children].slice(2).map(cell => Number(cell.textContent)))",
    )
    table = np.array(cells)
    return table[:, :4], table[:, 4:]


def free(layout: gym_gridq.Layout) -> np.ndarray:
    return layout.free_states


def test_the_page_is_one_small_file_that_needs_nothing_else(site: Path) -> None:
    text = site.read_text("utf-8")
    assert len(text.encode()) < 90_000
    assert "import " not in playground.joined().replace("import gymnasium", "")
    assert re.findall(r"https?://", text) == []
    assert [path.name for path in site.parent.iterdir()] == ["index.html"]


def test_every_word_is_there_in_three_languages() -> None:
    source = playground.SOURCE
    html = (source / "index.html").read_text("utf-8")
    scripts = "\n".join(path.read_text("utf-8") for path in source.glob("*.js") if path.stem != "words")
    said = set(re.findall(r"data-say>([^<]+)<", html)) | set(re.findall(r'data-say-label="([^"]+)"', html))
    said |= set(re.findall(r'\bsay\("([^"]+)"', scripts))
    said |= set(re.findall(r'new Refusal\(\s*"([^"]+)"', scripts))
    words = (source / "words.js").read_text("utf-8")
    known = dict(re.findall(r'^  "([^"]+)": \[\s*"([^"]+)", "[^"]+"\],$', words, flags=re.MULTILINE))
    assert said - set(known) == set()
    for english, chinese in known.items():
        assert english.count("{}") == chinese.count("{}"), english


def test_a_map_is_edited_and_learned_to_the_optimum(visit: Visit) -> None:
    page = visit()
    assert page.inner_text("#optimal-value") == "0.6561"
    tool(page, "wall")
    click_cell(page, 1, 0)
    tool(page, "pit")
    click_cell(page, 0, 1)
    layout = gym_gridq.Layout.from_rows([".P.G", "##.P", "S..."])
    assert page.input_value("#text") == str(layout)
    train(page, "error < 1e-12")
    assert error_of(page) < 1e-12
    q, q_star = values(page)
    expected = gym_gridq.solve(gym_gridq.Dynamics(layout)).q[free(layout)]
    assert np.abs(q_star - expected).max() < 1e-6
    assert np.abs(q - expected).max() < 1e-6
    assert page.inner_text("#value") == page.inner_text("#optimal-value")


def test_what_a_click_explains_is_the_backup(visit: Visit) -> None:
    page = visit("#map=book&slip=0.2&discount=0.9")
    train(page, "steps > 20000")
    click_cell(page, 1, 2)
    assert page.inner_text("#backup-title") == "Bellman backup of cell (1, 2), state 6"
    rows = page.eval_on_selector_all(
        "#backup tbody tr", "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    )
    assert [row[0] for row in rows] == ["up", "down", "left", "right"]
    q_star = gym_gridq.solve(gym_gridq.Dynamics(slip=0.2)).q[6]
    assert [float(row[3].replace("\N{MINUS SIGN}", "-")) for row in rows] == q_star.round(2).tolist()
    for row in rows:
        sum_, said = row[2].replace("\N{MINUS SIGN}", "-").replace("·", "*").rsplit(" = ", 1)
        assert eval(re.sub(r"(\d) \(", r"\1 * (", sum_)) == pytest.approx(float(said), abs=0.011)
    click_cell(page, 1, 1)
    assert "the cell is a wall" in page.inner_text("#backup")


def test_colours_are_those_of_the_frames(visit: Visit) -> None:
    from gym_gridq.rendering import palette

    page = visit()
    cells = [(0, 0), (1, 2), (2, 3)]
    shown = page.evaluate(
        """(cells) => {
            const canvas = document.querySelector("#board-star canvas"), size = (canvas.height - 20) / 3;
            const {data, width} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return cells.map(([row, column]) => {  // in the upper triangle, below its number
                const x = Math.round(19 + (column + 0.5) * size), y = Math.round(19 + (row + 0.32) * size);
                return [...data.slice(4 * (width * y + x), 4 * (width * y + x) + 3)];
            });
        }""",
        cells,
    )
    q = gym_gridq.solve(gym_gridq.Dynamics()).q
    expected = palette.diverging(np.array([q[4 * row + column, 0] for row, column in cells]), 1.0)
    assert np.abs(np.array(shown) - expected).max() <= 2


def test_sliders_act_while_it_learns_and_what_was_learned_stays(visit: Visit) -> None:
    page = visit()
    train(page, "error < 1e-12")
    steps = page.inner_text("#steps")
    page.fill("[data-of=discount]", "0.5")
    assert page.inner_text("#steps") == steps
    assert page.inner_text("#optimal-value") == "0.0625"
    assert error_of(page) > 0.1
    train(page, "error < 1e-12")
    page.fill("[data-of=epsilon]", "1")
    page.fill("[data-of=learningRate]", "0.5")
    assert page.inner_text("#steps") != "0"
    assert 'agent = agents.make("tabular", env, seed=0, discount=0.5, epsilon=1, learning_rate=0.01)' in (
        page.inner_text("#python")
    )


def test_a_shared_link_brings_map_settings_and_language(visit: Visit) -> None:
    page = visit()
    page.select_option("#layout", "frozenlake-4x4")
    enter(page, "#slip", "2/3")
    enter(page, "[data-letter=P]", "-2.5")
    page.select_option("#agent", "dqn")
    enter(page, "#discount", "0.95")
    enter(page, "#seed", "11")
    page.check("#random-start")
    page.click("#languages button[value=ja]")
    link = page.evaluate("location.hash")
    there = visit(link, locale="zh-CN")
    for part in ("#python", "#command"):
        assert there.text_content(part) == page.text_content(part)
    assert there.get_attribute("html", "lang") == "ja"
    assert there.inner_text("#optimal-value") == page.inner_text("#optimal-value")
    # a link pasted into the open page is followed, too
    there.evaluate("location.hash = 'map=S.G/.%23.&agent=sarsa&lang=en'")
    there.wait_for_function("document.getElementById('text').value === 'S.G\\n.#.'")
    assert there.input_value("#agent") == "sarsa"


@pytest.mark.parametrize(
    ("language", "code", "word"),
    [("en", "en", "Start again"), ("zh", "zh-Hans", "重新开始"), ("ja", "ja", "最初から")],
)
def test_the_language_changes_everything_that_is_said(
    visit: Visit, language: str, code: str, word: str
) -> None:
    page = visit(locale="fr-FR")
    assert page.get_attribute("html", "lang") == "en"
    click_cell(page, 0, 0)
    page.click(f"#languages button[value={language}]")
    assert page.get_attribute("html", "lang") == code
    assert page.inner_text("#reset") == word
    if language != "en":
        left = page.evaluate(
            """() => [...document.querySelectorAll("[data-say]")]
                .filter((e) => e.textContent === e.dataset.say).map((e) => e.textContent)"""
        )
        assert left == []
        assert "Bellman" not in page.inner_text("#backup-title")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh", "ja"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (820, 1100), (1366, 900)])
def test_it_fits_the_window(
    visit: Visit, width: int, height: int, language: str, scheme: str, tmp_path: Path
) -> None:
    page = visit(f"#map=four-rooms&lang={language}", width, height, color_scheme=scheme)
    click_cell(page, 0, 0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        "[...document.querySelectorAll('button')].filter((b) => b.getBoundingClientRect().height < 24).length"
    )
    assert small == 0
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    assert (tmp_path / "page.png").stat().st_size > 20_000


def test_the_keyboard_reaches_and_changes_every_cell(visit: Visit) -> None:
    page = visit()
    page.focus("#board-q canvas[tabindex]")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert page.inner_text("#cell-said") == "(1, 2) floor, v* 0.9000"
    page.keyboard.press("Enter")
    assert "cell (1, 2)" in page.inner_text("#backup-title")
    page.keyboard.press("#")
    assert page.input_value("#text") == "...G\n.##P\nS..."
    page.keyboard.press("g")
    assert page.input_value("#text") == "...G\n.#GP\nS..."


BAD = [
    ("map", "S..\n.G", "row 1 of the map, '.G', has 2 letters, but row 0 has 3"),
    ("map", "S.x\n..G", "unknown letter 'x' in row 0"),
    ("map", "", "the map is empty"),
    ("map", "\n".join(["S" + "." * 98 + "G"] * 100), "the map has 100 rows and 100 columns"),
    ("#slip", "1.2", "slip is 1.2; give a number from 0 to 1"),
    ("#slip", "much", "slip is 'much'; give a number from 0 to 1"),
    ("#slip", "", "slip is ''; give a number from 0 to 1"),
    ("#discount", "-1", "discount is -1"),
    ("#seed", "1.5", "seed is 1.5; give a whole number"),
    ("#n-rows", "51", "rows is 51; give a whole number from 1 to 50"),
    ("#n-rows", "2", "the map has no start"),
    ("[data-letter=G]", "1/0", "reward G is '1/0'"),
    ("link", "map=S.G&slip=2", "slip is 2"),
    ("link", "map=%E0%A4%A", "the link is broken: '%E0%A4%A' cannot be read"),
    ("link", "colour=red", "the link is broken: 'colour=red' is not known"),
    ("link", "agent=toString", "agent is 'toString'; give one of tabular"),
    ("link", "map=SG&rewards=__proto__:1", "rewards name '__proto__'"),
]


@pytest.mark.parametrize(("where", "text", "word"), BAD)
def test_bad_input_gets_a_clear_word_and_changes_nothing(
    visit: Visit, where: str, text: str, word: str
) -> None:
    page = visit()
    train(page, "steps > 100")
    shown = ("#python", "#command", "#steps", "#max-error", "#optimal-value")
    before = [page.text_content(part) for part in shown]
    if where == "map":
        page.click("text=Map as text")
        page.fill("#text", text)
        page.click("#use-text")
        assert page.input_value("#text") == text  # to be mended there
    elif where == "link":
        page.evaluate("text => { location.hash = text; }", text)
    else:
        enter(page, where, text)
    page.wait_for_function("!document.getElementById('notice').hidden")
    assert word in page.inner_text("#notice")
    assert [page.text_content(part) for part in shown] == before


def test_training_that_diverges_says_so_and_can_start_again(visit: Visit) -> None:
    page = visit("#agent=q-learning&rate=10&epsilon=1")
    page.fill("#speed", FULL_SPEED)
    page.click("#run")
    page.wait_for_function("!document.getElementById('notice').hidden")
    assert "training has diverged" in page.inner_text("#notice")
    click_cell(page, 0, 0)
    enter(page, "#rate", "0.01")
    page.click("#reset")
    train(page, "steps > 100")
    assert np.isfinite(error_of(page))


def test_what_is_taken_home_does_the_same_there(visit: Visit, tmp_path: Path) -> None:
    page = visit("#map=S..P/.%23.G&rewards=P:-2.5,.:0.25&slip=0.25&step=-0.125&epsilon=0.2&rate=0.125&seed=5")
    train(page, "steps > 500")
    q, _ = values(page)

    namespace: dict[str, Any] = {"print": lambda *said: print(*said, file=io.StringIO())}
    exec(page.text_content("#python"), namespace)
    layout = namespace["env"].unwrapped.layout
    assert np.abs(namespace["q"][free(layout)] - q).max() < 2e-6

    command = shlex.split(page.text_content("#command").replace("\\\n", " "))
    assert command[0] == "gridq"
    run = tmp_path / "run"
    subprocess.run(
        [sys.executable, "-m", "agents", *command[1:], "--run-dir", str(run), "--quiet"],
        check=True,
        cwd=tmp_path,
    )
    summary = json.loads((run / "summary.json").read_text("utf-8"))
    assert summary["max_q_error"] == pytest.approx(error_of(page), abs=2e-6)


def test_the_engine_is_there_for_others(visit: Visit) -> None:
    page = visit()
    solution = page.evaluate("gridq.solve(['...G', '.#.P', 'S...'], {slip: 0.2, discount: 0.9})")
    expected = gym_gridq.solve(gym_gridq.Dynamics(slip=0.2))
    assert np.abs(np.array(solution["q"]) - expected.q).max() < 1e-12
    learned = page.evaluate(
        "gridq.learn(['...G', '.#.P', 'S...'], {agent: 'tabular', epsilon: 0.5, steps: 50000})"
    )
    assert learned["maxError"] < 1e-12
    assert learned["regret"] == 0
