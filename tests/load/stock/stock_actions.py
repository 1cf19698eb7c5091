"""Actions of the stock bot, served by a plain `python -m rasa_sdk`: each answers and writes one row to SQLite."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

SLOTS = ("story", "place", "respondent", "details", "contact", "confirmation")
SCHEMA = """
create table if not exists turns (id integer primary key, sender text, text text, answer text, at real);
create table if not exists tickets (id integer primary key, sender text, story text, place text, respondent text,
    details text, contact text, status text);
create index if not exists of_sender on tickets (sender);
"""
NEW_TICKET = "insert into tickets values (null, ?, ?, ?, ?, ?, ?, ?)"


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect(os.environ["STOCK_DESK_DB"])
    connection.executescript(f"pragma journal_mode=wal; pragma synchronous=normal; {SCHEMA}")
    return connection


DESK = connect()


def say(dispatcher: CollectingDispatcher, tracker: Tracker, text: str) -> None:
    """Answer, and keep the turn as one row."""
    with DESK:
        row = (tracker.sender_id, tracker.latest_message.get("text"), text, time.time())
        DESK.execute("insert into turns (sender, text, answer, at) values (?, ?, ?, ?)", row)
    dispatcher.utter_message(text=text)


class Said:
    """One fixed sentence. No Action itself, because the server wants a name of every subclass."""

    sentence = ""

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        say(dispatcher, tracker, self.sentence)
        return []


class ActionSmallTalk(Said, Action):
    sentence = "您好，我是镇里的法律咨询和调解登记助手，您直接说遇到了什么事就行。"

    def name(self) -> str:
        return "action_small_talk"


class ActionMiss(Said, Action):
    sentence = "我没听明白，您可以换个说法，或者说“转人工”。"

    def name(self) -> str:
        return "action_miss"


class ActionHandOver(Said, Action):
    sentence = "已经替您转给工作人员，请稍等。"

    def name(self) -> str:
        return "action_hand_over"


class ActionAnswer(Action):
    """The response of the selected category."""

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        selected = (tracker.latest_message.get("response_selector") or {}).get("default") or {}
        responses = (selected.get("response") or {}).get("responses") or []
        say(dispatcher, tracker, responses[0]["text"] if responses else "这类事我说不准，可以打 12348 问值班律师。")
        return []


class ValidateIntakeForm(FormValidationAction):
    def name(self) -> str:
        return "validate_intake_form"

    async def validate(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        slots = tracker.slots_to_validate()
        asked = tracker.get_slot("requested_slot")
        if asked and slots:
            say(dispatcher, tracker, "记下了。")
        return [SlotSet(name, str(value)[:200]) for name, value in slots.items()]


def cleared() -> list[EventType]:
    return [SlotSet(f"intake_{name}", None) for name in SLOTS]


class ActionSubmitIntake(Action):
    def name(self) -> str:
        return "action_submit_intake"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        values = [tracker.get_slot(f"intake_{name}") for name in SLOTS[:-1]]
        with DESK:
            number = DESK.execute(NEW_TICKET, (tracker.sender_id, *values, "submitted")).lastrowid
        say(dispatcher, tracker, f"已经登记，工单号 T-{time.strftime('%Y%m%d')}-{number:04d}。")
        return cleared()


class ActionCancelIntake(Action):
    def name(self) -> str:
        return "action_cancel_intake"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        say(dispatcher, tracker, "好，不登记了，什么都没有保存。")
        return cleared()


class ActionTicketStatus(Action):
    def name(self) -> str:
        return "action_ticket_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        found = DESK.execute("select id, status from tickets where sender = ?", (tracker.sender_id,)).fetchall()
        lines = [f"{number} 号：{status}" for number, status in found[-3:]]
        say(dispatcher, tracker, "\n".join(lines) or "没有查到您在这里登记过的事。")
        return []


class ActionWithdraw(Action):
    def name(self) -> str:
        return "action_withdraw"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        with DESK:
            DESK.execute("update tickets set status = 'withdrawn' where sender = ?", (tracker.sender_id,))
        say(dispatcher, tracker, "已经撤回，以后还可以再申请。")
        return []
