"""Who may log in, and who may do what: every kind of caller against every door."""

import hashlib
from typing import Any

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer

from api.services import tokens
from tests.http.site import SECRET, Site, check_error
from tests.services.desk_fixtures import PASSWORD

LOGIN, TICKETS = "/api/v1/login", "/api/v1/tickets"


class OldSerializer(URLSafeTimedSerializer):
    """Signs as if it were 1970."""

    class TimestampSigner(URLSafeTimedSerializer.default_signer):  # type: ignore[misc,name-defined]
        def get_timestamp(self) -> int:
            return 1

    default_signer = TimestampSigner


class TestLogin:
    async def test_right(self, site: Site) -> None:
        body = {"username": "donggou1_grid", "password": PASSWORD}
        answer = (await site.http.post(LOGIN, json=body)).json()
        assert (answer["name"], answer["role"]) == ("东沟村一组网格员", "grid_worker")
        listed = await site.http.get(TICKETS, headers={"Authorization": f"Bearer {answer['token']}"})
        assert listed.json() == {"tickets": [], "next": None}

    async def test_wrong_password_and_unknown_account_are_told_alike(self, site: Site) -> None:
        wrong = await site.http.post(LOGIN, json={"username": "admin", "password": "not-this-one"})
        unknown = await site.http.post(LOGIN, json={"username": "nobody", "password": PASSWORD})
        check_error(wrong, 401)
        assert wrong.json() == unknown.json()

    @pytest.mark.parametrize("body", [{}, {"username": "admin"}, {"username": "", "password": ""}, {"username": 1}])
    async def test_malformed(self, site: Site, body: dict[str, Any]) -> None:
        check_error(await site.http.post(LOGIN, json=body), 422, "invalid_request")

    async def test_an_old_token_has_expired(self, site: Site) -> None:
        old = OldSerializer(SECRET, salt=tokens.SALT, signer_kwargs={"digest_method": hashlib.sha1}).dumps("admin")
        answer = await site.http.get(TICKETS, headers={"Authorization": f"Bearer {old}"})
        check_error(answer, 401, "session_expired")

    @pytest.mark.parametrize(
        "token",
        ["x", "tool-token2", tokens.issue_token("admin", secret="another-secret")],
        ids=[
            "nonsense",
            "almost the tool's",
            "another secret",
        ],  # a token holds the time; workers must agree
    )
    async def test_a_forged_token(self, site: Site, token: str) -> None:
        check_error(await site.http.get(TICKETS, headers={"Authorization": f"Bearer {token}"}), 401)

    async def test_an_account_that_is_gone(self, site: Site) -> None:
        check_error(await site.http.get(TICKETS, headers=site.staff("dismissed")), 401)

    @pytest.mark.parametrize("value", ["", "Bearer", "Bearer  ", "Basic YTpi", "Bearer \u00e9"])
    async def test_a_broken_header_is_nobody(self, site: Site, value: str) -> None:
        headers = [(b"authorization", value.encode("latin-1"))]
        check_error(await site.http.get(TICKETS, headers=headers), 401)


#          caller             sees   accept handoff preview
MATRIX = [
    ("nobody", 401, 401, 401, 401),
    ("villager", 200, 403, 403, 200),
    ("other villager", 404, 404, 403, 200),
    ("donggou1_grid", 200, 200, 200, 200),
    ("donggou2_grid", 404, 404, 200, 200),
    ("donggou_director", 200, 403, 200, 200),
    ("xigou_director", 404, 404, 200, 200),
    ("qingshi_sifa1", 200, 403, 200, 200),
    ("baihua_sifa1", 404, 404, 200, 200),
    ("operator1", 200, 403, 200, 200),
    ("supervisor", 200, 403, 200, 200),
    ("admin", 200, 200, 200, 200),
    ("tool", 200, 200, 200, 200),
]


def caller(site: Site, who: str) -> dict[str, Any]:
    """Headers and parameters of one kind of caller."""
    villagers = {"villager": "visitor-1", "other villager": "visitor-2"}
    if who in villagers:
        return {"headers": site.actions, "params": {"channel": "web", "sender": villagers[who]}}
    headers = {"nobody": {}, "tool": site.tool}.get(who)
    return {"headers": site.staff(who) if headers is None else headers}


@pytest.mark.parametrize(("who", "sees", "accept", "handoff", "preview"), MATRIX, ids=[row[0] for row in MATRIX])
async def test_matrix(site: Site, who: str, sees: int, accept: int, handoff: int, preview: int) -> None:
    no = await site.open_ticket()
    as_caller = caller(site, who)
    talk, facts = "/api/v1/conversations/web/visitor-1/handoff", {"category": "neighbor", "town": "青石镇"}
    answers: list[tuple[httpx.Response, int]] = [
        (await site.http.get(f"{TICKETS}/{no}", **as_caller), sees),
        (await site.http.get(f"{TICKETS}/{no}/integrity", **as_caller), sees),
        (await site.http.post(f"{TICKETS}/{no}/accept", json={}, **as_caller), accept),
        (await site.http.post(talk, json={}, **as_caller), handoff),
        (await site.http.post("/api/v1/routing/preview", json={"facts": facts}, **as_caller), preview),
    ]
    for answer, status in answers:
        if status == 200:
            assert answer.status_code == 200, (answer.request.url, answer.text)
        else:
            check_error(answer, status)
    listed = await site.http.get(TICKETS, **as_caller)
    if who == "nobody":
        check_error(listed, 401)
    else:
        assert [one["no"] for one in listed.json()["tickets"]] == ([no] if sees == 200 else [])


async def test_somebody_elses_ticket_is_like_one_that_does_not_exist(site: Site) -> None:
    no = await site.open_ticket()
    other = await site.http.get(f"{TICKETS}/{no}", headers=site.staff("xigou_director"))
    missing = await site.http.get(f"{TICKETS}/T-20000101-0001", headers=site.staff("xigou_director"))
    assert (other.status_code, other.json()) == (missing.status_code, missing.json())


async def test_a_conversation_is_for_those_who_handle_its_ticket(site: Site) -> None:
    """Operators answer for the county; a grid worker reads only what belongs to a ticket of theirs."""
    await site.say("邻居占了我家的地界")
    talk = "/api/v1/conversations/web/visitor-1"
    before = await site.http.get(talk, headers=site.staff("donggou1_grid"))
    check_error(before, 404)
    await site.open_ticket()
    handler = await site.http.get(talk, headers=site.staff("donggou1_grid"))
    stranger = await site.http.get(talk, headers=site.staff("xigou1_grid"))
    reply = await site.http.post(f"{talk}/reply", json={"text": "在"}, headers=site.staff("xigou1_grid"))
    operator = await site.http.get(talk, headers=site.staff("operator1"))
    assert (handler.status_code, operator.status_code) == (200, 200)
    check_error(stranger, 404)
    check_error(reply, 404)


async def test_a_move_that_is_not_possible_from_here(site: Site) -> None:
    no = await site.open_ticket()
    headers = site.staff("donggou1_grid")
    answer = await site.http.post(f"{TICKETS}/{no}/record_agreement", json={"note": "x"}, headers=headers)
    check_error(answer, 409, "transition_not_allowed")
    assert (await site.http.get(f"{TICKETS}/{no}", headers=headers)).json()["status"] == "submitted"


async def test_a_villager_cannot_choose_another_sender_with_a_staff_token(site: Site) -> None:
    """`channel` and `sender` narrow what our own actions see; for staff they are only a filter."""
    no = await site.open_ticket()
    params = {"channel": "web", "sender": "visitor-1"}
    answer = await site.http.get(f"{TICKETS}/{no}", params=params, headers=site.staff("xigou_director"))
    check_error(answer, 404)


class TestWidgetOrigins:
    ORIGIN = "https://zhen.example.org"

    async def asked(self, site: Site, origin: str) -> httpx.Response:
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        headers["Access-Control-Request-Headers"] = "content-type"
        return await site.http.options("/api/v1/chat/messages", headers=headers)

    async def test_no_site_may_embed_unless_named(self, site: Site) -> None:
        assert "access-control-allow-origin" not in (await self.asked(site, self.ORIGIN)).headers
        answer = await site.http.get("/healthz", headers={"Origin": self.ORIGIN})
        assert "access-control-allow-origin" not in answer.headers

    async def test_a_named_site_may(self, named_site: Site) -> None:
        allowed = await self.asked(named_site, self.ORIGIN)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == self.ORIGIN
        assert "access-control-allow-credentials" not in allowed.headers
        assert "access-control-allow-origin" not in (await self.asked(named_site, "https://evil.example")).headers
