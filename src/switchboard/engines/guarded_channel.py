"""A channel behind its circuit breaker: a provider that is down is left alone for a while, and nothing is counted as a try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import ChannelType
from switchboard.engines.breaker import Guard
from switchboard.ports.channel import Capabilities, Channel, Outgoing, Parsed, RawRequest, RawResponse, Receipt


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
