"""The worker: messages whose turn was lost, answers that still have to be delivered, clocks that ran out."""

import asyncio
import logging
import signal
from datetime import timedelta

from api.clients.wechat import WeChatSender
from api.logs import configure_logging
from api.services import outbox
from api.services.conversations import PUSHED_CHANNELS
from api.settings import Settings
from api.wiring import Core, open_core

log = logging.getLogger(__name__)

ROUND_SECONDS = 2.0
LOST_AFTER = timedelta(seconds=60)


async def one_round(core: Core, sender: WeChatSender | None) -> int:
    """Does what is due now; returns how much that was."""
    done = 0
    for message in await outbox.lost_messages(core.database, before=core.settings.now() - LOST_AFTER):
        await core.inbox.resume(message)
        if message.channel in PUSHED_CHANNELS:
            async with core.database.transaction() as session:
                await outbox.hand_out(session, message_id=message.id, now=core.settings.now(), push=sender is not None)
        done += 1
    if sender is not None:
        done += await outbox.deliver_due(core.database, sender, now=core.settings.now())
    return done


async def run(settings: Settings) -> None:
    """Rounds until SIGTERM or SIGINT; a failed round is logged and the next one tries again."""
    configure_logging(settings.log_level)
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    async with open_core(settings) as core, WeChatSender.opened(settings) as sender:
        log.info("worker ready")
        while not stop.is_set():
            try:
                await one_round(core, sender)
            except Exception:
                log.exception("a round of the worker failed")
            try:
                await asyncio.wait_for(stop.wait(), timeout=ROUND_SECONDS)
            except TimeoutError:
                continue
