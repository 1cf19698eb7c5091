"""A notice desk with receivers that remember what came."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from api.db.session import Database
from api.domain.errors import Unavailable
from api.domain.notice import Medium
from api.services.notice_delivery import Courier, Parcel, deliver_due
from api.services.notice_policy import Reach, notice_content
from api.services.notices import NoticeDesk
from api.services.outbox import Undeliverable
from api.services.routing import RoutingDesk

GROUP = "东沟村一组网格工作站"
EVERYTHING = Reach(
    wecom=frozenset({GROUP, "青石镇综合调解委员会"}),
    sms=True,
    wechat=True,
    webhooks={"province": ("ticket.*",), "court": ("ticket.escalate",)},
    public_url="https://desk.test/",
)


@dataclass
class FakeCourier:
    """`down`: cannot be reached; `refuses`: will never take it."""

    down: bool = False
    refuses: bool = False
    got: list[Parcel] = field(default_factory=list)

    async def deliver(self, parcel: Parcel) -> None:
        if self.down:
            raise Unavailable("没有应答")
        if self.refuses:
            raise Undeliverable("拒收")
        self.got.append(parcel)

    @property
    def texts(self) -> list[str]:
        return [parcel.text for parcel in self.got]


@dataclass
class Post:
    """All media, and the worker that uses them."""

    desk: NoticeDesk
    wecom: FakeCourier = field(default_factory=FakeCourier)
    wechat: FakeCourier = field(default_factory=FakeCourier)
    sms: FakeCourier = field(default_factory=FakeCourier)
    systems: FakeCourier = field(default_factory=FakeCourier)

    @property
    def couriers(self) -> Mapping[Medium, Courier]:
        return {
            Medium.WECOM: self.wecom,
            Medium.WECHAT: self.wechat,
            Medium.SMS: self.sms,
            Medium.WEBHOOK: self.systems,
        }

    async def round(self, database: Database, at: datetime) -> int:
        """What the worker does: tell of new events, then deliver; how many were tried."""
        await self.desk.tell_untold(database, now=at)
        return await deliver_due(database, self.desk, self.couriers, now=lambda: at)


def post(desk: RoutingDesk, reach: Reach = EVERYTHING) -> Post:
    return Post(NoticeDesk(notice_content(), desk, reach))
