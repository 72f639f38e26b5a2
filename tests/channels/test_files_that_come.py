"""Files that customers send: fetched from where they lie, and from nowhere else."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Mapping

import httpx2
import pytest

from switchboard.channels.facebook import Facebook
from switchboard.channels.instagram import Instagram
from switchboard.channels.twitter import Twitter
from switchboard.channels.whatsapp import WhatsApp
from switchboard.domain.message import Attachment
from switchboard.engines import fetcher as fetching
from switchboard.engines.fetcher import GuardedFetcher
from switchboard.errors import ChannelNeedsAttention, InvalidInput, NotFound, TooLarge, Unavailable
from tests.channels.payloads import APP_SECRET, CONSUMER_SECRET, NOW, VERIFY_TOKEN, fake_client

PICTURE = b"\x89PNG picture"
MOST = 1000
LOOKASIDE = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"
Answer = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name leads to one public address, without asking anybody."""

    async def resolved(url: str) -> str:
        return "93.184.215.14"

    monkeypatch.setattr(fetching, "outside_address", resolved)


def whatsapp(answer: Answer) -> WhatsApp:
    client = fake_client(answer)
    return WhatsApp(
        app_secret=APP_SECRET, verify_token=VERIFY_TOKEN, access_token="token", phone_number_id="1", client=client,
        now=lambda: NOW, fetcher=GuardedFetcher(client),
    )  # fmt: skip


def facebook(answer: Answer) -> Facebook:
    client = fake_client(answer)
    return Facebook(
        app_secret=APP_SECRET, verify_token=VERIFY_TOKEN, access_token="token", client=client, now=lambda: NOW,
        fetcher=GuardedFetcher(client),
    )  # fmt: skip


def x(answer: Answer) -> Twitter:
    client = fake_client(answer)
    return Twitter(
        consumer_secret=CONSUMER_SECRET, access_token="token", client=client, now=lambda: NOW,
        fetcher=GuardedFetcher(client),
    )  # fmt: skip


class TestOnWhatsApp:
    async def test_the_link_is_asked_for_and_followed_with_the_token(self) -> None:
        calls: list[httpx2.Request] = []

        def provider(request: httpx2.Request) -> httpx2.Response:
            calls.append(request)
            if request.url.path == "/v23.0/77":
                return httpx2.Response(200, json={"url": LOOKASIDE, "sha256": hashlib.sha256(PICTURE).hexdigest()})
            return httpx2.Response(200, content=PICTURE, headers={"content-type": "image/png"})

        file = await whatsapp(provider).fetch("1", Attachment(kind="image", provider_id="77"), MOST)

        assert (file.data, file.content_type) == (PICTURE, "image/png")
        assert [call.headers["authorization"] for call in calls] == ["Bearer token", "Bearer token"]
        assert calls[1].headers["host"] == "lookaside.fbsbx.com"
        assert calls[1].url.host == "93.184.215.14"

    async def test_a_file_that_arrives_damaged_is_fetched_again(self) -> None:
        announced = b64encode(hashlib.sha256(b"something else").digest()).decode()
        found = Attachment(kind="image", url=LOOKASIDE, details={"sha256": announced})

        with pytest.raises(Unavailable, match="damaged"):
            await whatsapp(lambda request: httpx2.Response(200, content=PICTURE)).fetch("1", found, MOST)

    async def test_a_media_id_that_expired_is_gone_for_good(self) -> None:
        error = {"error": {"code": 100, "message": "Unsupported get request"}}

        with pytest.raises(NotFound):
            await whatsapp(lambda request: httpx2.Response(400, json=error)).fetch(
                "1", Attachment(kind="image", provider_id="77"), MOST
            )

    async def test_a_token_that_is_not_valid_is_the_operator_s_matter(self) -> None:
        error = {"error": {"code": 190, "message": "Invalid token"}}

        with pytest.raises(ChannelNeedsAttention):
            await whatsapp(lambda request: httpx2.Response(401, json=error)).fetch(
                "1", Attachment(kind="image", provider_id="77"), MOST
            )


class TestOnMessengerAndInstagram:
    async def test_the_link_is_followed_without_our_token(self) -> None:
        calls: list[httpx2.Request] = []

        def provider(request: httpx2.Request) -> httpx2.Response:
            calls.append(request)
            return httpx2.Response(200, content=PICTURE, headers={"content-type": "image/png; x=y"})

        picture = Attachment(kind="image", url="https://scontent.xx.fbcdn.net/v/cat.png?oh=1")
        file = await facebook(provider).fetch("1", picture, MOST)

        assert (file.data, file.content_type, file.name) == (PICTURE, "image/png", "cat.png")
        assert "authorization" not in calls[0].headers

    async def test_without_a_link_there_is_nothing_to_fetch(self) -> None:
        with pytest.raises(NotFound):
            await facebook(lambda request: httpx2.Response(500)).fetch("1", Attachment(kind="image"), MOST)


class TestOnX:
    @pytest.mark.parametrize(
        ("url", "known"),
        [("https://ton.x.com/1.1/ton/data/dm/1/x.jpg", True), ("https://video.twimg.com/dm_video/1.mp4", False)],
    )
    async def test_only_private_pictures_hear_who_asks(self, url: str, known: bool) -> None:
        calls: list[httpx2.Request] = []

        def provider(request: httpx2.Request) -> httpx2.Response:
            calls.append(request)
            return httpx2.Response(200, content=PICTURE)

        await x(provider).fetch("1", Attachment(kind="image", url=url), MOST)

        assert ("authorization" in calls[0].headers) is known


def unasked(request: httpx2.Request) -> httpx2.Response:
    raise AssertionError("this address must not be called")


class TestAnAddressInAPayload:
    @pytest.mark.parametrize(
        "url",
        [
            "http://scontent.xx.fbcdn.net/cat.png",
            "https://files.attacker.example/cat.png",
            "https://fbcdn.net.attacker.example/cat.png",
            "https://evilfbcdn.net/cat.png",
            "https://user:word@scontent.fbcdn.net/cat.png",
            "https://scontent.fbcdn.net:8443/cat.png",
            "https://127.0.0.1/cat.png",
            "https://[::1]/cat.png",
            "file:///etc/passwd",
            "https://[broken",
            "https:///cat.png",
            "",
        ],
    )
    async def test_of_another_host_is_never_called(self, url: str) -> None:
        with pytest.raises(InvalidInput):
            await facebook(unasked).fetch("1", Attachment(kind="image", url=url), MOST)

    async def test_that_leads_inside_is_never_called(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def inside(url: str) -> str:
            raise InvalidInput("the address leads inside")

        monkeypatch.setattr(fetching, "outside_address", inside)
        with pytest.raises(InvalidInput, match="inside"):
            await facebook(unasked).fetch("1", Attachment(kind="image", url="https://a.fbcdn.net/cat.png"), MOST)

    async def test_that_redirects_elsewhere_is_not_followed(self) -> None:
        def redirect(request: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(302, headers={"location": "http://169.254.169.254/latest/meta-data"})

        with pytest.raises(InvalidInput):
            await facebook(redirect).fetch("1", Attachment(kind="image", url="https://a.fbcdn.net/cat.png"), MOST)

    async def test_that_redirects_for_ever_is_given_up(self) -> None:
        def redirect(request: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(302, headers={"location": "https://b.fbcdn.net/cat.png"})

        with pytest.raises(InvalidInput, match="too often"):
            await facebook(redirect).fetch("1", Attachment(kind="image", url="https://a.fbcdn.net/cat.png"), MOST)

    async def test_at_the_configured_provider_itself_is_called(self) -> None:
        instagram = Instagram(
            app_secret=APP_SECRET, verify_token=VERIFY_TOKEN, access_token="token", client=fake_client(unasked),
            now=lambda: NOW, base_url="http://localhost:9100/v23.0",
            fetcher=GuardedFetcher(fake_client(lambda request: httpx2.Response(200, content=PICTURE))),
        )  # fmt: skip

        file = await instagram.fetch("1", Attachment(kind="image", url="http://localhost:9100/media/1"), MOST)

        assert file.data == PICTURE


class TestWhatComesBack:
    @pytest.mark.parametrize("declared", [True, False])
    async def test_more_than_allowed_is_not_taken(self, declared: bool) -> None:
        async def endless() -> object:
            while True:
                yield b"x" * 600

        def provider(request: httpx2.Request) -> httpx2.Response:
            if declared:
                return httpx2.Response(200, content=b"x" * (MOST + 1))
            return httpx2.Response(200, content=endless())  # type: ignore[arg-type]  # an async generator of bytes

        with pytest.raises(TooLarge):
            await facebook(provider).fetch("1", Attachment(kind="image", url="https://a.fbcdn.net/cat.png"), MOST)

    @pytest.mark.parametrize(
        ("status", "error"),
        [(403, NotFound), (404, NotFound), (410, NotFound), (401, ChannelNeedsAttention), (429, Unavailable), (503, Unavailable)],
    )  # fmt: skip
    async def test_a_refusal_means(self, status: int, error: type[Exception]) -> None:
        with pytest.raises(error):
            await facebook(lambda request: httpx2.Response(status)).fetch(
                "1", Attachment(kind="image", url="https://a.fbcdn.net/cat.png"), MOST
            )

    async def test_a_broken_line_means_again(self) -> None:
        def broken(request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ReadError("gone")

        with pytest.raises(Unavailable):
            await facebook(broken).fetch("1", Attachment(kind="image", url="https://a.fbcdn.net/cat.png"), MOST)


class TestTemplates:
    async def test_those_that_can_go_out_are_listed_over_all_pages(self) -> None:
        def named(name: str, status: str = "APPROVED", *parts: Mapping[str, object]) -> dict[str, object]:
            body = {"type": "BODY", "text": "Hello {{1}}, your order {{2}} left."}
            return {
                "name": name,
                "language": "en",
                "status": status,
                "category": "UTILITY",
                "components": [body, *parts],
            }

        picture = {"type": "HEADER", "format": "IMAGE"}
        link = {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://shop.example/{{1}}"}]}
        pages = {
            None: {"data": [named("b"), named("no", "REJECTED")], "paging": {"cursors": {"after": "x"}, "next": "y"}},
            "x": {"data": [named("a"), named("pic", "APPROVED", picture), named("open", "APPROVED", link)]},
        }

        def provider(request: httpx2.Request) -> httpx2.Response:
            assert request.url.path == "/v23.0/900/message_templates"
            return httpx2.Response(200, json=pages[request.url.params.get("after")])

        number = WhatsApp(
            app_secret=APP_SECRET, verify_token=VERIFY_TOKEN, access_token="token", phone_number_id="1",
            business_account_id="900", client=fake_client(provider), now=lambda: NOW,
        )  # fmt: skip

        found = await number.list_templates()

        assert [template.name for template in found] == ["a", "b"]
        assert found[0].variables == ("1", "2")


class TestSignals:
    async def test_whatsapp_marks_the_message_as_read_and_shows_typing(self) -> None:
        bodies: list[object] = []

        def provider(request: httpx2.Request) -> httpx2.Response:
            bodies.append(json.loads(request.content))
            return httpx2.Response(200, json={"success": True})

        await whatsapp(provider).signal("1", "+49", "wamid.7", typing=True)
        await whatsapp(provider).signal("1", "+49", "hash:1", typing=False)

        assert bodies == [
            {
                "messaging_product": "whatsapp",
                "status": "read",
                "message_id": "wamid.7",
                "typing_indicator": {"type": "text"},
            }
        ]

    @pytest.mark.parametrize(("typing", "action"), [(True, "typing_on"), (False, "mark_seen")])
    async def test_messenger_is_told_what_we_do(self, typing: bool, action: str) -> None:
        bodies: list[object] = []

        def provider(request: httpx2.Request) -> httpx2.Response:
            bodies.append(json.loads(request.content))
            return httpx2.Response(200, json={"recipient_id": "6"})

        await facebook(provider).signal("1", "6", "m_1", typing=typing)

        assert bodies == [{"recipient": {"id": "6"}, "sender_action": action}]
