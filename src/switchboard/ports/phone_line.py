"""The telephone: what a notice of the provider says about a call, and how our next words reach the caller."""

from __future__ import annotations

from typing import Protocol

from switchboard.domain.call import CallTurn, Spoken
from switchboard.ports.channel import RawRequest, RawResponse


class PhoneLine(Protocol):
    """A telephone provider whose requests ask what the caller hears next. Nothing here calls anybody."""

    def turn(self, request: RawRequest) -> CallTurn:
        """What a verified request says about its call. Raises ``InvalidInput``."""
        ...

    def document(self, request: RawRequest, spoken: Spoken) -> RawResponse:
        """Our words and what happens after them, in the provider's language."""
        ...

    def again(self, document: str) -> RawResponse:
        """A document that was given before (its body as text)."""
        ...

    def language(self, account: str) -> str:
        """The locale that is spoken on one of our numbers, such as ``en-US``."""
        ...

    def greeting(self, account: str) -> str:
        """The business's own greeting on that number; empty: ours."""
        ...
