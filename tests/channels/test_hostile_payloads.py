"""However a payload is cut or twisted, it is refused or read; nothing else ever happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.message import ChannelType
from switchboard.errors import InvalidInput
from switchboard.ports.channel import Channel, RawRequest
from tests.channels.fixture_cases import CASES, FOLDERS, Case
from tests.channels.payloads import make_channel, make_payload, request_of

ODD_VALUES: tuple[object, ...] = (None, True, 7, -1e300, "x", [], {}, [[]], [{}], {"id": []})

KEYS = (
    "object",
    "entry",
    "changes",
    "field",
    "value",
    "messages",
    "messaging",
    "message",
    "id",
    "data",
    "payload",
    "x",
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def survives(adapter: Channel, request: RawRequest) -> None:
    try:
        parsed = adapter.parse(request)
    except InvalidInput:
        return
    for event in parsed.events:
        assert event.external_id
        json.dumps([event.content.text, event.sender_name, dict(event.metadata)], ensure_ascii=False).encode()
    assert adapter.acknowledge(request, parsed.events).status == 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_payload_cut_anywhere_is_refused_or_read(case: Case) -> None:
    adapter, request = make_channel(case.channel), case.request
    for end in range(0, len(request.body), 10):
        survives(adapter, replace(request, body=request.body[:end]))


@pytest.mark.parametrize("case", [case for case in CASES if "payload" in case.data], ids=lambda case: case.name)
def test_a_payload_with_swapped_types_is_refused_or_read(case: Case) -> None:
    adapter = make_channel(case.channel)
    for changed in _swapped(case.data["payload"]):
        survives(adapter, request_of(case.channel, {}, json.dumps(changed).encode()))


def _swapped(document: object) -> Iterator[object]:
    """The document with every single value replaced by odd ones, in turn (fewer of them in very large documents)."""
    places = list(_places(document, ()))
    odd = ODD_VALUES if len(places) < 60 else ODD_VALUES[::4]
    for place in places:
        for value in odd:
            yield _with(document, place, value)


def _places(node: object, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from _places(child, (*path, key))


def _with(node: object, path: tuple[str | int, ...], value: object) -> object:
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(node, dict):
        return {key: _with(child, rest, value) if key == head else child for key, child in node.items()}
    assert isinstance(node, list)
    return [_with(child, rest, value) if place == head else child for place, child in enumerate(node)]


@pytest.mark.parametrize("depth", [70, 500, 900, 940, 960, 980, 990])
@pytest.mark.parametrize("channel", [channel for channel in FOLDERS if channel is not ChannelType.VOICE])
def test_deep_nesting_is_refused(channel: ChannelType, depth: int) -> None:
    request = make_payload(channel, "MARK")
    deep = b"[" * depth + b"]" * depth

    with pytest.raises(InvalidInput):
        make_channel(channel).parse(replace(request, body=request.body.replace(b'"MARK"', deep)))


@pytest.mark.parametrize("channel", FOLDERS)
@settings(max_examples=100, deadline=None)
@given(body=st.one_of(st.binary(max_size=200), JSON.map(lambda found: json.dumps(found).encode())))
def test_noise_is_refused_or_read(channel: ChannelType, body: bytes) -> None:
    survives(make_channel(channel), request_of(channel, {}, body))


@pytest.mark.parametrize("channel", [ChannelType.WHATSAPP, ChannelType.FACEBOOK, ChannelType.TWITTER])
def test_half_a_character_is_replaced_so_that_the_message_can_be_stored(channel: ChannelType) -> None:
    request = make_payload(channel, "MARK")
    broken = replace(request, body=request.body.replace(b"MARK", b"ok \\ud83d"))

    (event,) = make_channel(channel).parse(broken).events

    assert event.content.text == "ok \ufffd"
