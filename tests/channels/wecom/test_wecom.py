"""A mediator's commands from WeCom, encrypted with the CorpID; an independent client writes them."""

from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree.ElementTree import fromstring

import httpx
import pytest
from pydantic import SecretStr
from wechatpy.enterprise.crypto import WeChatCrypto

from api.channels.wecom.commands import read, wording
from tests.fakes.wechat import seal, signed, unseal, xml_of
from tests.http.site import Site, one_library, running

TOKEN, CORP = "wecomtoken", "wwtried0001"
KEY = "ZGVtb2tleWZvcnZpbGxhZ2Vib3QyMDI2MTEyMWFiY2Q"
SAY = wording().say


@pytest.fixture
async def site(tmp_path: Path, seeded_file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr("api.main.open_library", one_library)
    app = {
        "wecom_token": SecretStr(TOKEN),
        "wecom_aes_key": SecretStr(KEY),
        "wecom_corp_id": CORP,
        "wecom_users": {"GridOne": "donggou1_grid", "Elsewhere": "xigou1_grid"},
        "clock": "2026-12-02T10:00:00+08:00",
    }
    async with running(tmp_path, seeded_file, **app) as opened:
        yield opened


async def post(site: Site, fields: dict[str, str], *, key: str = KEY, corp: str = CORP) -> httpx.Response:
    stamp, nonce = str(int(site.app.state.runtime.settings.now().timestamp())), "n0nce"
    cipher = seal(key, corp, xml_of({"ToUserName": corp, "CreateTime": stamp, **fields}))
    params = {"timestamp": stamp, "nonce": nonce, "msg_signature": signed(TOKEN, stamp, nonce, cipher)}
    body = xml_of({"ToUserName": corp, "Encrypt": cipher})
    return await site.http.post("/wecom", params=params, content=body.encode())


async def say(site: Site, text: str, *, person: str = "GridOne", message_id: str = "1") -> str:
    answer = await post(site, {"FromUserName": person, "MsgType": "text", "Content": text, "MsgId": message_id})
    assert answer.status_code == 200
    sealed = {child.tag: child.text or "" for child in fromstring(answer.text)}
    assert signed(TOKEN, sealed["TimeStamp"], sealed["Nonce"], sealed["Encrypt"]) == sealed["MsgSignature"]
    inside = fromstring(unseal(KEY, CORP, sealed["Encrypt"]))
    assert inside.findtext("ToUserName") == person
    return inside.findtext("Content") or ""


async def status(site: Site, no: str) -> tuple[str, int]:
    ticket = (await site.http.get(f"/api/v1/tickets/{no}", headers=site.tool)).json()
    return ticket["status"], len(ticket["events"])


async def test_from_accepting_to_the_result(site: Site) -> None:
    no = await site.open_ticket()
    assert await say(site, f"接单 {no}") == f"{no}：已受理。"
    assert await say(site, f"结果 {no} 调成 两家各退一尺", message_id="2") == f"{no}：达成协议。"
    assert (await status(site, no))[0] == "agreed"
    [kept] = (await site.http.get(f"/api/v1/tickets/{no}/records?kind=agreement", headers=site.tool)).json()
    assert (kept["values"]["form"], kept["values"]["terms"]) == ("oral", "两家各退一尺")
    assert await say(site, f"结果 {no} 调成 两家各退一尺", message_id="2") == f"{no}：达成协议。"


async def test_an_agreement_needs_its_words(site: Site) -> None:
    no = await site.open_ticket()
    await say(site, f"接单 {no}")
    assert "协议内容" in await say(site, f"结果 {no} 调成", message_id="2")
    assert (await status(site, no))[0] == "accepted"


async def test_a_repeated_message_moves_once(site: Site) -> None:
    no = await site.open_ticket()
    said = {await say(site, f"接单 {no}") for _ in range(3)}
    assert said == {f"{no}：已受理。"}
    assert (await status(site, no))[1] == 2


async def test_a_failure_needs_its_reason(site: Site) -> None:
    no = await site.open_ticket()
    await say(site, f"接单 {no}")
    refused = await say(site, f"结果 {no} 不成", message_id="2")
    assert "不成" in refused or "原因" in refused or "说明" in refused
    assert (await status(site, no))[0] == "accepted"


async def test_only_ones_own_tickets_and_only_known_people(site: Site) -> None:
    no = await site.open_ticket()
    assert "没有这张工单" in await say(site, f"接单 {no}", person="Elsewhere")
    assert await say(site, f"接单 {no}", person="Nobody", message_id="2") == SAY["unknown_person"]
    assert await say(site, "在吗", message_id="3") == SAY["help"]
    assert (await status(site, no))[0] == "submitted"


@pytest.mark.parametrize("wrong", [{"key": KEY[:-1] + "A"}, {"corp": "wwother"}])
async def test_what_is_not_ours_is_refused(site: Site, wrong: dict[str, str]) -> None:
    answer = await post(site, {"FromUserName": "GridOne", "MsgType": "text", "Content": "x", "MsgId": "1"}, **wrong)
    assert (answer.status_code, answer.content) == (403, b"")


async def test_events_and_pictures_get_an_empty_answer(site: Site) -> None:
    answer = await post(site, {"FromUserName": "GridOne", "MsgType": "event", "Event": "enter_agent"})
    assert (answer.status_code, answer.content) == (200, b"")


async def test_the_check_of_the_address(site: Site) -> None:
    stamp, nonce = str(int(site.app.state.runtime.settings.now().timestamp())), "n0nce"
    echo = seal(KEY, CORP, "1616140317555161061")
    params = {"timestamp": stamp, "nonce": nonce, "echostr": echo, "msg_signature": signed(TOKEN, stamp, nonce, echo)}
    answer = await site.http.get("/wecom", params=params)
    assert answer.text == "1616140317555161061"
    assert WeChatCrypto(TOKEN, KEY, CORP).check_signature(params["msg_signature"], stamp, nonce, echo) == answer.text
    params["msg_signature"] = "0" * 40
    assert (await site.http.get("/wecom", params=params)).status_code == 403


def test_commands_are_read() -> None:
    command = read("结果 t-20261202-0001 不成 对方不来")
    assert command
    assert (command.no, [*map(str, command.moves)], command.note) == (
        "T-20261202-0001",
        ["start_mediation", "record_failure"],
        "对方不来",
    )
    assert [read(text) for text in ("接单", "删除 T-20261202-0001", "结果 T-20261202-0001 随便")] == [None] * 3
