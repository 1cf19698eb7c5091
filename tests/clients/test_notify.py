"""What receivers get, and what their answers mean."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from api.clients.notify import SmsGateway, Webhooks, WeComHooks, signature
from api.domain.errors import Unavailable
from api.services.notice_delivery import Parcel
from api.services.outbox import Undeliverable

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
KEY = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
HOOK = "https://group.test/send?key=hidden"


class Receiver:
    """Answers with what it is given and remembers what came."""

    def __init__(self, status: int = 200, body: object = None) -> None:
        self.answer = httpx.Response(status, json=body if body is not None else {"errcode": 0})
        self.got: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        return self.answer


def parcel(address: str = "司法所", text: str = "新工单") -> Parcel:
    return Parcel("T-1:3:x", address, text, "ticket.accept", {"type": "ticket.accept", "data": {"no": "T-1"}}, NOW)


def over(receiver: Callable[[httpx.Request], httpx.Response]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(receiver))


async def test_a_group_gets_a_text_of_what_fits() -> None:
    receiver = Receiver()
    await WeComHooks(over(receiver), {"司法所": HOOK}).deliver(parcel(text="长" * 1000))
    body = json.loads(receiver.got[0].content)
    assert body["msgtype"] == "text"
    assert body["text"]["content"] == "长" * 682
    assert str(receiver.got[0].url) == HOOK


@pytest.mark.parametrize(
    ("receiver", "error"),
    [
        (Receiver(body={"errcode": 45009, "errmsg": "freq"}), Unavailable),
        (Receiver(body={"errcode": 93000, "errmsg": "invalid webhook"}), Undeliverable),
        (Receiver(502), Unavailable),
        (Receiver(404), Undeliverable),
        (Receiver(body="not what we know"), Unavailable),
    ],
)
async def test_what_a_group_says_decides_whether_to_come_again(receiver: Receiver, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        await WeComHooks(over(receiver), {"司法所": HOOK}).deliver(parcel())
    assert "hidden" not in str(raised.value)


async def test_nobody_there_is_tried_again() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no route to {request.url}")

    with pytest.raises(Unavailable) as raised:
        await WeComHooks(over(refuse), {"司法所": HOOK}).deliver(parcel())
    assert "hidden" not in raised.value.detail


async def test_an_sms_cannot_break_out_of_its_template() -> None:
    receiver = Receiver(body={"code": 0})
    body = '{"to": "{phone}", "content": "【枫桥】{text}", "ref": "{id}"}'
    gateway = SmsGateway(over(receiver), "https://sms.test/", body, {"content-type": "application/json"}, '"code": ?0')
    await gateway.deliver(parcel("13800000000", '他说"{phone}"\n'))
    sent = json.loads(receiver.got[0].content)
    assert sent == {"to": "13800000000", "content": '【枫桥】他说"{phone}"\n', "ref": "T-1:3:x"}


async def test_an_sms_gateway_that_says_no_is_tried_again() -> None:
    gateway = SmsGateway(over(Receiver(body={"code": 7})), "https://sms.test/", "{text}", {}, '"code": ?0')
    with pytest.raises(Unavailable):
        await gateway.deliver(parcel("13800000000"))


async def test_another_system_can_check_who_sent_it() -> None:
    receiver = Receiver()
    await Webhooks(over(receiver), {"province": ("https://province.test/", KEY)}).deliver(parcel("province"))
    (request,) = receiver.got
    stamp = request.headers["webhook-timestamp"]
    assert (request.headers["webhook-id"], stamp) == ("T-1:3:x", str(int(NOW.timestamp())))
    assert request.headers["webhook-signature"] == "v1," + signature(KEY, "T-1:3:x", stamp, request.content)
    assert request.headers["webhook-signature"] != "v1," + signature(KEY, "T-1:3:x", stamp, request.content + b" ")


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the Standard Webhooks specification."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    found = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert found == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_system_that_moved_away_is_not_followed() -> None:
    with pytest.raises(Undeliverable):
        await Webhooks(over(Receiver(302)), {"province": ("https://province.test/", KEY)}).deliver(parcel("province"))
