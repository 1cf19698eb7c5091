"""Check codes, the other party, another mediator, ratings, and lines of the desk, over HTTP."""

from typing import Any

import httpx

from tests.http.site import Site, check_error

PHONE = {"channel": "hotline", "sender": "caller-7"}
NEIGHBOUR = {"channel": "web", "sender": "the-neighbour"}
MINE = {"channel": "web", "sender": "visitor-1"}


async def codes(site: Site, no: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await site.http.get(f"/api/v1/tickets/{no}/codes", headers=site.tool)).json()
    return answer


async def post(
    site: Site, no: str, what: str, who: dict[str, str], body: dict[str, Any], key: str = ""
) -> httpx.Response:
    path = f"/api/v1/tickets/{no}/{what}"
    headers = site.actions | ({"Idempotency-Key": key} if key else {})
    return await site.http.post(path, params=who, json=body, headers=headers)


async def claim(site: Site, no: str, who: dict[str, str], code: str) -> httpx.Response:
    return await post(site, no, "claim", who, {"code": code})


class TestCodes:
    async def test_the_receipt_carries_the_code(self, site: Site) -> None:
        body = {"channel": "web", "sender": "v", "category": "neighbor", "text": "邻居占了滴水檐"}
        opened = (await site.http.post("/api/v1/tickets", json=body, headers=site.actions)).json()
        assert opened["check_code"] == (await codes(site, opened["no"]))["applicant"]

    async def test_another_channel_goes_on_with_number_and_code(self, site: Site) -> None:
        no = await site.open_ticket()
        path = f"/api/v1/tickets/{no}"
        check_error(await site.http.get(path, params=PHONE, headers=site.actions), 404)
        assert (await claim(site, no, PHONE, (await codes(site, no))["applicant"])).json()["side"] == "applicant"
        assert (await site.http.get(path, params=PHONE, headers=site.actions)).json()["no"] == no
        listed = (await site.http.get("/api/v1/tickets", params=PHONE, headers=site.actions)).json()["tickets"]
        assert [one["no"] for one in listed] == [no]

    async def test_five_wrong_codes_close_the_door_also_to_the_right_one(self, site: Site) -> None:
        no = await site.open_ticket()
        right = (await codes(site, no))["applicant"]
        wrong = f"{(int(right) + 1) % 10**6:06d}"
        for _ in range(5):
            check_error(await claim(site, no, PHONE, wrong), 422, "wrong_code")
        check_error(await claim(site, no, PHONE, right), 403, "too_many_tries")
        assert (await claim(site, no, NEIGHBOUR, right)).status_code == 200

    async def test_an_unknown_number_answers_like_a_wrong_code(self, site: Site) -> None:
        check_error(await claim(site, "T-20200101-0001", PHONE, "000000"), 422, "wrong_code")

    async def test_codes_are_for_staff(self, site: Site) -> None:
        no = await site.open_ticket()
        path = f"/api/v1/tickets/{no}/codes"
        check_error(await site.http.get(path, params=MINE, headers=site.actions), 403)

    async def test_the_other_side_stays_out_of_a_protective_ticket(self, site: Site) -> None:
        no = await site.open_ticket(crisis="domestic_violence")
        assert (await codes(site, no))["respondent"] is None
        respondent = site.app.state.runtime.codes.of(no, "respondent")
        check_error(await claim(site, no, NEIGHBOUR, respondent), 422, "wrong_code")


class TestTheOtherParty:
    async def known(self, site: Site) -> str:
        no = await site.open_ticket()
        assert (await claim(site, no, NEIGHBOUR, (await codes(site, no))["respondent"])).json()["side"] == "respondent"
        return no

    async def test_sees_no_more_than_that_it_is_there(self, site: Site) -> None:
        no = await self.known(site)
        check_error(await site.http.get(f"/api/v1/tickets/{no}", params=NEIGHBOUR, headers=site.actions), 404)
        answer = (await post(site, no, "statement", NEIGHBOUR, {"text": "墙在我地上"})).json()
        assert set(answer) == {"no", "side", "category_zh"}

    async def test_their_word_is_on_the_ticket_for_staff_only(self, site: Site) -> None:
        no = await self.known(site)
        await post(site, no, "statement", NEIGHBOUR, {"text": "墙在我地上"})
        staff = (await site.http.get(f"/api/v1/tickets/{no}", headers=site.tool)).json()
        assert "对方说：墙在我地上" in [event["note"] for event in staff["events"]]
        own = (await site.http.get(f"/api/v1/tickets/{no}", params=MINE, headers=site.actions)).json()
        assert "墙在我地上" not in str(own)

    async def test_their_refusal_ends_the_mediation(self, site: Site) -> None:
        no = await self.known(site)
        await post(site, no, "statement", NEIGHBOUR, {"text": "我不愿意调解", "refuses": True})
        ticket = (await site.http.get(f"/api/v1/tickets/{no}", headers=site.tool)).json()
        assert (ticket["status"], ticket["outcome"]) == ("closed", "refused")

    async def test_without_the_code_nobody_speaks_for_the_other_side(self, site: Site) -> None:
        no = await site.open_ticket()
        check_error(await post(site, no, "statement", NEIGHBOUR, {"text": "墙在我地上", "refuses": True}), 404)


CONTACT = {"phone": "13800138001", "name": "王", "note": "把我电话补上"}


class TestContact:
    async def test_left_afterwards_and_not_overwritten(self, site: Site) -> None:
        no = await site.open_ticket(applicant=None)
        assert (await post(site, no, "contact", MINE, CONTACT, "k1")).status_code == 200
        await post(site, no, "contact", MINE, CONTACT | {"phone": "13900139000"}, "k2")
        staff = (await site.http.get(f"/api/v1/tickets/{no}", headers=site.tool)).json()
        phones = [one["phone"] for one in staff["parties"] if one["role"] == "applicant"]
        assert phones == ["13800138001"]
        assert sum("把我电话补上" in event["note"] for event in staff["events"]) == 2

    async def test_only_on_ones_own_ticket(self, site: Site) -> None:
        no = await site.open_ticket()
        check_error(await post(site, no, "contact", PHONE, CONTACT), 404)
        check_error(await post(site, no, "contact", MINE, CONTACT | {"phone": "110"}), 422)


class TestAnotherMediator:
    async def test_never_the_one_refused_and_the_reason_is_kept(self, site: Site) -> None:
        no = await site.open_ticket(
            place={"town": "青石镇", "village": "东沟村"}, subcategory="homestead_right", category="housing_homestead"
        )
        before = (await site.http.get(f"/api/v1/tickets/{no}", headers=site.tool)).json()
        assert before["mediator"]
        answer = await post(site, no, "another-mediator", MINE, {"reason": "他是对方的表哥"}, "k1")
        after = answer.json()["ticket"]
        assert answer.json()["changed"] is True
        assert after["mediator"]["name"] != before["mediator"]["name"]
        staff = (await site.http.get(f"/api/v1/tickets/{no}", headers=site.tool)).json()
        assert any("他是对方的表哥" in event["note"] for event in staff["events"])
        again = await post(site, no, "another-mediator", MINE, {"reason": "他是对方的表哥"}, "k1")
        assert again.json()["ticket"]["mediator"] == after["mediator"]

    async def test_with_nobody_else_it_goes_one_tier_up(self, site: Site) -> None:
        no = await site.open_ticket()
        before = (await site.http.get(f"/api/v1/tickets/{no}", headers=site.tool)).json()
        answer = (await post(site, no, "another-mediator", MINE, {"reason": "信不过"})).json()
        changed = answer["changed"] or answer["ticket"]["organisation"] != before["organisation"]
        assert changed

    async def test_somebody_elses_ticket(self, site: Site) -> None:
        no = await site.open_ticket()
        check_error(await post(site, no, "another-mediator", PHONE, {"reason": "信不过"}), 404)


class TestRating:
    async def test_only_at_the_end_and_the_last_word_counts(self, site: Site) -> None:
        no = await site.open_ticket()
        check_error(await post(site, no, "rating", MINE, {"score": "satisfied"}), 409, "not_ended")
        await site.http.post(f"/api/v1/tickets/{no}/withdraw", headers=site.tool, json={})
        assert (await post(site, no, "rating", MINE, {"score": "fair"})).json()["score"] == "fair"
        assert (await post(site, no, "rating", MINE, {"score": "satisfied"})).json()["score"] == "satisfied"
        check_error(await post(site, no, "rating", MINE, {"score": "five stars"}), 422, "invalid_request")


class TestLinesOfTheDesk:
    async def test_in_the_conversation_and_the_bot_knows_what_is_answered(self, site: Site) -> None:
        await site.say("邻居砌墙")
        no = await site.open_ticket()
        path = f"/api/v1/tickets/{no}/message"
        assert (await site.http.post(path, json={"text": "周三上午来村委会行吗"}, headers=site.tool)).status_code == 201
        talk = (await site.http.get("/api/v1/conversations/web/visitor-1", headers=site.tool)).json()
        assert [(one["role"], one["text"]) for one in talk["messages"]][-1] == ("staff", "周三上午来村委会行吗")
        await site.say("行", message_id="m-2")
        await site.say("还有啥", message_id="m-3")
        assert [turn["metadata"]["desk_ticket"] for turn in site.rasa.turns] == [None, no, None]

    async def test_a_ticket_without_a_conversation(self, site: Site) -> None:
        no = await site.open_ticket(channel="console", sender="x")
        path = f"/api/v1/tickets/{no}/message"
        check_error(await site.http.post(path, json={"text": "你好"}, headers=site.tool), 422, "no_conversation")
        check_error(await site.http.post(path, params=MINE, json={"text": "你好"}, headers=site.actions), 403)
