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

    async def questions(self, category: str, subcategory: str | None) -> list[dict[str, Any]]:
        params = {"category": category, **({"subcategory": subcategory} if subcategory else {})}
        answer = await self._call("GET", "/api/v1/questions", params=params)
        questions: list[dict[str, Any]] = answer["questions"]
        return questions

    async def preview(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        return await self._call("POST", "/api/v1/routing/preview", json={"facts": dict(facts)})

    async def open_ticket(self, body: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        return await self._call("POST", "/api/v1/tickets", json=dict(body), headers={"Idempotency-Key": key})

    async def ticket(self, no: str, *, channel: str, sender: str) -> dict[str, Any]:
        return await self._call("GET", f"/api/v1/tickets/{no}", params={"channel": channel, "sender": sender})

    async def tickets_of(self, *, channel: str, sender: str) -> list[dict[str, Any]]:
        answer = await self._call("GET", "/api/v1/tickets", params={"channel": channel, "sender": sender})
        tickets: list[dict[str, Any]] = answer["tickets"]
        return tickets

    async def withdraw(self, no: str, *, channel: str, sender: str, key: str) -> dict[str, Any]:
        params = {"channel": channel, "sender": sender}
        headers = {"Idempotency-Key": key}
        return await self._call("POST", f"/api/v1/tickets/{no}/withdraw", params=params, headers=headers, json={})

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
        body = {"field": field, "text": turn.said[:2000], "entities": [dict(one) for one in turn.entities]}
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
