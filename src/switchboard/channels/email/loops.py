"""Stops two machines that answer each other: automatic mails to one address are counted, and end where people would."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from switchboard.errors import Undeliverable

MAX_ADDRESSES = 20_000
"""Addresses remembered at once; the one that heard from us longest ago is forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticLimits:
    """Automatic mails to one address: ``per_thread`` in a day within one conversation, ``per_hour`` over all."""

    per_thread: int = 2
    per_hour: int = 6


@dataclass(frozen=True, slots=True)
class _Sent:
    at: datetime
    thread: str
    key: str


@dataclass(slots=True)
class AutomaticMails:
    """Counts what a machine of ours sent. Kept in memory: after a restart counting begins anew."""

    limits: AutomaticLimits = field(default_factory=AutomaticLimits)
    _sent: OrderedDict[str, list[_Sent]] = field(default_factory=OrderedDict)

    def count(self, address: str, thread: str, key: str, now: datetime) -> None:
        """Notes one automatic mail; the same ``key`` again is another try of the same. Raises ``Undeliverable`` over
        the limits: then a person takes over."""
        address = address.lower()
        recent = [one for one in self._sent.get(address, ()) if now - one.at < timedelta(hours=24)]
        if any(one.key == key for one in recent):
            return
        in_thread = sum(one.thread == thread for one in recent)
        in_hour = sum(now - one.at < timedelta(hours=1) for one in recent)
        if in_thread >= self.limits.per_thread or in_hour >= self.limits.per_hour:
            raise Undeliverable(
                "Enough automatic mails went to this address for now: it may be a machine that answers."
            )
        self._sent[address] = [*recent, _Sent(now, thread, key)]
        self._sent.move_to_end(address)
        while len(self._sent) > MAX_ADDRESSES:
            self._sent.popitem(last=False)
