"""The telephone: what a notice of the provider says about a call, and how our next words reach the caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from switchboard.domain.call import CallTurn, Spoken
from switchboard.ports.channel import RawRequest, RawResponse


class RelayKind(StrEnum):
    """What a frame of the provider's socket is; ``OTHER``: a kind that we do not know."""

    SETUP = "setup"
    PROMPT = "prompt"
    DTMF = "dtmf"
    INTERRUPT = "interrupt"
    ERROR = "error"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayFrame:
    """``words``: what the caller said, or how much of ours they heard; ``last``: the utterance is complete."""

    kind: RelayKind
    words: str = ""
    last: bool = True
    digit: str = ""


class RelayedLine(Protocol):
    """Whose call a socket carries."""

    @property
    def call_id(self) -> str: ...

    def as_request(self, url: str, step: int, fields: Mapping[str, str], now: datetime) -> RawRequest:
        """A turn over the socket, in the form in which a turn comes by webhook."""
        ...


class RelayCodec(Protocol):
    """The frames of a socket on which speech travels as text. Reading raises ``InvalidInput``."""

    def read_setup(self, frame: str) -> RelayedLine: ...

    def read_frame(self, frame: str) -> RelayFrame: ...

    def text_frames(self, words: str) -> Iterator[str]: ...

    def end_frame(self, reason: str) -> str: ...


@runtime_checkable
class PlacesCalls(Protocol):
    """A telephone provider that calls people for us. Both raise what ``Channel.send`` raises."""

    async def ring(self, to: str, account: str, query: Mapping[str, str]) -> str:
        """Rings ``to``, showing our number; the provider then asks our webhook with ``query``. Returns the call's id."""
        ...

    async def call_out_of_queue(self, call_id: str, queue_id: str, query: Mapping[str, str]) -> None:
        """Takes a caller out of the provider's queue: our webhook is asked with ``query``. Raises ``NotFound`` when they
        are not in it."""
        ...


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

    def relay_codec(self) -> RelayCodec: ...
