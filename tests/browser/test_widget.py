"""The web chat under strain: no network, a human on the other end, a photo, small screens, axe-core."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PHONE, too_wide
from tests.browser.test_story import TICKET, WALL, log_in, open_chat, register
from tests.services.test_evidence_files import photo
from tests.system import System

pytestmark = pytest.mark.browser

STATIC = Path(__file__).resolve().parents[2] / "api" / "web" / "static"
LARGEST = 30 * 1024


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    return phone.new_page()


@pytest.fixture
def rough(browser: Browser) -> Iterator[Page]:
    """Without the check of the console: Chromium notes failed and refused requests there, and axe's own styles."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)
    yield context.new_page()
    context.close()


def sender_of(page: Page) -> str:
    sender: str = page.evaluate("JSON.parse(localStorage.getItem('fengqiao.chat')).sender")
    return sender


def staff(system: System, page: Page, step: str, **body: str) -> None:
    with system.client() as http:
        answer = http.post(f"/api/v1/conversations/web/{sender_of(page)}/{step}", json=body)
        assert answer.is_success, answer.text


def serious(page: Page) -> list[str]:
    """What axe-core finds wrong, by rule and place."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]


def test_the_script_is_small() -> None:
    assert len(gzip.compress((STATIC / "widget.js").read_bytes())) <= LARGEST


def test_axe_finds_nothing(rough: Page, system: System) -> None:
    chat = open_chat(rough, system)
    assert serious(rough) == []
    register(chat)
    assert serious(rough) == []
    rough.get_by_role("button", name="高对比").click()
    rough.get_by_role("button", name="大字").click()
    assert serious(rough) == []
    log_in(rough, system)
    assert serious(rough) == []


def test_nothing_is_lost_without_a_network(rough: Page, system: System) -> None:
    chat = open_chat(rough, system)
    chat.say(WALL)
    rough.context.set_offline(True)
    chat.box.fill("他还骂人")
    rough.get_by_role("button", name="发送").click()
    expect(rough.get_by_role("status")).to_contain_text("网络断了")
    rough.context.set_offline(False)
    expect(rough.get_by_role("status")).not_to_contain_text("网络断了", timeout=20_000)
    chat.answered()
    rough.reload()
    expect(chat.log.locator(".bubble.user", has_text="他还骂人")).to_have_count(1)


def test_what_was_written_goes_out_when_only_the_server_was_away(rough: Page, system: System) -> None:
    """The browser thinks it is online all the time, so no event tells that the server is back."""
    chat = open_chat(rough, system)
    chat.say(WALL)
    rough.route("**/api/v1/**", lambda route: route.abort())
    chat.box.fill("他还骂人")
    rough.get_by_role("button", name="发送").click()
    notice = rough.get_by_role("status")
    expect(notice).to_contain_text("连上以后自动发出", timeout=30_000)
    rough.wait_for_timeout(6_000)
    expect(notice).to_contain_text("连上以后自动发出")
    chat.box.fill("还没发完的下一句")
    rough.unroute("**/api/v1/**")
    expect(notice).not_to_contain_text("连上以后自动发出", timeout=20_000)
    assert rough.evaluate("JSON.parse(localStorage.getItem('fengqiao.chat')).unsent") == []
    expect(chat.box).to_have_value("还没发完的下一句")
    rough.reload()
    expect(chat.log.locator(".bubble.user", has_text="他还骂人")).to_have_count(1)


def test_a_message_written_before_a_reload_is_sent_after_it(rough: Page, system: System) -> None:
    chat = open_chat(rough, system)
    rough.context.set_offline(True)
    chat.box.fill(WALL)
    rough.get_by_role("button", name="发送").click()
    expect(rough.get_by_role("status")).to_contain_text("网络断了")
    rough.context.set_offline(False)
    rough.goto(f"{system.base}/chat")
    expect(chat.log.locator(".bubble.user", has_text=WALL)).to_have_count(1)
    expect(chat.answered()).to_contain_text("登记")


def test_a_human_answers_at_once_and_gives_back(rough: Page, system: System, pictures: Path) -> None:
    chat = open_chat(rough, system)
    chat.say(WALL)
    chat.say("转人工")
    expect(rough.get_by_role("status")).not_to_be_empty()
    rough.get_by_label("您的电话").fill("123")
    rough.get_by_role("button", name="请给我回电").click()
    expect(rough.get_by_role("status")).to_contain_text("不对")
    rough.get_by_label("您的电话").fill("13800000001")
    rough.screenshot(path=pictures / "10-waiting.png")
    rough.get_by_role("button", name="请给我回电").click()
    expect(chat.log).to_contain_text("给您打电话")
    staff(system, rough, "reply", text="您好，我是司法所的，请讲")
    expect(chat.log.locator(".bubble.staff")).to_contain_text("请讲")
    staff(system, rough, "return")
    expect(chat.log).to_contain_text("交还给我")
    expect(rough.get_by_role("status")).to_be_empty()


def test_without_a_stream_it_asks(page: Page, system: System) -> None:
    page.add_init_script("delete window.EventSource")
    chat = open_chat(page, system)
    chat.say(WALL)
    chat.say("转人工")
    staff(system, page, "reply", text="我来接")
    expect(chat.log.locator(".bubble.staff")).to_contain_text("我来接")


def test_a_photo_goes_on_the_ticket(page: Page, system: System, pictures: Path) -> None:
    chat = open_chat(page, system)
    picture = {"name": "墙.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    no = register(chat)
    page.locator("input[type=file]").set_input_files(picture)
    expect(chat.log).to_contain_text(f"照片已经放进工单 {no}")
    expect(chat.log.locator(".bubble.user").last).to_contain_text("[照片]")
    page.screenshot(path=pictures / "11-photo.png")
    with system.client() as http:
        assert len(http.get(f"/api/v1/tickets/{no}/evidence").json()) == 1


def test_a_card_tells_how_far_the_ticket_is(page: Page, system: System) -> None:
    chat = open_chat(page, system)
    no = register(chat)
    card = chat.log.get_by_role("group", name=f"工单 {no}")
    expect(card).to_contain_text("东沟村一组网格工作站")
    with system.client() as http:
        assert http.post(f"/api/v1/tickets/{no}/accept", json={}).is_success
    page.reload()
    expect(card).to_contain_text("已受理")
    expect(card.locator("b")).to_have_text(TICKET)


@pytest.mark.parametrize(("width", "height"), [(320, 568), (1366, 768)])
def test_every_size(browser: Browser, system: System, pictures: Path, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    chat = open_chat(page, system)
    chat.say(WALL)
    page.get_by_role("button", name="大字").click()
    assert not too_wide(page)
    seen = page.locator("form:visible").last.bounding_box()
    assert seen
    assert seen["y"] + seen["height"] <= height
    page.screenshot(path=pictures / f"12-{width}.png")
    context.close()


def test_the_stream_is_a_stream(system: System) -> None:
    sender = "f" * 32
    with system.client(token=None) as http:
        body = {"channel": "web", "sender": sender, "message_id": "stream-1", "text": WALL}
        http.post("/api/v1/chat/messages", json=body)
        with http.stream("GET", f"/api/v1/conversations/web/{sender}/events", timeout=httpx.Timeout(10)) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            seen = ""
            for chunk in answer.iter_text():
                seen += chunk
                if "event: state" in seen:
                    break
    assert re.findall(r"^id: \d+", seen, re.MULTILINE)
