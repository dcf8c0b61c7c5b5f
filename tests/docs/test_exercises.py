"""The exercises of the tutorial: a gap left empty, a wrong answer and a right one are told apart in words."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from docs._ext import exercises, notebook_check, notebooks
from docs._ext.pages import DOCS, Cell, cells

CHAPTERS = sorted(DOCS.glob("tutorial/[0-9]*.md"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("notebooks")
    notebooks.write(written)
    return written


# Chapter 8 trains 32 agents for half a minute; `make docs` runs it like all the others.
@pytest.mark.parametrize("chapter", [page.stem for page in CHAPTERS if page.stem != "08_training"])
def test_notebooks_run_with_gaps_and_with_answers_and_their_checks_say_so(
    chapter: str, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    import matplotlib.pyplot as plt

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    plt.switch_backend("agg")
    try:
        assert notebook_check.faults(folder, chapter) == []
    finally:
        plt.close("all")


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.stem)
def test_every_exercise_has_a_gap(page: Path):
    answers = [cell for cell in cells(page.read_text("utf-8")) if cell.hidden]
    assert [cell.name for cell in answers if not cell.gap] == []


@pytest.mark.parametrize(
    ("answer", "language", "said"),
    [
        ("two_hidden_layers = ...", "en", "Not filled in yet: two_hidden_layers."),
        ("", "en", "Not filled in yet: two_hidden_layers."),  # the cell with the gap was not run
        ("two_hidden_layers = 3_300", "en", "Not right yet. Every layer has biases, too."),
        ("two_hidden_layers = 3_300", "zh", "还不对。每一层还有偏置。"),
        ("two_hidden_layers = 1_704", "en", "Not right yet. There are three layers"),
        ("two_hidden_layers = 3_404", "en", "Right."),
        ("two_hidden_layers = 3_404", "zh", "正确。"),
    ],
)
def test_what_a_student_reads(answer: str, language: str, said: str, folder: Path):
    code = notebook_check.code_cells(folder / language / "01_setting_up.ipynb")
    namespace: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as out:
        for source in (code[exercises.CHECKER], answer, code["check-weights"]):
            exec(source, namespace)
    assert out.getvalue().startswith(said)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 6, 9])
def test_no_check_takes_a_wrong_number_for_right(number: int, folder: Path, monkeypatch: pytest.MonkeyPatch):
    import matplotlib.pyplot as plt

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    plt.switch_backend("agg")
    page = CHAPTERS[number - 1]
    namespace: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for name, code in notebook_check.code_cells(folder / "en" / f"{page.stem}.ipynb").items():
            if not name.startswith("check-"):
                exec(code, namespace)
    plt.close("all")
    for answer in (cell for cell in cells(page.read_text("utf-8")) if cell.hidden):
        wrong = dict.fromkeys(exercises.asked(answer.gap), -12345.678)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(exercises.checker("en"), here := {**namespace, **wrong})
            exec(exercises.exercise(answer).check, here)
        assert out.getvalue().startswith(("Not right yet.", "The answer cannot be checked.")), answer.name


ANSWER = """def double(x):
    return 2 * x

# check
assert double(1) == 2, "It should double."
assert double(2) == 4, (
    f"Twice 2 is not {double(2)}, "
    "but 4."
)"""
GAP = "def double(x):\n    return ..."


def cell(code: str = ANSWER) -> Cell:
    return Cell("answer-double", code, "", True, 1, GAP, ())


@pytest.mark.parametrize(
    ("answer", "words", "said"),
    [
        (GAP, (), "Not filled in yet: double."),
        ("def double(x):\n    return x", (), "Not right yet. It should double."),
        ("def double(x):\n    return x + 1", (), "Not right yet. Twice 2 is not 3, but 4."),
        (
            "def double(x):\n    return x + 1",
            ("应当加倍。", "2 的两倍不是 {double(2)}。"),
            "还不对。2 的两倍不是 3。",
        ),
        ("def double(x):\n    return 1 / 0", (), "The answer cannot be checked. ZeroDivisionError: "),
        ("double = [1, ...]", (), "Not filled in yet: double."),
        (exercises.exercise(cell()).answer, (), "Right."),
    ],
)
def test_a_check_tells_what_is_missing_from_what_is_wrong(answer: str, words: tuple[str, ...], said: str):
    namespace: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(exercises.checker("zh" if words else "en"), namespace)
        exec(answer, namespace)
        exec(exercises.exercise(cell(), words).check, namespace)
    assert out.getvalue().startswith(said)


@pytest.mark.parametrize(
    ("code", "words", "told"),
    [
        ("x = 1\nassert x == 1", (), "after a line '# check'"),
        ("x = 1\n\n# check\nassert x == 1", (), "each with words"),
        (ANSWER, ("应当加倍。",), "2 assertions, but 1 lines of translation"),
    ],
)
def test_an_answer_that_nothing_checks_in_words_is_refused(code: str, words: tuple[str, ...], told: str):
    with pytest.raises(ValueError, match=told):
        exercises.exercise(cell(code), words)


def test_a_check_that_says_the_wrong_thing_is_named(folder: Path, tmp_path: Path):
    for kind in ("en", "en-answers"):
        source = (folder / kind / "01_setting_up.ipynb").read_text("utf-8")
        (tmp_path / kind).mkdir()
        spoilt = source.replace("two_hidden_layers = (12 + 1)", "two_hidden_layers = 12")
        (tmp_path / kind / "01_setting_up.ipynb").write_text(spoilt, "utf-8")
    (fault,) = notebook_check.faults(tmp_path, "01_setting_up")
    assert "check-weights says 'Not right yet." in fault
