"""Hostile requests against the whole product: always 2xx or 4xx, and no customer's message vanishes unseen."""

from __future__ import annotations

import copy
import gzip
import json
import random
from collections.abc import AsyncIterator, Iterator, Mapping

import pytest
import pytest_asyncio

from switchboard.domain.inbound import Fate
from switchboard.domain.message import ChannelType
from switchboard.ports.records import Page, PayloadRecord
from tests.api.face import Face, open_face
from tests.channels.fixture_cases import CASES, Case
from tests.channels.payloads import APP_SECRET, CONSUMER_SECRET, VERIFY_TOKEN, make_payload, signed

pytestmark = pytest.mark.asyncio(loop_scope="module")

META = {"app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN, "access_token": "token"}
OPTIONS: dict[str, dict[str, str]] = {
    "whatsapp": {**META, "phone_number_id": "106540352242922"},
    "facebook": META,
    "instagram": META,
    "twitter": {"consumer_secret": CONSUMER_SECRET, "access_token": "token"},
}
CHATS = tuple(ChannelType(name) for name in OPTIONS)
ODD: tuple[object, ...] = (None, True, 7, -1e300, "x", [], {}, [[]], [7], {"id": []})
NOTHING: tuple[object, ...] = (None, [], {}, {"id": []})
"""In their place nothing is left that anybody could miss."""
SAYS = ("message", "postback", "unsupported", "encrypted")
SAMPLE = 5
"""Changes tried of each captured payload; all of them were tried once (59 000 requests)."""

Place = tuple[str | int, ...]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def face(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    async with open_face(tmp_path_factory.mktemp("hostile"), **OPTIONS) as opened:
        yield opened


async def knock(face: Face, channel: ChannelType, body: bytes, headers: Mapping[str, str] | None = None) -> int:
    """Signed as the provider would; fails the test for a 5xx."""
    sent = {"content-type": "application/json", **signed(channel, body).headers, **(headers or {})}
    answer = await face.client.post(f"/channels/{channel.value}", content=body, headers=sent)
    assert answer.status_code < 500, body[:500]
    return answer.status_code


async def newest(face: Face) -> PayloadRecord:
    page = await face.system.app.store.read(lambda work: work.payloads.page(Page(limit=1)))
    return page.items[0]


def says_something(case: Case) -> bool:
    return any(event["kind"] in SAYS for event in case.expected_events)


def places(node: object, path: Place = ()) -> Iterator[Place]:
    if path:
        yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def changed(document: object, place: Place, value: object) -> object:
    found = copy.deepcopy(document)
    at: object = found
    for key in place[:-1]:
        at = at[key]  # type: ignore[index]  # the way down exists
    at[place[-1]] = value  # type: ignore[index]  # as above
    return found


def sample(case: Case) -> list[tuple[Place, object]]:
    """The same few changes in every run."""
    chance = random.Random(case.name)
    every = list(places(case.data["payload"]))
    return [(chance.choice(every), chance.choice(ODD)) for _ in range(SAMPLE)]


MINE = [case for case in CASES if case.channel in CHATS]


@pytest.mark.parametrize("channel", CHATS)
class TestACapturedPayload:
    async def test_with_a_value_of_another_type_is_stored_kept_or_empty(self, face: Face, channel: ChannelType) -> None:
        for case in (case for case in MINE if case.channel is channel):
            for place, value in sample(case):
                body = json.dumps(changed(case.data["payload"], place, value)).encode()

                assert await knock(face, channel, body) in (200, 401)
                record = await newest(face)
                lost = says_something(case) and record.fate is Fate.IGNORED and value not in NOTHING
                assert not lost or record.events, (case.name, place, value, record.reason)

    async def test_cut_off_is_kept_for_an_operator(self, face: Face, channel: ChannelType) -> None:
        for case in (case for case in MINE if case.channel is channel):
            body = json.dumps(case.data["payload"]).encode()
            end = random.Random(case.name).randrange(len(body))

            assert await knock(face, channel, body[:end]) == 200
            assert (await newest(face)).fate is Fate.DEAD_LETTER


WORDS = {
    "ten thousand levels": "[" * 10_000 + "]" * 10_000,
    "ten thousand objects in each other": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "no number": "NaN",
    "an endless number": "-Infinity",
    "a number too big": "1e999",
    "five thousand digits": "9" * 5000,
    "half a character": '"\\ud83d"',
    "two halves in the wrong order": '"\\udc00\\ud83d"',
    "a null character": '"a\\u0000b"',
    "three million letters": '"' + "x" * 3_000_000 + '"',
    "half a million addresses": '"' + "a@b.c " * 500_000 + '"',
    "a million brackets": '"' + "(" * 1_000_000 + '"',
    "accents without end": '"' + "a\\u0301" * 200_000 + '"',
    "many order numbers": '"' + "#12345 " * 400_000 + '"',
}


@pytest.mark.parametrize("channel", CHATS)
class TestAMessage:
    @pytest.mark.parametrize("words", WORDS.values(), ids=WORDS.keys())
    async def test_with_hostile_words_is_stored_or_kept(self, face: Face, channel: ChannelType, words: str) -> None:
        body = make_payload(channel, "MARK", message_id=f"m{hash(words)}").body.replace(b'"MARK"', words.encode())

        assert await knock(face, channel, body) == 200
        assert (await newest(face)).fate in (Fate.STORED, Fate.DEAD_LETTER, Fate.DUPLICATE)

    @pytest.mark.parametrize("moment", [-1, 0, 10**18, -(10**18), 10**30, 253402300800000, "1e400", "0x10", "", [], {}])
    async def test_from_no_real_time_is_stored(self, face: Face, channel: ChannelType, moment: object) -> None:
        document = json.loads(make_payload(channel, "hello", message_id=f"t{moment}").body)
        times = [place for place in places(document) if place[-1] in ("timestamp", "created_timestamp")]
        body = json.dumps(changed(document, times[0], moment)).encode()

        assert await knock(face, channel, body) == 200
        assert (await newest(face)).fate in (Fate.STORED, Fate.DUPLICATE)

    @pytest.mark.parametrize("content_type", ["", "text/plain", "multipart/form-data; boundary=x", "application/xml"])
    async def test_is_read_whatever_it_calls_itself(self, face: Face, channel: ChannelType, content_type: str) -> None:
        body = make_payload(channel, "hello", message_id=f"c{content_type}").body

        assert await knock(face, channel, body, {"content-type": content_type}) == 200
        assert (await newest(face)).fate in (Fate.STORED, Fate.DUPLICATE)

    async def test_in_bytes_that_are_no_text_is_kept(self, face: Face, channel: ChannelType) -> None:
        body = make_payload(channel, "MARK").body.replace(b"MARK", b"\xc3\x28\xff")

        assert await knock(face, channel, body) == 200
        assert (await newest(face)).fate is Fate.DEAD_LETTER


@pytest.mark.parametrize("channel", CHATS)
class TestABodyThatIsNoMessage:
    @pytest.mark.parametrize("body", [b"", b"null", b"[]", b"7", b"{", gzip.compress(b"0" * 50_000_000)])
    async def test_is_kept_for_an_operator(self, face: Face, channel: ChannelType, body: bytes) -> None:
        assert await knock(face, channel, body, {"content-encoding": "gzip"}) == 200
        assert (await newest(face)).fate is Fate.DEAD_LETTER

    async def test_too_crowded_is_kept_without_a_closer_look(self, face: Face, channel: ChannelType) -> None:
        body = b'{"entry":[' + b",".join([b"{}"] * 1_000_000) + b'],"object":"page"}'

        assert await knock(face, channel, body) == 200
        assert "crowded" in (await newest(face)).reason

    async def test_larger_than_any_payload_is_refused(self, face: Face, channel: ChannelType) -> None:
        assert await knock(face, channel, b" " * 5_000_000) == 413

    @pytest.mark.parametrize("odd", ["", "sha256=", "sha1=abc", "cut", "upper", "longer", "bare", "sha256=" + "0" * 64])
    async def test_with_a_wrong_signature_is_refused(self, face: Face, channel: ChannelType, odd: str) -> None:
        body = make_payload(channel, "hello").body
        (name, right), *_ = signed(channel, body).headers.items()
        wrong = {
            "cut": right[:-1], "upper": right.upper(), "longer": f"{right}0", "bare": right.removeprefix("sha256="),
        }  # fmt: skip

        assert await knock(face, channel, body, {name: wrong.get(odd, odd)}) == 401
        assert (await newest(face)).fate is Fate.REFUSED
