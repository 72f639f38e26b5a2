"""The captured payloads of the chat channels and calls, with the right reading beside each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from switchboard.domain.message import ChannelType
from switchboard.ports.channel import RawRequest
from tests.channels.payloads import PUBLIC, request_of
from tests.shared import FIXTURES

FOLDERS = (
    ChannelType.WHATSAPP,
    ChannelType.FACEBOOK,
    ChannelType.INSTAGRAM,
    ChannelType.TWITTER,
    ChannelType.VOICE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    channel: ChannelType
    name: str
    data: Mapping[str, object]

    @property
    def expect(self) -> Mapping[str, object]:
        return cast(Mapping[str, object], self.data["expect"])

    @property
    def expected_events(self) -> list[dict[str, object]]:
        return cast(list[dict[str, object]], self.expect["events"])

    @property
    def request(self) -> RawRequest:
        """The request, unsigned for JSON channels and signed for voice."""
        if self.channel is ChannelType.VOICE:
            url, signature = str(self.data["url"]), str(self.data["x_twilio_signature"])
            body = str(self.data["body"]).encode()
            return request_of(self.channel, {"x-twilio-signature": signature}, body, url=url)
        return request_of(self.channel, {}, json.dumps(self.data["payload"]).encode(), url=f"{PUBLIC}/{self.channel}")


def load(channel: ChannelType, name: str) -> Mapping[str, object]:
    found = json.loads((FIXTURES / "channels" / channel / name).read_text(encoding="utf-8"))
    return cast(Mapping[str, object], found)


def all_cases() -> list[Case]:
    """Every request with an expectation; socket scripts and signature vectors are tested by themselves."""
    cases = []
    for channel in FOLDERS:
        for path in sorted((FIXTURES / "channels" / channel).glob("*.json")):
            data = load(channel, path.name)
            if "expect" in data and "frames" not in data:
                cases.append(Case(channel=channel, name=f"{channel}/{path.stem}", data=data))
    return cases


CASES = all_cases()
