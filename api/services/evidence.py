"""Evidence on a ticket: added with an event in its history, listed, handed out; always asked who is looking."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.db import tickets as store
from api.db.tables.evidence import EvidenceRow
from api.domain.access import Viewer
from api.domain.errors import NotFound
from api.domain.lifecycle import Move
from api.domain.ticket import apply
from api.services import tickets
from api.services.evidence_files import EvidenceStore, examined

MISSING = "没有这份证据，或者您无权查看"


async def add(
    session: AsyncSession,
    files: EvidenceStore,
    rules: Mapping[str, Any],
    no: str,
    *,
    name: str,
    content: bytes,
    by: Viewer,
    at: datetime,
) -> EvidenceRow:
    """The same file again is the one already there. Raises NotFound, InvalidInput, TransitionNotAllowed."""
    row = await store.find(session, no, visible_to=by, lock=True)
    if row is None:
        raise NotFound(tickets.MISSING)
    file = await asyncio.to_thread(examined, name, content, rules)
    query = select(EvidenceRow).where(EvidenceRow.ticket_id == row.id, EvidenceRow.digest == file.digest)
    if known := await session.scalar(query):
        return known
    before = store.to_domain(row)
    note = rules["wording"]["added"].format(name=file.name, size=len(content), digest=file.digest)
    after, event = apply(before, Move.ADD_NOTE, at, by.actor, note)
    await store.save(session, row, before, after)
    store.add_event(session, row, event, actor_name=by.name, key=None)
    kept = EvidenceRow(
        ticket_id=row.id,
        digest=file.digest,
        name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        at=at,
        actor=by.actor,
    )
    session.add(kept)
    await session.flush()
    await asyncio.to_thread(files.put, row.id, file)
    return kept


async def listed(session: AsyncSession, no: str, *, visible_to: Viewer) -> Sequence[EvidenceRow]:
    """Oldest first."""
    row = await tickets.get(session, no, visible_to=visible_to)
    query = select(EvidenceRow).where(EvidenceRow.ticket_id == row.id).order_by(EvidenceRow.id)
    return (await session.scalars(query)).all()


async def fetch(
    session: AsyncSession, files: EvidenceStore, no: str, evidence_id: int, *, visible_to: Viewer
) -> tuple[EvidenceRow, bytes]:
    found = next((one for one in await listed(session, no, visible_to=visible_to) if one.id == evidence_id), None)
    if found is None:
        raise NotFound(MISSING)
    return found, await asyncio.to_thread(files.get, found.ticket_id, found.digest)
