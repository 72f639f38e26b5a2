"""The agents of the sample scene, and Priya."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.customer import CustomerProfile, CustomerValue, Evidence, Identity, Purchase
from switchboard.domain.ids import AgentId, CustomerId
from switchboard.domain.reading import (
    Intent,
    IntentCategory,
    IntentResult,
    Language,
    Reading,
    SentimentResult,
    sentiment_label,
)
from tests.desk.sample_records import EM, JONAS, MAYA, WA, at


def agents() -> tuple[Agent, ...]:
    maya = Agent(
        agent_id=MAYA,
        name="Maya Lindqvist",
        skills=frozenset({"returns", "machines"}),
        languages=frozenset({"en", "it"}),
        status=AgentStatus.AVAILABLE,
    )
    jonas = replace(
        maya, agent_id=JONAS, name="Jonas Weber", skills=frozenset({"warehouse"}), languages=frozenset({"de", "en"})
    )
    ruth = replace(maya, agent_id=AgentId("agt_ruth"), name="Ruth Adeyemi", status=AgentStatus.OFFLINE)
    return maya, jonas, ruth


def priya_profile() -> CustomerProfile:
    return CustomerProfile(
        customer_id=CustomerId("cus_priya"),
        name="Priya Raman",
        created_at=datetime(2024, 3, 4, tzinfo=UTC),
        email="priya.raman@brightmail.example",
        phone="+447700900184",
        preferred_channel=WA,
        customer_value=CustomerValue.MEDIUM,
        location="Leeds",
        language="en",
        identities=(
            Identity(channel=WA, address="+447700900184", verified=True, evidence=Evidence.PROVIDER),
            Identity(
                channel=EM,
                address="priya.raman@brightmail.example",
                verified=True,
                evidence=Evidence.SENDER_CHECKED,
            ),
        ),
        purchase_history=(
            purchase("LC‑48213", "Otto 2", 649, "delivered", at(9, 0, days=5)),
            purchase("LC‑41177", "Grinder burrs", 38, "delivered", datetime(2026, 2, 2, 9, tzinfo=UTC)),
        ),
    )


def purchase(number: str, product: str, amount: int, status: str, when: datetime) -> Purchase:
    return Purchase(
        purchase_id=f"pur_{number}",
        product=product,
        amount=Decimal(amount),
        currency="EUR",
        purchased_at=when,
        order_number=number,
        status=status,
    )


def reading(score: float, category: IntentCategory, confidence: float, topic: str) -> Reading:
    return Reading(
        intent=IntentResult(
            primary_intent=Intent(category=category, confidence=confidence, subcategory=topic), secondary_intents=()
        ),
        sentiment=SentimentResult(score=score, label=sentiment_label(score), confidence=0.9),
        language=Language(code="en", confidence=0.99),
    )
