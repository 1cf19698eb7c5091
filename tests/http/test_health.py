"""Alive, ready, counted; and no path of the interface falls over nonsense."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.http.site import WALL, Site, check_error

NONSENSE: tuple[Any, ...] = (None, {}, [], "字", 7, {"text": [], "facts": 3, "channel": "\x00", "note": {"a": 1}})


async def test_alive(site: Site) -> None:
    assert (await site.http.get("/healthz")).json() == {"status": "ok"}


async def test_ready_only_with_the_bot(site: Site) -> None:
    answer = await site.http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert set(answer.json()["parts"].values()) == {"ok"}
    site.rasa.down = True
    answer = await site.http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert "没有应答" in answer.json()["parts"]["bot"]
    assert (await site.http.get("/healthz")).status_code == 200


async def test_metrics(site: Site) -> None:
    await site.say(WALL)
    answer = await site.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "process_" in answer.text or "python_info" in answer.text
    assert WALL not in answer.text


async def test_unknown_path_and_method(site: Site) -> None:
    check_error(await site.http.get("/api/v1/nothing"), 404)
    check_error(await site.http.delete("/api/v1/tickets"), 405)


def calls(schema: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Every operation but the streams, which go on for ever and are tested where they belong."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if "text/event-stream" not in operation["responses"].get("200", {}).get("content", {}):
                yield method.upper(), path, "requestBody" in operation


@pytest.mark.parametrize("value", ["T-20261120-0001", "%00", "字" * 200, "-1"])
async def test_no_path_falls_over_nonsense(site: Site, value: str) -> None:
    """Every operation of the schema, as a tool that may do everything, with bodies that mean nothing."""
    schema = (await site.http.get("/openapi.json")).json()
    asked = 0
    for method, path, has_body in calls(schema):
        filled = "/".join(value if part.startswith("{") else part for part in path.split("/"))
        query = {"q": value, "k": value, "before": value, "text": value, "category": value, "status": value}
        for body in NONSENSE if has_body else (None,):
            params = query if body is None else {}
            answer = await site.http.request(method, filled, params=params, json=body, headers=site.tool)
            asked += 1
            assert answer.status_code < 500 or answer.status_code == 503, (method, filled, body, answer.text)
            if answer.status_code >= 400:
                check_error(answer, answer.status_code)
    assert asked > 60


async def test_an_unreadable_body_is_a_400_everywhere(site: Site) -> None:
    schema = (await site.http.get("/openapi.json")).json()
    headers = {"content-type": "application/json", **site.tool}
    for method, path, has_body in calls(schema):
        if has_body:
            filled = path.replace("{", "").replace("}", "").replace("channel", "web").replace("move", "accept")
            answer = await site.http.request(method, filled, content=b'{"a": \xff', headers=headers)
            check_error(answer, 400)
