"""Instagram: private messages to the business's professional account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx2

from switchboard.channels import messenger, messenger_events, meta
from switchboard.domain.inbound import InboundEvent
from switchboard.domain.message import ChannelType
from switchboard.ports.channel import Capabilities, Outgoing, Parsed, RawRequest, RawResponse, Receipt

CAPABILITIES = Capabilities(
    text_limit=1000,
    text_unit="bytes",
    reply_window=timedelta(hours=24),
    max_buttons=13,
    rate_per_second=100.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instagram:
    """One Instagram account; ``base_url`` is graph.facebook.com if a Facebook page connects it.

    ``now`` tells the time; ``human_agent``: Meta granted the permission to answer for 7 days; ``app_id``: our Meta app.
    """

    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    access_token: str = field(repr=False)
    client: httpx2.AsyncClient
    now: Callable[[], datetime]
    app_id: str | None = None
    human_agent: bool = False
    base_url: str = "https://graph.instagram.com/v23.0"
    timeout: float = 10.0

    @property
    def type(self) -> ChannelType:
        return ChannelType.INSTAGRAM

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def verify(self, request: RawRequest) -> None:
        meta.verify(request, self.app_secret)

    def challenge(self, request: RawRequest) -> RawResponse | None:
        return meta.challenge(request, self.verify_token)

    def parse(self, request: RawRequest) -> Parsed:
        return messenger_events.read_webhook(request.body, self.type, own_app=self.app_id)

    def acknowledge(self, request: RawRequest, events: Sequence[InboundEvent]) -> RawResponse:
        return RawResponse()

    async def send(self, message: Outgoing) -> Receipt:
        graph = meta.Graph(
            client=self.client,
            base_url=self.base_url,
            access_token=self.access_token,
            faults=messenger.FAULTS,
            subcodes=messenger.SUBCODES,
            timeout=self.timeout,
        )
        return await messenger.send(
            graph, message, CAPABILITIES, speaker="me", now=self.now(), human_agent=self.human_agent
        )
