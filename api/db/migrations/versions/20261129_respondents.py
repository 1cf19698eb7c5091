"""Names of private respondents leave the plain columns: they are parties, encrypted, as applicants are.

The words are those that told an organisation on the day of this migration; later ones are content (statistics.yml).
"""

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from api.db.base import EncryptedText, PlainText

revision: str = "0018_respondents"
down_revision: str | None = "0017_erase_wanted"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

A_PERSON = "个人"
BODIES = ("organisation", "company", "government", "village")
BRACKETS = re.compile(r"\s*[（(][^（）()]*[)）]\s*$|\s+$")
WORDS = (
    *("公司", "厂", "村民委员会", "村委会", "村委", "村两委", "居民委员会", "居委会", "村集体", "村民小组", "村里"),
    *("人民政府", "镇政府", "乡政府", "街道办", "街道办事处", "司法所", "派出所", "公安局", "项目部", "工地", "合作社"),
    *("联合社", "物业", "医院", "卫生院", "学校", "银行", "支行", "信用社", "集团", "经营部", "建筑队", "包工队"),
)
AT_ONCE = 1000

tickets = sa.table(
    "tickets", sa.column("id", sa.Integer), sa.column("respondent_org", PlainText), sa.column("facts", sa.JSON)
)
parties = sa.table(
    "ticket_parties",
    sa.column("id", sa.Integer),
    sa.column("ticket_id", sa.Integer),
    sa.column("role", PlainText),
    sa.column("kind", PlainText),
    sa.column("name", EncryptedText),
    sa.column("authority", PlainText),
)
counted = sa.table("counted_tickets", sa.column("id", sa.Integer), sa.column("respondent_org", PlainText))


def upgrade() -> None:
    connection, last = op.get_bind(), 0
    page = sa.select(tickets).order_by(tickets.c.id).limit(AT_ONCE)
    while rows := connection.execute(page.where(tickets.c.id > last)).all():
        for row in rows:
            clear(connection, row)
        last = rows[-1].id


def clear(connection: sa.Connection, row: Any) -> None:
    name = row.respondent_org or row.facts.get("respondent_org") or ""
    if not name or name == A_PERSON or BRACKETS.sub("", name).endswith(WORDS):
        return
    theirs = sa.select(parties).where(parties.c.ticket_id == row.id, parties.c.role == "respondent")
    known = connection.execute(theirs.order_by(parties.c.id)).all()
    same = [one for one in known if one.name == name]
    if any(one.kind in BODIES for one in same):
        return
    if not same:
        keep(connection, row.id, name, next((one.id for one in known if not one.name), None))
    facts = row.facts | ({"respondent_org": A_PERSON} if "respondent_org" in row.facts else {})
    changed = sa.update(tickets).where(tickets.c.id == row.id)
    connection.execute(changed.values(respondent_org="", facts=facts))
    connection.execute(sa.update(counted).where(counted.c.id == row.id).values(respondent_org=""))


def keep(connection: sa.Connection, ticket: int, name: str, unnamed: int | None) -> None:
    """With the party who had no name yet, or as a party of its own."""
    if unnamed is not None:
        connection.execute(sa.update(parties).where(parties.c.id == unnamed).values(name=name))
        return
    party = {"ticket_id": ticket, "role": "respondent", "kind": "person", "name": name, "authority": ""}
    connection.execute(sa.insert(parties).values(**party))


def downgrade() -> None:
    """The names stay where they are safe."""
