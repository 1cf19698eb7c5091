from typing import Any

import pytest

from api.domain.errors import InvalidInput
from api.domain.facts import DisputeFacts
from api.domain.organisation import Directory, Organisation, OrganisationKind, Place, Span
from api.domain.routing import route
from api.domain.tier import Tier
from tests.domain.factories import FRIDAY, body, decide, member, organisations, policy

NEIGHBOR = {"category": "neighbor", "subcategory": "boundary"}
LAND = {"category": "land_forest", "subcategory": "encroachment"}
WAGES = {"category": "labor", "subcategory": "unpaid_wages"}

TIER_TABLE = [
    ("family inside one group", {"category": "marriage_family", "parties_same_group": True}, "simple", "group", "grid"),
    ("neighbours inside one group", NEIGHBOR | {"parties_same_group": True}, "simple", "group", "grid"),
    ("between groups", NEIGHBOR | {"parties_same_group": False}, "complex", "village", "village"),
    ("between villages", NEIGHBOR | {"parties_same_village": False}, "complex", "village", "village"),
    ("land", LAND, "complex", "village", "village"),
    ("housing", {"category": "housing_homestead", "subcategory": "house_building"}, "complex", "village", "village"),
    ("the group failed", NEIGHBOR | {"prior_attempts": ["group"]}, "complex", "village", "village"),
    ("injury", NEIGHBOR | {"injury": "minor"}, "difficult", "judicial_office", "office"),
    (
        "property damage",
        {"category": "injury_compensation", "subcategory": "property_damage"},
        "difficult",
        "judicial_office",
        "office",
    ),
    ("large labour claim", WAGES | {"amount_yuan": 200000}, "difficult", "judicial_office", "labour"),
    (
        "hired by a household",
        {"category": "labor", "subcategory": "personal_service"},
        "difficult",
        "judicial_office",
        "office",
    ),
    ("heated", NEIGHBOR | {"emotional": True}, "difficult", "judicial_office", "office"),
    ("the village failed", LAND | {"prior_attempts": ["group", "village"]}, "difficult", "judicial_office", "office"),
    ("historical", LAND | {"historical": True}, "major", "town", "town"),
    ("highly professional", LAND | {"professional": True}, "major", "town", "town"),
    ("many people", LAND | {"people_involved": 40}, "major", "town", "town"),
    ("the office failed", LAND | {"prior_attempts": ["judicial_office"]}, "major", "town", "town"),
    ("the town failed", NEIGHBOR | {"prior_attempts": ["town"]}, "major", "court", "tribunal"),
    ("the town failed on land", LAND | {"prior_attempts": ["town"]}, "major", "court", "land_arbitration"),
    ("a party wants the court", NEIGHBOR | {"wants_court": True}, "simple", "court", "tribunal"),
    (
        "traffic accident",
        {"category": "traffic", "subcategory": "compensation"},
        "difficult",
        "judicial_office",
        "traffic",
    ),
    ("medical", {"category": "medical", "subcategory": "malpractice"}, "difficult", "judicial_office", "medical"),
    ("consumer", {"category": "consumer", "subcategory": "goods"}, "complex", "judicial_office", "consumer"),
    ("property fee", {"category": "property_management", "subcategory": "fee"}, "complex", "village", "village"),
    ("environment", {"category": "environment", "subcategory": "pollution"}, "difficult", "town", "town"),
    ("distribution", {"category": "expropriation", "subcategory": "distribution"}, "difficult", "town", "town"),
]


@pytest.mark.parametrize(
    ("facts", "complexity", "tier", "organisation"), [row[1:] for row in TIER_TABLE], ids=[row[0] for row in TIER_TABLE]
)
def test_tier_table(facts: dict[str, Any], complexity: str, tier: str, organisation: str) -> None:
    decision = decide(**facts)
    assert decision.organisation is not None
    assert (decision.complexity, decision.tier, decision.organisation.id) == (complexity, tier, organisation)
    assert decision.mediable
    assert decision.mediator in decision.organisation.members


FLAG_TABLE = [
    ("not_mediable", {"category": "administrative", "subcategory": "penalty"}),
    ("crisis", NEIGHBOR | {"violence_risk": True}),
    ("conflict_of_interest", LAND | {"respondent_org": "东沟村村民委员会"}),
    ("batch", WAGES | {"people_involved": 12}),
    ("batch", LAND | {"people_involved": 10, "respondent_org": "某某公司"}),
    ("specialist", {"category": "medical", "subcategory": "malpractice"}),
    ("mass_incident", WAGES | {"people_involved": 30}),
    ("mass_incident", WAGES | {"people_involved": 12, "emotional": True}),
    ("labour_inspection", WAGES),
    ("legal_aid", WAGES),
    ("legal_aid", LAND | {"vulnerable_party": True}),
    ("limitation_risk", WAGES | {"historical": True}),
    ("limitation_risk", WAGES | {"event_date": "2025-03-01"}),
    ("docking", NEIGHBOR | {"prior_attempts": ["town"]}),
    ("alert_town", WAGES | {"crisis": "mass_incident"}),
]


@pytest.mark.parametrize(("flag", "facts"), FLAG_TABLE)
def test_flag_is_raised_and_explained(flag: str, facts: dict[str, Any]) -> None:
    plain = decide(**NEIGHBOR, parties_same_group=True)
    decision = decide(**facts)
    assert flag in decision.flags
    assert plain.flags == ()
    assert all(reason.text for reason in decision.reasons)


REFERRALS = [
    ({"category": "administrative", "subcategory": "penalty"}, "administrative", "行政复议"),
    ({"category": "criminal", "subcategory": "fraud"}, "criminal", "公安"),
    ({"category": "land_forest", "subcategory": "ownership"}, "land_ownership", "人民政府"),
    ({"category": "marriage_family", "subcategory": "marriage_registration"}, "marriage_validity", "民政"),
    (NEIGHBOR | {"court_accepted": True}, "court_pending", "人民法院"),
    (NEIGHBOR | {"refused_by_party": True}, "party_refuses", "人民法院"),
    ({"category": "expropriation", "subcategory": "procedure"}, "expropriation_decision", "行政复议"),
    (
        {"category": "injury_compensation", "subcategory": "personal_injury", "injury": "serious"},
        "serious_assault",
        "公安",
    ),
    ({"category": "legal_procedure", "subcategory": "litigation"}, "legal_procedure", "人民法院"),
]


@pytest.mark.parametrize(("facts", "code", "door"), REFERRALS)
def test_not_mediable_is_shown_the_right_door(facts: dict[str, Any], code: str, door: str) -> None:
    decision = decide(**facts)
    assert decision.referral is not None
    assert (decision.referral.code, decision.mediable, decision.tier, decision.due) == (code, False, None, {})
    assert door in decision.referral.door
    assert decision.referral.deadline
    assert "not_mediable" in decision.flags


class TestSafety:
    @pytest.mark.parametrize("crisis", policy().crisis_zh)
    def test_every_crisis_goes_to_a_person_on_duty_in_fifteen_minutes(self, crisis: str) -> None:
        decision = decide(**NEIGHBOR, crisis=crisis)
        assert not decision.mediable
        assert decision.mediator is not None
        assert decision.organisation is not None
        assert decision.organisation.id in ("office", "police", "town")
        assert (decision.due["accept"].at - FRIDAY).total_seconds() == 15 * 60
        assert "mediate" not in decision.due
        assert decision.warning_level == "major"

    def test_domestic_violence_is_never_an_ordinary_mediation(self) -> None:
        decision = decide(category="marriage_family", subcategory="domestic_violence")
        assert "crisis" in decision.flags
        assert not decision.mediable
        assert {one.id for one in decision.notify} == {"police", "women"}

    def test_safety_comes_before_a_referral_and_keeps_it(self) -> None:
        decision = decide(category="criminal", subcategory="crime", crisis="weapon_threat")
        assert decision.organisation is not None
        assert decision.organisation.id == "police"
        assert decision.referral is not None
        assert {"crisis", "not_mediable"} <= set(decision.flags)

    def test_a_full_desk_does_not_refuse_an_emergency(self) -> None:
        full = (member("busy", load=99, limit=10),)
        decision = decide(Directory(organisations(office=full)), **NEIGHBOR, violence_risk=True)
        assert decision.mediator == full[0]


class TestConflict:
    def test_the_village_that_took_the_land_never_mediates_it(self) -> None:
        decision = decide(category="land_forest", subcategory="reclaim_adjust")
        assert decision.organisation is not None
        assert decision.organisation.id == "office"
        assert ("village", policy().wording["why_closed"]) in [(r.organisation, r.why) for r in decision.rejected]

    @pytest.mark.parametrize(
        "respondent", ["村委会", "东沟村村民委员会", "东沟村股份经济合作社村里", "village_committee"]
    )
    def test_village_as_respondent_closes_group_and_village(self, respondent: str) -> None:
        decision = decide(**NEIGHBOR, parties_same_group=True, respondent_org=respondent)
        assert decision.tier == Tier.JUDICIAL_OFFICE
        assert {one.organisation for one in decision.rejected} >= {"grid", "village"}

    def test_town_government_as_respondent_goes_past_the_town_committee(self) -> None:
        decision = decide(**LAND, historical=True, respondent_org="青石镇政府")
        assert decision.tier == Tier.COURT

    def test_the_police_still_come_when_the_town_is_the_respondent(self) -> None:
        decision = decide(**LAND, respondent_org="青石镇政府", crisis="weapon_threat")
        assert decision.organisation is not None
        assert decision.organisation.id == "police"

    def test_refused_organisation_is_skipped(self) -> None:
        decision = decide(**LAND, refused_by_party=["village"])
        assert decision.tier == Tier.JUDICIAL_OFFICE
        assert decision.mediable

    def test_refused_mediator_and_relative_are_skipped(self) -> None:
        members = (
            member("a", name="甲"),
            member("b", name="乙", relations=frozenset({"申请人甲"})),
            member("c", name="丙"),
        )
        directory = Directory(organisations(village=members))
        decision = decide(directory, **LAND, refused_by_party="甲", party_names=["申请人甲"])
        assert decision.mediator == members[2]
        assert "conflict_of_interest" in decision.flags

    def test_one_of_the_household_is_passed_over(self) -> None:
        members = (member("a", name="王甲", household="东沟村一组12号"), member("b", name="李乙", load=9))
        decision = decide(Directory(organisations(village=members)), **LAND, party_households=["东沟村一组12号"])
        assert decision.mediator == members[1]
        assert policy().wording["why_household"] in [one.why for one in decision.rejected]

    def test_one_of_the_same_surname_comes_last_and_is_asked(self) -> None:
        members = (member("a", name="王甲"), member("b", name="李乙", load=9))
        alone = Directory(organisations(village=members[:1]))
        assert decide(Directory(organisations(village=members)), **LAND, party_names=["王丙"]).mediator == members[1]
        asked = decide(alone, **LAND, party_names=["王丙"])
        assert asked.mediator == members[0]
        assert "ask_recusal" in asked.flags
        assert "ask_recusal" not in decide(alone, **LAND, party_names=["欧阳丙"]).flags

    def test_strangers_of_one_surname_in_the_county_seat_are_not_asked(self) -> None:
        directory = Directory(organisations(office=(member("a", name="王甲"),)))
        decision = decide(directory, **LAND, prior_attempts=["village"], party_names=["王丙"])
        assert decision.mediator is not None
        assert "ask_recusal" not in decision.flags

    def test_a_committee_of_relatives_hands_the_case_up(self) -> None:
        related = member("a", relations=frozenset({"申请人甲"}))
        decision = decide(Directory(organisations(village=(related,))), **LAND, party_names=["申请人甲"])
        assert decision.tier == Tier.JUDICIAL_OFFICE
        assert "nobody_available" not in decision.flags


class TestChoice:
    def choose(self, *members: Any, **facts: Any) -> str:
        mediator = decide(Directory(organisations(village=members)), **LAND, **facts).mediator
        assert mediator is not None
        return mediator.id

    def test_lowest_load_first(self) -> None:
        assert self.choose(member("a", load=3), member("b", load=1)) == "b"

    def test_longest_idle_breaks_the_tie(self) -> None:
        earlier, later = FRIDAY.replace(day=1), FRIDAY.replace(day=10)
        assert self.choose(member("a", last_assigned=later), member("b", last_assigned=earlier)) == "b"

    def test_specialty_beats_load(self) -> None:
        assert self.choose(member("a"), member("b", load=5, specialties=frozenset({"land_forest"}))) == "b"

    def test_language_is_respected(self) -> None:
        assert self.choose(member("a"), member("b", load=5, languages=frozenset({"蒙古语"})), language="蒙古语") == "b"

    def test_parties_may_choose(self) -> None:
        assert self.choose(member("a"), member("b", load=9, name="乙"), preferred_mediator="乙") == "b"

    def test_absent_and_off_duty_are_passed_over(self) -> None:
        away = Span(FRIDAY.replace(day=18), FRIDAY.replace(day=22))
        assert (
            self.choose(member("a", absences=(away,)), member("b", duty_days=frozenset({0})), member("c", load=9))
            == "c"
        )

    def test_a_dated_shift_is_duty_and_nothing_else(self) -> None:
        weekend = Span(FRIDAY.replace(day=21), FRIDAY.replace(day=23))
        now = Span(FRIDAY.replace(day=20), FRIDAY.replace(day=21))
        assert self.choose(member("a", shifts=(weekend,)), member("b", load=5, shifts=(now,))) == "b"

    def test_a_wish_that_cannot_be_met_is_told(self) -> None:
        members = (member("a", name="甲", load=30, limit=30), member("b", name="乙"))
        decision = decide(Directory(organisations(village=members)), **LAND, preferred_mediator="甲")
        assert decision.mediator == members[1]
        assert any("甲" in reason.text and "另派" in reason.text for reason in decision.reasons)

    def test_nobody_free_means_the_queue_with_an_alarm(self) -> None:
        decision = decide(Directory(organisations(village=(member("a", load=30, limit=30),))), **LAND)
        assert decision.organisation is not None
        assert (decision.organisation.id, decision.mediator) == ("village", None)
        assert "nobody_available" in decision.flags

    def test_an_empty_directory_is_still_an_answer(self) -> None:
        decision = decide(Directory([]), **LAND)
        assert decision.organisation is None
        assert "nobody_available" in decision.flags
        assert decision.reasons

    def test_unknown_group_is_taken_by_a_grid_worker_of_the_village(self) -> None:
        decision = decide(**NEIGHBOR, group=None)
        assert decision.tier == Tier.GROUP
        assert policy().wording["group_unknown"] in [reason.text for reason in decision.reasons]


class TestFacts:
    @pytest.mark.parametrize(
        "facts",
        [
            {"colour": "红"},
            {"people_involved": "十二"},
            {"people_involved": True},
            {"amount_yuan": -1},
            {"injury": "fatal"},
            {"violence_risk": "yes"},
            {"prior_attempts": ["county"]},
            {"category": "weather"},
            {"category": "neighbor", "subcategory": "divorce"},
            {"category": "neighbor", "crisis": "earthquake"},
            {},
        ],
    )
    def test_nonsense_is_refused_in_chinese(self, facts: dict[str, Any]) -> None:
        with pytest.raises(InvalidInput) as refusal:
            route(DisputeFacts.from_mapping(facts), policy(), Directory([]), FRIDAY)
        assert any("\u4e00" <= letter <= "\u9fff" for letter in refusal.value.detail)

    def test_null_is_unknown(self) -> None:
        assert DisputeFacts.from_mapping({"town": None, "injury": None}) == DisputeFacts()


def large_directory(mediators: int) -> Directory:
    found: list[Organisation] = []
    for number in range(mediators // 5):
        place = Place(town=f"镇{number % 50}", village=f"村{number}")
        people = tuple(member(f"{number}-{seat}", load=seat) for seat in range(5))
        found.append(body(f"v{number}", OrganisationKind.VILLAGE_COMMITTEE, Tier.VILLAGE, place, members=people))
    return Directory(found)


def test_the_right_village_is_found_among_a_hundred_thousand_mediators() -> None:
    directory = large_directory(100_000)
    facts = DisputeFacts.from_mapping(LAND | {"town": "镇7", "village": "村19957"})
    decision = route(facts, policy(), directory, FRIDAY)
    assert decision.organisation is not None
    assert decision.organisation.id == "v19957"


def test_every_decision_names_a_basis_for_what_the_law_says() -> None:
    decision = decide(**WAGES, people_involved=12)
    assert any("保障农民工工资支付条例" in basis for reason in decision.reasons for basis in reason.basis)
