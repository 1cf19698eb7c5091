"""XML in and out, messages of every kind, signatures' freshness, splitting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.channels.wechat import messages, signature, xml
from api.channels.wechat.messages import Kind
from api.channels.wechat.splitting import MAX_BYTES, MAX_CHARS, split

from .conftest import NOW, OPENID, VECTORS, config, message

BOMB = '<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]><xml><Content>&b;</Content></xml>'
EXPECTED = {
    "text": (Kind.TEXT, "村里要把我家的地收回去怎么办", ""),
    "voice": (Kind.VOICE, "老板欠我三个月工资", ""),
    "subscribe": (Kind.SUBSCRIBE, "", ""),
    "click": (Kind.CLICK, "", "MENU_WAGE"),
    "location": (Kind.LOCATION, "某镇某村", ""),
    "scan": (Kind.SCAN, "", "group_7"),
}


@pytest.mark.parametrize("name", VECTORS["messages"])
def test_every_kind_of_the_vectors(name: str) -> None:
    read = messages.read(xml.parse(VECTORS["messages"][name]["plaintext"]))
    assert (read.kind, read.text, read.key) == EXPECTED[name]
    assert read.openid == OPENID
    assert 0 <= (read.at - NOW).total_seconds() <= 5
    message_id = VECTORS["messages"][name]["parsed"][-1]
    assert read.external_id == str(message_id) if message_id else read.external_id.startswith("event-")


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"MsgType": "hologram", "MsgId": "1"}, Kind.OTHER),
        ({"MsgType": "subscribe", "MsgId": "1"}, Kind.OTHER),
        ({"MsgType": "event", "Event": "text"}, Kind.OTHER),
        ({"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH"}, Kind.OTHER),
        ({"MsgType": "event", "Event": "VIEW", "EventKey": "http://example.invalid"}, Kind.OTHER),
        ({"MsgType": "event", "Event": "unsubscribe"}, Kind.UNSUBSCRIBE),
        ({"MsgType": "shortvideo", "MsgId": "1"}, Kind.SHORTVIDEO),
        ({"MsgType": "link", "MsgId": "1", "Url": "http://example.invalid"}, Kind.LINK),
    ],
)
def test_other_kinds(fields: dict[str, str], kind: Kind) -> None:
    basics = {name: str(value) for name, value in message().items()}
    assert messages.read(basics | fields).kind is kind


@pytest.mark.parametrize("missing", ["FromUserName", "ToUserName", "CreateTime"])
def test_without_the_basics_it_is_no_message(missing: str) -> None:
    fields = {name: str(value) for name, value in message(MsgType="text", Content="好").items() if name != missing}
    with pytest.raises(messages.Incomplete):
        messages.read(fields)


def test_events_in_one_second_are_told_apart_and_hide_the_open_id() -> None:
    basics = {name: str(value) for name, value in message(MsgType="event", Event="CLICK").items()}
    first, same, other = (messages.read(basics | {"EventKey": key}).external_id for key in ("A", "A", "B"))
    assert first == same != other
    assert OPENID not in first


def test_the_core_gets_a_pseudonym_and_the_address_apart() -> None:
    fields = {name: str(v) for name, v in message(MsgType="event", Event="subscribe", EventKey="qrscene_v7").items()}
    inbound = messages.read(fields).inbound(config())
    assert inbound.channel == "wechat"
    assert len(inbound.sender) == 64
    assert OPENID not in inbound.sender
    assert inbound.reply_address == OPENID
    assert inbound.extra == {"kind": "subscribe", "place_hint": "v7"}


@pytest.mark.parametrize(
    "body",
    [
        BOMB.encode(),
        b'<!doctype a SYSTEM "file:///etc/passwd"><xml/>',
        b"<xml><a></xml>",
        b"\xff\xfe<xml/>",
        b"",
        b"[]",
        b"<html/>",
        b"<xml>" + b"x" * (64 * 1024) + b"</xml>",
        b"<!-- <![CDATA[ --><!DOCTYPE xml><!-- ]]> --><xml><a>1</a></xml>",
    ],
)
def test_bad_xml_is_refused(body: bytes) -> None:
    with pytest.raises(xml.BadXml):
        xml.parse(body)


def test_the_word_doctype_may_be_spoken_of() -> None:
    assert xml.parse("<xml><Content><![CDATA[<!DOCTYPE 是什么]]></Content></xml>") == {"Content": "<!DOCTYPE 是什么"}


@given(st.text())
def test_text_survives_writing_and_reading(text: str) -> None:
    expected = xml.clean(text).replace("\r\n", "\n").replace("\r", "\n")
    assert xml.parse(xml.render({"Content": text})) == {"Content": expected}


@pytest.mark.parametrize("text", ["a]]>b", "]]]]>>", "😀👍", "\x00空\x0b字符", "<xml>&amp;"])
def test_hard_texts(text: str) -> None:
    assert xml.parse(xml.render({"Content": text}))["Content"] == xml.clean(text)
    assert "\x00" not in xml.render({"Content": text})


@pytest.mark.parametrize(
    ("offset", "good"), [(0, True), (300, True), (-300, True), (301, False), (-301, False), (10**9, False)]
)
def test_freshness(offset: int, good: bool) -> None:
    stamp = int(NOW.timestamp()) + offset
    assert signature.fresh(str(stamp), now=NOW.timestamp(), window=300) is good


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "１７６３７６９６００", "9" * 400])
def test_strange_timestamps(stamp: str) -> None:
    assert not signature.fresh(stamp, now=NOW.timestamp(), window=300)


@given(st.text(alphabet="一二三。，\n😀ab ", max_size=3000))
def test_parts_fit_and_nothing_is_lost(text: str) -> None:
    parts = split(text, reserve=20)
    assert all(part and len(part) <= MAX_CHARS - 20 and len(part.encode()) <= MAX_BYTES - 60 for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_cut_at_a_sentence_end() -> None:
    parts = split("这是第一句话，说得比较长。" * 100)
    assert all(part.endswith("。") for part in parts)
    assert len(parts) <= 3
