"""Which actions an agent is offered, and how outcomes change that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from switchboard.advice.actions import ActionContext
from switchboard.advice.outcomes import checked_outcome, past_case
from switchboard.advice.rank import PROACTIVE, rank, recommend
from switchboard.domain.advice import ActionRecommendation, ActionType, PastCase
from switchboard.domain.customer import CustomerValue, Purchase
from switchboard.domain.ids import ActionId, ConversationId
from switchboard.domain.reading import Entity, EntityType, IntentCategory, Topic
from switchboard.errors import InvalidInput
from tests.properties import design_property

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = ConversationId("cnv_1")
moods = st.integers(-100, 100).map(lambda hundredths: hundredths / 100)


def named(kind: EntityType, value: str) -> Entity:
    return Entity(type=kind, value=value, confidence=1.0, start=0, end=len(value))


def bought(order: str, amount: str = "49.90") -> Purchase:
    return Purchase(
        purchase_id=order, product="Moka", amount=Decimal(amount), currency="EUR", purchased_at=NOW, order_number=order
    )


def contexts() -> st.SearchStrategy[ActionContext]:
    return st.builds(
        ActionContext,
        conversation_id=st.just(HERE),
        intent=st.sampled_from(IntentCategory),
        topic=st.none() | st.sampled_from([topic.value for topic in Topic]) | st.just("our own topic"),
        sentiment=moods,
        customer_value=st.sampled_from(CustomerValue),
        entities=st.sampled_from(
            [(), (named(EntityType.ORDER_NUMBER, "LC-1"),), (named(EntityType.AMOUNT, "12 EUR"),)]
        ),
        purchases=st.sampled_from([(), (bought("LC-1"),), (bought("LC-1"), bought("LC-2"))]),
    )


def cases() -> st.SearchStrategy[list[PastCase]]:
    case = st.builds(
        PastCase,
        type=st.sampled_from(ActionType),
        success=st.booleans(),
        intent=st.sampled_from([intent.value for intent in IntentCategory]),
        topic=st.sampled_from([topic.value for topic in Topic]),
        sentiment_score=moods,
        conversation_id=st.just(HERE),
        at=st.integers(0, 500).map(lambda days: NOW - timedelta(days=days)),
    )
    return st.lists(case, max_size=12)


def content(offers: Sequence[ActionRecommendation]) -> list[tuple[ActionType, tuple[tuple[str, str], ...], float]]:
    return [(offer.type, tuple(sorted(offer.parameters.items())), offer.confidence) for offer in offers]


ANGRY = ActionContext(
    conversation_id=HERE,
    intent=IntentCategory.COMPLAINT,
    topic="product_quality",
    sentiment=-0.8,
    purchases=(bought("LC-1"),),
)


class TestRecommendations:
    @design_property(28, 30)
    @settings(max_examples=150, deadline=None)
    @given(contexts(), cases())
    def test_are_at_most_three_with_a_sound_confidence(self, context: ActionContext, past: list[PastCase]) -> None:
        """Feature: omnichannel-cx-platform, Property 28: Action Recommendation Limit
        Feature: omnichannel-cx-platform, Property 30: Recommendation Confidence Scores
        """
        offers = recommend(context, past, NOW)
        assert 1 <= len(offers) <= 3
        assert len({offer.type for offer in offers}) == len(offers)
        assert len({offer.action_id for offer in offers}) == len(offers)
        for offer in offers:
            assert 0 < offer.confidence < 1
            assert offer.description
            assert offer.expected_outcome
            assert offer.basis
            assert all(offer.parameters.values())

    @design_property(29)
    @settings(max_examples=200, deadline=None)
    @given(contexts(), st.sampled_from(IntentCategory), moods, cases())
    def test_differ_between_intents_and_between_moods(
        self, context: ActionContext, intent: IntentCategory, mood: float, past: list[PastCase]
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 29: Context-Aware Recommendations"""
        assume((intent, mood) != (context.intent, context.sentiment))
        here = recommend(context, past, NOW)
        assert content(here) != content(recommend(replace(context, intent=intent, sentiment=mood), past, NOW))

    @design_property(32)
    @settings(max_examples=150, deadline=None)
    @given(contexts(), st.integers(-100, -1), st.integers(0, 60))
    def test_offer_an_unhappy_complaint_something_proactive(
        self, context: ActionContext, mood: int, lessons: int
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 32: Proactive Action Suggestions"""
        unhappy = replace(context, intent=IntentCategory.COMPLAINT, sentiment=mood / 100)
        # However badly these actions did before, and however well the others:
        past = [
            past_case(kind, checked_outcome(ActionId("a"), success=kind not in PROACTIVE, at=NOW), unhappy)
            for kind in ActionType
        ] * lessons
        offers = recommend(unhappy, past, NOW)
        assert any(offer.type in PROACTIVE for offer in offers)
        assert len(offers) <= 3

    def test_are_the_same_for_the_same_facts(self) -> None:
        assert recommend(ANGRY, [], NOW) == recommend(ANGRY, [], NOW)

    def test_fill_in_the_order_and_the_amount(self) -> None:
        refund = next(o for o in recommend(ANGRY, [], NOW) if o.type is ActionType.ISSUE_REFUND)
        assert refund.parameters == {"order_number": "LC-1", "amount": "49.90 EUR", "product": "Moka"}
        assert "Refund 49.90 EUR for order LC-1" in refund.description

    def test_never_guess_between_two_orders(self) -> None:
        unsure = replace(ANGRY, purchases=(bought("LC-1"), bought("LC-2")))
        refund = next(e for e in recommend(unsure, [], NOW) if e.type is ActionType.ISSUE_REFUND)
        assert "order_number" not in refund.parameters
        told = replace(unsure, entities=(named(EntityType.ORDER_NUMBER, "lc-2"),))
        refund = next(o for o in recommend(told, [], NOW) if o.type is ActionType.ISSUE_REFUND)
        assert refund.parameters["order_number"] == "LC-2"


class TestLearning:
    @design_property(31)
    @settings(max_examples=100, deadline=None)
    @given(contexts(), st.sampled_from(ActionType), st.booleans(), cases())
    def test_every_outcome_moves_its_action(
        self, context: ActionContext, action: ActionType, success: bool, past: list[PastCase]
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 31: Action Outcome Tracking (learning)"""
        outcome = checked_outcome(ActionId("act_1"), success=success, at=NOW)
        case = past_case(action, outcome, context)
        before = {estimate.action: estimate.confidence for estimate in rank(context, past, NOW)}
        after = {estimate.action: estimate.confidence for estimate in rank(context, [*past, case], NOW)}
        assert (after[action] > before[action]) == success
        assert after[action] != before[action]
        assert all(after[other] == before[other] for other in ActionType if other is not action)

    def test_what_keeps_failing_leaves_the_list(self) -> None:
        first = recommend(ANGRY, [], NOW)[0]
        failed = checked_outcome(first.action_id, success=False, at=NOW)
        again = recommend(ANGRY, [past_case(first.type, failed, ANGRY)] * 25, NOW)
        assert first.type not in [offer.type for offer in again]

    def test_fresh_and_alike_cases_count_more(self) -> None:
        win = past_case(ActionType.UPDATE_ORDER, checked_outcome(ActionId("a"), success=True, at=NOW), ANGRY)
        variants = [
            win,
            replace(win, at=NOW - timedelta(days=90)),
            replace(win, topic="account_access"),
            replace(win, sentiment_score=0.9),
            replace(win, intent="inquiry"),
        ]
        confidences = [
            next(e.confidence for e in rank(ANGRY, [variant] * 5, NOW) if e.action is ActionType.UPDATE_ORDER)
            for variant in variants
        ]
        assert max(confidences[1:]) < confidences[0]
        assert min(confidences) == confidences[4]

    def test_the_basis_names_the_record(self) -> None:
        good = past_case(ActionType.ISSUE_REFUND, checked_outcome(ActionId("a"), success=True, at=NOW), ANGRY)
        refund = next(o for o in recommend(ANGRY, [good] * 4, NOW) if o.type is ActionType.ISSUE_REFUND)
        assert refund.basis.startswith("Worked in 4 of 4 similar cases")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("customer_satisfaction", 6),
            ("customer_satisfaction", 0),
            ("resolution_time", -1.0),
            ("resolution_time", float("nan")),
            ("notes", "x" * 5000),
        ],
    )
    def test_impossible_reports_are_refused_by_name(self, field: str, value: object) -> None:
        with pytest.raises(InvalidInput) as refused:
            checked_outcome(ActionId("a"), success=True, at=NOW, **{field: value})  # type: ignore[arg-type]  # on purpose
        assert refused.value.field == field
