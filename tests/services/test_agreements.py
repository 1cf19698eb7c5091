"""Agreement → confirmation → performance → follow-up → archive, on both databases."""

import pytest

from api.db.records import content_of
from api.db.session import Database
from api.domain.access import Viewer
from api.domain.errors import InvalidInput, TransitionNotAllowed
from api.domain.lifecycle import Move
from api.services import records
from api.services.routing import RoutingDesk
from tests.services.life import AGREEMENT, SIGNED, TOOL, Life

START = (Move.ACCEPT, Move.START_MEDIATION)
BOTH_CONSENT = {"applicant_consents": True, "respondent_consents": True}
APPLIED = {"applied_on": "2026-11-25", "court": "青石镇人民法庭", **BOTH_CONSENT}
VISIT = {"day": "2026-12-28", "whom": "both", "way": "phone", "satisfaction": "satisfied"}


@pytest.fixture
async def life(database: Database, desk: RoutingDesk) -> Life:
    return await Life(database, desk).opened(*START)


async def met(life: Life) -> None:
    meeting = await life.add("meeting", at="2026-11-20T09:00", way="offline")
    await life.step(meeting.no, "hold", day="2026-11-20", came=["申请人", "邻居"], minutes="谈成了", result="agreed")


class TestAgreement:
    async def test_takes_effect_with_all_signatures_and_settles_the_ticket(self, life: Life) -> None:
        agreement = await life.agreed()
        content = content_of(agreement)
        assert (agreement.state, agreement.amount_fen, agreement.code) == ("effective", 150000, "written")
        assert content["confirm_by"] == "2026-12-21"  # the thirtieth day is a Sunday
        assert content["remind_on"] == ["2026-11-21", "2026-12-10", "2026-12-17"]
        duties = await life.listed("obligation")
        assert [(row.state, content_of(row)["due"], row.amount_fen) for row in duties] == [
            ("due", "2026-11-25", None),
            ("due", "2026-12-20", 150000),
        ]
        ticket = await life.ticket()
        assert (ticket.status, ticket.outcome) == ("agreed", "agreed")
        assert await life.genuine()

    @pytest.mark.parametrize("role", ["applicant", "respondent", "mediator", "committee"])
    async def test_a_written_one_waits_for_every_signature(self, life: Life, role: str) -> None:
        signatures = [one for one in SIGNED if one["role"] != role]
        draft = await life.add("agreement", **(AGREEMENT | {"signatures": signatures}))
        with pytest.raises(InvalidInput) as refusal:
            await life.step(draft.no, "take_effect", effective_on="2026-11-20")
        assert (refusal.value.code, refusal.value.more["missing"]) == ("signatures_missing", [role])
        assert (await life.ticket()).status == "mediating"

    async def test_an_oral_one_needs_none(self, life: Life) -> None:
        draft = await life.add("agreement", **(AGREEMENT | {"form": "oral", "signatures": []}))
        assert (await life.step(draft.no, "take_effect", effective_on="2026-11-20")).state == "effective"

    @pytest.mark.parametrize(
        "terms",
        [
            "双方握手言和，以后不得再去法院起诉。",
            "此事永不报警，也不再上访。",
            "对方不履行的，停水停电直到付清，停供水供电。",
            "不付钱就在村微信群里公开曝光。",
            "钱付清以前扣留身份证。",
        ],
    )
    async def test_what_takes_rights_away_is_refused_with_the_article(self, life: Life, terms: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            await life.add("agreement", **(AGREEMENT | {"terms": terms}))
        assert refusal.value.code == "forbidden_terms"
        assert all("#" in one["basis"][0] and one["because"] for one in refusal.value.more["terms"])

    async def test_a_doubtful_term_is_kept_with_a_warning(self, life: Life) -> None:
        draft = await life.add("agreement", **(AGREEMENT | {"terms": "这块宅基地使用权归邻居。"}))
        assert "司法确认" in content_of(draft)["warnings"][0]["because"]

    async def test_it_takes_effect_when_the_last_has_signed_not_before(self, life: Life) -> None:
        signatures = [one | ({"day": "2026-11-24"} if one["role"] == "committee" else {}) for one in SIGNED]
        with pytest.raises(InvalidInput, match="将来") as refusal:
            await life.add("agreement", **(AGREEMENT | {"signatures": signatures}))
        assert refusal.value.more["field"] == "signatures.3.day"
        draft = await life.add("agreement", days=4, **(AGREEMENT | {"signatures": signatures}))
        with pytest.raises(InvalidInput, match="2026年11月24日") as refusal:
            await life.step(draft.no, "take_effect", days=4, effective_on="2026-11-23")
        assert refusal.value.more["field"] == "effective_on"
        late = [one | {"day": "2027-05-01"} for one in SIGNED]
        with pytest.raises(InvalidInput, match="将来"):
            await life.step(draft.no, "take_effect", days=4, effective_on="2026-11-24", signatures=late)
        assert (await life.step(draft.no, "take_effect", days=4, effective_on="2026-11-24")).state == "effective"

    async def test_a_duty_before_the_agreement_names_its_row(self, life: Life) -> None:
        duties = [{"debtor": "邻居", "what": "付款", "amount": 1, "due": "2026-11-01"}]
        with pytest.raises(InvalidInput) as refusal:
            await life.add("agreement", **(AGREEMENT | {"obligations": duties}))
        assert refusal.value.more["field"] == "obligations.0.due"
        with pytest.raises(InvalidInput) as refusal:
            await life.add("agreement", **(AGREEMENT | {"obligations": [{"debtor": "邻居", "what": "付", "due": "x"}]}))
        assert refusal.value.more["field"] == "obligations.0.due"

    async def test_what_is_in_force_cannot_be_rewritten_only_voided(self, life: Life) -> None:
        agreement = await life.agreed()
        with pytest.raises(TransitionNotAllowed):
            await life.correct(agreement.no, terms="改一下")
        await life.step(agreement.no, "void", why="双方重新商量")
        assert {row.state for row in await life.listed("obligation")} == {"released"}


class TestConfirmation:
    async def test_applied_for_together_and_confirmed(self, life: Life) -> None:
        agreement = await life.agreed()
        asked = await life.add("confirmation", under=agreement.no, days=5, **APPLIED)
        assert (asked.state, content_of(asked)["last_day"]) == ("applied", "2026-12-21")
        done = await life.step(asked.no, "confirm", days=20, decided_on="2026-12-10", ruling_no="（2026）示 1 号")
        assert done.state == "confirmed"

    async def test_no_ruling_before_the_application(self, life: Life) -> None:
        agreement = await life.agreed()
        with pytest.raises(InvalidInput, match="不能早于“调解协议的生效日期”") as refusal:
            await life.add("confirmation", under=agreement.no, days=5, **(APPLIED | {"applied_on": "2026-11-19"}))
        assert refusal.value.more["field"] == "applied_on"
        asked = await life.add("confirmation", under=agreement.no, days=5, **APPLIED)
        for step, more in (("confirm", {"ruling_no": "（2026）示 1 号"}), ("refuse", {"why": "内容不明"})):
            with pytest.raises(InvalidInput, match="不能早于“申请日期”（2026年11月25日）") as refusal:
                await life.step(asked.no, step, days=20, decided_on="2026-11-24", **more)
            assert refusal.value.more["field"] == "decided_on"
        await life.step(asked.no, "accept", days=20, day="2026-12-01")
        with pytest.raises(InvalidInput, match="受理日期"):
            await life.step(asked.no, "confirm", days=20, decided_on="2026-11-30", ruling_no="（2026）示 1 号")

    @pytest.mark.parametrize("side", ["applicant_consents", "respondent_consents"])
    async def test_one_side_alone_cannot(self, life: Life, side: str) -> None:
        agreement = await life.agreed()
        with pytest.raises(InvalidInput) as refusal:
            await life.add("confirmation", under=agreement.no, days=5, **(APPLIED | {side: False}))
        assert refusal.value.code == "consent_required"

    async def test_the_thirtieth_day_is_the_last(self, life: Life) -> None:
        agreement = await life.agreed()
        with pytest.raises(InvalidInput, match="起诉") as refusal:
            await life.add("confirmation", under=agreement.no, days=40, **(APPLIED | {"applied_on": "2026-12-22"}))
        assert refusal.value.code == "confirmation_expired"
        await life.add("confirmation", under=agreement.no, days=40, **(APPLIED | {"applied_on": "2026-12-21"}))

    @pytest.mark.parametrize("terms", ["双方同意离婚，房子归女方。", "这块宅基地使用权归邻居。"])
    async def test_not_for_what_no_court_confirms(self, life: Life, terms: str) -> None:
        agreement = await life.agreed(terms=terms)
        assert content_of(agreement)["warnings"]
        with pytest.raises(InvalidInput, match="不能申请司法确认") as refusal:
            await life.add("confirmation", under=agreement.no, days=5, **APPLIED)
        assert refusal.value.code == "not_confirmable"
        assert "第三百五十五条" in refusal.value.more["terms"][0]["basis"][0]

    async def test_not_for_a_draft_and_not_twice(self, life: Life) -> None:
        draft = await life.add("agreement", **AGREEMENT)
        with pytest.raises(TransitionNotAllowed):
            await life.add("confirmation", under=draft.no, days=5, **APPLIED)
        await life.step(draft.no, "take_effect", effective_on="2026-11-20")
        await life.add("confirmation", under=draft.no, days=5, **APPLIED)
        with pytest.raises(TransitionNotAllowed):
            await life.add("confirmation", under=draft.no, days=5, **APPLIED)


class TestAfterReopening:
    async def confirmed(self, life: Life) -> int:
        await met(life)
        first = await life.agreed()
        asked = await life.add("confirmation", under=first.no, days=5, **APPLIED)
        await life.step(asked.no, "confirm", days=20, decided_on="2026-12-10", ruling_no="（2026）示 1 号")
        await life.move(Move.CLOSE, days=21)
        await life.move(Move.REOPEN, Move.ACCEPT, Move.START_MEDIATION, days=22)
        return first.no

    async def test_a_new_agreement_stands_beside_the_one_the_court_confirmed(self, life: Life) -> None:
        first = await self.confirmed(life)
        with pytest.raises(TransitionNotAllowed) as refusal:
            await life.move(Move.RECORD_AGREEMENT, days=22)
        assert refusal.value.code == "record_required"
        draft = await life.add("agreement", days=22, **(AGREEMENT | {"terms": "邻居再修一次排水管。"}))
        await life.step(draft.no, "take_effect", days=22, effective_on="2026-12-12")
        assert (await life.ticket()).status == "agreed"
        assert {row.no: row.state for row in await life.listed("agreement")} == {
            first: "effective",
            draft.no: "effective",
        }

    async def test_one_that_can_be_voided_is_voided_first(self, life: Life) -> None:
        await met(life)
        first = await life.agreed()
        await life.move(Move.CLOSE, days=21)
        await life.move(Move.REOPEN, Move.ACCEPT, Move.START_MEDIATION, days=22)
        draft = await life.add("agreement", days=22, **AGREEMENT)
        with pytest.raises(TransitionNotAllowed, match="先作废"):
            await life.step(draft.no, "take_effect", days=22, effective_on="2026-12-12")
        await life.step(first.no, "void", days=22, why="双方同意重订")
        await life.step(draft.no, "take_effect", days=22, effective_on="2026-12-12")


class TestPerformance:
    async def test_unpaid_asks_both_and_offers_the_ways_that_are_open(self, life: Life) -> None:
        agreement = await life.agreed()
        _, money = await life.listed("obligation")
        with pytest.raises(InvalidInput):
            await life.step(money.no, "miss", days=5, creditor_says="还没给")
        said = {"creditor_says": "还没给", "debtor_says": "手头紧"}
        missed = await life.step(money.no, "miss", days=31, **said)
        assert content_of(missed)["routes"] == ["lawsuit", "payment_order", "confirmation"]
        with pytest.raises(InvalidInput, match="司法确认"):
            await life.step(money.no, "enforce", days=31, route="execution", told_on="2026-12-21")
        asked = await life.add("confirmation", under=agreement.no, days=31, **APPLIED)
        await life.step(asked.no, "confirm", days=35, decided_on="2026-12-25", ruling_no="（2026）示 1 号")
        sent = await life.step(money.no, "enforce", days=36, route="execution", told_on="2026-12-26")
        assert (sent.state, content_of(sent)["debtor_says"]) == ("enforcement", "手头紧")

    async def test_in_parts_and_late(self, life: Life) -> None:
        await life.agreed()
        _, money = await life.listed("obligation")
        with pytest.raises(InvalidInput):
            await life.step(money.no, "pay_part", days=30, paid_on="2026-12-20", paid=1500, asked="都问了")
        await life.step(money.no, "pay_part", days=30, paid_on="2026-12-20", paid=500, asked="月底前补齐，对方同意")
        for route in ("lawsuit", "payment_order"):  # the last day is still the debtor's
            with pytest.raises(InvalidInput) as refusal:
                await life.step(money.no, "enforce", days=30, route=route, told_on="2026-12-20")
            assert refusal.value.more["field"] == "due"
        enforced = await life.step(money.no, "enforce", days=31, route="lawsuit", told_on="2026-12-21")
        assert enforced.state == "enforcement"
        done = await life.step(money.no, "perform", days=40, paid_on="2026-12-30")
        assert (done.state, done.code) == ("performed", "late")

    async def test_what_was_paid_is_told_in_all_and_in_the_order_of_days(self, life: Life) -> None:
        await life.agreed()
        _, money = await life.listed("obligation")

        async def pay(day: str, paid: int) -> None:
            await life.step(money.no, "pay_part", days=30, paid_on=day, paid=paid, asked="都问了")

        for day, paid, why in (("2026-11-19", 200, "谈成日期"),):
            with pytest.raises(InvalidInput, match=why):
                await pay(day, paid)
        await pay("2026-12-01", 400)
        for day, paid, why in (("2026-12-10", 300, "一共付了多少"), ("2026-11-25", 500, "日期不能比那天早")):
            with pytest.raises(InvalidInput, match=f"累计 400 元.*{why}"):
                await pay(day, paid)
        await pay("2026-12-01", 300)
        await pay("2026-12-10", 700)
        assert content_of((await life.listed("obligation"))[1])["paid"] == 700
        with pytest.raises(InvalidInput, match="谈成日期"):
            await life.step(money.no, "perform", days=30, paid_on="2026-11-01")

    async def test_the_villager_may_say_that_nothing_came(self, life: Life) -> None:
        await life.agreed()
        _, money = await life.listed("obligation")
        own = Viewer.applicant("web", "visitor-1")
        assert (await life.step(money.no, "miss", by=own, days=31, creditor_says="一分没给")).state == "unpaid"


async def steps(life: Life, no: int) -> list[str]:
    (row,) = [one for one in await life.listed() if one.no == no]
    return records.steps_now(await life.ticket(), row, TOOL)


class TestCaseFile:
    async def test_closing_names_what_is_missing_and_takes_a_reason(self, life: Life) -> None:
        await life.agreed()
        with pytest.raises(TransitionNotAllowed) as refusal:
            await life.move(Move.CLOSE, note="")
        assert refusal.value.code == "file_incomplete"
        assert [one["zh"] for one in refusal.value.more["missing"]] == ["调解记录"]
        await life.move(Move.CLOSE, note="双方在田头当场说定，没有开会")
        assert (await life.ticket()).status == "closed"

    async def test_from_agreement_to_the_archive(self, life: Life) -> None:
        await met(life)
        agreement = await life.agreed()
        asked = await life.add("confirmation", under=agreement.no, days=5, **APPLIED)
        await life.step(asked.no, "confirm", days=20, decided_on="2026-12-10", ruling_no="（2026）示 1 号")
        await life.move(Move.CLOSE, note="", days=21)
        with pytest.raises(TransitionNotAllowed) as refusal:
            await life.add("archive", days=38, day="2026-12-28", file_no="2026-东沟-001")
        assert [one["key"] for one in refusal.value.more["missing"]] == ["performance", "follow_up"]
        for duty in await life.listed("obligation"):
            await life.step(duty.no, "perform", days=31, paid_on="2026-12-20")
        await life.add("follow_up", days=38, **VISIT)
        kept = await life.add("archive", days=38, day="2026-12-28", file_no="2026-东沟-001", pages=23)
        assert kept.state == "archived"
        with pytest.raises(TransitionNotAllowed):
            await life.add("archive", days=38, day="2026-12-28", file_no="2026-东沟-002")
        assert await life.genuine()
        assert {event.actor for event in (await life.ticket()).events} == {TOOL.actor}


class TestWhatAStepNeeds:
    async def test_closing_a_failure_asks_for_its_file(self, life: Life) -> None:
        await life.move(Move.RECORD_FAILURE)
        with pytest.raises(TransitionNotAllowed) as refusal:
            await life.move(Move.CLOSE, note="")
        assert [one["zh"] for one in refusal.value.more["missing"]] == ["调解记录"]
        await life.move(Move.CLOSE, note="电话里没有谈拢，没有开会")

    async def test_no_confirmation_of_a_draft(self, life: Life) -> None:
        first = await life.agreed()
        await life.step(first.no, "void", why="算错了")
        draft = await life.add("agreement", **AGREEMENT)
        with pytest.raises(TransitionNotAllowed) as refusal:
            await life.add("confirmation", under=draft.no, days=5, **APPLIED)
        assert refusal.value.code == "record_required"
        assert refusal.value.more["missing"] == [{"kind": "agreement", "zh": "调解协议", "states": ["effective"]}]
        assert refusal.value.more["allowed"] == ["take_effect"]

    async def test_what_is_before_the_court_is_not_voided(self, life: Life) -> None:
        agreement = await life.agreed()
        asked = await life.add("confirmation", under=agreement.no, days=5, **APPLIED)
        with pytest.raises(TransitionNotAllowed, match="先撤回"):
            await life.step(agreement.no, "void", days=6, why="算错了")
        await life.step(asked.no, "confirm", days=20, decided_on="2026-12-10", ruling_no="（2026）示 1 号")
        with pytest.raises(TransitionNotAllowed, match="司法确认"):
            await life.step(agreement.no, "void", days=21, why="算错了")

    async def test_nobody_performs_a_voided_agreement(self, life: Life) -> None:
        agreement = await life.agreed()
        _, money = await life.listed("obligation")
        await life.step(money.no, "miss", days=31, creditor_says="还没给")
        await life.step(money.no, "enforce", days=31, route="lawsuit", told_on="2026-12-21")
        assert await steps(life, money.no) == ["perform"]
        await life.step(agreement.no, "void", days=32, why="双方同意重订")
        assert await steps(life, money.no) == []
        with pytest.raises(TransitionNotAllowed) as refusal:
            await life.step(money.no, "perform", days=33, paid_on="2026-12-23")
        assert (refusal.value.code, refusal.value.more["allowed"]) == ("record_required", [])


class TestStops:
    @pytest.mark.parametrize(
        ("moves", "reason"),
        [
            ((Move.DECLINE,), "declined"),
            ((Move.ACCEPT, Move.REFUSE), "refused"),
            ((*START, Move.RECORD_FAILURE), "failed"),
            ((Move.LEAVE,), "referred"),
        ],
    )
    async def test_every_stop_tells_the_rights(
        self, database: Database, desk: RoutingDesk, moves: tuple[Move, ...], reason: str
    ) -> None:
        life = await Life(database, desk).open()
        await life.move(*moves, guidance="可以先问村法律顾问。")
        (notice,) = await life.listed("rights_notice", by=Viewer.applicant("web", "visitor-1"))
        assert notice.code == reason
        assert "向人民法院起诉" in content_of(notice)["text"]
        assert "村法律顾问" in content_of(notice)["text"]
        assert await life.genuine()

    async def test_refused_is_over_for_good(self, life: Life) -> None:
        await life.move(Move.REFUSE, by=Viewer.applicant("web", "visitor-1"))
        for move in (Move.START_MEDIATION, Move.REOPEN, Move.ESCALATE):
            with pytest.raises(TransitionNotAllowed):
                await life.move(move)
