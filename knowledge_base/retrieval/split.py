"""Cuts a message with several questions into its questions, keeping their order."""

from __future__ import annotations

import re

_END = re.compile(r"[？?！!。；;\n]+")
_NUMBERED = re.compile(
    r"(?:^|(?<=[\s，,。；;？?]))(?:[一二三四五六][、.．]|第[一二三四五六][，,、]|[1-6][、.．）)]\s*(?!\d))"
)
_JOIN = re.compile(
    r"(?:[，,。；;]\s*)?(?:还有(?:就是|一个问题|个事)?|另外|顺便(?:再)?问(?:一下|下)?|再问(?:一下|下|一个)?)[，,：:]?"
)
_ASKING = re.compile(
    r"[吗呢么]|怎么|咋|如何|多少|多久|几[年天个岁次条]|谁|哪|什么|啥|能不能|可不可以|是不是|有没有|要不要|算不算|合法|该不该|行不行|[？?]"
)
_SHORT = 4


def _pieces(text: str) -> list[str]:
    out = []
    for part in _NUMBERED.split(text):
        for joined in _JOIN.split(part):
            marks = _END.findall(joined)
            plain = _END.split(joined)
            out += [
                piece.strip(" ，,、") + ("？" if "？" in mark or "?" in mark else "")
                for piece, mark in zip(plain, [*marks, ""], strict=True)
                if piece.strip(" ，,、")
            ]
    return out


def split_questions(text: str, most: int) -> list[str]:
    """The questions of a message in order, each with the statements told before it; one item when there is one."""
    questions: list[str] = []
    told: list[str] = []
    for piece in _pieces(text):
        told.append(piece)
        if _ASKING.search(piece) and len(piece) >= _SHORT:
            questions.append("，".join(told))
            told = []
    if len(questions) < 2:
        return [text.strip()]
    if told:
        questions[-1] += "，" + "，".join(told)
    return [*questions[: most - 1], "，".join(questions[most - 1 :])] if len(questions) > most else questions
