"""Customers, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from switchboard.api.shapes.base import Shape
from switchboard.domain.customer import CustomerProfile, Identity


class IdentityShape(Shape):
    channel: str
    address: str
    account: str
    display_name: str | None
    verified: bool
    evidence: str

    @classmethod
    def of(cls, i: Identity) -> IdentityShape:
        return cls(
            channel=i.channel.value,
            address=i.address,
            account=i.account,
            display_name=i.display_name,
            verified=i.verified,
            evidence=i.evidence.value,
        )


class PurchaseShape(Shape):
    purchase_id: str
    product: str
    amount: str
    currency: str
    purchased_at: datetime
    order_number: str | None
    status: str | None


class IssueShape(Shape):
    issue_id: str
    conversation_id: str
    intent: str
    topic: str
    created_at: datetime
    resolved_at: datetime | None


class CustomerShape(Shape):
    customer_id: str
    name: str | None
    email: str | None
    phone: str | None
    preferred_channel: str | None
    customer_value: str
    language: str | None
    location: str | None
    preferences: Mapping[str, str]
    identities: list[IdentityShape]
    purchase_history: list[PurchaseShape]
    previous_issues: list[IssueShape]
    last_agent_id: str | None
    created_at: datetime
    merged_into: str | None
    erased_at: datetime | None

    @classmethod
    def of(cls, p: CustomerProfile) -> CustomerShape:
        return cls(
            customer_id=p.customer_id,
            name=p.name,
            email=p.email,
            phone=p.phone,
            preferred_channel=p.preferred_channel.value if p.preferred_channel else None,
            customer_value=p.customer_value.value,
            language=p.language,
            location=p.location,
            preferences=dict(p.preferences),
            identities=[IdentityShape.of(i) for i in p.identities],
            purchase_history=[
                PurchaseShape(
                    purchase_id=b.purchase_id,
                    product=b.product,
                    amount=str(b.amount),
                    currency=b.currency,
                    purchased_at=b.purchased_at,
                    order_number=b.order_number,
                    status=b.status,
                )
                for b in p.purchase_history
            ],
            previous_issues=[IssueShape.model_validate(i) for i in p.previous_issues],
            last_agent_id=p.last_agent_id,
            created_at=p.created_at,
            merged_into=p.merged_into,
            erased_at=p.erased_at,
        )
