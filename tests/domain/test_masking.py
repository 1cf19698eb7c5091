"""What names a person goes, what belongs to the matter stays."""

import pytest

from api.domain.masking import masked


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("打我电话13800138000说", "打我电话〔电话〕说"),
        ("138 0013 8000", "〔电话〕"),
        ("座机0471-6543210", "座机〔电话〕"),
        ("身份证11010519491231002X的人", "身份证〔证件号〕的人"),
        ("卡号6222 0202 0000 1234 567", "卡号〔银行卡号〕"),
        ("欠我13800元，2024年3月15日借的", "欠我13800元，2024年3月15日借的"),
        ("（2023）某0102民初1234号", "（2023）某0102民初1234号"),
        ("", ""),
    ],
)
def test_masked(text: str, out: str) -> None:
    assert masked(text) == out
    assert masked(masked(text)) == out
