"""What the tests of the playground share: its engine in Node, and the page in Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.playground import FLAGS
from docs._ext import playground

Engine = Callable[..., Any]

_SERVE = """
import {createInterface} from "node:readline";
const said = (value) => JSON.stringify(value, (_, v) => (ArrayBuffer.isView(v) ? Array.from(v) : v));
for await (const line of createInterface({input: process.stdin})) {
  const {module, code, argument} = JSON.parse(line);
  try {
    const exported = await import(`./${module}.js`);
    const run = new Function("exported", "argument", `return (${code})(exported, argument)`);
    console.log(said({value: run(exported, argument)}));
  } catch (error) {
    console.log(said({error: String(error.message), kind: error.constructor.name}));
  }
}
"""


class RefusedError(Exception):
    """What the engine refused, in its own words."""


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine's modules in a folder."""
    folder = tmp_path_factory.mktemp("playground")
    playground.write_modules(folder)
    (folder / "serve.mjs").write_text(_SERVE)
    (folder / "probe.js").write_text('export * from "./planning.js"; export * from "./world.js";')
    return folder


@pytest.fixture(scope="session")
def node(modules: Path) -> Iterator[Engine]:
    """Runs `code`, a function of a module's exports and an argument, in Node; numbers come back exactly."""
    process = subprocess.Popen(
        [shutil.which("node") or "node", "serve.mjs"],
        cwd=modules,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def call(module: str, code: str, argument: Any = None) -> Any:
        print(
            json.dumps({"module": module, "code": code, "argument": argument}), file=process.stdin, flush=True
        )
        answer = json.loads(process.stdout.readline())
        if "error" in answer:
            assert answer["kind"] == "Refusal", answer
            raise RefusedError(answer["error"])
        return answer["value"]

    with process:
        yield call


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, with an empty profile of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as a file."""
    return playground.write(tmp_path_factory.mktemp("site"))


Visit = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, site: Path) -> Iterator[Visit]:
    """Opens the page, at a fragment, in a window of a size; nothing may go wrong in it, or leave it."""
    contexts, faults = [], []

    def opened(fragment: str = "", width: int = 1366, height: int = 900, **options: Any) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height}, **{"locale": "en-US", **options}
        )
        contexts.append(context)
        context.set_default_timeout(0)  # a busy machine fails no test
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text))
        page.on(
            "request", lambda request: faults.extend([request.url] * (not request.url.startswith("file:")))
        )
        page.goto(site.as_uri() + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
