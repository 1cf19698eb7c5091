"""The web chat's pages and the staff console, as a browser without scripts sees them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import get_args

import httpx
import pytest

from api.http.schemas.desk import TicketIn
from api.web.pages import CHANNELS
from knowledge_base.desk.quick import load_quick
from tests.http.site import WALL, Site
from tests.services.desk_fixtures import PASSWORD

CONSOLE = "/console"


@asynccontextmanager
async def logged_in(site: Site, username: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of its own with the console's cookie."""
    transport = httpx.ASGITransport(app=site.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://desk") as browser:
        answer = await browser.post(f"{CONSOLE}/login", data={"username": username, "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/tickets")
        yield browser


def test_every_channel_has_a_name_in_the_console() -> None:
    codes = {*get_args(TicketIn.model_fields["channel"].annotation), load_quick()["channel"]}
    assert codes <= set(CHANNELS)


class TestChatPages:
    async def test_page_is_locked_down(self, site: Site) -> None:
        answer = await site.http.get("/chat")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "'unsafe-inline'" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "12348" in answer.text

    @pytest.mark.parametrize(("path", "kind"), [("/widget.js", "text/javascript"), ("/widget.css", "text/css")])
    async def test_widget_may_be_loaded_by_other_sites(self, site: Site, path: str, kind: str) -> None:
        answer = await site.http.get(path)
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"

    async def test_nothing_is_loaded_from_elsewhere(self, site: Site) -> None:
        for path in ("/chat", "/widget.js", "/widget.css", "/static/page.css", "/static/console.css", "/console/login"):
            answer = await site.http.get(path)
            assert answer.status_code == 200
            assert not re.search(r"(src|href|url\()\W*https?://(?!…)", answer.text), path


class TestConsoleLogin:
    async def test_page_is_locked_down(self, site: Site) -> None:
        answer = await site.http.get(f"{CONSOLE}/login")
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"

    async def test_cookie_is_kept_from_scripts_and_other_sites(self, site: Site) -> None:
        data = {"username": " donggou1_grid ", "password": PASSWORD}
        answer = await site.http.post(f"{CONSOLE}/login", data=data, headers={"x-forwarded-proto": "https"})
        cookie = answer.headers["set-cookie"].lower()
        assert all(part in cookie for part in ("httponly", "samesite=strict", "secure"))

    async def test_wrong_password(self, site: Site) -> None:
        data = {"username": "<b>admin", "password": "wrong"}
        answer = await site.http.post(f"{CONSOLE}/login", data=data)
        assert answer.status_code == 401
        assert "账号或密码不对" in answer.text
        assert "<b>admin" not in answer.text

    @pytest.mark.parametrize("path", ["", "/tickets", "/tickets/T-20261120-0001", "/talks", "/talks/web/a"])
    async def test_who_is_not_logged_in_is_sent_to_the_login_page(self, site: Site, path: str) -> None:
        answer = await site.http.get(CONSOLE + path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")
        answer = await site.http.get(CONSOLE + path, headers={"cookie": "fengqiao_staff=stale"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/login?expired=1")
        assert "登录已过期" in (await site.http.get(answer.headers["location"])).text

    async def test_logout(self, site: Site) -> None:
        async with logged_in(site, "admin") as browser:
            await browser.post(f"{CONSOLE}/logout")
            assert (await browser.get(f"{CONSOLE}/tickets")).headers["location"] == "/console/login"

    @pytest.mark.parametrize("path", ["/login", "/logout", "/tickets/T-1/accept", "/talks/web/a/take"])
    @pytest.mark.parametrize("origin", ["https://evil.example", "http://desk.evil.example", "null"])
    async def test_a_form_of_another_site_is_refused(self, site: Site, path: str, origin: str) -> None:
        async with logged_in(site, "admin") as browser:
            data = {"username": "admin", "password": PASSWORD}
            answer = await browser.post(CONSOLE + path, data=data, headers={"origin": origin})
        assert answer.status_code == 403
        assert "从工作台页面提交" in answer.text


class TestConsoleDesk:
    async def test_from_the_list_to_the_result(self, site: Site) -> None:
        no = await site.open_ticket()
        async with logged_in(site, "donggou1_grid") as browser:
            assert no in (await browser.get(f"{CONSOLE}/tickets")).text
            ticket = await browser.get(f"{CONSOLE}/tickets/{no}")
            assert WALL in ticket.text
            assert "没有说" not in ticket.text
            assert 'href="/console/talks/web/visitor-1"' in ticket.text
            for move, note, shown in (
                ("accept", "", "已受理"),
                ("start_mediation", "", "调解中"),
                ("record_agreement", "邻居答应把墙退后一尺", "邻居答应把墙退后一尺"),
            ):
                answer = await browser.post(f"{CONSOLE}/tickets/{no}/{move}", data={"note": note})
                assert (answer.status_code, answer.headers["location"]) == (303, f"/console/tickets/{no}")
                text = (await browser.get(answer.headers["location"])).text
                assert shown in text or move == "record_agreement"
            assert "达成协议" in text
        url = f"/api/v1/tickets/{no}/records?kind=agreement"
        [kept] = (await site.http.get(url, headers=site.tool)).json()
        assert (kept["state"], kept["values"]["terms"]) == ("effective", "邻居答应把墙退后一尺")

    async def test_a_move_that_is_not_possible_is_explained_on_the_page(self, site: Site) -> None:
        no = await site.open_ticket()
        async with logged_in(site, "donggou1_grid") as browser:
            answer = await browser.post(f"{CONSOLE}/tickets/{no}/close", data={"note": "x"})
            assert answer.status_code == 409
            assert 'role="alert"' in answer.text
            assert no in answer.text

    async def test_a_missing_reason_is_asked_for(self, site: Site) -> None:
        no = await site.open_ticket()
        async with logged_in(site, "donggou1_grid") as browser:
            answer = await browser.post(f"{CONSOLE}/tickets/{no}/escalate", data={"note": "  "})
            assert 'role="alert"' in answer.text
            assert (await browser.get(f"{CONSOLE}/tickets/{no}")).text.count("<li><time>") == 1

    async def test_pointing_moves(self, site: Site) -> None:
        first, second = await site.open_ticket(), await site.open_ticket(text="另一家的树枝伸过来")
        async with logged_in(site, "donggou1_grid") as browser:
            regraded = {"target": "major", "note": "双方动过手"}
            assert (await browser.post(f"{CONSOLE}/tickets/{first}/regrade", data=regraded)).status_code == 303
            assert "预警：重大" in (await browser.get(f"{CONSOLE}/tickets")).text
            merged = await browser.post(f"{CONSOLE}/tickets/{second}/merge", data={"target": first, "note": "同一件"})
            assert merged.status_code == 303, merged.text
            elsewhere = {"target": "没有的单位", "note": "x"}
            nowhere = await browser.post(f"{CONSOLE}/tickets/{first}/transfer", data=elsewhere)
            assert 'role="alert"' in nowhere.text

    async def test_somebody_elses_ticket_is_a_page_that_says_no(self, site: Site) -> None:
        no = await site.open_ticket()
        async with logged_in(site, "xigou_director") as browser:
            answer = await browser.get(f"{CONSOLE}/tickets/{no}")
            assert answer.status_code == 404
            assert answer.headers["content-type"].startswith("text/html")
            assert no not in (await browser.get(f"{CONSOLE}/tickets?show=all")).text

    async def test_nonsense_addresses_are_pages_too(self, site: Site) -> None:
        async with logged_in(site, "admin") as browser:
            for path in ("/tickets?before=x", "/tickets?before=99999999999999999999", "/talks/pigeon/x"):
                answer = await browser.get(CONSOLE + path)
                assert answer.status_code in (404, 422), path
                assert answer.headers["content-type"].startswith("text/html")
            answer = await browser.post(f"{CONSOLE}/tickets/T-1/explode")
            assert answer.status_code == 422

    async def test_what_a_villager_wrote_is_shown_as_text(self, site: Site) -> None:
        no = await site.open_ticket(text="<script>alert(1)</script>墙占了地")
        async with logged_in(site, "donggou1_grid") as browser:
            assert "<script>" not in (await browser.get(f"{CONSOLE}/tickets/{no}")).text


class TestConsoleTalks:
    async def test_an_operator_answers_and_gives_back(self, site: Site) -> None:
        sender = "d7c1b6f09a354a3c8a3e0c9a3f5d2b11"
        await site.say(WALL, sender=sender)
        url = f"{CONSOLE}/talks/web/{sender}"
        async with logged_in(site, "operator1") as browser:
            assert sender not in (await browser.get(f"{CONSOLE}/talks")).text
            await browser.post(f"{url}/take")
            assert sender in (await browser.get(f"{CONSOLE}/talks")).text
            await browser.post(f"{url}/reply", data={"text": "我是坐席，请说"})
            assert "我是坐席，请说" in (await browser.get(url)).text
            talk = (await site.http.get(f"/api/v1/conversations/web/{sender}")).json()
            assert (talk["owner"], talk["messages"][-1]["role"]) == ("human", "staff")
            await browser.post(f"{url}/return")
            assert sender not in (await browser.get(f"{CONSOLE}/talks")).text

    async def test_a_reply_that_is_refused_keeps_its_text(self, site: Site) -> None:
        await site.say(WALL, sender="visitor-1")
        url = f"{CONSOLE}/talks/web/visitor-1"
        async with logged_in(site, "operator1") as first, logged_in(site, "operator2") as second:
            await first.post(f"{url}/take")
            answer = await second.post(f"{url}/reply", data={"text": "您好<b>，我是另一位"})
            assert answer.status_code == 409
            assert "正在回复这位来访人" in answer.text
            assert "您好&lt;b&gt;，我是另一位</textarea>" in answer.text
            assert (await second.post(f"{url}/take")).status_code == 409
            assert "另一位" not in (await first.get(url)).text

    async def test_the_card_says_what_and_who(self, site: Site) -> None:
        await site.say(f"{WALL}，{'说了好多遍' * 20}", sender="visitor-1")
        async with logged_in(site, "operator1") as browser:
            await browser.post(f"{CONSOLE}/talks/web/visitor-1/take")
            shown = (await browser.get(f"{CONSOLE}/talks")).text
        assert f"“{WALL}" in shown
        assert "…”" in shown
        assert "在回</span>" in shown

    @pytest.mark.parametrize("path", ["/talks", "/talks/web/visitor-1", "/hotline"])
    async def test_scripts_are_only_our_own(self, site: Site, path: str) -> None:
        await site.say(WALL, sender="visitor-1")
        async with logged_in(site, "operator1") as browser:
            answer = await browser.get(CONSOLE + path)
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'; connect-src 'self'" in policy
        assert "<script>" not in answer.text


class TestReports:
    async def test_every_number_is_a_link_to_its_tickets(self, site: Site) -> None:
        no = await site.open_ticket()
        async with logged_in(site, "qingshi_leader") as browser:
            opened = (await browser.get(f"{CONSOLE}/tickets/{no}")).text
            year, month = no[2:6], no[6:8]
            shown = (await browser.get(f"{CONSOLE}/reports?kind=month&period={year}-{month}")).text
            assert no in opened
            assert "人民调解案件情况" in shown
            link = re.search(r'href="(/console/tickets\?[^"]*measure=registered[^"]*)"', shown)
            assert link
            assert no in (await browser.get(link[1].replace("&amp;", "&"))).text
            assert f"/api/v1/reports/month?period={year}-{month}&amp;format=docx" in shown.replace("&f", "&amp;f")

    @pytest.mark.parametrize("query", ["kind=weather", "period=昨天", "kind=week&period=2026-10"])
    async def test_what_is_no_report_is_said_on_a_page(self, site: Site, query: str) -> None:
        async with logged_in(site, "admin") as browser:
            answer = await browser.get(f"{CONSOLE}/reports?{query}")
            assert answer.status_code == 422
            assert "<html" in answer.text

    async def test_nobody_else_reads_them(self, site: Site) -> None:
        assert (await site.http.get(f"{CONSOLE}/reports")).headers["location"].startswith("/console/login")
