"""In-app notices of staff, and the dead letters that administrators send again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import notices
from api.db.tables.notices import NoticeRow
from api.domain.access import Viewer
from api.domain.errors import NotFound


def _who(viewer: Viewer) -> tuple[int | None, int]:
    """Organisation and member; a tool is nobody and has no inbox."""
    organisation = int(viewer.organisation) if viewer.organisation else None
    return organisation, int(viewer.member) if viewer.member else 0


async def inbox(
    session: AsyncSession, *, viewer: Viewer, unread: bool = False, before: int | None = None, limit: int = 50
) -> tuple[Sequence[tuple[NoticeRow, datetime | None]], int]:
    """Newest first with when it was read, and how many are unread in all."""
    organisation, member = _who(viewer)
    rows = await notices.inbox(
        session, organisation=organisation, member=member, unread=unread, before=before, limit=limit
    )
    return rows, await notices.count_unread(session, organisation=organisation, member=member)


async def mark_read(session: AsyncSession, *, viewer: Viewer, ids: Sequence[int] | None, at: datetime) -> int:
    """Those of `ids` (None: all) that are the viewer's; how many were unread."""
    organisation, member = _who(viewer)
    return await notices.mark_read(session, organisation=organisation, member=member, ids=ids, at=at) if member else 0


async def dead_letters(session: AsyncSession, *, before: int | None = None, limit: int = 50) -> Sequence[NoticeRow]:
    return await notices.stuck(session, before=before, limit=limit)


async def resend(session: AsyncSession, ids: Sequence[int] | None, *, at: datetime) -> int:
    """Dead letters (None: all) are tried anew; how many. Raises NotFound when none of those named is dead."""
    count = await notices.revive(session, ids, at=at)
    if ids and not count:
        raise NotFound("没有这条发不出去的通知。")
    return count
