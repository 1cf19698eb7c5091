"""The other party's name as a caller says it; a wall of stones is nobody."""

import pytest

from knowledge_base.person_names import name_in


@pytest.mark.parametrize(
    ("role", "text", "name"),
    [
        ("隔壁", "隔壁张老三家干的，他说他先承包的", "张老三"),
        ("隔壁", "上游的水叫隔壁截了\n是张老三家", "张老三"),
        ("邻居", "邻居王建国把水截了", "王建国"),
        ("隔壁", "隔壁李军把墙砌过来", "李军"),
        ("对门", "对门的欧阳锋骂人", "欧阳锋"),
        ("隔壁", "我叫钱小芳，隔壁截我水\n他叫吴国庆", "吴国庆"),
        ("", "我叫钱老三，要问水", ""),
        ("隔壁", "隔壁的墙占了我家", ""),
        ("邻居", "邻居砌墙占了我家滴水檐", ""),
        ("隔壁", "隔壁家的石头砸了我家", ""),
        ("邻居", "邻居家高压线断了", ""),
        ("隔壁", "隔壁马路边的树倒了", ""),
    ],
)
def test_who_the_other_party_is(role: str, text: str, name: str) -> None:
    assert name_in(text, role) == name
