"""Makes notices of what happened to a ticket. They are rows of the same transaction; the worker sends them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import conversations, notices, records, tickets
from api.db.session import Database
from api.db.tables.desk import EventRow, TicketRow
from api.domain.conversation import Reply
from api.domain.deadline import LOCAL, readable
from api.domain.lifecycle import RECORDED
from api.domain.notice import Audience, Medium, NoticeRule, NoticeStatus
from api.domain.organisation import Directory
from api.domain.policy import Condition
from api.domain.records import Sees
from api.domain.tier import Tier
from api.services.notice_policy import NoticeContent, Reach
from api.services.notice_receivers import Receiver, receivers
from api.services.record_book import record_book
from api.services.routing import RoutingDesk
from api.services.ticket_facts import ticket_facts

BATCH = 100
ANYTHING = Condition()
UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Happening:
    """Something to be told. `key` makes it unique; `actor` is not told of what they did themselves.

    `facts` are asked by conditions and given to other systems, `words` fill texts; `department`: id of the
    organisation that was called out; what is `sealed` to its author no other system hears of.
    """

    event: str
    key: str
    at: datetime
    actor: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    department: str = ""
    sealed: bool = False
    applicant_knows: bool = False


@dataclass(frozen=True)
class NoticeDesk:
    """One per process."""

    content: NoticeContent
    desk: RoutingDesk
    reach: Reach

    async def tell_untold(self, database: Database, *, now: datetime) -> int:
        """Notices for events that were stored meanwhile; each event is taken by one worker. How many events.

        Of several steps at once an applicant is told the last only: nobody wants four messages about one minute.
        """
        async with database.transaction() as session:
            found = await notices.untold(session, limit=BATCH)
            steps = []
            for one in found:
                row = await tickets.whole(session, one.event.ticket_id)
                steps.append((row, await happening_of(session, row, one.event, now)))
                await session.delete(one)
            last = {row.id: what.key for row, what in steps if self._tells_applicant(row, what)}
            for row, what in steps:
                await self.tell(session, row, replace(what, applicant_knows=last.get(row.id) != what.key))
        return len(found)

    def _tells_applicant(self, row: TicketRow, what: Happening) -> bool:
        rules = self.content.policy.rules_for(what.event, ticket_facts(row) | dict(what.facts))
        return any(rule.to is Audience.APPLICANT for rule in rules)

    async def tell(self, session: AsyncSession, row: TicketRow, what: Happening) -> None:
        """Everybody the policy names, and the systems that asked for this kind of event."""
        await notices.put(session, await self.compose(session, row, what, await self.desk.directory(session)))

    async def compose(
        self, session: AsyncSession, row: TicketRow, what: Happening, directory: Directory
    ) -> list[dict[str, Any]]:
        """The rows of `tell`, for those who put in many at once."""
        words = self._words(row) | dict(what.words)
        made: list[dict[str, Any]] = []
        rules = self.content.policy.rules_for(what.event, ticket_facts(row) | dict(what.facts))
        personal = bool(row.mediator_id) and any(rule.to is Audience.MEDIATOR for rule in rules)
        for rule in rules:
            text = rule.text.format_map(words)
            if rule.to is Audience.APPLICANT:
                made += await self._for_applicant(session, row, what, rule, text)
            else:
                to = await receivers(session, row, rule.to, directory, self.desk.policy, what.department)
                made += self._for_staff(row, what, rule, text, to, personal=personal)
        if what.event != UNREACHABLE and not what.sealed:
            made += self._for_systems(row, what)
        return made

    def _words(self, row: TicketRow) -> dict[str, str]:
        """What texts may say: never a name, a telephone number, or what somebody wrote; places down to the village."""
        policy, due_key = self.desk.policy, self.content.due_of.get(row.status)
        return {
            "no": row.no,
            "category": policy.categories[row.category].zh,
            "place": f"{row.town}{row.village}",
            "organisation": row.organisation.name if row.organisation else policy.tier_zh[Tier(row.tier)],
            "tier": policy.tier_zh[Tier(row.tier)],
            "due": next((one["text"] + "。" for one in row.due if one["key"] == due_key), ""),
        }

    def _for_staff(
        self, row: TicketRow, what: Happening, rule: NoticeRule, text: str, to: Sequence[Receiver], *, personal: bool
    ) -> list[dict[str, Any]]:
        """`personal`: the mediator has it in their own inbox, so their organisation's need not say it again."""
        made = []
        for one in to:
            if one.member and what.actor == f"staff:{one.member}":
                continue
            media = set(self._media(rule.to, one))
            if personal and rule.to is Audience.ORGANISATION:
                media.discard(Medium.DESK)
            made += [self._row(row, what, rule, text, medium, one) for medium in sorted(media)]
        return made

    def _media(self, to: Audience, one: Receiver) -> Iterator[Medium]:
        for medium in self.content.policy.media[to]:
            if medium is Medium.DESK or (medium is Medium.WECOM and one.name in self.reach.wecom):
                yield medium

    async def _for_applicant(
        self, session: AsyncSession, row: TicketRow, what: Happening, rule: NoticeRule, text: str
    ) -> list[dict[str, Any]]:
        """A line where they chat, and the first way to their pocket; the others follow when it turns out closed."""
        if what.applicant_knows or what.actor.startswith("applicant:"):
            return []
        talk = await conversations.find(session, row.channel, row.sender)
        parties = await tickets.parties_of(session, row)
        phone = next((party.phone for party in parties if party.role == "applicant" and party.phone), None)
        person = Receiver(conversation=talk.id if talk else None, phone=phone)
        made = []
        if talk and row.channel == "web":
            conversations.add_reply(session, talk, Reply(text), role="bot", at=what.at)
            made.append(self._row(row, what, rule, text, Medium.CHAT, person))
        usable = {
            Medium.WECHAT: self.reach.wechat and row.channel == "wechat" and talk is not None,
            Medium.SMS: self.reach.sms and phone is not None,
        }
        ways = [medium for medium in self.content.policy.media[rule.to] if usable.get(medium)]
        if ways:
            rest = [medium.value for medium in ways[1:]]
            made.append(self._row(row, what, rule, text, ways[0], person) | {"ways": rest})
        if not made:
            await self.unreachable(session, row, at=what.at)
        return made

    async def unreachable(self, session: AsyncSession, row: TicketRow, *, at: datetime) -> None:
        """Staff are asked to ring the applicant, at most once a day."""
        key = f"{row.no}:unreachable:{at.astimezone(LOCAL):%Y%m%d}"
        await self.tell(session, row, Happening(UNREACHABLE, key, at))

    def _row(
        self, row: TicketRow, what: Happening, rule: NoticeRule, text: str, medium: Medium, to: Receiver
    ) -> dict[str, Any]:
        at_once = medium in (Medium.DESK, Medium.CHAT)
        due = what.at if at_once else self.content.policy.send_at(what.at, medium, urgent=rule.urgent)
        return {
            "key": f"{what.key}:{rule.to}:{to.name or to.member or ''}:{medium}",
            "event": what.event,
            "audience": rule.to.value,
            "medium": medium.value,
            "lane": f"wecom:{to.name}" if medium is Medium.WECOM else medium.value,
            "ticket_id": row.id,
            "organisation_id": to.organisation,
            "member_id": to.member,
            "conversation_id": to.conversation,
            "phone": to.phone,
            "text": self._linked(text, row) if medium is Medium.WECOM else text,
            "payload": None,
            "ways": [],
            "urgent": rule.urgent,
            "status": (NoticeStatus.SENT if at_once else NoticeStatus.WAITING).value,
            "attempts": 0,
            "due_at": due,
            "created_at": what.at,
            "sent_at": what.at if at_once else None,
        }

    def _linked(self, text: str, row: TicketRow) -> str:
        base = self.reach.public_url.rstrip("/")
        return f"{text}\n{base}/console/tickets/{row.no}" if base else text

    def _for_systems(self, row: TicketRow, what: Happening) -> Iterator[dict[str, Any]]:
        event = f"ticket.{what.event}"
        for name in self.reach.systems_for(event):
            rule = NoticeRule(event, Audience.SYSTEM, ANYTHING, "")
            yield self._row(row, what, rule, "", Medium.WEBHOOK, Receiver(name=name)) | {
                "event": event,
                "lane": f"webhook:{name}",
                "payload": payload_of(row, what, event),
            }


def payload_of(row: TicketRow, what: Happening, event: str) -> dict[str, Any]:
    """What other systems get: no person, no words; of a protective ticket neither kind nor place."""
    data = {
        "no": row.no,
        "status": row.status,
        "outcome": row.outcome,
        "tier": row.tier,
        "organisation": row.organisation.name if row.organisation else None,
        "warning_level": row.warning_level,
        "protective": row.protective,
        "version": row.version,
    }
    if not row.protective:
        data |= {"category": row.category, "subcategory": row.subcategory, "town": row.town, "village": row.village}
    return {"type": event, "timestamp": what.at.isoformat(), "data": data | dict(what.facts)}


async def happening_of(session: AsyncSession, row: TicketRow, event: EventRow, now: datetime) -> Happening:
    """A stored event as something to tell; told late (the worker was down) it is still told."""
    key, at = f"{row.no}:{event.seq}", max(event.at, now)
    if event.move != RECORDED:
        return Happening(event.move, key, at, actor=event.actor)
    record = await records.find(session, row.id, int(event.changes["record.no"]))
    assert record is not None
    return Happening(
        f"{RECORDED}.{record.kind}.{event.changes['record.step']}",
        key,
        at,
        actor=event.actor,
        facts={"record": record.no, "record_state": event.changes["record.state"]},
        words={"when": readable(record.due_at) if record.due_at else ""},
        department=str(record.organisation_id or ""),
        sealed=record_book().kinds[record.kind].sees is Sees.AUTHOR,
    )
