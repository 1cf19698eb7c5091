"""The operator's page: picks up, writes while listening, sees the hints, makes the ticket, closes; without a mouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import too_wide
from tests.browser.test_story import PASSWORD, TICKET, WALL
from tests.browser.test_widget import serious
from tests.system import System

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 900}, locale="zh-CN")
    yield context.new_page()
    context.close()


def log_in(page: Page, system: System) -> None:
    page.goto(f"{system.base}/console")
    page.get_by_label("账号").fill("operator1")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="热线台").click()


def ring(system: System, call: str, phone: str) -> None:
    with system.client() as http:
        body = {"call_id": call, "event": "ringing", "phone": phone}
        assert http.post("/api/v1/hotline/events", json=body).is_success


def test_from_the_ringing_to_the_note(page: Page, system: System, pictures: Path) -> None:
    log_in(page, system)
    ring(system, "browser-1", "13800000002")
    page.get_by_role("listitem").filter(has_text="13800000002").get_by_role("button", name="接").click()
    expect(page.get_by_role("heading", name="通话：13800000002")).to_be_visible()
    page.keyboard.type(f"东沟村一组，{WALL}")
    page.keyboard.press("Enter")
    hints = page.get_by_role("region", name="提示")
    expect(hints).to_contain_text("邻里")
    expect(hints).to_contain_text("依据")
    expect(hints).to_contain_text("还没有问的")
    expect(page.get_by_label("村", exact=True)).to_have_value("东沟村")
    page.screenshot(path=pictures / "13-hotline.png", full_page=True)
    page.keyboard.press("Alt+t")
    said = page.locator("#said")
    expect(said).to_contain_text(TICKET)
    expect(said).to_contain_text("东沟村一组网格工作站")
    page.screenshot(path=pictures / "14-hotline-ticket.png", full_page=True)
    page.get_by_role("button", name="结束并交还机器人").click()
    expect(page.locator("#desk")).to_be_hidden()

    ring(system, "browser-2", "138 0000 0002")
    page.get_by_role("listitem").filter(has_text="138 0000 0002").get_by_role("button", name="接").click()
    expect(page.locator("#history")).to_contain_text(TICKET)
    expect(page.locator("#history")).to_contain_text("来电说")


def test_danger_is_the_first_thing_to_be_seen(page: Page, system: System, pictures: Path) -> None:
    log_in(page, system)
    page.get_by_label("手工接一通").fill("13800000003")
    page.keyboard.press("Enter")
    page.get_by_label("听到什么就记什么").fill("她说不想活了，我不想活了，农药就在手边")
    page.keyboard.press("Enter")
    expect(page.locator("#hints .problem").first).to_contain_text("120")
    expect(page.locator("#said")).to_contain_text("保护性工单")
    page.screenshot(path=pictures / "15-hotline-danger.png", full_page=True)


def test_axe_finds_nothing(page: Page, system: System) -> None:
    log_in(page, system)
    page.get_by_label("手工接一通").fill("13800000004")
    page.keyboard.press("Enter")
    expect(page.locator("#desk")).to_be_visible()
    assert serious(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert not too_wide(page)


def test_what_is_known_goes_to_who_takes_over(page: Page, system: System) -> None:
    sender = "e" * 32
    with system.client() as http:
        for number, text in enumerate((WALL, "转人工"), 1):
            body = {"channel": "web", "sender": sender, "message_id": f"known-{number}", "text": text}
            http.post("/api/v1/chat/messages", json=body)
    log_in(page, system)
    page.goto(f"{system.base}/console/talks/web/{sender}")
    expect(page.get_by_label("已经知道的")).to_contain_text(WALL)
    page.get_by_role("button", name="我来接").click()
    expect(page.get_by_text("正在回复")).to_be_visible()
