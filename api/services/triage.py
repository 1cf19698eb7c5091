"""What a text is: act, category, crisis, how complex, whether mediation may take it, and where else to go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.domain.assessment import assess
from api.domain.facts import DisputeFacts
from api.domain.policy import Policy, ReferralRule
from api.domain.safety import SafetyGate
from api.services.simplified import simplified
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
SURE_CATEGORY = 0.5
# An unsure category with idle talk close behind is taken for idle talk: law told to nobody's question does harm.
UNSURE_CATEGORY = 0.6
IDLE_SHARE = 0.5
SENTENCE = 8
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

    def __init__(self, policy: Policy, gate: SafetyGate, content: RoutingContent) -> None:
        self._policy = policy
        self._gate = gate
        self._content = content

    def judge(self, text: str, parse: Mapping[str, Any]) -> dict[str, Any]:
        """The triage object of contracts.md, plus Chinese names for people."""
        reading = reconcile(text, parse)
        hits = self._gate.check(simplified(text))
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
        return {**out, **self._assessed(reading, entities, crisis)}

    def mediable(self, category: str, subcategory: str | None) -> bool:
        """Whether a matter of this kind may be mediated when nothing else is known about it."""
        reading = Reading("consultation", category, subcategory, 1.0, ())
        return bool(self._assessed(reading, (), None)["mediable"])

    def _assessed(self, reading: Reading, entities: Sequence[Mapping[str, Any]], crisis: str | None) -> dict[str, Any]:
        category = self._policy.categories.get(reading.category or "")
        if category is None or reading.category == OUT_OF_SCOPE:
            return dict(NOTHING)
        values = facts_of(reading, entities, crisis).values() | {"respondent_is": ""}
        assessment = assess(values, self._policy)
        values |= {"complexity": assessment.complexity, "warning_level": assessment.warning_level}
        referral = next((rule for rule in self._policy.referrals if rule.holds(values)), None)
        return {
            "complexity": assessment.complexity.value,
            "warning_level": assessment.warning_level.value,
            "mediable": referral is None and crisis is None,
            "questions": [q["text"] for q in self._content.questions_for(category.code, reading.subcategory or "")],
            "referral": referral_out(referral) if referral else None,
            "category_zh": category.zh,
            "subcategory_zh": category.subcategories.get(reading.subcategory or ""),
        }


def reconcile(text: str, parse: Mapping[str, Any]) -> Reading:
    """The act classifier knows idle talk, the category classifier what a matter is about; the surer one wins."""
    intent, triage = parse.get("intent") or {}, parse.get("triage") or {}
    act, act_sure = intent.get("name") or UNCLEAR, float(intent.get("confidence") or 0.0)
    category, sure = triage.get("category"), float(triage.get("confidence") or 0.0)
    act = UNCLEAR if act == "nlu_fallback" else act
    alternatives = tuple(triage.get("alternatives") or ())
    idle = act in IDLE_ACTS
    if category is None:
        return Reading(act, OUT_OF_SCOPE if idle else None, IDLE_ACTS.get(act), act_sure, ())
    if category == OUT_OF_SCOPE:
        if act in LEGAL_ACTS:
            act = "other_service" if triage.get("subcategory") == "other_service" else "chitchat"
        keep = act in IDLE_ACTS or act == UNCLEAR
        return Reading(
            act, OUT_OF_SCOPE if keep else None, triage.get("subcategory") if keep else None, sure, alternatives
        )
    doubt = doubted(sure, alternatives)
    if doubt and act in LEGAL_ACTS:
        kind = str(doubt["subcategory"])
        return Reading(kind, OUT_OF_SCOPE, kind, float(doubt["confidence"]), alternatives)
    if idle and act_sure > sure:
        return Reading(act, OUT_OF_SCOPE, IDLE_ACTS[act], act_sure, alternatives)
    if idle or act == UNCLEAR:
        act = "consultation"
    if act not in LEGAL_ACTS and (sure < SURE_CATEGORY or len(text) < SENTENCE):
        return Reading(act, None, None, sure, alternatives)
    return Reading(act, category, triage.get("subcategory"), sure, alternatives)


def doubted(sure: float, alternatives: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Idle talk close behind an unsure category."""
    close = (one for one in alternatives if one["confidence"] >= IDLE_SHARE * sure and sure < UNSURE_CATEGORY)
    return next((one for one in close if one["category"] == OUT_OF_SCOPE), None)


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
