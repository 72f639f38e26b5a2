"""More than words on their way out: files, answers to tap, approved texts, public answers, renewed access."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx2
import pytest

from switchboard.channels.facebook import Facebook
from switchboard.channels.instagram import Instagram
from switchboard.channels.twitter import Twitter
from switchboard.channels.twitter_access import BearerAccess
from switchboard.channels.whatsapp import WhatsApp
from switchboard.domain.message import Attachment, ChannelType, Choice
from switchboard.errors import ChannelNeedsAttention, NotFound, RateLimited, Unavailable, Undeliverable
from switchboard.ports.channel import Channel, Outgoing, TemplateUse
from switchboard.ports.tokens import TokenPair
from tests.channels.payloads import ACCOUNTS, APP_SECRET, CONSUMER_SECRET, NOW, SENDERS, VERIFY_TOKEN, fake_client

WHATSAPP, FACEBOOK, INSTAGRAM, TWITTER = (
    ChannelType.WHATSAPP,
    ChannelType.FACEBOOK,
    ChannelType.INSTAGRAM,
    ChannelType.TWITTER,
)
MB = 1024 * 1024
ANSWERS: Mapping[str, object] = {
    "/media": {"id": "media-1"},
    "/message_attachments": {"attachment_id": "att-1"},
    "/initialize": {"data": {"id": "m-1"}},
    "/append": {},
    "/finalize": {"data": {"id": "m-1", "processing_info": {"state": "pending", "check_after_secs": 0}}},
    "/2/media/upload": {"data": {"processing_info": {"state": "succeeded"}}},
    "/comments": {"id": "c-2"},
    "/replies": {"id": "c-2"},
    "/2/tweets": {"data": {"id": "t-2"}},
}


@dataclass
class Provider:
    """Takes everything and remembers it. ``refusals``: answered first, by the end of the path; ``ended``: access that is
    always refused."""

    calls: list[httpx2.Request] = field(default_factory=list)
    refusals: dict[str, list[httpx2.Response]] = field(default_factory=dict)
    ended: str = ""

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        self.calls.append(request)
        path = request.url.path
        if self.ended and request.headers.get("authorization") == self.ended:
            return httpx2.Response(401)
        for end, answers in self.refusals.items():
            if path.endswith(end) and answers:
                return answers.pop(0)
        known = next((answer for end, answer in ANSWERS.items() if path.endswith(end)), None)
        taken = {"messages": [{"id": "wamid.1"}], "message_id": "m_1", "data": {"dm_event_id": "9"}}
        return httpx2.Response(200, json=taken if known is None else known)

    def paths(self) -> list[str]:
        return [call.url.path.rpartition("/")[2] for call in self.calls]

    def messages(self) -> list[dict[str, object]]:
        return [json.loads(call.content) for call in self.calls if call.url.path.endswith("/messages")]


FILES: Mapping[str, bytes] = {"small": b"x" * 100, "big": b"x" * (6 * MB), "huge": b"x" * (26 * MB)}


async def load(customer_id: str, blob_id: str) -> bytes:
    assert customer_id == "cus_1"
    if blob_id not in FILES:
        raise NotFound("no such file")
    return FILES[blob_id]


def channel(kind: ChannelType, provider: Provider, **more: object) -> Channel:
    client = fake_client(provider)
    meta = {"app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN, "access_token": "token"}
    shared = {"client": client, "now": lambda: NOW, "load": load, **more}
    if kind is TWITTER:
        return Twitter(consumer_secret=CONSUMER_SECRET, access_token="token", **shared)  # type: ignore[arg-type]  # the fields a test names
    if kind is WHATSAPP:
        return WhatsApp(phone_number_id=ACCOUNTS[WHATSAPP], **meta, **shared)  # type: ignore[arg-type]  # as above
    made = Facebook if kind is FACEBOOK else Instagram
    return made(**meta, **shared)  # type: ignore[arg-type]  # as above


def outgoing(kind: ChannelType, text: str = "Here it is.", **changes: object) -> Outgoing:
    message = Outgoing(
        key="01J", channel=kind, account=ACCOUNTS[kind], to=SENDERS[kind], text=text, window_opened_at=NOW,
        customer_id="cus_1",
    )  # fmt: skip
    return replace(message, **changes)  # type: ignore[arg-type]  # tests name fields of Outgoing


def stored(blob: str, kind: str = "image", content_type: str = "image/png", name: str = "lamp.png") -> Attachment:
    return Attachment(kind=kind, name=name, content_type=content_type, blob_id=blob)


class TestAFile:
    async def test_is_uploaded_to_whatsapp_and_sent_by_its_id(self) -> None:
        provider = Provider()

        await channel(WHATSAPP, provider).send(outgoing(WHATSAPP, attachments=(stored("small"),)))

        assert provider.paths() == ["media", "messages", "messages"]
        assert b'name="messaging_product"' in provider.calls[0].content
        assert b'filename="lamp.png"' in provider.calls[0].content
        assert provider.messages()[1]["image"] == {"id": "media-1"}

    async def test_too_big_for_a_picture_on_whatsapp_goes_as_a_document(self) -> None:
        provider = Provider()

        await channel(WHATSAPP, provider).send(outgoing(WHATSAPP, attachments=(stored("big"),)))

        assert provider.messages()[1]["document"] == {"id": "media-1", "filename": "lamp.png"}

    @pytest.mark.parametrize(("kind", "platform"), [(FACEBOOK, False), (INSTAGRAM, True)])
    async def test_is_uploaded_to_meta_and_sent_by_its_id(self, kind: ChannelType, platform: bool) -> None:
        provider = Provider()

        await channel(kind, provider).send(outgoing(kind, attachments=(stored("small"),)))

        assert provider.paths() == ["message_attachments", "messages", "messages"]
        assert (b"instagram" in provider.calls[0].content) is platform
        message = provider.messages()[1]["message"]
        assert isinstance(message, dict)
        assert message["attachment"] == {"type": "image", "payload": {"attachment_id": "att-1"}}

    async def test_goes_to_x_in_pieces_and_hangs_at_the_last_words(self) -> None:
        provider = Provider()
        film = stored("big", "video", "video/mp4", "film.mp4")

        await channel(TWITTER, provider).send(outgoing(TWITTER, attachments=(film,)))

        assert provider.paths() == ["initialize", "append", "append", "finalize", "upload", "messages"]
        assert json.loads(provider.calls[0].content)["media_category"] == "dm_video"
        assert provider.messages() == [{"text": "Here it is.", "attachments": [{"media_id": "m-1"}]}]

    @pytest.mark.parametrize("kind", [WHATSAPP, FACEBOOK, INSTAGRAM, TWITTER])
    async def test_without_words_goes_alone(self, kind: ChannelType) -> None:
        provider = Provider()

        await channel(kind, provider).send(outgoing(kind, "", attachments=(stored("small"),)))

        assert len(provider.messages()) == 1

    @pytest.mark.parametrize(
        ("kind", "file", "limit"),
        [
            (FACEBOOK, stored("huge"), "25600 KB"),
            (INSTAGRAM, stored("small", "file", "application/zip"), "application/pdf"),
            (TWITTER, stored("big"), "5120 KB"),
            (TWITTER, stored("small", "file", "application/pdf"), "video/mp4"),
        ],
    )
    async def test_that_cannot_be_carried_stops_everything_and_says_why(
        self, kind: ChannelType, file: Attachment, limit: str
    ) -> None:
        provider = Provider()

        with pytest.raises(Undeliverable, match=limit):
            await channel(kind, provider).send(outgoing(kind, attachments=(file,)))

        assert provider.calls == []

    async def test_that_is_gone_stops_everything(self) -> None:
        with pytest.raises(Undeliverable, match="no longer stored"):
            await channel(WHATSAPP, Provider()).send(outgoing(WHATSAPP, attachments=(stored("lost"),)))

    @pytest.mark.parametrize(
        ("kind", "end"), [(WHATSAPP, "/media"), (FACEBOOK, "/message_attachments"), (TWITTER, "/append")]
    )
    async def test_that_cannot_be_handed_over_now_is_tried_again_before_a_word_was_said(
        self, kind: ChannelType, end: str
    ) -> None:
        provider = Provider(refusals={end: [httpx2.Response(503)]})

        with pytest.raises(Unavailable):
            await channel(kind, provider).send(outgoing(kind, attachments=(stored("small"),)))

        assert provider.messages() == []


RED, BLUE = Choice(id="r", title="Red"), Choice(id="b", title="Blue")


class TestChoices:
    async def test_up_to_three_are_buttons_on_whatsapp(self) -> None:
        provider = Provider()

        await channel(WHATSAPP, provider).send(outgoing(WHATSAPP, choices=(RED, BLUE)))

        (body,) = provider.messages()
        assert body["interactive"] == {
            "type": "button",
            "body": {"text": "Here it is."},
            "action": {
                "buttons": [
                    {"type": "reply", "reply": {"id": "r", "title": "Red"}},
                    {"type": "reply", "reply": {"id": "b", "title": "Blue"}},
                ]
            },
        }

    async def test_up_to_ten_are_a_list_on_whatsapp(self) -> None:
        provider = Provider()
        many = tuple(Choice(id=str(n), title=f"Choice {n}") for n in range(10))

        await channel(WHATSAPP, provider).send(outgoing(WHATSAPP, choices=many))

        (body,) = provider.messages()
        assert isinstance(body["interactive"], dict)
        assert body["interactive"]["type"] == "list"
        assert len(body["interactive"]["action"]["sections"][0]["rows"]) == 10

    @pytest.mark.parametrize(
        ("kind", "choices"),
        [
            (WHATSAPP, tuple(Choice(id=str(n), title=f"Choice {n}") for n in range(11))),
            (WHATSAPP, (RED, Choice(id="x", title="A title that is far too long for a button"))),
            (FACEBOOK, tuple(Choice(id=str(n), title=f"Choice {n}") for n in range(14))),
            (INSTAGRAM, (Choice(id="x", title="A title that is far too long"),)),
            (TWITTER, (RED, BLUE)),
        ],
    )
    async def test_that_cannot_be_shown_are_numbered_text(self, kind: ChannelType, choices: tuple[Choice, ...]) -> None:
        provider = Provider()

        await channel(kind, provider).send(outgoing(kind, choices=choices))

        assert f"1. {choices[0].title}" in json.dumps(provider.messages())

    async def test_hang_at_the_last_part_of_a_long_text(self) -> None:
        provider = Provider()

        await channel(WHATSAPP, provider).send(outgoing(WHATSAPP, "A sentence of words. " * 300, choices=(RED,)))

        kinds = [body["type"] for body in provider.messages()]
        assert kinds[-1] == "interactive"
        assert set(kinds[:-1]) == {"text"}

    @pytest.mark.parametrize("kind", [FACEBOOK, INSTAGRAM])
    async def test_are_quick_replies_on_messenger_and_instagram(self, kind: ChannelType) -> None:
        provider = Provider()

        await channel(kind, provider).send(outgoing(kind, choices=(RED,)))

        (body,) = provider.messages()
        assert isinstance(body["message"], dict)
        assert body["message"]["quick_replies"] == [{"content_type": "text", "title": "Red", "payload": "r"}]

    @pytest.mark.parametrize("kind", [FACEBOOK, INSTAGRAM])
    async def test_come_after_the_files_since_they_vanish_with_the_next_message(self, kind: ChannelType) -> None:
        provider = Provider()
        picture = Attachment(kind="image", content_type="image/png", url="https://larkfield.example/red.png")

        await channel(kind, provider).send(outgoing(kind, choices=(RED,), attachments=(picture,)))

        assert ["quick_replies" in str(body["message"]) for body in provider.messages()] == [False, True]


class TestATemplate:
    async def test_goes_out_after_the_window_with_its_values(self) -> None:
        provider = Provider()
        use = TemplateUse(name="left", language="en_US", variables={"1": "Ana\n B", "day": "Monday"})
        late = outgoing(WHATSAPP, template=use, window_opened_at=NOW - timedelta(days=40), in_reply_to="wamid.0")

        await channel(WHATSAPP, provider).send(late)

        (body,) = provider.messages()
        assert body["type"] == "template"
        assert "context" not in body
        assert body["template"] == {
            "name": "left",
            "language": {"code": "en_US"},
            "components": [
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "text": "Ana B"},
                        {"type": "text", "parameter_name": "day", "text": "Monday"},
                    ],
                }
            ],
        }


class TestAPublicAnswer:
    @pytest.mark.parametrize(
        ("kind", "path"), [(FACEBOOK, "/v23.0/c1/comments"), (INSTAGRAM, "/v23.0/c1/replies"), (TWITTER, "/2/tweets")]
    )
    async def test_stands_below_the_comment_even_after_the_window(self, kind: ChannelType, path: str) -> None:
        provider = Provider()
        late = outgoing(kind, public_reply_to="c1", window_opened_at=NOW - timedelta(days=3))

        receipt = await channel(kind, provider, public=True).send(late)

        assert [call.url.path for call in provider.calls] == [path]
        assert receipt.external_ids in (("c-2",), ("t-2",))

    @pytest.mark.parametrize("kind", [FACEBOOK, INSTAGRAM, TWITTER])
    async def test_is_never_a_machine_s(self, kind: ChannelType) -> None:
        with pytest.raises(Undeliverable, match="people"):
            await channel(kind, Provider(), public=True).send(outgoing(kind, public_reply_to="c1", automatic=True))


class TestAfterADay:
    @pytest.mark.parametrize("kind", [FACEBOOK, INSTAGRAM])
    async def test_a_person_may_answer_for_a_week_and_no_longer(self, kind: ChannelType) -> None:
        provider = Provider()
        page = channel(kind, provider, human_agent=True)

        await page.send(outgoing(kind, window_opened_at=NOW - timedelta(days=6)))

        assert provider.messages()[0]["tag"] == "HUMAN_AGENT"
        with pytest.raises(Undeliverable):
            await page.send(outgoing(kind, window_opened_at=NOW - timedelta(days=7, seconds=1)))


@dataclass
class Keeper:
    kept: TokenPair | None = None
    saves: int = 0

    async def load(self) -> TokenPair | None:
        return self.kept

    async def save(self, pair: TokenPair) -> None:
        self.kept, self.saves = pair, self.saves + 1


def renewing(provider: Provider, keeper: Keeper) -> Channel:
    access = BearerAccess(
        token="old", refresh_token="r1", client_id="app", client_secret="s", client=fake_client(provider),
        base_url="https://api.x.com", keeper=keeper,
    )  # fmt: skip
    return channel(TWITTER, provider, renewing=access)


class TestAnAccessThatEnded:
    async def test_is_renewed_kept_and_the_message_goes_out(self) -> None:
        fresh = httpx2.Response(200, json={"access_token": "new", "refresh_token": "r2"})
        provider = Provider(refusals={"/messages": [httpx2.Response(401)], "/2/oauth2/token": [fresh]})
        keeper = Keeper()

        await renewing(provider, keeper).send(outgoing(TWITTER))

        assert provider.paths() == ["messages", "token", "messages"]
        assert provider.calls[2].headers["authorization"] == "Bearer new"
        assert keeper.kept == TokenPair(access="new", refresh="r2")

    async def test_is_renewed_once_for_all_that_wait(self) -> None:
        fresh = httpx2.Response(200, json={"access_token": "new", "refresh_token": "r2"})
        provider = Provider(refusals={"/2/oauth2/token": [fresh]}, ended="Bearer old")
        keeper = Keeper()
        account = renewing(provider, keeper)

        await asyncio.gather(*(account.send(outgoing(TWITTER)) for _ in range(5)))

        assert (provider.paths().count("token"), keeper.saves) == (1, 1)

    async def test_that_is_not_renewed_is_the_operator_s_matter(self) -> None:
        refused = httpx2.Response(400, json={"error": "invalid_grant"})
        provider = Provider(refusals={"/messages": [httpx2.Response(401)], "/2/oauth2/token": [refused]})

        with pytest.raises(ChannelNeedsAttention, match="connect the account again"):
            await renewing(provider, Keeper()).send(outgoing(TWITTER))


class TestXsLimits:
    async def test_the_day_s_limit_is_waited_out_when_it_is_the_one_used_up(self) -> None:
        at = int(NOW.timestamp())
        headers = {
            "x-rate-limit-remaining": "3",
            "x-rate-limit-reset": str(at + 60),
            "x-user-limit-24hour-remaining": "0",
            "x-user-limit-24hour-reset": str(at + 7200),
        }
        provider = Provider(refusals={"/messages": [httpx2.Response(429, headers=headers)]})

        with pytest.raises(RateLimited) as caught:
            await channel(TWITTER, provider).send(outgoing(TWITTER))

        assert caught.value.retry_after == 7200
