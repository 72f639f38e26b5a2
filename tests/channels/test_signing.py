"""Signatures and subscription checks, against the providers' own examples."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import cast
from urllib.parse import parse_qsl, urlencode

import pytest

from switchboard.channels.oauth1 import OAuth1
from switchboard.channels.signing import twilio_signature
from switchboard.domain.message import ChannelType
from switchboard.errors import BadSignature, Forbidden
from switchboard.ports.channel import RawRequest
from tests.channels.fixture_cases import CASES, Case, load
from tests.channels.payloads import AUTH_TOKEN, NOW, PUBLIC, VERIFY_TOKEN, make_channel, request_of

Vector = Mapping[str, object]


def vectors(channel: ChannelType, key: str = "cases") -> list[Vector]:
    return cast(list[Vector], load(channel, "signature.json")[key])


def is_let_in(channel: ChannelType, request: RawRequest) -> bool:
    try:
        make_channel(channel).verify(request)
    except BadSignature:
        return False
    return True


@pytest.mark.parametrize("channel", [ChannelType.WHATSAPP, ChannelType.FACEBOOK, ChannelType.INSTAGRAM])
@pytest.mark.parametrize("vector", vectors(ChannelType.WHATSAPP), ids=lambda vector: str(vector["why"]))
def test_meta_signs_the_bytes_as_they_came(channel: ChannelType, vector: Vector) -> None:
    header = vector["header"]
    headers = {"x-hub-signature-256": str(header)} if header else {"x-hub-signature": "sha1=00"}

    assert is_let_in(channel, request_of(channel, headers, str(vector["body"]).encode())) == vector["valid"]


@pytest.mark.parametrize("vector", vectors(ChannelType.TWITTER))
def test_x_signs_in_base64(vector: Vector) -> None:
    headers = {"x-twitter-webhooks-signature": str(vector["header"])} if vector["header"] else {}
    request = request_of(ChannelType.TWITTER, headers, str(vector["body"]).encode())

    assert is_let_in(ChannelType.TWITTER, request) == vector["valid"]


@pytest.mark.parametrize("vector", vectors(ChannelType.VOICE), ids=lambda vector: str(vector["why"]))
def test_twilio_signs_address_and_fields(vector: Vector) -> None:
    headers = {"x-twilio-signature": str(vector["signature"])} if vector["signature"] else {}
    body = urlencode(cast(dict[str, str], vector["form"])).encode()

    assert (
        is_let_in(ChannelType.VOICE, request_of(ChannelType.VOICE, headers, body, url=str(vector["url"])))
        == vector["valid"]
    )


@pytest.mark.parametrize("case", [case for case in CASES if case.channel is ChannelType.VOICE], ids=lambda c: c.name)
def test_captured_calls_carry_a_valid_signature(case: Case) -> None:
    assert is_let_in(ChannelType.VOICE, case.request)


class TestATwilioJsonBody:
    def request(self, body: bytes, signed: bytes) -> RawRequest:
        url = f"{PUBLIC}/voice?bodySHA256={hashlib.sha256(signed).hexdigest()}"
        headers = {"x-twilio-signature": twilio_signature(url, {}, AUTH_TOKEN)}
        return request_of(ChannelType.VOICE, headers, body, url=url)

    def test_is_let_in_if_the_address_holds_its_digest(self) -> None:
        assert is_let_in(ChannelType.VOICE, self.request(b'{"a":1}', b'{"a":1}'))

    def test_is_refused_if_it_was_changed(self) -> None:
        assert not is_let_in(ChannelType.VOICE, self.request(b'{"a":2}', b'{"a":1}'))


def get(channel: ChannelType, query: str) -> RawRequest:
    return RawRequest(
        method="GET",
        url=f"{PUBLIC}/{channel}?{query}",
        headers={},
        query=dict(parse_qsl(query)),
        body=b"",
        received_at=NOW,
    )


@pytest.mark.parametrize("channel", [ChannelType.WHATSAPP, ChannelType.FACEBOOK, ChannelType.INSTAGRAM])
class TestMetaChecksTheSubscription:
    def test_and_gets_its_challenge_back(self, channel: ChannelType) -> None:
        query = f"hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}&hub.challenge=11582"

        answer = make_channel(channel).challenge(get(channel, query))

        assert answer is not None
        assert (answer.status, answer.body) == (200, b"11582")
        assert answer.content_type.startswith("text/plain")

    @pytest.mark.parametrize("token", ["wrong", "", "verify-tokén"])
    def test_but_not_with_a_wrong_token(self, channel: ChannelType, token: str) -> None:
        query = urlencode({"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1"})

        with pytest.raises(Forbidden):
            make_channel(channel).challenge(get(channel, query))

    def test_other_requests_are_no_check(self, channel: ChannelType) -> None:
        assert make_channel(channel).challenge(get(channel, "a=1")) is None
        assert make_channel(channel).challenge(request_of(channel, {}, b"{}")) is None


@pytest.mark.parametrize("vector", vectors(ChannelType.TWITTER, "challenge"), ids=lambda vector: str(vector["status"]))
def test_x_checks_that_we_hold_the_secret(vector: Vector) -> None:
    answer = make_channel(ChannelType.TWITTER).challenge(get(ChannelType.TWITTER, str(vector["query"])))

    assert answer is not None
    assert answer.status == vector["status"]
    if "json" in vector:
        assert json.loads(answer.body) == vector["json"]


def test_secrets_do_not_show_when_a_channel_is_printed() -> None:
    for channel in (ChannelType.WHATSAPP, ChannelType.FACEBOOK, ChannelType.INSTAGRAM, ChannelType.TWITTER):
        assert "secret" not in repr(make_channel(channel)).replace("_secret", "")
    assert AUTH_TOKEN not in repr(make_channel(ChannelType.VOICE))


class TestOAuth1:
    """The example that X published with its description of the signature."""

    pair = OAuth1(
        consumer_key="xvz1evFS4wEEPTGEFPHBog",
        consumer_secret="kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        token="370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        token_secret="LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    )

    def test_signs_as_in_the_published_example(self) -> None:
        parameters = {
            "status": "Hello Ladies + Gentlemen, a signed OAuth request!",
            "include_entities": "true",
            "oauth_consumer_key": "xvz1evFS4wEEPTGEFPHBog",
            "oauth_nonce": "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": "1318622958",
            "oauth_token": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
            "oauth_version": "1.0",
        }

        signature = self.pair.signature("post", "https://api.twitter.com/1/statuses/update.json", parameters)

        assert signature == "tnnArxj06cWHq44gCs1OSKk/jLY="

    def test_the_header_escapes_its_values(self) -> None:
        header = self.pair.header("POST", "https://api.x.com/2/x", timestamp=1, nonce="a+b")

        assert header.startswith('OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", oauth_nonce="a%2Bb"')
        assert "Lsww" not in header + repr(self.pair)
