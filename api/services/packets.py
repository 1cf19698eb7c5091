"""What a court is sent for judicial confirmation: papers, the same facts as JSON, and checksums, in one zip."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.db import records as store
from api.db import tickets as ticket_store
from api.db.tables.records import RecordRow
from api.domain.access import Viewer
from api.domain.deadline import LOCAL
from api.domain.errors import Forbidden
from api.services import evidence, recording, tickets
from api.services.documents import Material, agreement_paper, confirmation_paper, in_force, material
from api.services.papers import PaperDesk
from api.services.recording import Written
from api.services.routing import RoutingDesk

FORMAT = "fengqiao.confirmation/1"
SUMS, FACTS = "SHA256SUMS", "packet.json"
AGREED = (
    "form",
    "agreed_on",
    "effective_on",
    "confirm_by",
    "facts",
    "terms",
    "performance",
    "obligations",
    "signatures",
)
APPLIED = ("applied_on", "court", "applicant_consents", "respondent_consents", "last_day")


@dataclass(frozen=True)
class Packet:
    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


async def confirmation_packet(
    session: AsyncSession, desk: RoutingDesk, papers: PaperDesk, no: str, *, by: Viewer, at: datetime
) -> Packet:
    """Made by those who handle the ticket, and noted in its history by its digest.

    Raises NotFound, Forbidden, and TransitionNotAllowed without an agreement in force.
    """
    row = await ticket_store.find(session, no, visible_to=by, lock=True)
    if row is None:
        raise await tickets.unseen(session, no, by)
    if not _handles(by, row.organisation_id):
        raise Forbidden("只有承办单位能制作材料包")
    made_from = await material(session, no, desk, visible_to=by)
    agreement = in_force(made_from)
    files = {
        f"1-{(agreed := agreement_paper(made_from, papers, agreement)).title}.docx": agreed.content,
        f"2-{(asked := confirmation_paper(made_from, papers, agreement)).title}.docx": asked.content,
    }
    proofs = await evidence.listed(session, no, visible_to=by)
    facts = _facts(made_from, agreement, at) | {
        "evidence": [{"name": one.name, "sha256": one.digest} for one in proofs]
    }
    files[FACTS] = json.dumps(facts, ensure_ascii=False, indent=2).encode()
    packet = Packet(f"{no}-司法确认材料.zip", zipped(files, at))
    day = at.astimezone(LOCAL).date().isoformat()
    content = {"day": day, "what": "confirmation", "files": list(files), "sha256": packet.sha256}
    await recording.add(session, made_from.ticket, "packet", Written("add", content), by=by, at=at)
    return packet


def _handles(viewer: Viewer, organisation: int | None) -> bool:
    everywhere = viewer.role == "admin" or not viewer.member
    return everywhere or (organisation is not None and viewer.organisation == str(organisation))


def zipped(files: Mapping[str, bytes], at: datetime) -> bytes:
    """With a checksum of every file, in the form that `sha256sum -c` reads."""
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    local = at.astimezone(LOCAL)
    stamp = (local.year, local.month, local.day, local.hour, local.minute, local.second)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, SUMS: sums.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name, stamp), content)
    return out.getvalue()


def _facts(made_from: Material, agreement: RecordRow, at: datetime) -> dict[str, Any]:
    row, content = made_from.ticket, store.content_of(agreement)
    applied = made_from.last("confirmation", under=agreement)
    parties = [
        {"id": one.id, "role": one.role, "kind": one.kind, "name": one.name, "phone": one.phone}
        | ({"represents": one.represents, "authority": one.authority} if one.represents else {})
        for one in row.parties
    ]
    return {
        "format": FORMAT,
        "ticket": row.no,
        "made_at": at.isoformat(),
        "category": row.category,
        "subcategory": row.subcategory,
        "committee": made_from.committee,
        "mediator": row.mediator.name if row.mediator else None,
        "parties": parties,
        "agreement": {name: content[name] for name in AGREED if name in content},
        "amount_yuan": content.get("amount"),
        "confirmation": {name: applied[name] for name in APPLIED if name in applied},
    }
