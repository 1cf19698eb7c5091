"""A phone of 360 px in front of the running product; it may not talk to anybody but this machine."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

CHROMIUM = os.environ.get("FENGQIAO_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}
PATIENCE = 15_000
"""Milliseconds until a page shows what was expected, on a machine that has other work."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ends with its package: Playwright leaves a loop running, and the tests of WeChat start their own."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """Fails afterwards when a page complained on its console or asked another host for anything."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)
    complaints: list[str] = []
    strangers: list[str] = []

    def asked(request: Request) -> None:
        address = urlparse(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname != "127.0.0.1":
            strangers.append(request.url)

    context.on("request", asked)
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []
    assert strangers == []


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: FENGQIAO_SCREENSHOTS, or pytest's own folder."""
    given = os.environ.get("FENGQIAO_SCREENSHOTS")
    folder = Path(given) if given else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def too_wide(page: Page) -> bool:
    """Whether the page has to be pushed sideways on a phone."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wide
