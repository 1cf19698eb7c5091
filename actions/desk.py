"""Client of the desk's own HTTP API, the only way the actions know the desk."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from actions.turn import Turn


class DeskError(Exception):
    """The desk refused or did not answer; `detail` is its Chinese sentence, fit to show."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Desk:
    """One method per use; the HTTP client (base address, token, transport) is given from outside."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def ask(self, text: str, parse: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Answer, choices, statutes and triage of a text; `parse` is what the NLU already made of it."""
        return await self._call("POST", "/api/v1/ask", json={"text": text, "parse": parse})

    async def has_answer(self, turn: Turn) -> bool:
        """Whether a curated answer fits what was said."""
        return bool((await self.ask(turn.text, turn.parse))["answer"])

    async def entry(self, entry_id: str) -> dict[str, Any]:
        return await self._call("GET", f"/api/v1/entries/{entry_id}")

    async def follow_up(self, text: str, *, story: str, entry: str | None) -> dict[str, Any]:
        """The answer to a short question about the matter of before, or the doors of that matter."""
        return await self._call("POST", "/api/v1/follow-up", json={"text": text, "story": story, "entry": entry})

    async def triage(self, text: str, parse: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return await self._call("POST", "/api/v1/triage", json={"text": text, "parse": parse})

    async def match_place(self, text: str) -> dict[str, Any]:
        return await self._call("GET", "/api/v1/places/match", params={"text": text})

    async def questions(
        self, category: str, subcategory: str | None, text: str, entities: Sequence[Mapping[str, Any]]
    ) -> dict[str, list[dict[str, Any]]]:
        """`questions` still to be asked, `known` answers to them, and facts told `beside` them."""
        body = {"category": category, "subcategory": subcategory, "text": text, "entities": plain_entities(entities)}
        return await self._call("POST", "/api/v1/questions", json=body)

    async def matters(self, text: str) -> list[dict[str, Any]]:
        """The separate matters in one message, each with its `text` and `triage`; one or none for most."""
        answer = await self._call("POST", "/api/v1/matters", json={"text": text})
        matters: list[dict[str, Any]] = answer["matters"]
        return matters

    async def preview(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        return await self._call("POST", "/api/v1/routing/preview", json={"facts": dict(facts)})

    async def open_ticket(self, body: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        return await self._call("POST", "/api/v1/tickets", json=dict(body), headers={"Idempotency-Key": key})

    async def ticket(self, no: str, *, channel: str, sender: str) -> dict[str, Any]:
        return await self._call("GET", f"/api/v1/tickets/{no}", params={"channel": channel, "sender": sender})

    async def progress(self, no: str, turn: Turn) -> dict[str, Any]:
        """Where a ticket stands, in `text`."""
        params = {"channel": turn.channel, "sender": turn.sender}
        return await self._call("GET", f"/api/v1/tickets/{no}/progress", params=params)

    async def tickets_of(self, *, channel: str, sender: str) -> list[dict[str, Any]]:
        answer = await self._call("GET", "/api/v1/tickets", params={"channel": channel, "sender": sender})
        tickets: list[dict[str, Any]] = answer["tickets"]
        return tickets

    async def withdraw(self, no: str, *, channel: str, sender: str, key: str) -> dict[str, Any]:
        params = {"channel": channel, "sender": sender}
        headers = {"Idempotency-Key": key}
        return await self._call("POST", f"/api/v1/tickets/{no}/withdraw", params=params, headers=headers, json={})

    async def move(self, no: str, move: str, turn: Turn, *, note: str) -> dict[str, Any]:
        """One step of the life cycle that the applicant may take."""
        return await self._own("POST", no, move, turn, {"note": note})

    async def add(self, no: str, turn: Turn, text: str) -> dict[str, Any]:
        return await self.move(no, "add_note", turn, note=text)

    async def leave_contact(self, no: str, turn: Turn, *, contact: Mapping[str, str], text: str) -> dict[str, Any]:
        """`contact`: phone and perhaps name; the words go on the ticket too."""
        return await self._own("POST", no, "contact", turn, {**contact, "note": text})

    async def another_mediator(self, no: str, turn: Turn, *, reason: str) -> dict[str, Any]:
        """`ticket` as it is now, and `changed`: False when nobody else was there and it went one tier up."""
        return await self._own("POST", no, "another-mediator", turn, {"reason": reason})

    async def rate(self, no: str, turn: Turn, *, score: str, comment: str) -> dict[str, Any]:
        return await self._own("POST", no, "rating", turn, {"score": score, "comment": comment})

    async def claim(self, no: str, turn: Turn, *, code: str) -> dict[str, Any]:
        """Opens a ticket to this conversation; `side` is applicant or respondent."""
        return await self._own("POST", no, "claim", turn, {"code": code})

    async def statement(self, no: str, turn: Turn, *, text: str, refuses: bool) -> dict[str, Any]:
        """What the other party says; a refusal stops the mediation."""
        return await self._own("POST", no, "statement", turn, {"text": text, "refuses": refuses})

    async def _own(self, method: str, no: str, what: str, turn: Turn, body: Mapping[str, Any]) -> dict[str, Any]:
        params = {"channel": turn.channel, "sender": turn.sender}
        headers = {"Idempotency-Key": f"{what}:{turn.channel}:{turn.sender}:{turn.message_id}"}
        path = f"/api/v1/tickets/{no}/{what}"
        return await self._call(method, path, params=params, headers=headers, json=dict(body))

    async def my_data(self, turn: Turn) -> dict[str, Any]:
        """Everything kept of this conversation, and what stays after an erasure, with its reason."""
        params = {"channel": turn.channel, "sender": turn.sender}
        return await self._call("GET", f"/api/v1/conversations/{turn.channel}/{turn.sender}/data", params=params)

    async def erase(self, turn: Turn) -> dict[str, Any]:
        """What was said so far goes once this answer is out; in the name of the conversation itself."""
        params = {"channel": turn.channel, "sender": turn.sender, "when": "after_turn"}
        return await self._call("DELETE", f"/api/v1/conversations/{turn.channel}/{turn.sender}", params=params)

    async def handoff(self, *, channel: str, sender: str, reason: str, known: Mapping[str, str]) -> dict[str, Any]:
        """Place in the queue, and what to say when nobody is there; `known` is shown to the operator."""
        body = {"reason": reason[:200], "known": {label: text[:1000] for label, text in known.items()}}
        return await self._call("POST", f"/api/v1/conversations/{channel}/{sender}/handoff", json=body)

    async def wish(self, text: str, entities: Sequence[Mapping[str, Any]], *, act: str) -> dict[str, Any]:
        """The calculator or paper a message asks for, and all there is of that kind."""
        body = {"text": text, "entities": [dict(one) for one in entities], "act": act}
        return await self._call("POST", "/api/v1/wishes", json=body)

    async def task_state(self, kind: str, code: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        """What is missing, and for a calculator the result when nothing is."""
        path = f"/api/v1/calculators/{code}" if kind == "calculator" else f"/api/v1/papers/{code}/read"
        return await self._call("POST", path, json={"facts": dict(facts)})

    async def task_prefill(
        self, kind: str, code: str, text: str, entities: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        body = {"text": text[:2000], "entities": [dict(one) for one in entities]}
        answer = await self._call("POST", f"/api/v1/{kind}s/{code}/prefill", json=body)
        facts: dict[str, Any] = answer["facts"]
        return facts

    async def read_answer(self, kind: str, code: str, field: str, turn: Turn) -> dict[str, Any]:
        """The value in an answer; DeskError with what to say when there is none."""
        text = turn.text if kind == "calculator" else turn.said  # a paper keeps the words as they were written
        body = {"field": field, "text": text[:2000], "entities": [dict(one) for one in turn.entities]}
        answer = await self._call("POST", f"/api/v1/{kind}s/{code}/answer", json=body)
        facts: dict[str, Any] = answer["facts"]
        return facts

    async def make_paper(self, code: str, facts: Mapping[str, Any], *, channel: str, sender: str) -> dict[str, Any]:
        params = {"channel": channel, "sender": sender}
        return await self._call("POST", f"/api/v1/papers/{code}", params=params, json={"fields": dict(facts)})

    async def _call(self, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        """Refusals (4xx) are DeskError; a desk that is down raises, so that the whole turn fails and is retried."""
        response = await self._http.request(method, path, **kwargs)
        if response.status_code >= 500:
            response.raise_for_status()
        answer: dict[str, Any] = response.json()
        if response.status_code >= 400:
            raise DeskError(answer.get("error", "error"), answer.get("detail", "办理没有成功"))
        return answer


def plain_entities(entities: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"entity": one.get("entity"), "value": one.get("value"), "text": one.get("text")} for one in entities]
