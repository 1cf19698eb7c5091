"""Reading single answers of the application: contacts, the other party, consent."""

import re

from actions.cues import heard
from actions.draft import Draft
from actions.parties import roles, rules
from actions.phones import PHONE, dialled, phone_in
from actions.turn import Turn

DIGITS = re.compile(r"\d{6,}")
ROLE_LENGTH = 8
LONGEST_NAME = 4
RESPONDENT = re.compile(r"对方(?:不是\S+?[，,])?(?:应该)?(?:是|叫|改成|写成)\s*(\S{1,20})")
NAME_NOISE = re.compile(
    r"(我的?|俺的?|叫|名字|姓名|称呼|联系方式|联系|电话|手机|号码|号|是|就行|就好|的|[，,。、:：；;！!\s])+"
)
BUTTONS_OF = {
    "kind": {"skip", "deny"},
    "place": {"skip"},
    "respondent": {"skip"},
    "details": {"skip", "affirm", "deny"},
    "contact": {"skip", "deny"},
}


def stray_button(draft: Draft, turn: Turn) -> bool:
    """True for a button of an earlier message that answers nothing here; it must not be kept as an answer."""
    return turn.payload and draft.step in BUTTONS_OF and turn.intent not in BUTTONS_OF[draft.step]


def may_be_name(words: str) -> bool:
    """At most four characters and nothing that no name has: no 组, no 村, no number, no 不是."""
    return 0 < len(words) <= LONGEST_NAME and not heard("no_name", words)


def own_name(text: str) -> dict[str, str]:
    """`name`, when they say it themselves: 我姓王."""
    own = heard("own_name", text)
    return {"name": own.group(1)} if own else {}


def read_contact(turn: Turn, left: str, *, again: bool = False) -> dict[str, str] | None:
    """Name and phone as far as given; {} when left out; None when it is neither.

    `left` is the message without numbers, times and places; said `again`, short words that only may be a name are one.
    """
    if turn.intent == "skip" or (turn.intent == "deny" and not heard("correction", turn.text)):
        return {}
    phone = phone_in(turn.said)
    if phone is None and DIGITS.search(dialled(turn.said)):
        return None
    named = heard("named", turn.text)
    rest = NAME_NOISE.sub("", PHONE.sub("", left)).strip()
    name = named.group(1) if named and not heard("no_name", named.group(1)[:LONGEST_NAME]) else ""
    name = name or own_name(turn.text).get("name", "")
    if not name and may_be_name(rest) and not heard("consent", rest) and (again or heard("name_like", rest)):
        name = rest
    contact = {"phone": phone} if phone else {}
    return {**contact, "name": name} if name else contact or None


def read_respondent(turn: Turn) -> str:
    """对方是我邻居，在东沟村 → 我邻居; 不是老李，是老李他儿子 → 老李他儿子; a short answer is taken as it is."""
    named, swap, is_it = RESPONDENT.search(turn.text), heard("swap", turn.text), heard("is_it", turn.text)
    if named:
        return named.group(1).rstrip("。，,的")
    if swap or is_it:
        return str(swap.group(2) if swap else is_it.group(1) if is_it else "").rstrip("的吧啊")
    role = next((one for one in roles(turn.text, turn.entities) if one.code not in rules()["own_side"]), None)
    if role and len(turn.text) > ROLE_LENGTH:
        return role.words
    return turn.said[:40]


def consents(turn: Turn) -> bool:
    """Only the button or a bare yes submits: whatever else a sentence says is no consent to what was written before."""
    if turn.payload:
        return turn.intent == "affirm"
    bare = bool(heard("consent", turn.text)) or ("提交" in turn.text and bool(heard("enough", turn.text)))
    return bare and not turn.text.isdecimal()


def anonymous_wished(draft: Draft, turn: Turn) -> bool:
    """不想留名字: means the person's own name, except where the other party was asked for."""
    return draft.contact is None and draft.step != "respondent" and bool(heard("anonymous", turn.text))
