"""Mails of an archive: those that our own addresses sent are our answers, not a customer's questions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from switchboard.conversations.identity import normalise_email
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import ChannelType


def with_our_answers(event: InboundEvent, ours: Collection[str]) -> InboundEvent:
    """A mail from one of ``ours`` (normal form) becomes our word to its first recipient outside; one that stayed among
    us is ignored."""
    writer = event.senders[0].address if event.senders else ""
    if event.kind is not InboundKind.MESSAGE or normalise_email(writer) not in ours:
        return event
    told = ", ".join(filter(None, (event.metadata.get("to"), event.metadata.get("cc")))).split(", ")
    customer = next((one for one in map(normalise_email, told) if "@" in one and one not in ours), None)
    if customer is None:
        return replace(event, kind=InboundKind.IGNORED, reason="it went to nobody outside")
    return replace(
        event,
        kind=InboundKind.ECHO,
        senders=(SenderAddress(channel=ChannelType.EMAIL, account=event.account, address=customer),),
        sender_name=None,
        automatic=False,
    )
