"""Makes the fonts in which frames and windows show Chinese and Japanese, out of Noto Sans CJK.

    pip install fonttools
    python tools/cjk_fonts.py [FOLDER]

FOLDER holds NotoSansCJK-Bold.ttc, which https://github.com/notofonts/noto-cjk publishes and Debian has in its
package fonts-noto-cjk. Both fonts get the same characters, in the shapes of their country: ASCII, kana,
punctuation, the symbols that stand in formulas, and every character of our own words, of our pages in Chinese
and Japanese, and of what people may put into a status line. To be run again when these have new ones.
"""

# ruff: noqa: RUF001 - the symbols are meant

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection

ROOT = Path(__file__).parents[1]
FONTS = ROOT / "gym_gridq" / "rendering" / "fonts"
DEBIAN = "/usr/share/fonts/opentype/noto"

RANGES = (
    (0x0020, 0x007E),  # ASCII
    (0x3001, 0x3020),  # punctuation
    (0x3041, 0x3096),  # hiragana
    (0x3099, 0x30FF),  # katakana
    (0xFF01, 0xFF5E),  # full-width ASCII
)
SYMBOLS = "°±²³·×÷αβγδεθλμπστφωΔΣ–—‘’“”…←↑→↓∈∑−√∞≈≠≤≥"
STATUS = (
    "备注说明名称编号进度剩余成功失败胜负得分总计平均最近最好最差批次轮次周期权重温度噪声阶段实验对照组班级学生姓名演示比较"
    "備考説明名称番号進捗残成功失敗勝負得点合計平均直近最良最悪回数温度雑音段階実験対照組学生氏名比較更新目標達成"
)
"""Words that people may put into a status line."""
TEXTS = ("gym_gridq/rendering/language.py", "README.zh.md", "docs/zh/**/*.md", "docs/ja/**/*.md")

NAMES = (0, 1, 2, 3, 4, 5, 6, 13, 14)
"""The font's name, version, copyright and licence, as their numbers in its table."""


def main() -> None:
    """Makes them."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else DEBIAN)
    wanted = characters()
    for name, family in (("sc", "Noto Sans CJK SC"), ("jp", "Noto Sans CJK JP")):
        collection = TTCollection(folder / "NotoSansCJK-Bold.ttc", lazy=True)
        font = next(font for font in collection.fonts if font["name"].getDebugName(1) == family)
        font.recalcTimestamp = False  # the same font, however often it is made
        options = Options(layout_features=[], name_IDs=NAMES, notdef_outline=True)
        options.drop_tables += ["BASE", "VORG", "vhea", "vmtx"]  # of vertical lines
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=map(ord, wanted))
        subsetter.subset(font)
        path = FONTS / f"NotoSansCJK{name}-Bold-subset.otf"
        font.save(path)
        print(
            f"{path.relative_to(ROOT)}: {len(font.getBestCmap())} characters, {path.stat().st_size:,} bytes"
        )


def characters() -> set[str]:
    """What the fonts are to show."""
    wanted = {chr(code) for first, last in RANGES for code in range(first, last + 1)} | set(SYMBOLS + STATUS)
    for pattern in TEXTS:
        for path in ROOT.glob(pattern):
            wanted |= set(path.read_text(encoding="utf-8"))
    return {character for character in wanted if character.isprintable()}


if __name__ == "__main__":
    main()
