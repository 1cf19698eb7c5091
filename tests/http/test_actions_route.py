"""Rasa's action endpoint, mounted in the app: only for the bot of this machine."""

import json
import zlib
from typing import Any

import httpx
import pytest

from tests.http.site import Site, check_error


def call(action: str = "action_small_talk", intent: str = "greet") -> dict[str, Any]:
    latest = {"intent": {"name": intent, "confidence": 1.0}, "entities": [], "text": "你好"}
    tracker = {"sender_id": "web:visitor-1", "slots": {}, "latest_message": latest, "events": [], "paused": False}
    return {"next_action": action, "sender_id": "web:visitor-1", "tracker": tracker, "domain": {}, "version": "3.6.21"}


def from_host(site: Site, host: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=site.app, client=(host, 4000))
    return httpx.AsyncClient(transport=transport, base_url="http://desk")


async def test_an_action_runs(site: Site) -> None:
    answer = (await site.http.post("/webhook", json=call())).json()
    assert "小枫" in answer["responses"][0]["text"]
    assert {"event": "slot", "name": "misses", "value": 0, "timestamp": None}.items() <= answer["events"][0].items()


async def test_a_deflated_body_is_inflated(site: Site) -> None:
    plain = await site.http.post("/webhook", json=call())
    packed = zlib.compress(json.dumps(call()).encode())
    answer = await site.http.post("/webhook", content=packed, headers={"content-encoding": "deflate"})
    assert answer.json() == plain.json()


async def test_a_bomb_is_not_inflated(site: Site) -> None:
    packed = zlib.compress(b" " * 9_000_000)
    check_error(await site.http.post("/webhook", content=packed, headers={"content-encoding": "deflate"}), 422)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", b"{}", b'{"tracker": 1}'])
async def test_nonsense_is_refused(site: Site, body: bytes) -> None:
    check_error(await site.http.post("/webhook", content=body), 422)
    answer = await site.http.post("/webhook", content=body, headers={"content-encoding": "deflate"})
    check_error(answer, 422)


async def test_an_unknown_action_is_404_as_rasa_expects(site: Site) -> None:
    answer = await site.http.post("/webhook", json=call("action_nobody_wrote"))
    assert answer.status_code == 404
    assert answer.json()["action_name"] == "action_nobody_wrote"


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.168.1.7", 403), ("8.8.8.8", 403)])
async def test_only_this_machine(site: Site, host: str, status: int) -> None:
    async with from_host(site, host) as http:
        answer = await http.post("/webhook", json=call())
    assert answer.status_code == status
    if status == 403:
        check_error(answer, 403)


async def test_nobody_comes_through_the_proxy(site: Site) -> None:
    check_error(await site.http.post("/webhook", json=call(), headers={"x-forwarded-for": "127.0.0.1"}), 403)


async def test_an_action_acts_for_its_villager_only(site: Site) -> None:
    theirs, mine = await site.open_ticket(sender="visitor-9"), await site.open_ticket(sender="visitor-1")
    answer = (await site.http.post("/webhook", json=call("action_ticket_status", "ticket_status"))).json()
    (said,) = answer["responses"]
    assert mine in said["text"]
    assert theirs not in said["text"]
