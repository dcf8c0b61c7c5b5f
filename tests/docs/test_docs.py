"""The documentation: its code runs, its answers are right, its languages agree, its links lead somewhere."""

import base64
import json
import pkgutil
import re
from pathlib import Path

import gymnasium
import pytest
from PIL import Image

import agents
import gym_gridq
import gym_gridq.testing
from docs._ext import drawings, generated, house, notebooks, reference, site_check, translations
from docs._ext.exercises import exercise
from docs._ext.pages import DOCS, cells, prose, sections

ROOT = DOCS.parent
CHAPTERS = sorted(DOCS.glob("tutorial/[0-9]*.md"))
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(page for page in DOCS.rglob("*.md") if not {"_build", "interop"} & set(page.parts)),
    ]
)


@pytest.fixture(autouse=True)
def _no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


def test_the_tutorial_has_its_fourteen_chapters():
    assert [int(page.name[:2]) for page in CHAPTERS] == list(range(1, 15))


LISTINGS = """
avg bandit bandit_avg non_stationary
dp dp_inplace gridworld_play policy_eval policy_iter value_iter common/gridworld common/gridworld_render
dice mc_eval mc_control mc_control_offpolicy importance_sampling
td_eval sarsa sarsa_off_policy q_learning q_learning_simple
dezero1 dezero2 dezero3 dezero4 q_learning_nn
replay_buffer dqn gym_play simple_pg reinforce actor_critic common/utils
"""


@pytest.mark.parametrize("page", ["book_map.md", "zh/book_map.md"])
def test_the_map_of_the_book_names_every_file_of_its_repository(page: str):
    first_column = re.findall(r"^\|([^|]*)\|", (DOCS / page).read_text("utf-8"), flags=re.MULTILINE)
    named = set(re.findall(r"`([^`]+)`", " ".join(first_column)))
    assert set(LISTINGS.split()) - named == set()


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.stem)
def test_a_chapter_ends_with_exercises_whose_answers_are_checked(page: Path):
    text = page.read_text("utf-8")
    last = sections(text)[-1]
    assert last.title == "Exercises"
    answers = [cell for cell in cells(text) if cell.hidden]
    questions = re.findall(r"^\*\*\d\.\*\*", last.prose, flags=re.MULTILINE)
    assert len(answers) == len(questions) in (2, 3)
    assert re.findall(r"\[(.*?)\]", last.prose)[-1] == answers[-1].name
    for answer in answers:
        assert "assert " in answer.code


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.stem)
def test_cells_have_names_of_their_own_and_pictures_have_words(page: Path):
    found = cells(page.read_text("utf-8"))
    names = [cell.name for cell in found]
    assert all(names)
    assert len(set(names)) == len(names)
    for cell in found:
        assert bool(cell.alt) == ("plt." in cell.code), cell.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere_and_pictures_have_words(page: Path):
    text = prose(page.read_text("utf-8"))
    for mark, words, target in re.findall(r"(!?)\[([^]]*)\]\(([^)\s]+)\)", text):
        if mark:
            assert words.strip(), f"{target} has no alternative text"
        path, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        found = page if not path else DOCS / path.lstrip("/") if path.startswith("/") else page.parent / path
        assert found.exists(), f"{target} leads nowhere"
        if anchor:
            slugs = [_slug(section.title) for section in sections(found.read_text("utf-8"))]
            assert anchor in slugs, f"{target} names an anchor that is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_tests_that_a_page_names_are_there(page: Path):
    for file, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page.read_text("utf-8")):
        assert (ROOT / file).exists(), f"{file} is not there"
        assert f"def {name}" in (ROOT / file).read_text("utf-8"), f"{file} has no {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_names_of_ours_that_a_page_mentions_are_there(page: Path):
    text = prose(page.read_text("utf-8"))
    for name in re.findall(r"`((?:agents|gym_gridq)(?:\.\w+)+)", text):
        if "Vector" not in name or hasattr(gymnasium.vector, "AutoresetMode"):
            assert pkgutil.resolve_name(name) is not None


@pytest.mark.parametrize("package", [gym_gridq, gym_gridq.testing, agents])
def test_the_reference_holds_every_public_name(package):
    told = {name for names in reference.pages().values() for name in names}
    assert {f"{package.__name__}.{name}" for name in package.__all__} <= told


def _slug(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


# -- notebooks -----------------------------------------------------------------------------------------


def test_notebooks_hold_every_cell_and_every_word_in_both_languages(tmp_path):
    notebooks.write(tmp_path)
    for page in CHAPTERS:
        originals = cells(page.read_text("utf-8"))
        for language in ("en", "zh"):
            source = page if language == "en" else DOCS / "zh" / "tutorial" / page.name
            titles = [section.title for section in sections(source.read_text("utf-8"))]
            for kind in (language, f"{language}-answers"):
                written = json.loads((tmp_path / kind / f"{page.stem}.ipynb").read_text("utf-8"))
                code = {
                    cell["id"]: cell["source"] for cell in written["cells"] if cell["cell_type"] == "code"
                }
                words = "".join(
                    cell["source"] for cell in written["cells"] if cell["cell_type"] == "markdown"
                )
                for cell in originals:
                    assert code[cell.name] == (
                        cell.code if not cell.gap else exercise(cell).answer if kind != language else cell.gap
                    )
                assert len({cell["id"] for cell in written["cells"]}) == len(written["cells"])
                assert all(title in words for title in titles)
                assert ".md" not in words
                assert "/images/" not in words
    assert {path.name for path in tmp_path.glob("*.zip")} == {
        f"gridq-tutorial-{kind}.zip" for kind in ("en", "en-answers", "zh", "zh-answers")
    }


def test_lines_of_a_chinese_paragraph_are_joined_without_a_space():
    page = DOCS / "zh" / "tutorial" / "02_first_gradient.md"
    words = "".join(
        cell["source"] for cell in notebooks.notebook(page)["cells"] if cell["cell_type"] == "markdown"
    )
    broken = r"[\u3000-\u9fff\uff00-\uffef]\n[\u3400-\u9fff]"
    assert re.findall(broken, page.read_text("utf-8")) != []
    assert re.findall(broken, words) == []
    assert "\n\n" in words  # paragraphs stay apart


def test_a_picture_of_a_page_travels_inside_its_notebook():
    written = notebooks.notebook(DOCS / "zh" / "tutorial" / "07_q_learning.md")
    (cell,) = [cell for cell in written["cells"] if "attachments" in cell]
    assert "(attachment:q_network.zh.png)" in cell["source"]
    encoded = cell["attachments"]["q_network.zh.png"]["image/png"]
    assert base64.b64decode(encoded) == (DOCS / "images" / "q_network.zh.png").read_bytes()


@pytest.mark.parametrize("name", drawings.DRAWINGS)
@pytest.mark.parametrize("language", drawings.WORDS)
def test_drawings_are_what_is_drawn(name: str, language: str):
    drawn, path = drawings.DRAWINGS[name](drawings.WORDS[language]), drawings.path(name, language)
    assert path.read_text("utf-8") == drawn, "run python -m docs._ext.drawings"
    shown = Image.open(path.with_suffix(".png"))
    assert shown.text["drawn from"] == drawings.digest(path), "run python -m docs._ext.drawings"


def test_the_values_in_the_drawing_are_exact():
    assert pytest.approx(gym_gridq.solve(gym_gridq.Dynamics("book")).q[9]) == drawings.Q_STAR_OF_STATE_9


# -- English and Chinese -------------------------------------------------------------------------------


def test_original_and_translation_say_the_same():
    record = json.loads(translations.RECORD.read_text("utf-8"))
    assert translations.check(record) == []
    assert set(record) == set(translations.pairs())


ENGLISH = """# Title

Words.

## Part

More words.

```{code-cell} python
---
name: sum
---
assert 1 + 1 == 2
```
"""
CHINESE = """# 标题

文字。

## 部分

更多文字。

```{shared-cell} sum
```
"""


def drift(english: str, chinese: str) -> list[str]:
    pair = [[a.digest, b.digest] for a, b in zip(sections(ENGLISH), sections(CHINESE), strict=True)]
    return translations.structure_faults("page.md", english, chinese) + translations.drift(
        "page.md", sections(english), sections(chinese), pair
    )


def test_unchanged_sides_have_not_drifted():
    assert drift(ENGLISH, CHINESE) == []
    assert drift(ENGLISH.replace("More words.", "More\nwords."), CHINESE) == []  # a line broken elsewhere
    assert drift(ENGLISH.replace("1 + 1 == 2", "2 + 2 == 4"), CHINESE) == []  # a shared cell changes for both


@pytest.mark.parametrize(
    ("english", "chinese", "named"),
    [
        (ENGLISH.replace("More words", "Other words"), CHINESE, "'Part': the original changed"),
        (ENGLISH, CHINESE.replace("更多", "别的"), "'Part': the translation changed"),
        (ENGLISH.replace("# Title", "# Name"), CHINESE, "'Name': the original changed"),
        (ENGLISH + "\n## New\n\nText.\n", CHINESE, "3 sections, but 2 in the translation"),
        (ENGLISH.replace("name: sum", "name: total"), CHINESE, "['total'], but ['sum']"),
        (ENGLISH, CHINESE.replace("```{shared-cell} sum\n```\n", ""), "['sum'], but []"),
        (
            ENGLISH.replace("---\nassert", "mystnb: {image: {\n  alt: A line\n---\nassert"),
            CHINESE,
            "'sum' has an",
        ),
        (ENGLISH + "\n```bash\nmake docs\n```\n", CHINESE, "plain fences differ"),
    ],
)
def test_a_side_that_changes_alone_is_named(english: str, chinese: str, named: str):
    assert any(named in fault for fault in drift(english, chinese))


def test_acceptance_refuses_a_side_that_changed_alone(monkeypatch, tmp_path):
    english, chinese = tmp_path / "en.md", tmp_path / "zh.md"
    english.write_text(ENGLISH, "utf-8")
    chinese.write_text(CHINESE, "utf-8")
    monkeypatch.setattr(translations, "pairs", lambda: {"en.md": (english, chinese)})
    record: translations.Record = {}
    assert translations.accept(record, "en.md", wording=False) == []
    recorded = record["en.md"]

    english.write_text(ENGLISH.replace("More words", "Other words"), "utf-8")
    assert "only one side changed" in translations.accept(record, "en.md", wording=False)[0]
    assert record["en.md"] == recorded
    assert translations.accept(record, "en.md", wording=True) == []
    assert record["en.md"] != recorded


# -- the finished site ---------------------------------------------------------------------------------


def test_the_site_check_names_what_a_reader_would_stumble_over(tmp_path):
    (tmp_path / "other.html").write_text("<html lang='en'><h1 id='top'>x</h1></html>")
    (tmp_path / "index.html").write_text(
        "<html lang='en'><a href='other.html#top'>good</a><a href='other.html#gone'>bad</a>"
        "<a href='missing.html'>bad</a><a href='https://example.org'>elsewhere</a>"
        "<img src='other.html'></html>"
    )
    faults, n_inside, n_outside = site_check.check(tmp_path)
    assert (n_inside, n_outside) == (4, 1)
    assert sorted(faults) == [
        "index.html: 'missing.html' leads nowhere",
        "index.html: 'other.html#gone' names an anchor that is not there",
        "index.html: picture 'other.html' has no alternative text",
    ]


@pytest.mark.parametrize(
    "page",
    [
        # what the command line says of lanes depends on whether there are any
        pytest.param(page, marks=[pytest.mark.lanes] if page.stem == "command_line" else [])
        for page in generated.pages_written()
    ],
    ids=lambda page: page.relative_to(DOCS).as_posix(),
)
def test_what_the_code_says_of_itself_is_current_in_the_pages(page):
    """How Python's own versions break lines does not matter."""
    text = page.read_text("utf-8")
    assert text.split() == generated.written(text).split(), "run python -m docs._ext.generated"


def test_every_room_of_the_house_stands_in_its_description():
    described = re.findall(r"<!-- generated: house (\S+) -->", (DOCS / "design.md").read_text("utf-8"))
    assert sorted(described) == house.rooms()


def test_the_reference_can_be_read_in_a_clone():
    written = {page.relative_to(DOCS).as_posix() for page in generated.pages_written()}
    assert {"agents.md", "api.md", "command_line.md", "environment.md"} <= written
    assert {page.relative_to(DOCS).as_posix() for page in reference.pages()} <= written
