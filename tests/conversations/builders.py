"""Conversations, points and events as the tests of this folder need them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from switchboard.domain.conversation import Conversation, ConversationState, ConversationStatus, SentimentPoint
from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.domain.message import ChannelType

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PRIYA = CustomerId("cus_priya")


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def conversation(
    name: str = "cnv_1",
    status: ConversationStatus = ConversationStatus.ACTIVE,
    *,
    active: datetime = NOW,
    resolved: datetime | None = None,
    owed_since: datetime | None = None,
) -> Conversation:
    return Conversation(
        conversation_id=ConversationId(name),
        customer_id=PRIYA,
        state=ConversationState(status=status),
        channels=(ChannelType.EMAIL,),
        created_at=active,
        last_activity_at=active,
        resolved_at=resolved,
        needs_reply_since=owed_since,
    )


def points(scores: Sequence[float]) -> tuple[SentimentPoint, ...]:
    return tuple(
        SentimentPoint(timestamp=NOW + timedelta(minutes=place), score=score, message_id=f"msg_{place}")
        for place, score in enumerate(scores)
    )
