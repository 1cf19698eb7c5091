"""Photos over WeChat: noted within the five seconds, fetched by the worker, on the ticket without their hidden data."""

import io
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from api.domain.errors import InvalidInput
from knowledge_base.operators import load_operator_rules
from tests.http.site import WALL
from tests.services.test_evidence_files import photo

from .bridge import OPENID, RULES, Bridge

SAY = load_operator_rules().say
LATER = timedelta(days=1)


async def with_ticket(bridge: Bridge) -> str:
    """Somebody who has said something and has one open ticket; its number."""
    await bridge.wechat.say(OPENID, WALL)
    return await bridge.site.open_ticket(channel="wechat", sender=sender_of(bridge))


def sender_of(bridge: Bridge) -> str:
    sender: str = bridge.site.rasa.turns[0]["metadata"]["sender"]
    return sender


async def files(bridge: Bridge, no: str) -> list[bytes]:
    url = f"/api/v1/tickets/{no}/evidence"
    listed = (await bridge.site.http.get(url, headers=bridge.site.tool)).json()
    return [(await bridge.site.http.get(f"{url}/{one['id']}", headers=bridge.site.tool)).content for one in listed]


async def told(bridge: Bridge) -> str:
    """What the person sees of the worker's word: pushed, or asked for."""
    await bridge.work()
    if bridge.wechat.verified:
        return bridge.wechat.seen[OPENID][-1]
    return await bridge.wechat.say(OPENID, "1") or ""


async def test_onto_the_open_ticket_in_the_background_without_its_hidden_data(bridge: Bridge) -> None:
    no = await with_ticket(bridge)
    said = await bridge.wechat.photo(OPENID, photo())
    coming = SAY["photo_coming" if bridge.wechat.verified else "photo_coming_ask"]
    assert said == coming.format(no=no)
    assert bridge.wechat.media_calls == 0, "fetched inside the five seconds"
    assert await files(bridge, no) == []
    assert SAY["photo_kept"].format(no=no) in await told(bridge)
    (kept,) = await files(bridge, no)
    assert b"maker-of-phone" not in kept
    with Image.open(io.BytesIO(kept)) as opened:
        assert not opened.getexif()
    talk = await bridge.site.http.get(f"/api/v1/conversations/wechat/{sender_of(bridge)}", headers=bridge.site.tool)
    assert "[照片]" in [one["text"] for one in talk.json()["messages"]]


async def test_the_same_message_again_is_one_file_and_one_receipt(bridge: Bridge) -> None:
    no = await with_ticket(bridge)
    bridge.wechat.lose_replies = 2
    first = await bridge.wechat.photo(OPENID, photo(), message_id="77")
    await bridge.work()
    assert await bridge.wechat.photo(OPENID, photo(), message_id="77") == first
    await bridge.work()
    assert len(await files(bridge, no)) == 1
    assert bridge.wechat.media_calls == 1


async def test_without_a_ticket_nothing_is_fetched_and_the_reason_is_said(bridge: Bridge) -> None:
    assert await bridge.wechat.photo(OPENID, photo()) == SAY["photo_without_ticket"]
    await bridge.work()
    assert bridge.wechat.media_calls == 0


@pytest.mark.parametrize(
    ("content", "why"),
    [(bytes(50_000_000), "最多 20 MB"), (b"MZ\x90\x00" + bytes(400), "收不了"), (photo()[:300], "打不开")],
    ids=["50 MB", "exe", "cut off"],
)
async def test_what_is_refused_is_told_once_in_plain_words(bridge: Bridge, content: bytes, why: str) -> None:
    no = await with_ticket(bridge)
    await bridge.wechat.photo(OPENID, content)
    said = await told(bridge)
    assert f"照片没有放进工单 {no}" in said
    assert why in said
    calls = bridge.wechat.media_calls
    await bridge.work(later=LATER)
    assert (bridge.wechat.media_calls, await files(bridge, no)) == (calls, [])


async def test_a_failure_is_tried_again_after_a_while(bridge: Bridge) -> None:
    no = await with_ticket(bridge)
    await bridge.wechat.photo(OPENID, photo())
    bridge.wechat.fail_media = [500, 502]
    await bridge.work()
    assert bridge.wechat.media_calls == 1
    await bridge.work()
    assert bridge.wechat.media_calls == 1, "tried again without a wait"
    await bridge.work(later=LATER)
    assert await files(bridge, no) == []
    await bridge.work(later=2 * LATER)
    assert len(await files(bridge, no)) == 1


async def test_after_the_last_try_it_is_given_up_and_said_once(bridge: Bridge) -> None:
    no = await with_ticket(bridge)
    await bridge.wechat.photo(OPENID, photo())
    tries = RULES["fetching"]["most_tries"]
    bridge.wechat.fail_media = [500] * (tries + 3)
    for number in range(tries + 3):
        await bridge.work(later=number * LATER)
    assert bridge.wechat.media_calls == tries
    lost = SAY["photo_lost"].format(no=no)
    assert lost in await told(bridge)
    assert sum(lost in one for one in bridge.wechat.seen[OPENID]) == 1


async def test_a_picture_that_is_gone_is_not_asked_for_again(bridge: Bridge) -> None:
    await with_ticket(bridge)
    await bridge.wechat.photo(OPENID, photo())
    bridge.wechat.media.clear()
    assert RULES["wording"]["gone"] in await told(bridge)


@pytest.mark.parametrize("bridge", ["verified"], indirect=True)
async def test_a_token_that_ended_and_an_account_that_may_not(bridge: Bridge) -> None:
    no = await with_ticket(bridge)
    await bridge.wechat.photo(OPENID, photo())
    bridge.wechat.fail_media = [42001]
    await bridge.work()
    assert len(await files(bridge, no)) == 1
    await bridge.wechat.photo(OPENID, photo("PNG"))
    bridge.wechat.fail_media = [48001]
    await bridge.work()
    assert len(await files(bridge, no)) == 2, "PicUrl was not asked"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x",
        "file:///etc/passwd",
        "http://qpic.cn.evil.test/x",
        "http://evilqpic.cn/x",
        "",
        "http://[",
    ],
)
@pytest.mark.parametrize("bridge", ["unverified"], indirect=True)
async def test_no_other_address_is_asked(bridge: Bridge, url: str) -> None:
    with pytest.raises(InvalidInput):
        await bridge.pictures.fetch("", url)


@pytest.mark.parametrize("bridge", ["unverified"], indirect=True)
async def test_the_scanner_is_asked(bridge: Bridge, tmp_path: Path) -> None:
    script = tmp_path / "scan.py"
    script.write_text("import sys\nsys.stdin.buffer.read()\nsys.exit(1)\n")
    no = await with_ticket(bridge)
    bridge.site.app.state.settings.antivirus_command = f"{sys.executable} {script}"
    await bridge.wechat.photo(OPENID, photo())
    assert "病毒" in await told(bridge)
    assert await files(bridge, no) == []


@pytest.mark.parametrize("bridge", ["unverified"], indirect=True)
async def test_what_is_erased_is_not_fetched(bridge: Bridge) -> None:
    no = await with_ticket(bridge)
    await bridge.wechat.photo(OPENID, photo())
    url = f"/api/v1/conversations/wechat/{sender_of(bridge)}"
    erased = await bridge.site.http.delete(url, headers=bridge.site.tool)
    assert erased.status_code == 200
    await bridge.work()
    assert (bridge.wechat.media_calls, await files(bridge, no)) == (0, [])
