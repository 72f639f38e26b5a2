"""A channel behind its circuit breaker: a provider that is down is left alone for a while, and nothing is counted as a try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import Attachment, ChannelType
from switchboard.engines.breaker import Guard
from switchboard.errors import InvalidInput, NotFound
from switchboard.ports.channel import (
    Capabilities,
    Channel,
    Discards,
    FetchedFile,
    FetchesMedia,
    HasTemplates,
    MessageTemplate,
    Outgoing,
    Parsed,
    RawRequest,
    RawResponse,
    Receipt,
    Signals,
)
from switchboard.ports.phone_line import PlacesCalls


class GuardedChannel:
    """Fulfils ``Channel``; only sending goes through the breaker."""

    def __init__(self, channel: Channel, guard: Guard) -> None:
        self._channel, self._guard = channel, guard

    @property
    def type(self) -> ChannelType:
        return self._channel.type

    @property
    def capabilities(self) -> Capabilities:
        return self._channel.capabilities

    def verify(self, request: RawRequest) -> None:
        self._channel.verify(request)

    def challenge(self, request: RawRequest) -> RawResponse | None:
        return self._channel.challenge(request)

    def parse(self, request: RawRequest) -> Parsed:
        return self._channel.parse(request)

    def unpack(self, request: RawRequest) -> tuple[Parsed, Mapping[str, bytes]]:
        """The events with the files they carry, where the channel brings files along."""
        unpack = getattr(self._channel, "unpack", None)
        return unpack(request) if unpack is not None else (self._channel.parse(request), {})

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        return self._channel.acknowledge(request, events)

    async def send(self, message: Outgoing) -> Receipt:
        return await self._guard.call(lambda: self._channel.send(message))

    async def ring(self, to: str, account: str, query: Mapping[str, str]) -> str:
        """A call between people goes through the breaker like everything that we send."""
        line = self._line
        return await self._guard.call(lambda: line.ring(to, account, query))

    async def call_out_of_queue(self, call_id: str, queue_id: str, query: Mapping[str, str]) -> None:
        line = self._line
        await self._guard.call(lambda: line.call_out_of_queue(call_id, queue_id, query))

    @property
    def _line(self) -> PlacesCalls:
        if not isinstance(self._channel, PlacesCalls):
            raise InvalidInput("this channel calls nobody")
        return self._channel

    async def fetch(self, account: str, attachment: Attachment, most: int) -> FetchedFile:
        """Outside the breaker of sending: another server gives files out, and its jobs wait for themselves."""
        if not isinstance(self._channel, FetchesMedia):
            raise InvalidInput("this channel does not fetch files")
        return await self._channel.fetch(account, attachment, most)

    async def discard(self, account: str, attachment: Attachment) -> None:
        if isinstance(self._channel, Discards):
            await self._channel.discard(account, attachment)

    async def signal(self, account: str, to: str, external_id: str | None, *, typing: bool) -> None:
        if isinstance(self._channel, Signals):
            await self._channel.signal(account, to, external_id, typing=typing)

    async def list_templates(self) -> tuple[MessageTemplate, ...]:
        if not isinstance(self._channel, HasTemplates):
            raise NotFound("this channel has no templates")
        return await self._channel.list_templates()
