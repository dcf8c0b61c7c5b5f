"""The tutorial's drawings, in each of its languages: `python -m docs._ext.drawings` writes `docs/images/`.

They are SVG, on a card of their own colour, so that they read alike on a light page and on a dark one.
Jupyter shows no SVG that travels inside a notebook, so each is there as PNG too, for which the command needs
Chromium.
"""

# ruff: noqa: RUF001 - Chinese punctuation and the times sign are meant
from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from collections.abc import Callable
from html import escape
from pathlib import Path

from docs._ext.pages import DOCS

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "input": "input",
        "output": "output",
        "forward": "forward: the calculation",
        "backward": "backward: multiply the slopes",
        "state": "state",
        "one-hot": "one-hot",
        "hidden": "100 units",
        "values": "four values",
        "largest": "largest:",
        "up": "up",
        "down": "down",
        "left": "left",
        "right": "right",
        "ours": "The state goes in, four values come out: one pass.",
        "other": "State and action go in, one value comes out: four passes.",
        "network": "network",
    },
    "zh": {
        "input": "输入",
        "output": "输出",
        "forward": "正向：运算",
        "backward": "反向：把斜率相乘",
        "state": "状态",
        "one-hot": "one-hot",
        "hidden": "100 个单元",
        "values": "四个值",
        "largest": "最大：",
        "up": "上",
        "down": "下",
        "left": "左",
        "right": "右",
        "ours": "输入状态，一次算出四个值。",
        "other": "输入状态和动作，每次只得一个值，要算四次。",
        "network": "网络",
    },
}

Q_STAR_OF_STATE_9 = (0.6561, 0.6561, 0.59049, 0.729)
INK, FAINT, BLUE, ORANGE = "#1f2933", "#616e7c", "#0b6e99", "#c2570c"


def graph(words: dict[str, str]) -> str:
    """Page 2: y = 3x^2 as boxes and functions, the slopes on the way back."""
    parts = []
    for centre, title, value in ((45, "x", "5"), (245, "x²", "25"), (445, "y", "75")):
        parts += [_box(centre - 34, 60, 68, 44, BLUE), _text(centre, 88, f"{title} = {value}", size=16)]
    for centre, name in ((145, "Pow"), (345, "Mul")):
        parts += [_circle(centre, 82, 26), _text(centre, 87, name)]
    parts += [_arrow(start, 82, start + 36, 82) for start in (81, 173, 281, 373)]
    parts += [_text(45, 48, words["input"], FAINT), _text(445, 48, words["output"], FAINT)]
    parts.append(_text(245, 24, words["forward"]))
    for start, end, slope in ((440, 260, "3"), (240, 60, "2x = 10")):
        parts += [
            _arrow(start, 140, end, 140, ORANGE),
            _text((start + end) / 2, 131, f"× {slope}", ORANGE, size=16),
        ]
    parts += [_text(465, 146, "1", ORANGE, size=18), _text(30, 146, "30", ORANGE, size=18)]
    parts.append(_text(245, 174, words["backward"], ORANGE))
    return _card(490, 190, parts)


def flow(words: dict[str, str]) -> str:
    """Page 7: from the state to the action, and the other way to build such a network."""
    moves = [words[move] for move in ("up", "down", "left", "right")]
    parts = [_text(250, 26, words["ours"], size=17)]
    headings = ((40, "state"), (110, "one-hot"), (225, "hidden"), (350, "values"))
    parts += [_text(x, 54, words[key], FAINT) for x, key in headings]
    parts += [_text(40, 161, "9", size=24), _arrow(56, 153, 94, 153)]
    for state in range(12):
        parts.append(_box(99, 64 + 15 * state, 22, 13, BLUE, fill=BLUE if state == 9 else "none"))
    units = [70, 97, 124, 182, 209, 236]
    outputs = [82, 130, 178, 226]
    for unit in units:
        parts += [_line(122, y, 215, unit) for y in (71, 206, 236)]
        parts += [_line(235, unit, 308, y) for y in outputs]
    parts += [_circle(225, unit, 9) for unit in units]
    parts += [_text(225, 159, "⋮", size=22), _text(225, 262, "ReLU", FAINT)]
    for y, move, value in zip(outputs, moves, Q_STAR_OF_STATE_9, strict=True):
        best = value == max(Q_STAR_OF_STATE_9)
        parts.append(_box(310, y - 17, 92, 34, ORANGE if best else INK))
        parts.append(_text(356, y + 6, f"{move}  {value:.2f}", ORANGE if best else INK, size=16))
    parts += [
        _arrow(404, 226, 432, 226, ORANGE),
        _text(436, 218, words["largest"], ORANGE, anchor="start"),
        _text(436, 240, moves[3], ORANGE, size=18, anchor="start"),
    ]
    parts += ['<path d="M16 282 H484" stroke="#d2d6dc"/>', _text(250, 310, words["other"], size=17)]
    for row, move in enumerate(moves):
        y = 338 + 30 * row
        parts += [
            _text(96, y + 5, f"9, {move}", size=16),
            _arrow(140, y, 182, y),
            _box(186, y - 12, 110, 24, INK),
            _text(241, y + 5, words["network"]),
            _arrow(298, y, 340, y),
            _text(372, y + 5, f"{Q_STAR_OF_STATE_9[row]:.2f}", size=16),
        ]
    return _card(500, 450, parts)


DRAWINGS: dict[str, Callable[[dict[str, str]], str]] = {"graph": graph, "q_network": flow}


def path(name: str, language: str) -> Path:
    """Where a drawing lies: `docs/images/graph.zh.svg`; without a language's name for English."""
    return DOCS / "images" / f"{name}{'' if language == 'en' else '.' + language}.svg"


def main() -> None:
    """Writes every drawing in every language."""
    for name, draw in DRAWINGS.items():
        for language, words in WORDS.items():
            path(name, language).write_text(draw(words), "utf-8")
            _write_png(path(name, language))


def digest(drawing: Path) -> str:
    """Tells in a PNG, under the key `drawn from`, which SVG it shows."""
    return hashlib.sha256(drawing.read_bytes()).hexdigest()


def _write_png(drawing: Path) -> None:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    width, height = re.findall(r'viewBox="0 0 (\d+) (\d+)"', drawing.read_text("utf-8"))[0]
    with tempfile.TemporaryDirectory() as folder:
        shown = Path(folder, "shown.png")
        command = ["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", f"--screenshot={shown}"]
        size = [f"--window-size={width},{height}", "--force-device-scale-factor=2"]
        subprocess.run([*command, *size, drawing.as_uri()], check=True, capture_output=True)
        said = PngInfo()
        said.add_text("drawn from", digest(drawing))
        picture = Image.open(shown).convert("RGB").quantize(32)
        picture.save(drawing.with_suffix(".png"), pnginfo=said, optimize=True)


def _card(width: int, height: int, parts: list[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
            f' font-family="sans-serif">',
            *(
                f'<marker id="tip-{colour[1:]}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
                f'markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="{colour}"/></marker>'
                for colour in (INK, ORANGE)
            ),
            f'<rect width="{width}" height="{height}" rx="8" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, words: str, colour: str = INK, size: int = 15, anchor: str = "middle") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">'
        f"{escape(words)}</text>"
    )


def _box(x: float, y: float, width: float, height: float, colour: str, fill: str = "none") -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3" fill="{fill}" '
        f'stroke="{colour}" stroke-width="1.5"/>'
    )


def _circle(x: float, y: float, radius: float) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="#fff" stroke="{INK}" stroke-width="1.5"/>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:g} {y1:g} L{x2:g} {y2:g}" stroke="#d2d6dc"/>'


def _arrow(x1: float, y1: float, x2: float, y2: float, colour: str = INK) -> str:
    return (
        f'<path d="M{x1:g} {y1:g} L{x2:g} {y2:g}" stroke="{colour}" stroke-width="1.8" '
        f'marker-end="url(#tip-{colour[1:]})"/>'
    )


if __name__ == "__main__":
    main()
