"""Opens the couriers that the settings ask for, and says which they are."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from api.clients.notify import SmsGateway, Webhooks, WeComHooks
from api.clients.wechat import WeChatSender
from api.domain.notice import Medium
from api.services.notice_delivery import Courier, Parcel
from api.services.notice_policy import Reach
from api.settings import Settings

SECONDS = 10.0


class WeChatCourier:
    """Notices go the way of late answers."""

    def __init__(self, sender: WeChatSender) -> None:
        self._sender = sender

    async def deliver(self, parcel: Parcel) -> None:
        await self._sender.send(parcel.address, parcel.text)


def reach_of(settings: Settings) -> Reach:
    return Reach(
        wecom=frozenset(settings.wecom_webhooks),
        sms=bool(settings.sms_url),
        wechat=bool(settings.wechat_app_id and settings.wechat_app_secret),
        webhooks={name: tuple(one.events) for name, one in settings.webhooks.items()},
        public_url=settings.public_url,
    )


@asynccontextmanager
async def open_couriers(
    settings: Settings, wechat: WeChatSender | None, *, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Mapping[Medium, Courier]]:
    """Only those that are configured. Redirects are not followed: what is signed goes where the settings say."""
    async with httpx.AsyncClient(timeout=SECONDS, transport=transport) as http:
        hooks = {name: url.get_secret_value() for name, url in settings.wecom_webhooks.items()}
        systems = {name: (one.url, one.secret.get_secret_value()) for name, one in settings.webhooks.items()}
        found: dict[Medium, Courier] = {Medium.WECOM: WeComHooks(http, hooks), Medium.WEBHOOK: Webhooks(http, systems)}
        if settings.sms_url:
            headers = {name: value.get_secret_value() for name, value in settings.sms_headers.items()}
            found[Medium.SMS] = SmsGateway(http, settings.sms_url, settings.sms_body, headers, settings.sms_good)
        if wechat:
            found[Medium.WECHAT] = WeChatCourier(wechat)
        yield found
