"""At which number a customer can be called."""

from __future__ import annotations

import re

from switchboard.domain.customer import CustomerProfile
from switchboard.domain.message import ChannelType

_NUMBER = re.compile(r"\+[0-9]{5,20}")
_CALLED_AT = (ChannelType.VOICE, ChannelType.WHATSAPP)
"""Where the address is a telephone number, the likeliest first."""


def callable_number(customer: CustomerProfile | None) -> str | None:
    """The number with ``+``; None for hidden and unknown ones, ``sip:`` addresses and erased customers."""
    if customer is None or customer.erased_at is not None:
        return None
    known = [i.address for channel in _CALLED_AT for i in customer.identities if i.channel is channel]
    return next((number for number in [*known, customer.phone or ""] if _NUMBER.fullmatch(number)), None)
