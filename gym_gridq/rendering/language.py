"""Every word that is drawn, in each of the languages."""

# ruff: noqa: RUF001 - the full-width marks are meant

from __future__ import annotations

from gym_gridq.drawing import Language

__all__ = ["WORDS", "translated"]

WORDS: dict[str, tuple[str, str]] = {
    # on the board and below it
    "START": ("起点", "スタート"),
    "episode": ("回合", "エピソード"),
    "step": ("步数", "ステップ"),
    "return": ("回报", "収益"),
    "reward": ("奖励", "報酬"),
    "last reward": ("上次奖励", "直前の報酬"),
    "epsilon": ("探索率", "探索率"),
    "loss": ("损失", "損失"),
    "discount": ("折扣率", "割引率"),
    "learning rate": ("学习率", "学習率"),
    "state": ("状态", "状態"),
    "action": ("动作", "行動"),
    "agent": ("智能体", "エージェント"),
    "seed": ("种子", "シード"),
    "value": ("价值", "価値"),
    "mean return": ("平均回报", "平均収益"),
    "optimal states": ("最优状态", "最適な状態"),
    # curves
    "return, exploring": ("回报（探索时）", "収益（探索中）"),
    "greedy value": ("贪心策略的价值", "貪欲方策の価値"),
    "max abs(Q - q*)": ("最大误差 |Q - q*|", "最大誤差 |Q - q*|"),
    # the bar
    "H: keys, Esc: close": ("H：按键，Esc：关闭", "H：キー操作、Esc：閉じる"),
    # the card of keys
    "Keys": ("按键", "キー操作"),
    "space": ("空格", "スペース"),
    "right arrow": ("右方向键", "右矢印"),
    "click": ("单击", "クリック"),
    "arrows, WASD": ("方向键、WASD", "矢印、WASD"),
    "pause, go on": ("暂停，继续", "一時停止、再開"),
    "one step, while paused": ("暂停时走一步", "停止中に1ステップ進む"),
    "faster, slower": ("加快，减慢", "速く、遅く"),
    "Q-values, or nothing": ("Q 值，或不显示", "Q値、または非表示"),
    "values, or nothing": ("状态价值，或不显示", "状態価値、または非表示"),
    "policy, or nothing": ("策略，或不显示", "方策、または非表示"),
    "Bellman backup of a cell": ("格子的贝尔曼备份", "マスのベルマンバックアップ"),
    "restart the episode": ("重新开始回合", "エピソードをやり直す"),
    "save a picture": ("保存图片", "画像を保存"),
    "these keys": ("显示这些按键", "このキー操作"),
    "close": ("关闭", "閉じる"),
    "move": ("移动", "移動"),
    "up, down": ("上下方向键", "上下矢印"),
    "epsilon by hand": ("手动设置探索率", "探索率を手で変える"),
    "epsilon as planned": ("按计划的探索率", "探索率を予定どおりに"),
    "edit the map": ("编辑地图", "地図を編集"),
    "floor, wall, pit, goal, hole, start": (
        "空地、墙、陷阱、终点、洞、起点",
        "床、壁、落とし穴、ゴール、穴、スタート",
    ),
    "click, drag": ("单击、拖动", "クリック、ドラッグ"),
    "paint": ("绘制", "描く"),
    "right button": ("右键", "右ボタン"),
    "erase": ("擦除", "消す"),
    "wheel": ("滚轮", "ホイール"),
    "reward of such cells": ("这类格子的奖励", "同じ種類のマスの報酬"),
    "Ctrl+arrows": ("Ctrl+方向键", "Ctrl+矢印"),
    "Shift+arrows": ("Shift+方向键", "Shift+矢印"),
    "a row or column more": ("加一行或一列", "行か列を加える"),
    "a row or column less": ("减一行或一列", "行か列を除く"),
    "undo, redo": ("撤销，重做", "元に戻す、やり直す"),
    "save the map": ("保存地图", "地図を保存"),
    "play on this map": ("在这张地图上玩", "この地図で遊ぶ"),
    "actions by number": ("按编号选动作", "番号で行動"),
    "arrows": ("方向键", "矢印"),
    # the card of a cell
    "cell ({}, {}), state {}, discount {:g}": (
        "格子 ({}, {})，状态 {}，折扣率 {:g}",
        "マス ({}, {})、状態 {}、割引率 {:g}",
    ),
    "0: the cell is a wall": ("0：这一格是墙", "0：このマスは壁"),
    "0: the cell is terminal": ("0：这一格是终止状态", "0：このマスは終端"),
    "backup": ("备份", "バックアップ"),
    "up": ("上", "上"),
    "down": ("下", "下"),
    "left": ("左", "左"),
    "right": ("右", "右"),
    # notices
    "paused: right arrow makes a step, space goes on": (
        "已暂停：右方向键走一步，空格继续",
        "一時停止：右矢印で1ステップ、スペースで再開",
    ),
    "full speed": ("全速", "最高速"),
    "{:g} steps a second": ("每秒 {:g} 步", "毎秒 {:g} ステップ"),
    "{:g} times as fast": ("{:g} 倍速", "{:g} 倍速"),
    "epsilon {:g} by hand: noted in config.json": (
        "手动探索率 {:g}：已记入 config.json",
        "探索率を手で {:g} に：config.json に記録",
    ),
    "editing: paint with the mouse, S saves, E plays": (
        "编辑中：用鼠标绘制，S 保存，E 开始玩",
        "編集中：マウスで描く、S で保存、E で遊ぶ",
    ),
    "reward of {}: {}": ("{} 的奖励：{}", "{} の報酬：{}"),
    "saved {}": ("已保存 {}", "保存しました：{}"),
    "not saved: {}": ("未能保存：{}", "保存できません：{}"),
    "return {:g} in {} steps: any move plays again": (
        "回报 {:g}，共 {} 步：任意移动键再玩一次",
        "収益 {:g}、{} ステップ：移動キーでもう一度",
    ),
    "training has ended: Esc closes the window": (
        "训练结束：按 Esc 关闭窗口",
        "学習終了：Esc で閉じます",
    ),
}
"""What is said in English, and the same in Chinese and Japanese; `str.format` fills in the braces."""


def translated(text: str, language: Language) -> str:
    """A text of ours in a language; any other text as it is."""
    if language == "en" or text not in WORDS:
        return text
    return WORDS[text][0 if language == "zh" else 1]
