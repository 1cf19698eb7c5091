"""随手调 on a phone that has no network: written down, kept over a reload, sent once when the network is back."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pydantic import SecretStr

from api import main
from api.settings import Settings
from tests.browser.conftest import PHONE, too_wide
from tests.http.site import SECRET, TOOL, FakeRasa, one_library
from tests.services.desk_fixtures import PASSWORD, build
from tests.system import free_port

pytestmark = pytest.mark.browser
WHAT = "两家因为院墙滴水吵起来"


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The real app in this process; only the bot behind it is a fake."""
    monkeypatch.setattr(main, "open_library", one_library)
    with ThreadPoolExecutor(1) as pool:  # Playwright has an event loop running in this thread
        pool.submit(build, f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}").result()
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        home=tmp_path,
        secret_key=SecretStr(SECRET),
        data_key=SecretStr("test-key"),
        api_token=SecretStr(TOOL),
    )
    port = free_port()
    app = main.create_app(settings, bot_transport=httpx.MockTransport(FakeRasa()))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started and time.monotonic() < until:
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)
    yield opened
    opened.close()


def opened(context: BrowserContext, base: str) -> Page:
    page = context.new_page()
    page.goto(f"{base}/console")
    page.get_by_label("账号").fill("donggou1_grid")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="随手调").click()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def write(page: Page, result: str = "谈成了") -> None:
    page.get_by_label("什么事").fill(WHAT)
    page.get_by_label(result).check()
    page.get_by_label("怎么说定的").fill("三天内改檐口")
    page.get_by_role("button", name="记下来").click()


def tickets(base: str) -> list[str]:
    answer = httpx.get(f"{base}/api/v1/tickets?channel=quick", headers={"Authorization": f"Bearer {TOOL}"})
    return [one["status"] for one in answer.json()["tickets"]]


def test_without_a_network_nothing_is_lost_and_nothing_sent_twice(
    context: BrowserContext, base: str, pictures: Path
) -> None:
    page = opened(context, base)
    assert not too_wide(page)
    page.screenshot(path=pictures / "quick.png", full_page=True)
    context.set_offline(True)
    write(page)
    expect(page.locator("#told")).to_contain_text("现在没有网")
    expect(page.locator("#left")).to_have_text("1")
    page.reload()
    expect(page.locator("#left")).to_have_text("1")
    write(page, "没谈成")
    expect(page.locator("#left")).to_have_text("2")
    assert tickets(base) == []
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#left")).to_have_text("0")
    expect(page.locator("#told")).to_contain_text("已记为随手调")
    assert sorted(tickets(base)) == ["closed", "failed"]


def test_a_refused_entry_stays_with_its_reason_until_it_is_put_right(context: BrowserContext, base: str) -> None:
    page = opened(context, base)
    page.get_by_label("什么事").fill(WHAT)
    page.get_by_label("谈成了").check()
    page.get_by_label("怎么说定的").fill("以后不得去法院起诉")
    page.get_by_role("button", name="记下来").click()
    expect(page.locator("#waiting")).to_contain_text("协议里有不能写的内容")
    page.get_by_role("button", name="改一改").click()
    page.get_by_label("怎么说定的").fill("三天内改檐口")
    page.get_by_role("button", name="记下来").click()
    expect(page.locator("#told")).to_contain_text("已记为随手调")
    assert tickets(base) == ["closed"]
