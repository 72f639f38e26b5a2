"""What a machine of ours wrote to whom: remembered for a day, so that two machines never answer each other for long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from switchboard.domain.ids import ConversationId


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineMail:
    """One automatic mail. ``key`` is the message's: every try of the same message has the same."""

    key: str
    conversation_id: ConversationId | None
    at: datetime


class MachineMails(Protocol):
    """Automatic mails by address. Of an address only a keyed fingerprint is kept."""

    def to(self, address: str, after: datetime) -> tuple[MachineMail, ...]:
        """Those that this address (in any case) got later than ``after``, oldest first."""
        ...

    def add(self, address: str, mail: MachineMail) -> None:
        """Does nothing if a mail of the same key is noted for the address already."""
        ...

    def purge(self, before: datetime) -> int:
        """Forgets the older ones; returns how many."""
        ...
