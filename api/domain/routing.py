"""Which tier, which organisation, which mediator, by when, and why: the six steps of routing, one after another."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.domain.assessment import Assessment, assess
from api.domain.conflict import Conflicts, find_conflicts, respondent_kind
from api.domain.deadline import LOCAL, Due, LegalClock, WorkingCalendar, due_times, legal_clocks
from api.domain.errors import InvalidInput
from api.domain.facts import DisputeFacts
from api.domain.organisation import Directory, Member, Organisation, OrganisationKind, Place
from api.domain.policy import Complexity, Policy, ProtectiveRule, Reason, ReferralRule, SpecialistRule, WarningLevel
from api.domain.selection import ABSENT, Rejected, everybody_blocked, first_free
from api.domain.tier import Tier, highest


@dataclass(frozen=True)
class RoutingDecision:
    """`organisation` None means that nobody in the directory serves the place; `flags` then hold `nobody_available`."""

    tier: Tier | None
    organisation: Organisation | None
    mediator: Member | None
    mediable: bool
    complexity: Complexity
    warning_level: WarningLevel
    due: dict[str, Due]
    reasons: tuple[Reason, ...]
    flags: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    referral: ReferralRule | None = None
    legal: tuple[LegalClock, ...] = ()
    notify: tuple[Organisation, ...] = ()
    policy_version: str = ""


@dataclass(frozen=True)
class _Choice:
    tier: Tier | None
    organisation: Organisation | None = None
    mediator: Member | None = None
    reasons: tuple[Reason, ...] = ()
    flags: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    notify: tuple[Organisation, ...] = ()


@dataclass(frozen=True)
class _Case:
    """Everything one routing looks at, derived once."""

    facts: DisputeFacts
    values: dict[str, Any]
    policy: Policy
    directory: Directory
    at: datetime
    conflicts: Conflicts

    @property
    def place(self) -> Place:
        """Where the case is handled, which may be where the person lives now."""
        return self.facts.served_at

    def may_take(self, organisation: Organisation) -> bool:
        return not self.conflicts.blocks(organisation) and not everybody_blocked(organisation, self.conflicts)


def route(
    facts: DisputeFacts,
    policy: Policy,
    directory: Directory,
    at: datetime,
    calendar: WorkingCalendar | None = None,
    *,
    at_tier: Tier | None = None,
) -> RoutingDecision:
    """`at` is aware; `at_tier` hands an existing case to that tier, without asking again whether it is mediable.

    Raises InvalidInput for a category, subcategory or crisis that the policy does not have.
    """
    check_codes(facts, policy)
    values = facts.values() | {"respondent_is": respondent_kind(facts, policy)}
    assessment = assess(values, policy)
    values |= {"complexity": assessment.complexity, "warning_level": assessment.warning_level}
    case = _Case(facts, values, policy, directory, at.astimezone(LOCAL), find_conflicts(facts, values, policy))
    referral = next((rule for rule in policy.referrals if rule.holds(values)), None)
    protective = next((rule for rule in policy.protective if rule.holds(values)), None)
    if at_tier:
        referral = protective = None
        choice = _climb(case, at_tier, ())
    elif protective:
        choice = _protect(case, protective)
    elif referral:
        choice = _refer(case, referral)
    else:
        choice = _place(case, assessment)
    return _decide(case, assessment, choice, referral, protective, calendar or WorkingCalendar())


def check_codes(facts: DisputeFacts, policy: Policy) -> None:
    if not facts.category:
        raise InvalidInput("缺少纠纷类别（category）", code="unknown_category")
    category = policy.categories.get(facts.category)
    if category is None:
        raise InvalidInput(f"不认识的纠纷类别：{facts.category}", code="unknown_category")
    if facts.subcategory and facts.subcategory not in category.subcategories:
        raise InvalidInput(f"“{category.zh}”没有这个小类：{facts.subcategory}", code="unknown_category")
    if facts.crisis and facts.crisis not in policy.crisis_zh:
        raise InvalidInput(f"不认识的危机类型：{facts.crisis}", code="unknown_crisis")


def _protect(case: _Case, rule: ProtectiveRule) -> _Choice:
    """A person on duty takes it, never a mediation of victim and aggressor; the others of the rule are told."""
    candidates = [one for kind in rule.kinds for one in case.directory.serving(case.place, kind)]
    taken, mediator, rejected = first_free(candidates, case.facts, case.at, case.conflicts, protective=True)
    organisation = taken or next((one for one in candidates if not case.conflicts.blocks(one)), None)
    told = [one for kind in rule.notify for one in case.directory.serving(case.place, kind)[:1]]
    notify = tuple(one for one in told if one is not organisation)
    reasons: tuple[Reason, ...] = (Reason(rule.because, rule.basis),)
    flags = ("crisis",) if mediator else ("crisis", "nobody_available")
    if mediator is None:
        reasons += (Reason(case.policy.wording["nobody_on_duty_crisis"]),)
    tier = organisation.tier if organisation else Tier.JUDICIAL_OFFICE
    return _Choice(tier, organisation, mediator, reasons, flags, rejected, notify)


def _refer(case: _Case, rule: ReferralRule) -> _Choice:
    door = case.directory.serving(case.place, rule.kind) if rule.kind else []
    return _Choice(None, door[0] if door else None, None, (Reason(rule.because, rule.basis),), ("not_mediable",))


def _place(case: _Case, assessment: Assessment) -> _Choice:
    """Steps 3 to 5: from the starting tier upwards until an organisation without a conflict is found."""
    start, reasons = starting_tier(case.facts, assessment, case.policy)
    if case.facts.preferred_organisation and start is not Tier.COURT:
        wished, why = _wished(case)
        if wished:
            return replace(wished, reasons=(*reasons, *wished.reasons))
        reasons += why
    return _climb(case, start, reasons)


def _wished(case: _Case) -> tuple[_Choice | None, tuple[Reason, ...]]:
    """The studio or committee that the parties choose, when it serves the place and may take the case."""
    name, words = case.facts.preferred_organisation, case.policy.wording
    serving = [one for kind in case.policy.choosable for one in case.directory.serving(case.place, kind)]
    named = [one for one in serving if one.name == name]
    taken, mediator, rejected = first_free(named, case.facts, case.at, case.conflicts)
    if taken is None:
        why = "；".join(dict.fromkeys(one.why for one in rejected)) or words["why_not_here"]
        return None, (Reason(words["wish_not_possible"].format(name=name, why=why), CHOICE_BASIS),)
    found = _Choice(taken.tier, taken, mediator, (), ("chosen_by_parties",), rejected)
    reason = Reason(words["wish"].format(name=name), CHOICE_BASIS)
    return _settled(case, _Choice(taken.tier, reasons=(reason,), flags=found.flags), found, taken.tier), ()


def _climb(case: _Case, start: Tier, reasons: tuple[Reason, ...]) -> _Choice:
    choice = _Choice(start, reasons=reasons)
    for tier in start.and_above():
        found = _try_tier(case, tier)
        choice = replace(choice, rejected=choice.rejected + found.rejected, flags=choice.flags + found.flags)
        if found.organisation:
            return _settled(case, choice, found, start)
    return _last_resort(case, choice)


def starting_tier(facts: DisputeFacts, assessment: Assessment, policy: Policy) -> tuple[Tier, tuple[Reason, ...]]:
    """The highest of: what the complexity asks for, where the category begins, one above the last failed attempt."""
    category = policy.categories[facts.category]
    tier = highest(policy.tier_of[assessment.complexity], category.first_tier or Tier.VILLAGE)
    words = policy.wording
    text = words["tier_from_complexity"].format(
        complexity=policy.complexity_zh[assessment.complexity], tier=policy.tier_zh[tier]
    )
    reasons = [Reason(text)]
    if facts.prior_attempts:
        last = facts.prior_attempts[-1]
        after = last.above or last
        if after.rank > tier.rank:
            tier = after
        reasons.append(Reason(words["after_attempt"].format(last=policy.tier_zh[last], tier=policy.tier_zh[tier])))
    if facts.wants_court:
        tier = Tier.COURT
        reasons.append(Reason(words["wants_court"], ("人民调解法#第三条",)))
    return tier, tuple(reasons)


def _try_tier(case: _Case, tier: Tier) -> _Choice:
    """Specialists first where the policy sends the subject to them, then the ordinary body of the tier."""
    place, directory = case.place, case.directory
    rules = _specialist_rules(case, tier)
    kind = OrganisationKind.SPECIALIST_COMMITTEE
    specialists = {one: rule for rule in rules for one in directory.serving(place, kind, rule.subject)}
    candidates = [*specialists, *directory.serving(place, case.policy.kind_of[tier])]
    taken, mediator, rejected = first_free(candidates, case.facts, case.at, case.conflicts)
    if taken is None:
        queue = next(filter(case.may_take, candidates), None)
        flags = ("nobody_available",) if queue else ()
        reasons = (Reason(case.policy.wording["queue"].format(name=queue.name)),) if queue else ()
        return _Choice(tier, queue, None, reasons, flags, rejected)
    if rule := specialists.get(taken):
        return _Choice(tier, taken, mediator, (Reason(rule.because, rule.basis),), ("specialist",), rejected)
    return _Choice(tier, taken, mediator, (), (), rejected)


def _specialist_rules(case: _Case, tier: Tier) -> list[SpecialistRule]:
    """Beyond the town only arbitration bodies stand beside the court; mediation has had its turn."""
    beyond = tier is Tier.COURT
    return [
        rule
        for rule in case.policy.specialists
        if tier.rank >= rule.from_tier.rank and (rule.from_tier is Tier.COURT) >= beyond and rule.holds(case.values)
    ]


def _settled(case: _Case, choice: _Choice, found: _Choice, start: Tier) -> _Choice:
    words, policy = case.policy.wording, case.policy
    assert found.tier is not None
    reasons = choice.reasons
    if found.tier is not start:
        text = words["moved_up"].format(start=policy.tier_zh[start], tier=policy.tier_zh[found.tier])
        reasons += (Reason(text),)
    if found.tier is Tier.GROUP and not case.place.group:
        reasons += (Reason(words["group_unknown"]),)
    why, flags = _of_mediator(case, found)
    reasons += (*found.reasons, *why)
    return replace(
        choice,
        tier=found.tier,
        organisation=found.organisation,
        mediator=found.mediator,
        reasons=reasons,
        flags=(*choice.flags, *flags),
    )


def _of_mediator(case: _Case, found: _Choice) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """Why this person, whether they were asked for, and whether they have to be asked about being family."""
    words, wished, mediator = case.policy.wording, case.facts.preferred_mediator, found.mediator
    reasons: tuple[Reason, ...] = ()
    if wished and (mediator is None or mediator.name != wished):
        reasons += (Reason(words["mediator_not_free"].format(name=wished), CHOICE_BASIS),)
    if mediator is None:
        return reasons, ()
    if wished == mediator.name:
        return (Reason(words["chosen_by_parties"].format(name=wished), CHOICE_BASIS),), ("chosen_by_parties",)
    reasons += (Reason(words["chosen"].format(name=mediator.name, load=mediator.load), CHOICE_BASIS),)
    if found.organisation and case.conflicts.to_be_asked(found.organisation, mediator):
        text = words["ask_recusal"].format(name=mediator.name)
        return (*reasons, Reason(text, case.policy.acquaintance.basis)), ("ask_recusal",)
    return reasons, ()


CHOICE_BASIS = ("人民调解法#第十九条", "人民调解法#第二十三条")


def _last_resort(case: _Case, choice: _Choice) -> _Choice:
    """Nobody serves the place at any tier: the queue of whoever covers the widest area, with an alarm."""
    for kind in case.policy.last_resort:
        for one in case.directory.serving(case.place, kind):
            if case.may_take(one):
                _, mediator, rejected = first_free([one], case.facts, case.at, case.conflicts)
                reason = Reason(case.policy.wording["last_resort"].format(name=one.name))
                return replace(
                    choice,
                    organisation=one,
                    mediator=mediator,
                    reasons=(*choice.reasons, reason),
                    flags=(*choice.flags, "nobody_available"),
                    rejected=choice.rejected + rejected,
                )
    reason = Reason(case.policy.wording["no_organisation"])
    return replace(choice, reasons=(*choice.reasons, reason), flags=(*choice.flags, "nobody_available"))


def _decide(
    case: _Case,
    assessment: Assessment,
    choice: _Choice,
    referral: ReferralRule | None,
    protective: ProtectiveRule | None,
    calendar: WorkingCalendar,
) -> RoutingDecision:
    mediable = referral is None and protective is None
    choice = _joint(case, choice) if mediable else choice
    flags, why = _flags(case, choice, referral)
    values = case.values | {"tier": choice.tier, "protective": protective is not None, "mediable": mediable}
    clocks = legal_clocks(values, case.policy, case.at, calendar)
    if any(clock.passed for clock in clocks):
        flags = dict.fromkeys((*flags, "limitation_risk"))
    started = referral is None or protective is not None
    reasons = (*choice.reasons, *case.conflicts.reasons, *assessment.reasons, *why)
    if referral and protective:
        reasons += (Reason(referral.because, referral.basis),)
    return RoutingDecision(
        tier=choice.tier,
        organisation=choice.organisation,
        mediator=choice.mediator,
        mediable=mediable,
        complexity=assessment.complexity,
        warning_level=assessment.warning_level,
        due=due_times(values, case.policy, case.at, calendar) if started else {},
        reasons=tuple(dict.fromkeys(reasons)),
        flags=tuple(flags),
        rejected=tuple(dict.fromkeys(choice.rejected)),
        referral=referral,
        legal=clocks,
        notify=choice.notify,
        policy_version=case.policy.version,
    )


def _joint(case: _Case, choice: _Choice) -> _Choice:
    """Away from home the home place stays on the ticket; parties of two places are mediated by both sides' bodies."""
    facts, words = case.facts, case.policy.wording
    if case.place != facts.place and choice.organisation:
        text = words["served_elsewhere"].format(home=facts.place, served=case.place)
        choice = replace(choice, reasons=(*choice.reasons, Reason(text)), flags=(*choice.flags, "served_elsewhere"))
    there = facts.other_place
    if there is None or choice.tier is None or choice.tier is Tier.COURT:
        return choice
    kind = case.policy.kind_of[choice.tier]
    joined = [one for one in case.directory.serving(there, kind)[:1] if one is not choice.organisation]
    joined = [one for one in joined if not case.conflicts.blocks(one)]
    text = words["cross_place"].format(names="、".join(one.name for one in joined) or str(there))
    return replace(
        choice,
        reasons=(*choice.reasons, Reason(text, case.policy.cross_place_basis)),
        flags=(*choice.flags, "cross_place"),
        notify=(*choice.notify, *joined),
    )


def _flags(case: _Case, choice: _Choice, referral: ReferralRule | None) -> tuple[dict[str, None], list[Reason]]:
    """Flags in a fixed order of discovery, each with the reason that it rests on."""
    flags = dict.fromkeys(choice.flags)
    if referral:
        flags["not_mediable"] = None
    if case.conflicts.reasons or any(one.why != ABSENT for one in choice.rejected):
        flags["conflict_of_interest"] = None
    if choice.tier is Tier.COURT:
        flags["docking"] = None
    reasons = []
    for rule in case.policy.flag_rules:
        if rule.holds(case.values):
            flags[rule.flag] = None
            reasons.append(Reason(rule.because, rule.basis))
    return flags, reasons
