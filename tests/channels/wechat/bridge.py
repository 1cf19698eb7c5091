"""The product behind a fake WeChat, once as a verified account and once as one that may not send by itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from api import worker
from api.clients.wechat import WeChatSender
from api.clients.wechat_pictures import WeChatPictures
from api.services import outbox
from api.settings import WeChatMode
from knowledge_base.evidence import load_evidence_rules
from tests.fakes.wechat import FakeWeChat
from tests.http.site import Site, one_library, running

KEY = "ZGVtb2tleWZvcnZpbGxhZ2Vib3QyMDI2MTEyMWFiY2Q"
OPENID = "oTriedPerson000000001"
NO_NETWORK = "https://wechat.test"
RULES = load_evidence_rules()


@dataclass
class Bridge:
    """The product, its account at WeChat, and the worker's round for that account."""

    site: Site
    wechat: FakeWeChat
    sender: WeChatSender | None
    pictures: WeChatPictures

    async def work(self, *, later: timedelta = timedelta()) -> None:
        """Photos, then answers; `later` moves the clock on for waits between tries."""
        runtime = self.site.app.state.runtime
        now = runtime.settings.now() + later
        await worker.fetch_photos(runtime, self.pictures, now=now)
        if self.sender:
            await outbox.deliver_due(runtime.database, self.sender, now=now)
        else:
            await outbox.leave_to_be_pulled(runtime.database, channel="wechat")

    async def talk(self) -> str:
        """The address of the one conversation there is."""
        page = await self.site.http.get("/console/talks", headers=self.site.staff("operator1"))
        return page.text


@pytest.fixture(params=["unverified", "verified"])
async def bridge(
    request: pytest.FixtureRequest, tmp_path: Path, seeded_file: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bridge]:
    monkeypatch.setattr("api.main.open_library", one_library)
    verified = request.param == "verified"
    account: dict[str, Any] = {
        "wechat_token": SecretStr("triedtoken"),
        "wechat_aes_key": SecretStr(KEY),
        "wechat_app_id": "wxtried",
        "wechat_mode": WeChatMode.SAFE,
        "wechat_app_secret": SecretStr("tried-app-secret") if verified else None,
    }
    async with running(tmp_path, seeded_file, **account) as site:
        wechat = FakeWeChat(
            "http://desk/wechat",
            site.http,
            token="triedtoken",
            aes_key=KEY,
            app_id="wxtried",
            verified=verified,
            clock=lambda: site.now().timestamp(),
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(wechat.api()), base_url=NO_NETWORK) as http:
            sender = WeChatSender(http, app_id="wxtried", app_secret="tried-app-secret") if verified else None
            pictures = WeChatPictures(http, sender, hosts=("qpic.cn",), rules=RULES)
            yield Bridge(site, wechat, sender, pictures)
            if hasattr(site.app.state, "wechat"):
                await site.app.state.wechat.drain()
