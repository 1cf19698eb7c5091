"""The worker: messages whose turn was lost, answers and notices to be delivered, clocks that ran out."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from api.clients.chatwoot import ChatwootSender
from api.clients.couriers import open_couriers, reach_of
from api.clients.wechat import WeChatSender
from api.clients.wechat_pictures import WeChatPictures
from api.domain.notice import Medium
from api.logs import configure_logging
from api.services import outbox
from api.services.clock_sweep import sweep
from api.services.conversations import PUSHED_CHANNELS
from api.services.erasure import ErasureDesk, retention_rules
from api.services.evidence_files import EvidenceStore
from api.services.notice_delivery import Courier, deliver_due
from api.services.notice_policy import notice_content
from api.services.notices import NoticeDesk
from api.services.sent_photos import PhotoDesk
from api.settings import Settings
from api.wiring import Core, open_core
from knowledge_base.evidence import load_evidence_rules

log = logging.getLogger(__name__)

ROUND_SECONDS = 2.0
BUSY_SECONDS = 0.1
LOST_AFTER = timedelta(seconds=60)


async def one_round(core: Core, sender: WeChatSender | None, chatwoot: ChatwootSender | None = None) -> int:
    """Does what is due now; returns how much that was."""
    done = 0
    able = {"wechat": sender is not None, "chatwoot": True}
    for message in await outbox.lost_messages(core.database, before=core.settings.now() - LOST_AFTER):
        await core.inbox.resume(message)
        if message.channel in PUSHED_CHANNELS:
            async with core.database.transaction() as session:
                await outbox.hand_out(
                    session, message_id=message.id, now=core.settings.now(), push=able[message.channel]
                )
        done += 1
    if chatwoot is not None:
        done += await outbox.deliver_due(core.database, chatwoot, now=core.settings.now(), channel="chatwoot")
    if sender is not None:
        return done + await outbox.deliver_due(core.database, sender, now=core.settings.now())
    return done + await outbox.leave_to_be_pulled(core.database, channel="wechat")


async def fetch_photos(core: Core, pictures: WeChatPictures | None, *, now: datetime) -> int:
    """Photos that came over WeChat; none while no account is configured."""
    if pictures is None:
        return 0
    settings, rules = core.settings, load_evidence_rules()
    files = EvidenceStore(settings.evidence_address)
    desk = PhotoDesk(core.database, pictures, files, rules, settings.antivirus_command)
    return await desk.fetch_due(now=now)


async def tell(core: Core, desk: NoticeDesk, couriers: Mapping[Medium, Courier]) -> int:
    """Notices of what happened, then those that are due."""
    told = await desk.tell_untold(core.database, now=core.settings.now())
    return told + await deliver_due(core.database, desk, couriers, now=core.settings.now)


async def run(settings: Settings) -> None:
    """Answers and notices, each at its own pace, until SIGTERM or SIGINT: a slow receiver holds up nobody else."""
    configure_logging(settings.log_level)
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    async with (
        open_core(settings) as core,
        WeChatSender.opened(settings) as sender,
        WeChatPictures.opened(settings, sender, load_evidence_rules()) as pictures,
        ChatwootSender.opened(settings) as chatwoot,
        open_couriers(settings, sender) as couriers,
    ):
        desk = NoticeDesk(notice_content(), core.desk, reach_of(settings))
        await warn_of_strangers(core)
        log.info("worker ready")
        await asyncio.gather(
            rounds("answers", stop, lambda: one_round(core, sender, chatwoot)),
            rounds("photos", stop, lambda: fetch_photos(core, pictures, now=settings.now())),
            rounds("erasure", stop, Cleaning(core).when_due),
            rounds("notices", stop, lambda: tell(core, desk, couriers)),
            rounds("clocks", stop, lambda: sweep(core.database, desk, now=settings.now())),
        )


class Cleaning:
    """Chats whose person asked for it, at once; those whose time is up, every few hours, batch after batch."""

    def __init__(self, core: Core) -> None:
        self._now = core.settings.now
        self._desk = ErasureDesk(core.database, core.bot, core.settings.secret_key.get_secret_value().encode())
        self._due = self._now()

    async def when_due(self) -> int:
        now = self._now()
        wanted = await self._desk.as_wanted(now=now)
        if now < self._due:
            return wanted
        done = await self._desk.expire(now=now)
        if not done:
            self._due = now + timedelta(hours=retention_rules()["every_hours"])
        return wanted + done


async def warn_of_strangers(core: Core) -> None:
    """A group robot of an organisation that is not in the directory would never say a word."""
    async with core.database.reading() as session:
        known = {one.name for one in await core.desk.directory(session)}
    if strangers := core.settings.wecom_webhooks.keys() - known:
        log.warning("FENGQIAO_WECOM_WEBHOOKS：名录里没有这些单位：%s", "、".join(sorted(strangers)))


async def rounds(name: str, stop: asyncio.Event, work: Callable[[], Awaitable[int]]) -> None:
    """One round after another, at once while there is work; a failed one is logged and the next tries again."""
    while not stop.is_set():
        done = 0
        try:
            done = await work()
        except Exception:
            log.exception("a round of the worker failed: %s", name)
        try:
            await asyncio.wait_for(stop.wait(), timeout=BUSY_SECONDS if done else ROUND_SECONDS)
        except TimeoutError:
            continue
