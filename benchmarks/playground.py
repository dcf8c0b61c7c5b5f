"""The playground in Chromium: its size, how soon it shows something, how fast it learns and draws.

    python -m benchmarks.playground

Needs Debian's Chromium and Playwright's Python package. Times are the best of several tries, frames a second
the mean over three seconds.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from docs._ext import playground

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

OPTIMUM = """async () => {
    document.getElementById("speed").value = 6;
    const start = performance.now(), error = document.getElementById("max-error");
    document.getElementById("run").click();
    while (Number(error.dataset.exact) > 1e-12) await new Promise(requestAnimationFrame);
    return performance.now() - start;
}"""

UPDATES = """([agent, steps]) => {
    const start = performance.now();
    gridq.learn(gridq.layouts.book.rows, {agent, steps});
    return 1000 * steps / (performance.now() - start);
}"""

FRAMES = """async () => {
    document.getElementById("speed").value = 6;
    document.getElementById("run").click();
    for (let i = 0; i < 10; i++) await new Promise(requestAnimationFrame);
    const start = performance.now();
    let frames = 0;
    for (; performance.now() - start < 3000; frames++) await new Promise(requestAnimationFrame);
    return 1000 * frames / (performance.now() - start);
}"""

STEPS = {
    "tabular": 1_000_000,
    "sarsa": 1_000_000,
    "expected-sarsa": 1_000_000,
    "monte-carlo": 1_000_000,
    "q-learning": 20_000,
    "dqn": 2_000,
}


def main() -> int:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        print("there is no chromium; on Debian: apt-get install chromium", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = playground.write(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)

        def opened(fragment: str = "") -> Any:
            page = browser.new_context(viewport={"width": 1366, "height": 900}).new_page()
            page.goto(path.as_uri() + fragment)
            return page

        print(f"Chromium {browser.version}; {path.stat().st_size:,} bytes")
        mark = "performance.getEntriesByName('gridq-drawn')[0].startTime"
        print(f"first picture after {min(opened().evaluate(mark) for _ in range(5)):.0f} ms")
        seconds = min(opened().evaluate(OPTIMUM) for _ in range(5))
        print(f"the book's grid at full speed, max abs(Q - q*) below 1e-12: {seconds:.0f} ms after Run")
        page = opened()
        for agent, steps in STEPS.items():
            best = max(page.evaluate(UPDATES, [agent, steps]) for _ in range(5))
            print(f"{agent:>15}: {best:12,.0f} updates a second")
        rows = ["S" + "." * 29, *["." * 30] * 28, "." * 29 + "G"]
        big = "&map=" + "/".join(rows)
        for name, fragment in {
            "3x4, table": "#map=book",
            "3x4, DQN": "#agent=dqn",
            "30x30, table": f"#epsilon=0.3{big}",
            "30x30 with slip, table": f"#slip=0.2{big}",
            "30x30, DQN": f"#agent=dqn{big}",
        }.items():
            print(f"{name:>22}: {opened(fragment).evaluate(FRAMES):5.0f} frames a second while learning")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
