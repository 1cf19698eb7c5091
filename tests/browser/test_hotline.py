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


def log_in(page: Page, system: System, name: str = "operator1") -> None:
    page.goto(f"{system.base}/console")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="热线台").click()


def note(page: Page, text: str) -> None:
    page.get_by_label("听到什么就记什么").fill(text)
    page.keyboard.press("Enter")


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


def test_the_card_is_of_the_whole_call(page: Page, system: System, pictures: Path) -> None:
    log_in(page, system)
    page.get_by_label("手工接一通").fill("13800000007")
    page.keyboard.press("Enter")
    note(page, "东沟村一组的，上游把水截了，不给我家地放水")
    title = page.locator("#hints .law h3").first
    expect(title).to_contain_text("截水")
    note(page, "隔壁张老三家干的，他说他先承包的")
    expect(page.get_by_label("对方")).to_have_value("张老三")
    expect(title).to_contain_text("截水")
    expect(page.locator("#hints .law")).not_to_contain_text("#")
    page.screenshot(path=pictures / "16-hotline-card.png", full_page=True)


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


def test_lines_noted_without_a_network_are_kept_and_sent(page: Page, system: System, pictures: Path) -> None:
    log_in(page, system)
    page.get_by_label("手工接一通").fill("13800000005")
    page.keyboard.press("Enter")
    note(page, "东沟村一组的")
    lines, said = page.locator("#lines p"), page.locator("#said")
    expect(page.locator("#hints p").first).not_to_have_text("还没有可说的。")
    page.context.set_offline(True)
    note(page, WALL)
    expect(lines.nth(1)).to_contain_text("没有存上，网络好了再存")
    page.keyboard.press("Alt+e")
    expect(said).to_contain_text("没有存上")
    page.screenshot(path=pictures / "17-hotline-offline.png", full_page=True)
    page.context.set_offline(False)
    expect(lines.nth(1)).to_have_text(WALL, timeout=20_000)
    expect(page.locator("#hints")).to_contain_text("邻里")

    page.route("**/lines", lambda route: route.abort())
    note(page, "说了他也不听")
    expect(lines.nth(2)).to_contain_text("没有存上")
    page.reload()
    page.get_by_role("listitem").filter(has_text="13800000005").get_by_role("button", name="打开").click()
    expect(lines).to_contain_text(["东沟村一组的", WALL, "说了他也不听"])
    expect(lines.nth(2)).to_contain_text("没有存上")
    page.unroute("**/lines")
    page.get_by_role("button", name="再存一次").click()
    expect(lines).to_have_text(["东沟村一组的", WALL, "说了他也不听"])
    page.context.set_offline(True)
    page.keyboard.press("Alt+e")
    expect(said).to_contain_text("没有办成")
    page.context.set_offline(False)
    page.keyboard.press("Alt+e")
    expect(said).to_contain_text("已结束")
    expect(said).to_contain_text("说了他也不听")


def waiting(system: System, sender: str, text: str, message_id: str) -> None:
    with system.client() as http:
        for number, line in enumerate((text, "转人工"), 1):
            body = {"channel": "web", "sender": sender, "message_id": f"{message_id}-{number}", "text": line}
            assert http.post("/api/v1/chat/messages", json=body).is_success


@pytest.mark.parametrize("path", ["/console/hotline", "/console/talks"])
def test_who_waits_appears_by_itself(page: Page, system: System, pictures: Path, path: str) -> None:
    log_in(page, system)
    page.goto(f"{system.base}{path}")
    sender, text = f"live{path[-1]}" * 6, f"{WALL}，住在{path[-1]}号"
    waiting(system, sender, text, f"live-{path[-1]}")
    card = page.locator(f"#waiting a[href$='{sender}']")
    expect(card).to_contain_text("还没人接")
    expect(card).to_contain_text(f"{text} / 转人工")
    with system.client() as http:
        http.post(f"/api/v1/conversations/web/{sender}/callback", json={"phone": "13800000006", "wish": "晚上"})
    if path.endswith("hotline"):
        expect(page.locator("#callbacks")).to_contain_text("13800000006")
        page.locator("#callbacks form").filter(has_text="13800000006").get_by_role("button").click()
        expect(page.locator("#callbacks")).not_to_contain_text("13800000006")
    page.screenshot(path=pictures / f"18{path.replace('/', '-')}.png", full_page=True)
    assert not too_wide(page)


def test_a_conversation_follows_and_keeps_what_is_being_written(
    page: Page, browser: Browser, system: System, pictures: Path
) -> None:
    sender = "g" * 30
    waiting(system, sender, WALL, "follow")
    log_in(page, system)
    page.goto(f"{system.base}/console/talks/web/{sender}")
    box = page.get_by_label("回复")
    box.fill("您好，我看到了，")
    with system.client() as http:
        body = {"channel": "web", "sender": sender, "message_id": "follow-9", "text": "他又动手砌了"}
        http.post("/api/v1/chat/messages", json=body)
    expect(page.locator("#lines .user").last).to_contain_text("他又动手砌了")
    expect(box).to_have_value("您好，我看到了，")
    page.reload()
    expect(box).to_have_value("您好，我看到了，")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("#lines .staff").last).to_contain_text("您好，我看到了，")
    expect(box).to_have_value("")
    expect(page.locator("#standing")).to_contain_text("正在回复")

    other = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN").new_page()
    log_in(other, system, "operator2")
    other.goto(f"{system.base}/console/talks/web/{sender}")
    other.get_by_label("回复").fill("我也来说一句")
    other.get_by_role("button", name="发送").click()
    expect(other.get_by_role("alert")).to_contain_text("正在回复这位来访人")
    expect(other.get_by_label("回复")).to_have_value("我也来说一句")
    other.screenshot(path=pictures / "19-talk-refused.png", full_page=True)
    assert not too_wide(other)
    other.context.set_offline(True)
    other.get_by_role("button", name="发送").click()
    expect(other.get_by_role("alert")).to_contain_text("没有发出去")
    other.context.close()
    assert serious(page) == []


@pytest.mark.parametrize("width", [320, 360])
def test_the_menu_is_read_from_left_to_right(page: Page, system: System, pictures: Path, width: int) -> None:
    log_in(page, system)
    page.set_viewport_size({"width": width, "height": 640})
    high = page.locator(".bar a").evaluate_all("all => all.map((one) => one.getClientRects().length)")
    assert high
    assert set(high) == {1}
    assert max(page.locator(".bar a").evaluate_all("all => all.map((one) => one.offsetHeight)")) < 50
    page.screenshot(path=pictures / f"20-menu-{width}.png")
    assert not too_wide(page)
