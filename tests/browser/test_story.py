"""The whole story on a phone: a grievance told, registered by buttons, accepted by the grid worker."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import too_wide
from tests.system import System, free_port, running_system

pytestmark = pytest.mark.browser

WALL = "邻居砌墙占了我家滴水檐"
TICKET = re.compile(r"T-\d{8}-\d{4}")
GRID_WORKER, PASSWORD = "donggou1_grid", "fengqiao-demo"
STEPS = 12


class Chat:
    """The chat as a person uses it: by what stands on the buttons and in the bubbles."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.log = page.get_by_role("log")
        self.box = page.get_by_role("textbox", name="写下您的事")

    def say(self, text: str) -> Locator:
        """Sends and returns the last bubble of the answer."""
        self.box.fill(text)
        self.page.get_by_role("button", name="发送").click()
        return self.answered()

    def press(self, title: str) -> Locator:
        self.log.get_by_role("button", name=title, exact=True).click()
        return self.answered()

    def answered(self) -> Locator:
        expect(self.log.locator(".typing")).to_have_count(0, timeout=20_000)
        return self.log.locator(".bubble.bot").last

    def offered(self) -> list[str]:
        return self.log.locator(".choices button").all_inner_texts()


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    return phone.new_page()


def open_chat(page: Page, system: System) -> Chat:
    page.goto(f"{system.base}/chat")
    chat = Chat(page)
    expect(chat.log.locator(".bubble").first).to_contain_text("您遇到了什么事")
    return chat


def register(chat: Chat) -> str:
    """Answers with buttons wherever there is one; returns the ticket number."""
    chat.say(WALL)
    chat.press("登记调解")
    expect(chat.log).to_contain_text("哪个村")
    chat.say("东沟村一组")
    for _ in range(STEPS):
        offered = chat.offered()
        if "确认提交" in offered:
            break
        chat.press("是一个组" if "是一个组" in offered else "跳过")
    expect(chat.log).to_contain_text("提交以后会看到的人：东沟村一组网格工作站")
    chat.press("确认提交")
    number = chat.log.locator(".ticket b")
    expect(number).to_have_text(TICKET)
    return number.inner_text()


def log_in(page: Page, system: System) -> None:
    page.goto(f"{system.base}/console")
    page.get_by_label("账号").fill(GRID_WORKER)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="待办工单")).to_be_visible()


def test_from_a_grievance_to_an_accepted_ticket(page: Page, system: System, pictures: Path) -> None:
    chat = open_chat(page, system)
    page.screenshot(path=pictures / "1-chat.png")
    no = register(chat)
    page.screenshot(path=pictures / "2-registered.png")
    assert not too_wide(page)

    page.reload()
    expect(chat.log).to_contain_text("登记调解")
    expect(chat.log).to_contain_text(no)
    expect(chat.log).not_to_contain_text("/start_intake")

    log_in(page, system)
    page.screenshot(path=pictures / "3-queue.png", full_page=True)
    page.get_by_role("link", name=no).click()
    expect(page.locator(".said")).to_contain_text(WALL)
    page.screenshot(path=pictures / "4-ticket.png", full_page=True)
    assert not too_wide(page)
    page.get_by_role("button", name="受理", exact=True).click()
    expect(page.get_by_role("heading", name=no)).to_contain_text("已受理")
    page.screenshot(path=pictures / "5-accepted.png", full_page=True)

    chat = Chat(page)
    page.goto(f"{system.base}/chat")
    expect(chat.log).to_contain_text(no)
    assert "已经受理" in chat.say("我的事办到哪一步了").inner_text()


def test_keyboard_only(page: Page, system: System, pictures: Path) -> None:
    chat = open_chat(page, system)
    page.keyboard.press("Tab")
    for _ in range(STEPS):
        focused = page.evaluate("document.activeElement.shadowRoot?.activeElement?.tagName")
        if focused == "TEXTAREA":
            break
        page.keyboard.press("Tab")
    page.keyboard.type(WALL)
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("说了他也不听")
    page.keyboard.press("Enter")
    expect(chat.answered()).to_contain_text("登记")
    expect(chat.log.locator(".bubble.user")).to_have_count(1)
    for _ in range(2 * STEPS):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.shadowRoot?.activeElement?.textContent") == "登记调解":
            break
    page.screenshot(path=pictures / "6-keyboard.png")
    page.keyboard.press("Enter")
    expect(chat.log).to_contain_text("哪个村", timeout=20_000)


def test_a_crisis_stands_out(page: Page, system: System, pictures: Path) -> None:
    chat = open_chat(page, system)
    chat.say("他打我，还把门锁了不让我出去")
    first = chat.log.locator(".bubble.crisis").first
    expect(first).to_contain_text("110")
    top, seen_from = first.bounding_box(), chat.log.bounding_box()
    assert top
    assert seen_from
    assert top["y"] >= seen_from["y"], "the most urgent line has been scrolled away"
    page.screenshot(path=pictures / "7-crisis.png")


def test_quick_exit_leaves_nothing(page: Page, system: System) -> None:
    chat = open_chat(page, system)
    chat.say("他老打我怎么办")
    assert page.evaluate("localStorage.length") == 1
    page.get_by_role("button", name="快速离开").click()
    page.wait_for_url("about:blank")
    page.goto(f"{system.base}/chat")
    expect(chat.log.locator(".bubble")).to_have_count(1)
    expect(chat.log).not_to_contain_text("他老打我")


def test_large_letters_and_high_contrast_are_kept(page: Page, system: System, pictures: Path) -> None:
    chat = open_chat(page, system)
    small = chat.box.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    page.get_by_role("button", name="大字").click()
    page.get_by_role("button", name="高对比").click()
    page.reload()
    expect(page.get_by_role("button", name="大字")).to_have_attribute("aria-pressed", "true")
    assert chat.box.evaluate("node => parseFloat(getComputedStyle(node).fontSize)") > small
    page.screenshot(path=pictures / "8-large.png")
    assert not too_wide(page)


CONTRAST = """
() => {
  const light = (c) => { const v = c / 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement || at.getRootNode().host) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const inside = (n) => [n, ...(n.shadowRoot ? texts(n.shadowRoot) : [])];
  const texts = (root) => [...root.querySelectorAll("*")].flatMap(inside);
  const written = (n) => n.offsetParent && [...n.childNodes].some((c) => c.nodeType === 3 && c.data.trim());
  return texts(document).filter(written)
    .map((n) => {
      const [x, y] = [luminance(parse(getComputedStyle(n).color)), luminance(behind(n))];
      return [n.textContent.trim().slice(0, 20), (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)];
    })
    .filter(([, ratio]) => ratio < 4.5);
}
"""


def test_everything_can_be_read(page: Page, system: System) -> None:
    """Contrast of every text at least 4.5 to 1, and targets a thumb can hit."""
    chat = open_chat(page, system)
    chat.say(WALL)
    assert page.evaluate(CONTRAST) == []
    sizes = chat.log.locator(".choices button").evaluate_all("all => all.map(n => n.getBoundingClientRect().height)")
    assert sizes
    assert min(sizes) >= 44
    no = register(chat)
    assert page.evaluate(CONTRAST) == []
    log_in(page, system)
    assert page.evaluate(CONTRAST) == []
    page.get_by_role("link", name=no).click()
    assert page.evaluate(CONTRAST) == []


class TownshipPage(BaseHTTPRequestHandler):
    """Somebody else's page with our one script in it."""

    def __init__(self, script: str, *args: object) -> None:
        self.script = script
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """The page itself; there is no icon."""
        found = self.path == "/"
        self.send_response(200 if found else 204)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if found:
            tag = f'<script src="{self.script}" defer></script>'
            self.wfile.write(f'<!doctype html><html lang="zh"><h1>青石镇政府</h1>{tag}</html>'.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def township(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page on another port, and a product that allows just this page to embed its chat."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with running_system(tmp_path_factory.mktemp("embedded"), FENGQIAO_WIDGET_ORIGINS=origin) as embedded:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(TownshipPage, f"{embedded.base}/widget.js"))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield origin
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_widget_on_another_site(page: Page, township: str, pictures: Path) -> None:
    page.goto(township)
    opener = page.get_by_role("button", name="有事问小枫")
    expect(opener).to_have_attribute("aria-expanded", "false")
    opener.click()
    chat = Chat(page)
    chat.say(WALL)
    assert "登记调解" in chat.offered()
    page.screenshot(path=pictures / "9-widget.png")
    assert not too_wide(page)
    page.get_by_role("button", name="收起").click()
    expect(chat.box).to_be_hidden()
    opener.click()
    expect(chat.log).to_contain_text(WALL)
