"""Every vector of the protocol page, and wechatpy as an independent other side."""

import base64
from typing import Any

import pytest
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto

from api.channels.wechat import signature, xml
from api.channels.wechat.crypto import BadCipher, MessageCrypto

from .conftest import ACCOUNT, VECTORS

CIPHER = MessageCrypto([ACCOUNT["encoding_aes_key"]], ACCOUNT["appid"])
SEALED = {**VECTORS["messages"], **VECTORS["pad_edges"]}


def test_address_signature() -> None:
    given = VECTORS["sig"]
    assert signature.sign(given["token"], given["timestamp"], given["nonce"]) == given["signature"]


@pytest.mark.parametrize("name", SEALED)
def test_own_vectors_byte_for_byte(name: str) -> None:
    vector = SEALED[name]
    assert CIPHER.decrypt(vector["encrypt"]) == vector["plaintext"]
    assert CIPHER.encrypt(vector["plaintext"], random=ACCOUNT["random16"].encode()) == vector["encrypt"]
    parts = (ACCOUNT["token"], ACCOUNT["timestamp"], ACCOUNT["nonce"], vector["encrypt"])
    assert signature.valid(vector["msg_signature"], *parts)


@pytest.mark.parametrize("name", VECTORS["negatives"])
def test_signed_but_malformed_is_refused_without_a_reason(name: str) -> None:
    vector = VECTORS["negatives"][name]
    parts = (ACCOUNT["token"], ACCOUNT["timestamp"], ACCOUNT["nonce"], vector["encrypt"])
    assert signature.valid(vector["msg_signature"], *parts)
    with pytest.raises(BadCipher) as refused:
        CIPHER.decrypt(vector["encrypt"])
    assert str(refused.value) == ""


@pytest.mark.parametrize("name", VECTORS["official"])
def test_vectors_of_public_sample_code(name: str) -> None:
    vector = VECTORS["official"][name]
    parts = (vector["token"], vector["timestamp"], vector["nonce"], vector["encrypt"])
    assert signature.valid(vector["msg_signature"], *parts)
    plain = MessageCrypto([vector["encoding_aes_key"]], vector["receive_id"]).decrypt(vector["encrypt"])
    if "plaintext" in vector:
        assert plain == vector["plaintext"]
    elif "plaintext_contains" in vector:
        assert vector["plaintext_contains"] in plain
    else:
        assert xml.parse(plain) == xml.parse(VECTORS["official_mp_plain"])


@pytest.mark.parametrize("garbage", ["", "====", "不是密文", "QUJD", base64.b64encode(b"x" * 32).decode()])
def test_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(BadCipher):
        CIPHER.decrypt(garbage)


def test_the_old_key_still_opens_while_keys_are_changed() -> None:
    new = base64.b64encode(bytes(range(32))).decode().rstrip("=")
    both = MessageCrypto([new, ACCOUNT["encoding_aes_key"]], ACCOUNT["appid"])
    assert both.decrypt(VECTORS["messages"]["text"]["encrypt"]) == VECTORS["messages"]["text"]["plaintext"]
    assert MessageCrypto([new], ACCOUNT["appid"]).decrypt(both.encrypt("新钥匙")) == "新钥匙"


@pytest.mark.parametrize("key", ["", "short", "?" * 43])
def test_an_unusable_key_is_found_at_start(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        MessageCrypto([key], "wx")


@pytest.mark.parametrize("text", ["", "你好", "😀]]>" * 50, "x" * 1000])
def test_both_ways_with_wechatpy(text: str) -> None:
    theirs = WeChatCrypto(ACCOUNT["token"], ACCOUNT["encoding_aes_key"], ACCOUNT["appid"])
    sealed: dict[str, Any] = xml.parse(theirs.encrypt_message(text, "nonce", "1763769600"))
    assert CIPHER.decrypt(sealed["Encrypt"]) == text
    ours = CIPHER.encrypt(text)
    signed = signature.sign(ACCOUNT["token"], "1763769600", "nonce", ours)
    opened = theirs.decrypt_message(xml.render({"Encrypt": ours}), signed, "1763769600", "nonce")
    assert (opened.decode() if isinstance(opened, bytes) else opened) == text


@pytest.mark.parametrize("name", VECTORS["messages"])
def test_wechatpy_reads_the_same_message(name: str) -> None:
    plain = CIPHER.decrypt(VECTORS["messages"][name]["encrypt"])
    assert parse_message(plain).source == xml.parse(plain)["FromUserName"]
