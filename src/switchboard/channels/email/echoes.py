"""Mails that our side wrote in another program: found in the Sent folder, they join the customer's conversation."""

from __future__ import annotations

from dataclasses import replace

from switchboard.channels.email.addresses import normal_address
from switchboard.channels.email.message import MailRules, ParsedMail
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import ChannelType


def sent_elsewhere(mail: ParsedMail, rules: MailRules) -> InboundEvent:
    """The mail as an echo, whose customer is the first recipient who is not ours. One that went to nobody outside, or
    that a machine of ours wrote, is ignored."""
    event = mail.event
    customer = next((address for address in (*mail.to, *mail.cc) if not _is_ours(address, rules)), None)
    if customer is None or event.bounce:
        return replace(event, kind=InboundKind.IGNORED, reason="it went to nobody outside")
    own = {normal_address(address) for address in rules.own_addresses}
    account = mail.from_address if mail.from_address in own else event.account
    return replace(
        event,
        kind=InboundKind.ECHO,
        account=account or event.account,
        senders=(SenderAddress(channel=ChannelType.EMAIL, address=customer),),
        sender_name=None,
        target=None,
        delivery=None,
        automatic=False,
        reason=None,
        metadata={**event.metadata, "key": mail.key} if mail.key else event.metadata,
    )


def _is_ours(address: str, rules: MailRules) -> bool:
    domains = {domain.lower() for domain in rules.own_domains}
    own = {normal_address(one) for one in rules.own_addresses}
    return normal_address(address) in own or address.rpartition("@")[2].lower() in domains
