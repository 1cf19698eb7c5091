"""Papers made from a ticket's records, and the packet for the court; on both databases."""

import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from docx import Document

from api.db.records import content_of
from api.db.session import Database
from api.domain.errors import Forbidden, NotFound, TransitionNotAllowed
from api.domain.lifecycle import Move
from api.services import documents, packets
from api.services.audit import verify
from api.services.packets import Packet
from api.services.papers import PaperDesk, open_papers
from api.services.routing import RoutingDesk
from knowledge_base.statutes.catalogue import load_catalogue
from tests.services.desk_fixtures import FRIDAY, staff
from tests.services.life import AGREEMENT, TOOL, Life

START = (Move.ACCEPT, Move.START_MEDIATION)
SECRET = "他其实愿意让三百块"
APPLIED = {
    "applied_on": "2026-11-25",
    "court": "青石镇人民法庭",
    "applicant_consents": True,
    "respondent_consents": True,
}


@pytest.fixture(scope="module")
def papers() -> PaperDesk:
    return open_papers(load_catalogue(), secret="s", hours=1, today=FRIDAY.date())


@pytest.fixture
async def life(database: Database, desk: RoutingDesk) -> Life:
    one = await Life(database, desk).opened(*START)
    await one.add("caucus", day="2026-11-20", **{"with": "邻居", "text": SECRET})
    return one


def words_of(content: bytes) -> str:
    found = Document(io.BytesIO(content))
    cells = [cell.text for table in found.tables for row in table.rows for cell in row.cells]
    footers = [one.text for section in found.sections for one in section.footer.paragraphs]
    return "\n".join([*(one.text for one in found.paragraphs), *cells, *footers])


async def made(life: Life, papers: PaperDesk, code: str) -> str:
    async with life.database.reading() as session:
        draft = await documents.document(session, papers, life.desk, life.no, code, visible_to=TOOL)
    return words_of(draft.content)


async def packed(life: Life, papers: PaperDesk, username: str = "donggou1_grid") -> Packet:
    by = await staff(life.database, username)
    async with life.database.transaction() as session:
        return await packets.confirmation_packet(session, life.desk, papers, life.no, by=by, at=FRIDAY)


async def test_the_agreement_says_what_was_recorded_and_nothing_sealed(life: Life, papers: PaperDesk) -> None:
    with pytest.raises(TransitionNotAllowed):
        await made(life, papers, "agreement")
    await life.agreed()
    text = await made(life, papers, "agreement")
    assert "人民调解协议书" in text
    assert "邻居改装排水管，并付给申请人修墙款" in text
    assert "2. 邻居对申请人：付修墙款，1500元，2026年12月20日前。" in text
    assert "东沟村人民调解委员会（印章）" in text
    assert "东沟村一组网格工作站" not in text
    assert SECRET not in text


async def test_what_is_in_force_is_no_draft_and_names_who_signed(life: Life, papers: PaperDesk) -> None:
    draft = await life.add("agreement", **AGREEMENT)
    assert "草稿" in await made(life, papers, "agreement")
    await life.step(draft.no, "take_effect", effective_on="2026-11-20")
    text = await made(life, papers, "agreement")
    assert "草稿" not in text
    assert "协议已于2026年11月20日生效" in text
    assert "调解委员会印章（东沟村人民调解委员会，2026年11月20日）" in text


async def test_long_terms_are_never_cut(life: Life, papers: PaperDesk) -> None:
    long = "邻居每月清理一次排水沟。" * 300
    await life.agreed(terms=long)
    assert long in await made(life, papers, "agreement")


async def test_an_oral_one_is_its_own_form(life: Life, papers: PaperDesk) -> None:
    await life.add("agreement", **(AGREEMENT | {"form": "oral", "signatures": []}))
    assert "口头协议登记表" in await made(life, papers, "agreement")


async def test_after_reopening_the_new_agreement_is_printed_and_sent(life: Life, papers: PaperDesk) -> None:
    first = await life.agreed()
    asked = await life.add("confirmation", under=first.no, days=5, **APPLIED)
    await life.step(asked.no, "confirm", days=6, decided_on="2026-11-26", ruling_no="（2026）示 1 号")
    await life.move(Move.CLOSE, days=6)
    await life.move(Move.REOPEN, Move.ACCEPT, Move.START_MEDIATION, days=7)
    draft = await life.add("agreement", days=7, **(AGREEMENT | {"terms": "邻居再修一次排水管。"}))
    assert "邻居再修一次排水管" in await made(life, papers, "agreement")
    assert "邻居再修一次排水管" not in await made(life, papers, "confirmation")
    await life.step(draft.no, "take_effect", days=7, effective_on="2026-11-27")
    assert "邻居再修一次排水管" in await made(life, papers, "confirmation")
    with zipfile.ZipFile(io.BytesIO((await packed(life, papers)).content)) as archive:
        facts = json.loads(archive.read("packet.json"))
    assert (facts["agreement"]["terms"], facts["confirmation"]) == ("邻居再修一次排水管。", {})


async def test_the_index_counts_what_was_held_not_what_was_planned(life: Life, papers: PaperDesk) -> None:
    for day in ("20", "24"):
        meeting = await life.add("meeting", at=f"2026-11-{day}T10:00", way="offline")
    await life.step(meeting.no, "hold", day="2026-11-20", came=["申请人", "邻居"], minutes="谈成了")
    first = await life.agreed()
    await life.step(first.no, "void", why="算错了")
    draft = await life.add("agreement", **AGREEMENT)
    await life.step(draft.no, "take_effect", effective_on="2026-11-20")
    lines = (await made(life, papers, "file_index")).split("\n")
    for item in ("调解记录", "调解协议书或口头协议登记表"):
        assert lines[lines.index(item) + 1] == "1 份"


async def test_cover_and_index_name_what_is_missing(life: Life, papers: PaperDesk) -> None:
    await life.agreed()
    cover, index = [await made(life, papers, code) for code in ("file_cover", "file_index")]
    assert life.no in cover
    assert "达成协议" in cover
    assert "（待填：卷号）" in cover
    assert "缺的材料：调解记录、履行情况、回访记录" in index
    assert SECRET not in index
    with pytest.raises(NotFound):
        await made(life, papers, "nothing")


async def test_the_packet_is_whole_and_its_digest_stands_in_the_history(
    life: Life, papers: PaperDesk, tmp_path: Path
) -> None:
    draft = await life.add("agreement", **AGREEMENT)
    with pytest.raises(TransitionNotAllowed):
        await packed(life, papers)
    await life.step(draft.no, "take_effect", effective_on="2026-11-20")
    await life.add("confirmation", under=draft.no, days=5, **APPLIED)
    with pytest.raises(Forbidden):
        await packed(life, papers, "qingshi_leader")
    packet = await packed(life, papers)
    (kept,) = await life.listed("packet")
    assert content_of(kept)["sha256"] == packet.sha256 == hashlib.sha256(packet.content).hexdigest()
    with zipfile.ZipFile(io.BytesIO(packet.content)) as archive:
        archive.extractall(tmp_path)
    checked = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    facts = json.loads((tmp_path / "packet.json").read_text("utf-8"))
    assert [one["what"] for one in facts["agreement"]["obligations"]] == ["改装排水管", "付修墙款"]
    assert (facts["amount_yuan"], facts["confirmation"]["court"]) == (1500, "青石镇人民法庭")
    assert facts["committee"] == "东沟村人民调解委员会"
    everything = "".join(words_of(one.read_bytes()) for one in tmp_path.glob("*.docx")) + json.dumps(facts)
    assert "青石镇人民法庭" in everything
    assert SECRET not in everything + json.dumps(facts, ensure_ascii=False)
    assert (await verify(life.database)).broken == []
