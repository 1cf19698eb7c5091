"""A desk that answers over HTTP from a few Python values, and a villager's conversation as Rasa would hold it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx

from actions.desk import Desk
from actions.registry import build_executor

PLACES = ("东沟村一组", "西沟村二组", "东沟村")
WALL = "邻居砌墙占了我家的滴水檐"
NEIGHBOUR = {
    "category": "neighbor",
    "subcategory": "boundary",
    "category_zh": "邻里纠纷",
    "mediable": True,
    "crisis": None,
    "referral": None,
}
QUESTIONS = (
    {
        "key": "same_group",
        "text": "您和对方是一个组的吗？",
        "fact": "parties_same_group",
        "type": "bool",
        "buttons": ["是一个组", "不是一个组"],
        "values": {"是一个组": True, "不是一个组": False},
    },
    {"key": "amount", "text": "大概牵涉多少钱？说个数就行。", "fact": "amount_yuan", "type": "number"},
)
SAME_GROUP = {
    "key": "same_group",
    "question": "您和对方是一个组的吗？",
    "answer": "是一个组",
    "fact": "parties_same_group",
    "value": True,
}
SAME_VILLAGE = {
    "key": "same_village",
    "question": "您和对方是一个村的吗？",
    "answer": "同村",
    "fact": "parties_same_village",
    "value": True,
}
PROGRESS = "已经登记，等东沟村一组网格工作站决定是否受理。下一步：11月25日17:30前答复是否受理。"
KEPT = [{"what": "tickets", "zh": "已经登记的工单", "why": "法律要求留存", "basis": ["人民调解法#第二十七条"]}]
ENTRY = {
    "entry": "neighbour.boundary",
    "title": "宅基地边界",
    "text": "先量清楚边界。",
    "steps": ["找村里核对", "申请调解"],
    "evidence": ["照片"],
    "exceptions": [],
    "citations": [{"id": "民法典#第二百八十八条", "effective": "2021-01-01"}],
}


def place(label: str) -> dict[str, Any]:
    village, _, group = label.partition("村")
    return {"county": "清和县", "town": "青石镇", "village": f"{village}村", "group": group, "label": f"青石镇{label}"}


def ticket(no: str = "T-20261122-0001", **changed: Any) -> dict[str, Any]:
    return {
        "no": no,
        "status": "submitted",
        "category_zh": "邻里纠纷",
        "organisation": {"name": "东沟村一组网格工作站"},
        "flags": [],
        "due": {"accept": {"text": "11月25日17:30前答复是否受理"}},
    } | changed


@dataclass
class FakeDesk:
    """`refuse` maps a path to (status, code, detail); `calls` keeps what was asked, in order."""

    triage: dict[str, Any] = field(default_factory=lambda: dict(NEIGHBOUR))
    answer: Mapping[str, Any] | None = field(default_factory=lambda: ENTRY)
    choices: list[dict[str, str]] = field(default_factory=list)
    statutes: list[dict[str, Any]] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    told: dict[str, Any] | None = None
    candidates: dict[str, list[str]] = field(default_factory=dict)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    refuse: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    mediable_entry: bool = True
    matters: list[dict[str, Any]] = field(default_factory=list)
    side: str = "applicant"
    changed: bool = True
    opened: dict[str, Any] = field(default_factory=ticket)
    calls: list[tuple[str, Any, httpx.Headers]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = unquote(request.url.path).removeprefix("/api/v1")
        body = json.loads(request.content) if request.content else dict(request.url.params)
        self.calls.append((f"{request.method} {path}", body, request.headers))
        if path in self.refuse:
            status, code, detail = self.refuse[path]
            return httpx.Response(status, json={"error": code, "detail": detail})
        found = self._found(f"{request.method} {path}", body)
        if found is None:
            return httpx.Response(404, json={"error": "not_found", "detail": "没有找到。"})
        return httpx.Response(200, json=found)

    def _found(self, call: str, body: Mapping[str, Any]) -> Any:
        fixed = {
            "POST /ask": self._ask,
            "POST /follow-up": lambda _: self._followed(),
            "POST /triage": lambda _: self.triage,
            "GET /places/match": self._match,
            "POST /questions": self._questions,
            "POST /matters": lambda _: {"matters": self.matters},
            "POST /routing/preview": lambda _: {"organisation": {"name": "东沟村一组网格工作站"}},
            "POST /tickets": lambda _: self.opened,
            "GET /tickets": lambda _: {"tickets": self.tickets},
        }
        if call in fixed:
            return fixed[call](body)
        last = call.rsplit("/", 1)[1]
        if call.startswith("GET /tickets/") and last == "progress":
            asked = call.split("/")[2]
            return {"no": asked, "text": PROGRESS} if any(one["no"] == asked for one in self.tickets) else None
        if call == "GET /conversations/web/visitor-1/data":
            return {"messages": [{}, {}], "days": 90, "tickets": [one["no"] for one in self.tickets], "kept": KEPT}
        if call == "DELETE /conversations/web/visitor-1":
            return {"text": "好，您的聊天记录（2条）马上删除。"}
        if call.startswith("GET /entries/"):
            known = self.answer and last == self.answer["entry"]
            return self._answered() | {"mediable": self.mediable_entry} if known else None
        upstairs = ticket(organisation={"name": "青石镇司法所"})
        moved: dict[str, Any] = {
            "withdraw": ticket(status="withdrawn"),
            **dict.fromkeys(("add_note", "escalate", "reopen"), upstairs),
            "another-mediator": {"ticket": ticket(mediator={"name": "东沟村二组网格员"}), "changed": self.changed},
            "claim": {"no": "T-20261122-0001", "side": self.side, "category_zh": "邻里纠纷"},
            "statement": {},
            "contact": {"no": "T-20261122-0001", "side": "applicant", "category_zh": "邻里纠纷"},
            "rating": {},
            "handoff": {"owner": "human", "ahead": 2},
        }
        return moved.get(last, next((one for one in self.tickets if one["no"] == last), None))

    def _questions(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Knows one thing: 一个组 in the words answers the first question; 同村 is told beside."""
        known = [SAME_GROUP] if "一个组的" in body["text"] or "同组" in body["text"] else []
        beside = [SAME_VILLAGE] if "同村" in body["text"] else []
        return {"questions": list(QUESTIONS)[len(known) :], "known": known, "beside": beside}

    def _followed(self) -> dict[str, Any]:
        return {**self._answered(), "where": self.where, "told": self.told, "subject": ENTRY["entry"]}

    def _answered(self) -> dict[str, Any]:
        return {"answer": self.answer, "citations": self.answer["citations"] if self.answer else []}

    def _ask(self, _body: Mapping[str, Any]) -> dict[str, Any]:
        answers = [self.answer] if self.answer and not self.choices else []
        lists = {"answers": answers, "choices": self.choices, "statutes": self.statutes, "confidence": 0.9}
        found = self._answered() if answers else {"answer": None, "citations": []}
        return {**found, **lists, "triage": self.triage}

    def _match(self, query: Mapping[str, str]) -> dict[str, Any]:
        text = query["text"]
        found = next((place(one) for one in PLACES if one in text), None)
        candidates = [place(one) for one in self.candidates.get(text, ())]
        return {"place": None if candidates else found, "candidates": candidates}

    def asked(self, call: str) -> list[Any]:
        return [body for made, body, _ in self.calls if made == call]


class Talk:
    """One villager: says something, the named action runs, its slots are kept for the next message."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk
        self.slots: dict[str, Any] = {}
        self.replies: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self._number = 0
        self.place_hint = ""

    @property
    def text(self) -> str:
        return "\n".join(reply["text"] or "" for reply in self.replies)

    @property
    def buttons(self) -> list[str]:
        return [button["title"] for reply in self.replies for button in reply["buttons"]]

    async def say(
        self,
        text: str,
        *,
        action: str,
        intent: str = "inform",
        confidence: float = 0.9,
        crisis_at: str | None = None,
        crisis: Mapping[str, Any] | None = None,
        desk_ticket: str | None = None,
        voice: bool = False,
        back: bool = False,
        **entities: Any,
    ) -> str:
        """What the bot answers to one message, all bubbles joined."""
        self._number += 1
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": [
                {"entity": kind.rstrip("_"), "value": value, "text": str(value)} for kind, value in entities.items()
            ],
            "triage": self.desk.triage,
            "metadata": {
                "channel": "web",
                "sender": "visitor-1",
                "message_id": f"m-{self._number}",
                "crisis_at": crisis_at,
                "crisis": crisis,
                "desk_ticket": desk_ticket,
                "kind": "voice" if voice else "text",
                "place_hint": self.place_hint,
                "back": back,
            },
        }
        tracker = {"sender_id": "web:visitor-1", "slots": self.slots, "latest_message": message, "events": []}
        call = {"next_action": action, "sender_id": "web:visitor-1", "tracker": tracker, "domain": {}}
        async with httpx.AsyncClient(transport=httpx.MockTransport(self.desk), base_url="http://desk") as http:
            result = (await build_executor(Desk(http)).run(call)).model_dump()
        self.events, self.replies = result["events"], result["responses"]
        self.slots |= {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}
        return self.text

    @property
    def next_action(self) -> str | None:
        return next((event["name"] for event in self.events if event["event"] == "followup"), None)
