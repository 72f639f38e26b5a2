"""The whole outside world as one HTTP client: calls to providers go to their simulators, all others nowhere."""

from __future__ import annotations

from typing import Protocol

import httpx2

from switchboard.demo.simulators.carrier import Carrier
from switchboard.demo.simulators.meta import MetaSimulator
from switchboard.demo.simulators.twilio import TwilioSimulator
from switchboard.demo.simulators.x import XSimulator


class Provider(Protocol):
    async def answer(self, request: httpx2.Request) -> httpx2.Response: ...

    def throttled(self) -> httpx2.Response: ...


class Network:
    """No socket is opened: an address that nobody simulates cannot be reached."""

    def __init__(self, carrier: Carrier) -> None:
        self.twilio = TwilioSimulator(carrier)
        meta = MetaSimulator(carrier)
        self._carrier = carrier
        self._hosts: dict[str, Provider] = {
            "graph.facebook.com": meta,
            "graph.instagram.com": meta,
            "api.x.com": XSimulator(carrier),
            "api.twilio.com": self.twilio,
        }

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self._route), timeout=10.0)

    async def _route(self, request: httpx2.Request) -> httpx2.Response:
        provider, faults = self._hosts.get(request.url.host), self._carrier.faults
        if provider is None or faults.take("unreachable"):
            raise httpx2.ConnectError(f"{request.url.host} is outside the demo", request=request)
        if faults.take("throttle"):
            return provider.throttled()
        if faults.take("errors"):
            return httpx2.Response(503, json={"error": {"message": "Service temporarily unavailable", "code": 2}})
        answer = await provider.answer(request)
        if faults.take("lost"):
            raise httpx2.ReadTimeout("the answer was lost", request=request)
        return answer
