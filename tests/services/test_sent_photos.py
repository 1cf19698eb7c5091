"""Photos waiting to be fetched, on both databases: two workers fetch one once, and a stopped worker's is taken up."""

import asyncio
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from api.db.session import Database
from api.db.tables.evidence import EvidenceRow
from api.db.tables.photos import SentPhoto
from api.domain.access import Viewer
from api.domain.conversation import InboundMessage
from api.services import sent_photos, tickets
from api.services.evidence_files import EvidenceStore
from api.services.routing import RoutingDesk
from knowledge_base.evidence import load_evidence_rules
from tests.services.desk_fixtures import FRIDAY, application
from tests.services.test_evidence_files import photo

RULES = load_evidence_rules()
SENT = InboundMessage("web", "visitor-1", "m-9", "", FRIDAY, extra={"media_id": "m", "picture_url": "http://x.test/m"})


class Album:
    """One picture; `stops` more times the worker dies over it."""

    def __init__(self, stops: int = 0) -> None:
        self.asked = 0
        self.stops = stops

    async def fetch(self, media_id: str, url: str) -> bytes:
        assert (media_id, url) == ("m", "http://x.test/m")
        self.asked += 1
        if self.asked <= self.stops:
            raise RuntimeError("the worker is stopped")
        await asyncio.sleep(0.01)
        return photo()


async def waiting(database: Database, desk: RoutingDesk) -> None:
    async with database.transaction() as session:
        await tickets.open_ticket(session, desk, application(), by=Viewer.tool(), at=FRIDAY, key=None)
    for _ in range(2):
        async with database.transaction() as session:
            await sent_photos.received(session, SENT, push=True, at=FRIDAY)


async def counted(database: Database, table: type) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


def photo_desk(database: Database, album: Album, folder: Path) -> sent_photos.PhotoDesk:
    return sent_photos.PhotoDesk(database, album, EvidenceStore(str(folder / "evidence")), RULES)


async def test_two_workers_fetch_it_once(database: Database, desk: RoutingDesk, tmp_path: Path) -> None:
    await waiting(database, desk)
    assert await counted(database, SentPhoto) == 1
    album = Album()
    works = (photo_desk(database, album, tmp_path).fetch_due(now=FRIDAY) for _ in range(2))
    assert sum(await asyncio.gather(*works)) == 1
    assert (album.asked, await counted(database, EvidenceRow), await counted(database, SentPhoto)) == (1, 1, 0)


async def test_a_stopped_worker_is_followed_by_another_but_not_for_ever(
    database: Database, desk: RoutingDesk, tmp_path: Path
) -> None:
    await waiting(database, desk)
    album = Album(stops=99)
    for day in range(9):
        await asyncio.gather(
            photo_desk(database, album, tmp_path).fetch_due(now=FRIDAY + timedelta(days=day)), return_exceptions=True
        )
    assert album.asked == RULES["fetching"]["most_tries"]
    assert (await counted(database, EvidenceRow), await counted(database, SentPhoto)) == (0, 0)
