"""The callback as WeChat sees it."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import httpx
import pytest
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto

from api.channels.wechat import signature, xml
from api.channels.wechat.config import Mode, WeChatConfig
from api.channels.wechat.texts import load_texts

from .conftest import ACCOUNT, VECTORS, FakeCore, WeChat, config, message

TEXTS = load_texts()
THEIRS = WeChatCrypto(ACCOUNT["token"], ACCOUNT["encoding_aes_key"], ACCOUNT["appid"])


class TestVerification:
    async def test_echo(self, wechat: WeChat) -> None:
        response = await wechat.http.get("/wechat", params=wechat.query(echostr="7391abc_+/=-"))
        assert (response.status_code, response.text) == (200, "7391abc_+/=-")
        assert response.headers["content-type"].startswith("text/plain")

    async def test_order_of_parameters_does_not_matter(self, wechat: WeChat) -> None:
        for order in itertools.permutations(wechat.query(echostr="ok").items()):
            assert (await wechat.http.get("/wechat", params=list(order))).text == "ok"

    @pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce", "echostr"])
    async def test_missing_parameter(self, wechat: WeChat, missing: str) -> None:
        query = {name: value for name, value in wechat.query(echostr="ok").items() if name != missing}
        response = await wechat.http.get("/wechat", params=query)
        assert (response.status_code, response.content) == (403, b"")

    @pytest.mark.parametrize(
        "changed",
        [{"signature": "0" * 40}, {"signature": "非"}, {"nonce": "other"}, {"timestamp": "1763769601"},
         {"echostr": "<script>"}, {"echostr": "a" * 257}],
    )  # fmt: skip
    async def test_wrong_parameter(self, wechat: WeChat, changed: dict[str, str]) -> None:
        response = await wechat.http.get("/wechat", params=wechat.query(echostr="ok") | changed)
        assert (response.status_code, response.content) == (403, b"")

    async def test_token_outside_ascii(self, core: FakeCore) -> None:
        client = WeChat(WeChatConfig(token="枫桥", app_id="", sender_secret="s", mode="plain"), core)
        assert (await client.http.get("/wechat", params=client.query(echostr="ok"))).text == "ok"
        await client.http.aclose()

    async def test_an_old_request_is_refused(self, wechat: WeChat) -> None:
        stamp = str(int(ACCOUNT["timestamp"]) - 301)
        query = {"signature": signature.sign(ACCOUNT["token"], stamp, "n"), "timestamp": stamp, "nonce": "n"}
        assert (await wechat.http.get("/wechat", params=query | {"echostr": "ok"})).status_code == 403

    @pytest.mark.parametrize("change", [{"signature": "bad"}, {"signature": ""}])
    async def test_post_is_verified_too(self, wechat: WeChat, core: FakeCore, change: dict[str, str]) -> None:
        body = xml.render(message(MsgType="text", Content="你好", MsgId="1"))
        response = await wechat.http.post("/wechat", params=wechat.query() | change, content=body.encode())
        assert (response.status_code, response.content) == (403, b"")
        assert core.handled == []


class TestPlain:
    async def test_text(self, wechat: WeChat, core: FakeCore) -> None:
        assert await wechat.say("地界怎么认") == "答：地界怎么认"
        assert core.handled[0].reply_address == "oDemoOpenId0000000000000001"

    async def test_the_same_message_again(self, wechat: WeChat, core: FakeCore) -> None:
        replies = [await wechat.say("工资", message_id="77") for _ in range(3)]
        assert replies == ["答：工资"] * 3
        assert len(core.handled) == 1

    async def test_the_same_message_three_times_at_once(self, wechat: WeChat, core: FakeCore) -> None:
        core.delay = 0.05
        replies = await asyncio.gather(*(wechat.say("工资", message_id="78") for _ in range(3)))
        assert replies == ["答：工资"] * 3
        assert len(core.handled) == 1

    async def test_a_used_nonce_is_no_error(self, wechat: WeChat) -> None:
        fields = message(MsgType="text", Content="好", MsgId="5")
        first, again = await wechat.post(fields, nonce="same"), await wechat.post(fields, nonce="same")
        assert first.status_code == again.status_code == 200

    async def test_voice_is_read_back(self, wechat: WeChat) -> None:
        reply = await wechat.say("", MsgType="voice", Recognition="老板欠我工资")
        assert reply == TEXTS.heard.format(text="老板欠我工资") + "\n\n答：老板欠我工资"

    async def test_voice_is_read_back_once(self, wechat: WeChat, core: FakeCore) -> None:
        core.answer = "我听到的是：“{text}”。我记对了吗？"
        said = await wechat.say("", MsgType="voice", Recognition="东沟村一组")
        assert said == core.answer.format(text="东沟村一组")
        assert core.handled[0].extra["kind"] == "voice"

    @pytest.mark.parametrize("fields", [{}, {"Recognition": ""}, {"Recognition": "  "}])
    async def test_voice_not_understood(self, wechat: WeChat, core: FakeCore, fields: dict[str, str]) -> None:
        assert await wechat.say("", MsgType="voice", **fields) == TEXTS.voice_unclear
        assert core.handled == []

    @pytest.mark.parametrize(
        ("kind", "text"),
        [("image", TEXTS.image), ("video", TEXTS.image), ("shortvideo", TEXTS.image), ("link", TEXTS.unsupported)],
    )
    async def test_what_we_cannot_read(self, wechat: WeChat, core: FakeCore, kind: str, text: str) -> None:
        assert await wechat.say("", MsgType=kind, Url="http://example.invalid/") == text
        assert core.handled == []

    async def test_a_photo_is_noted_with_where_it_is(self, wechat: WeChat, core: FakeCore) -> None:
        fields = {"MsgType": "image", "MediaId": "m-1", "PicUrl": "http://mmbiz.qpic.cn/x"}
        assert await wechat.say("", **fields) == "照片收到了"
        assert core.photos[0].extra == {"kind": "image", "media_id": "m-1", "picture_url": "http://mmbiz.qpic.cn/x"}
        core.failing = True
        assert await wechat.say("", **fields) == TEXTS.failed

    async def test_unsupported_mark_is_not_a_question(self, wechat: WeChat, core: FakeCore) -> None:
        assert await wechat.say("【收到不支持的消息类型，暂无法显示】") == TEXTS.unsupported
        assert core.handled == []

    async def test_location_gives_its_name_only(self, wechat: WeChat, core: FakeCore) -> None:
        await wechat.say("", MsgType="location", Location_X="23.1", Location_Y="113.3", Label="青石镇东沟村")
        assert core.handled[0].text == "青石镇东沟村"
        assert "23.1" not in str(core.handled[0])

    async def test_follow(self, wechat: WeChat) -> None:
        fields = message(MsgType="event", Event="subscribe", EventKey="qrscene_donggou_1")
        texts = [xml.parse((await wechat.post(fields)).content)["Content"] for _ in range(3)]
        assert texts == [TEXTS.welcome + "\n" + TEXTS.scanned.format(place="donggou_1")] * 3
        assert "隐私" in TEXTS.welcome
        assert "删除我的信息" in TEXTS.welcome
        assert wechat.core.followers[0].extra["place_hint"] == "donggou_1"

    async def test_unfollow_forgets_the_open_id(self, wechat: WeChat, core: FakeCore) -> None:
        response = await wechat.post(message(MsgType="event", Event="unsubscribe"))
        assert response.text == "success"
        assert core.forgotten == [wechat.config.sender_of("oDemoOpenId0000000000000001")]

    async def test_menu(self, wechat: WeChat, core: FakeCore) -> None:
        click = message(MsgType="event", Event="CLICK")
        mediate = await wechat.post(click | {"EventKey": "MENU_MEDIATE"})
        assert xml.parse(mediate.content)["Content"] == "答：" + TEXTS.menu["MENU_MEDIATE"]
        urgent = await wechat.post(click | {"EventKey": TEXTS.emergency_key})
        assert "110" in xml.parse(urgent.content)["Content"]
        assert (await wechat.post(click | {"EventKey": "NOBODY_KNOWS"})).text == "success"
        assert len(core.handled) == 1

    @pytest.mark.parametrize("key", TEXTS.topics)
    async def test_the_menu_asks_back(self, wechat: WeChat, core: FakeCore, key: str) -> None:
        clicked = await wechat.post(message(MsgType="event", Event="CLICK", EventKey=key))
        shown = xml.parse(clicked.content)["Content"].splitlines()
        topics = TEXTS.topics[key]
        assert shown == [topics.ask, *(f"· {one}" for one in topics.commonest), TEXTS.topics_end]
        assert 4 <= len(topics.commonest) <= 5
        assert core.handled == []

    @pytest.mark.parametrize(
        "fields",
        [
            {"MsgType": "event", "Event": "MASSSENDJOBFINISH"},
            {"MsgType": "event", "Event": "LOCATION"},
            {"MsgType": "x"},
        ],
    )
    async def test_unknown_is_success(self, wechat: WeChat, fields: dict[str, str]) -> None:
        assert (await wechat.post(message(**fields))).text == "success"

    @pytest.mark.parametrize(
        "body", [b"", b"junk", b"<xml></xml>", b"\xff\xff", b"<!DOCTYPE a><xml/>", b"<xml>" + b"x" * 70_000]
    )
    async def test_unreadable_bodies_are_success(self, wechat: WeChat, core: FakeCore, body: bytes) -> None:
        response = await wechat.http.post("/wechat", params=wechat.query(), content=body)
        assert (response.status_code, response.text) == (200, "success")
        assert core.handled == []

    async def test_ten_megabytes_are_not_read_to_the_end(self, wechat: WeChat, core: FakeCore) -> None:
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(160):
                sent += 65_536
                yield b"x" * 65_536

        response = await wechat.http.post("/wechat", params=wechat.query(), content=endless())
        assert (response.status_code, response.text) == (200, "success")
        assert core.handled == []

    async def test_broken_core_says_so(self, wechat: WeChat, core: FakeCore, caplog: pytest.LogCaptureFixture) -> None:
        core.failing = True
        assert await wechat.say("工资的秘密") == TEXTS.failed
        assert "工资的秘密" not in caplog.text
        assert "oDemoOpenId" not in caplog.text

    async def test_broken_core_does_not_stop_help(self, wechat: WeChat, core: FakeCore) -> None:
        core.failing = True
        assert await wechat.say("我不想活了") == "请马上打120或110"

    async def test_hard_characters(self, wechat: WeChat) -> None:
        body = xml.render(message(MsgType="text", Content="地]]>😀", MsgId="9")).replace("😀", "😀\x00")
        response = await wechat.http.post("/wechat", params=wechat.query(), content=body.encode())
        assert xml.parse(response.content)["Content"] == "答：地]]>😀"
        assert parse_message(response.content).content == "答：地]]>😀"


@pytest.mark.parametrize("mode", ["safe", "compat"])
class TestEncrypted:
    @pytest.fixture
    async def sealed(self, mode: Mode, core: FakeCore) -> AsyncIterator[WeChat]:
        client = WeChat(config(mode), core)
        yield client
        await client.http.aclose()

    async def post(self, client: WeChat, body: str, signed: str) -> httpx.Response:
        query = client.query(ACCOUNT["nonce"], encrypt_type="aes", msg_signature=signed)
        return await client.http.post("/wechat", params=query, content=body.encode())

    @pytest.mark.parametrize("name", ["text", "voice", "subscribe", "click", "location"])
    async def test_vectors_there_and_back(self, sealed: WeChat, name: str) -> None:
        vector = VECTORS["messages"][name]
        response = await self.post(sealed, vector["post_body"], vector["msg_signature"])
        reply = xml.parse(response.content)
        opened = THEIRS.decrypt_message(response.content, reply["MsgSignature"], reply["TimeStamp"], reply["Nonce"])
        assert parse_message(opened).target == "oDemoOpenId0000000000000001"

    async def test_wechatpy_as_client(self, sealed: WeChat) -> None:
        plain = xml.render(message(MsgType="text", Content="邻居占地", MsgId="31"))
        body = THEIRS.encrypt_message(plain, ACCOUNT["nonce"], ACCOUNT["timestamp"])
        response = await self.post(sealed, body, xml.parse(body)["MsgSignature"])
        reply = xml.parse(response.content)
        opened = THEIRS.decrypt_message(response.content, reply["MsgSignature"], reply["TimeStamp"], reply["Nonce"])
        assert parse_message(opened).content == "答：邻居占地"

    @pytest.mark.parametrize("name", VECTORS["negatives"])
    async def test_malformed_is_refused_like_everything_else(self, sealed: WeChat, core: FakeCore, name: str) -> None:
        vector = VECTORS["negatives"][name]
        response = await self.post(sealed, xml.render({"Encrypt": vector["encrypt"]}), vector["msg_signature"])
        assert (response.status_code, response.content) == (403, b"")
        assert core.handled == []

    async def test_wrong_message_signature(self, sealed: WeChat) -> None:
        response = await self.post(sealed, VECTORS["messages"]["text"]["post_body"], "0" * 40)
        assert (response.status_code, response.content) == (403, b"")

    async def test_plain_fields_are_never_trusted(self, sealed: WeChat, core: FakeCore) -> None:
        vector = VECTORS["messages"]["text"]
        mixed = xml.render(message(MsgType="text", Content="假的", MsgId="1", Encrypt=vector["encrypt"]))
        await self.post(sealed, mixed, vector["msg_signature"])
        assert [handled.text for handled in core.handled] == ["村里要把我家的地收回去怎么办"]
        bare = xml.render(message(MsgType="text", Content="假的", MsgId="1"))
        assert (await self.post(sealed, bare, "0" * 40)).status_code == 403

    async def test_a_bomb_inside_the_cipher(self, sealed: WeChat, core: FakeCore) -> None:
        body = THEIRS.encrypt_message("<!DOCTYPE a><xml/>", ACCOUNT["nonce"], ACCOUNT["timestamp"])
        response = await self.post(sealed, body, xml.parse(body)["MsgSignature"])
        assert (response.status_code, response.text) == (200, "success")
        assert core.handled == []
