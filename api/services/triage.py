"""What a text is: act, category, crisis, how complex, whether mediation may take it, and where else to go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.domain.assessment import assess
from api.domain.danger import Danger, SecondOpinion
from api.domain.facts import DisputeFacts
from api.domain.policy import Policy, ReferralRule
from api.domain.safety import SafetyGate
from api.services.clarifying import clarifying, perhaps
from api.services.simplified import simplified
from knowledge_base.routing.asking import sort_out
from knowledge_base.routing.loader import RoutingContent

LEGAL_ACTS = frozenset({"dispute", "consultation", "calculate", "draft_paper"})
IDLE_ACTS = {
    "chitchat": "chitchat",
    "greet": "chitchat",
    "thanks": "chitchat",
    "goodbye": "chitchat",
    "abuse": "chitchat",
    "other_service": "other_service",
}
OUT_OF_SCOPE = "out_of_scope"
UNCLEAR = "unclear"
SURE_CATEGORY = 0.3
# A text is idle talk from this share on: law told to nobody's question does harm, a referral does not.
IDLE_FROM = 0.25
ACT_WEIGHT = 0.2  # of the act classifier in that share; the rest is the category classifier's
DOUBTFUL_IDLE = 0.1  # half idle talk, half a matter nobody is sure of: ask what it is about
SENTENCE = 8
MOST_ALTERNATIVES = 3
NOTHING: Mapping[str, Any] = {
    "complexity": None,
    "warning_level": None,
    "mediable": False,
    "questions": [],
    "referral": None,
    "category_zh": None,
    "subcategory_zh": None,
}
MOST = {"amount_yuan": 1e12, "people_involved": 1e7}  # a larger number in a text is a slip, not a fact
FACT_OF_ENTITY = {"money": "amount_yuan", "head_count": "people_involved"}


@dataclass(frozen=True, slots=True)
class Reading:
    """Act and category once the two classifiers agree; `category` None when the text tells of no matter at all."""

    act: str
    category: str | None
    subcategory: str | None
    confidence: float
    alternatives: tuple[Mapping[str, Any], ...]


class TriageDesk:
    """Joins the bot's reading of a text with the safety rules and the routing policy."""

    def __init__(self, policy: Policy, gate: SafetyGate, opinion: SecondOpinion, content: RoutingContent) -> None:
        self._policy = policy
        self._gate = gate
        self._opinion = opinion
        self._content = content

    def judge(self, text: str, parse: Mapping[str, Any]) -> dict[str, Any]:
        """The triage object of contracts.md, plus Chinese names for people."""
        reading = reconcile(text, parse)
        plain = simplified(text)
        hits = self._gate.check(plain) or self._opinion.hits(Danger.read(parse.get("danger")), plain)
        crisis = hits[0].kind if hits else None
        entities = [entity_out(entity) for entity in parse.get("entities") or ()]
        out = {
            "act": reading.act,
            "category": reading.category,
            "subcategory": reading.subcategory,
            "confidence": round(reading.confidence, 4),
            "alternatives": [dict(alternative) for alternative in reading.alternatives],
            "crisis": crisis,
            "crisis_kinds": list(dict.fromkeys(hit.kind for hit in hits)),
            "entities": entities,
        }
        return {**out, **self._assessed(reading, entities, crisis, text), "clarify": self._clarify(reading, crisis)}

    def _clarify(self, reading: Reading, crisis: str | None) -> dict[str, Any] | None:
        if crisis or not reading.category:
            return None
        if reading.category == OUT_OF_SCOPE:
            return perhaps(self._content.clarify, reading.alternatives)
        if reading.act not in LEGAL_ACTS:
            return None
        best = (reading.category, reading.subcategory)
        return clarifying(self._content.clarify, best, reading.confidence, reading.alternatives)

    def mediable(self, category: str, subcategory: str | None) -> bool:
        """Whether a matter of this kind may be mediated when nothing else is known about it."""
        reading = Reading("consultation", category, subcategory, 1.0, ())
        return bool(self._assessed(reading, (), None, "")["mediable"])

    def _assessed(
        self, reading: Reading, entities: Sequence[Mapping[str, Any]], crisis: str | None, text: str
    ) -> dict[str, Any]:
        category = self._policy.categories.get(reading.category or "")
        if category is None or reading.category == OUT_OF_SCOPE:
            return dict(NOTHING)
        values = facts_of(reading, entities, crisis).values() | {"respondent_is": ""}
        assessment = assess(values, self._policy)
        values |= {"complexity": assessment.complexity, "warning_level": assessment.warning_level}
        referral = next((rule for rule in self._policy.referrals if rule.holds(values)), None)
        words = {str(one["type"]): str(one["text"] or one["value"]) for one in reversed(entities)}
        lists = self._content.questions_for(category.code, reading.subcategory or "")
        return {
            "complexity": assessment.complexity.value,
            "warning_level": assessment.warning_level.value,
            "mediable": referral is None and crisis is None,
            "questions": [question["text"] for question in sort_out(lists, text, words)[0]],
            "referral": referral_out(referral) if referral else None,
            "category_zh": category.zh,
            "subcategory_zh": category.subcategories.get(reading.subcategory or ""),
        }


def reconcile(text: str, parse: Mapping[str, Any]) -> Reading:
    """The act classifier knows acts, the category classifier what a matter is about; both are heard on idle talk."""
    intent, triage = parse.get("intent") or {}, parse.get("triage") or {}
    act = intent.get("name") or UNCLEAR
    act = UNCLEAR if act == "nlu_fallback" else act
    told = [triage, *(triage.get("alternatives") or ())] if triage.get("category") else []
    matters = [one for one in told if one["category"] != OUT_OF_SCOPE]
    idle = idle_share(parse, told)
    if idle >= IDLE_FROM or not matters:
        weak = float(intent.get("confidence") or 0.0) < idle
        if act in LEGAL_ACTS | IDLE_ACTS.keys() | {UNCLEAR} or weak:
            kind = _kind_of_idle(act, told)
            act = act if act in IDLE_ACTS else kind
            return Reading(act, OUT_OF_SCOPE, kind, idle, tuple(matters[:MOST_ALTERNATIVES]))
        return Reading(act, None, None, 1 - idle, tuple(matters[:MOST_ALTERNATIVES]))
    best, others = matters[0], tuple(one for one in told if one is not matters[0])[:MOST_ALTERNATIVES]
    sure = float(best["confidence"])
    if sure < SURE_CATEGORY and (idle > DOUBTFUL_IDLE or act in IDLE_ACTS or act == UNCLEAR):
        return Reading(UNCLEAR, None, None, sure, tuple(matters[:MOST_ALTERNATIVES]))
    if act in IDLE_ACTS or act == UNCLEAR:
        act = "consultation"
    if act not in LEGAL_ACTS and (sure < SURE_CATEGORY or len(text) < SENTENCE):
        return Reading(act, None, None, sure, others)
    return Reading(act, best["category"], best.get("subcategory"), sure, others)


def idle_share(parse: Mapping[str, Any], told: Sequence[Mapping[str, Any]]) -> float:
    """How much both classifiers take a text for idle talk, from 0 to 1."""
    intent = parse.get("intent") or {}
    acts = parse.get("intent_ranking") or [intent]
    by_act = sum(float(one.get("confidence") or 0.0) for one in acts if one.get("name") in IDLE_ACTS)
    by_category = sum(float(one["confidence"]) for one in told if one["category"] == OUT_OF_SCOPE)
    return ACT_WEIGHT * by_act + (1 - ACT_WEIGHT) * by_category if told else by_act


def _kind_of_idle(act: str, told: Sequence[Mapping[str, Any]]) -> str:
    said = next((str(one.get("subcategory")) for one in told if one["category"] == OUT_OF_SCOPE), "chitchat")
    return IDLE_ACTS.get(act, said)


def entity_out(entity: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": entity.get("entity"), "value": entity.get("value"), "text": entity.get("text")}


def facts_of(reading: Reading, entities: Sequence[Mapping[str, Any]], crisis: str | None) -> DisputeFacts:
    """The facts a text gives away by itself."""
    given: dict[str, Any] = {"category": reading.category, "subcategory": reading.subcategory, "crisis": crisis}
    for entity in entities:
        key, value = FACT_OF_ENTITY.get(str(entity["type"])), entity["value"]
        value = value.get("at_least") if isinstance(value, Mapping) else value
        if key and key not in given and isinstance(value, int | float) and 0 <= value <= MOST[key]:
            given[key] = int(value) if key == "people_involved" else float(value)
    return DisputeFacts.from_mapping(given)


def referral_out(rule: ReferralRule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "door": rule.door,
        "deadline": rule.deadline,
        "papers": list(rule.papers),
        "text": rule.because,
        "basis": list(rule.basis),
    }
