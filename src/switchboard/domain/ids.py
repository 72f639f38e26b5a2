"""Names for things. Every id shown outside carries 128 random bits, so none can be guessed."""

from __future__ import annotations

import secrets
from typing import NewType

CustomerId = NewType("CustomerId", str)
ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
AgentId = NewType("AgentId", str)
DecisionId = NewType("DecisionId", str)
ActionId = NewType("ActionId", str)
DocumentId = NewType("DocumentId", str)
UserId = NewType("UserId", str)
PayloadId = NewType("PayloadId", str)


def new_id(prefix: str) -> str:
    """A fresh identifier such as ``msg_3f…`` (prefix, underscore, 32 hex digits = 128 random bits)."""
    return f"{prefix}_{secrets.token_hex(16)}"


def new_customer_id() -> CustomerId:
    return CustomerId(new_id("cus"))


def new_conversation_id() -> ConversationId:
    return ConversationId(new_id("cnv"))


def new_message_id() -> MessageId:
    return MessageId(new_id("msg"))
