"""Who a website visitor is: what the visitor's own signed token says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """``address`` is where answers go. The other fields are set only when the host site signed them."""

    address: str
    expires_at: datetime
    user_id: str | None = None
    name: str | None = None
    email: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    """What the visitor filled in before the chat; nothing proves it."""


class Visitors(Protocol):
    """Gives and reads visitors' tokens; nothing is stored for them."""

    def issue(
        self,
        now: datetime,
        *,
        user_id: str | None = None,
        name: str | None = None,
        email: str | None = None,
        signature: str | None = None,
        known: str | None = None,
        answers: Mapping[str, str] | None = None,
    ) -> str:
        """A token. ``known`` is a former one whose visitor continues. Raises ``BadSignature`` if the host site's
        signature of ``user_id`` is missing or wrong."""
        ...

    def read(self, token: str, now: datetime) -> Visitor:
        """Raises ``BadSignature`` for a forged, cut or old token."""
        ...

    def ticket(self, message_id: str, place: int, now: datetime) -> str:
        """Lets whoever has it open one file of a message for some hours: it stands in a link."""
        ...

    def read_ticket(self, ticket: str, now: datetime) -> tuple[str, int]:
        """Message id and place of the file. Raises ``BadSignature`` for a forged, cut or old one."""
        ...
