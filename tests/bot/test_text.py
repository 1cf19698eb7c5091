from __future__ import annotations

import pytest

from bot.text import MAX_CHARACTERS, is_payload, normalise


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("土地承包糾紛", "土地承包纠纷"),
        ("欠我３万５", "欠我3万5"),
        ("還錢！！！！！！", "还钱!!"),
        ("啊啊啊啊啊", "啊啊"),
        ("👍🏽我 要 打官司😀[流泪]", "我要打官司"),
        ("\u200b欠钱\x00不还\ufeff", "欠钱不还"),
        ("  你好\n\n 在吗  ", "你好在吗"),
        ("hello   world", "hello world"),
        ("10000元", "10000元"),
        ("Ｔ－20261122－0007", "T-20261122-0007"),
        ("乾旱", "干旱"),
        ("[图片]", "[图片]"),
        ("😀😀", ""),
    ],
)
def test_plain_form(raw: str, plain: str) -> None:
    assert normalise(raw) == plain
    assert normalise(normalise(raw)) == plain


def test_payloads_are_left_alone() -> None:
    payload = '/inform{"place": "東溝村！！！！"}'
    assert is_payload(payload)
    assert normalise(payload) == payload
    assert not is_payload("/ 你好")


def test_length_is_capped() -> None:
    assert len(normalise("田地" * MAX_CHARACTERS)) == MAX_CHARACTERS
