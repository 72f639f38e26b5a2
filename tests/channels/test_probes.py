"""Asking providers about our accounts: what they say of access, webhooks and the messages of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import httpx2
import pytest

from switchboard.channels.email.imap_poll import ImapMailbox
from switchboard.channels.email.outgoing import Relay
from switchboard.channels.email.probe import MailProbe
from switchboard.channels.meta import GRAPH_FAULTS, Graph
from switchboard.channels.meta_probes import PageProbe, WhatsAppProbe
from switchboard.channels.meta_subscriptions import (
    FACEBOOK,
    FACEBOOK_PUBLIC,
    INSTAGRAM,
    WHATSAPP,
    Notice,
    Subscriptions,
)
from switchboard.channels.oauth1 import OAuth1
from switchboard.channels.probes import OwnSocket
from switchboard.channels.provider_probes import TwilioProbe, XProbe
from switchboard.channels.twitter_access import BearerAccess, SignedAccess
from switchboard.errors import ChannelNeedsAttention
from switchboard.ports.channel_check import Checked
from tests.channels.payloads import NOW, fake_client

URL = "https://support.example.com/channels/any"
LATER = int((NOW + timedelta(days=40)).timestamp())
Answers = Mapping[str, object]


def provider(answers: Answers) -> httpx2.AsyncClient:
    """Answers by the end of the path; an int is a status without words, everything else is unknown to it."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        for end, said in answers.items():
            if request.url.path.endswith(end):
                return httpx2.Response(said) if isinstance(said, int) else httpx2.Response(200, json=said)
        return httpx2.Response(404, json={"error": {"code": 100}})

    return fake_client(answer)


def graph(answers: Answers) -> Graph:
    base = "https://graph.facebook.com/v23.0"
    client = provider(answers)
    return Graph(client=client, base_url=base, access_token="token", faults=GRAPH_FAULTS, subcodes={}, timeout=5)


def subscriptions(answers: Answers, wanted: Sequence[Notice], subject: str, **changes: object) -> Subscriptions:
    usual = Subscriptions(
        graph=graph(answers), now=lambda: NOW, node="me", subject=subject, wanted=wanted, url=URL, listing=True,
        app_id="5", app_secret="s",
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]  # tests name fields freely


def whatsapp(answers: Answers, **changes: object) -> WhatsAppProbe:
    asking = subscriptions(
        answers, WHATSAPP, "whatsapp_business_account", **{"node": "77", "listing": False, "app_id": "", **changes}
    )
    return WhatsAppProbe(graph=graph(answers), now=lambda: NOW, number_id="106", subscriptions=asking)


def page(answers: Answers, wanted: Sequence[Notice] = FACEBOOK, subject: str = "page", **changes: object) -> PageProbe:
    asking = subscriptions(answers, wanted, subject, **changes)
    return PageProbe(graph=graph(answers), now=lambda: NOW, fields="id,name", subscriptions=asking, added_at=NOW)


def hooks(subject: str, fields: Iterable[Notice], **changes: object) -> dict[str, object]:
    """What the app's own switch says."""
    named = [{"name": one.name, "version": "v23.0"} for one in fields]
    return {"data": [{"object": subject, "callback_url": URL, "active": True, "fields": named} | changes]}


def twitter(answers: Answers, key: str = "ck") -> XProbe:
    client = provider(answers)
    access = BearerAccess(token="token", client=client, base_url="https://api.x.com")
    return XProbe(client=client, access=access, consumer_key=key, consumer_secret="cs", url=URL, now=lambda: NOW)


def twilio(answers: Answers) -> TwilioProbe:
    return TwilioProbe(
        client=provider(answers), account_sid="AC1", auth_token="t", number="+18005550199", url=URL, now=lambda: NOW
    )


def faults(found: Checked) -> dict[str, str]:
    return {finding.what: finding.detail for finding in found.findings if not finding.well}


class TestWhatsApp:
    GOOD: ClassVar[Answers] = {
        "/106": {"display_phone_number": "+49 30 1234567", "quality_rating": "GREEN"},
        "/debug_token": {
            "data": {"is_valid": True, "scopes": ["whatsapp_business_messaging"], "expires_at": LATER},
        },
        "/subscribed_apps": {"data": [{"whatsapp_business_api_data": {"id": "5", "name": "Desk"}}]},
        "/5/subscriptions": hooks("whatsapp_business_account", WHATSAPP),
    }

    async def test_tells_the_number_and_when_access_ends(self) -> None:
        found = await whatsapp(self.GOOD).check()

        assert found.well
        assert found.expires_at == datetime.fromtimestamp(LATER, UTC)
        assert "+49 30 1234567" in found.findings[0].detail

    @pytest.mark.parametrize(
        ("changed", "what"),
        [
            ({"/106": 401}, "account"),
            ({"/106": {"quality_rating": "RED"}}, "account"),
            ({"/debug_token": {"data": {"is_valid": False}}}, "access"),
            ({"/debug_token": {"data": {"is_valid": True, "scopes": []}}}, "access"),
            ({"/subscribed_apps": {"data": []}}, "webhook"),
            ({"/subscribed_apps": 500}, "webhook"),
        ],
    )
    async def test_each_trouble_is_named_with_what_to_do(self, changed: Answers, what: str) -> None:
        found = await whatsapp({**self.GOOD, **changed}).check()

        assert list(faults(found)) == [what]
        assert all(finding.fix for finding in found.findings if not finding.well)

    async def test_that_meta_does_not_tell_the_end_is_no_fault(self) -> None:
        found = await whatsapp({**self.GOOD, "/debug_token": 400}).check()

        assert found.well
        assert found.expires_at is None

    async def test_what_staff_write_on_a_phone_is_an_advice_and_messages_are_a_must(self) -> None:
        none = hooks("whatsapp_business_account", ())
        some = hooks("whatsapp_business_account", WHATSAPP[:1])

        without, with_messages = [
            await whatsapp({**self.GOOD, "/5/subscriptions": one}).check() for one in (none, some)
        ]

        assert faults(without) == {
            "webhook messages": "not subscribed by the app: nothing that customers write comes in"
        }
        assert with_messages.well
        assert advice(with_messages)["webhook smb_message_echoes"].startswith(
            "not subscribed by the app: answers from the WhatsApp Business app on a phone are not seen"
        )

    async def test_notices_that_go_to_another_address_are_a_fault(self) -> None:
        elsewhere = "https://old.example.com/channels/whatsapp"
        moved = {"data": [{"whatsapp_business_api_data": {"id": "5"}, "override_callback_uri": elsewhere}]}

        assert faults(await whatsapp({**self.GOOD, "/subscribed_apps": moved}).check()) == {
            "webhook address": "notices go elsewhere (old.example.com)"
        }

    async def test_an_app_that_does_not_believe_our_secret_is_no_fault_where_nobody_named_it(self) -> None:
        refused = {**self.GOOD, "/5/subscriptions": 401}

        assert (await whatsapp(refused).check()).well
        assert list(faults(await whatsapp(refused, app_id="5").check())) == ["webhook app"]

    async def test_without_the_business_account_it_is_told_that_nothing_is_known(self) -> None:
        found = await replace(whatsapp(self.GOOD), subscriptions=None).check()

        assert faults(found)["webhook"].startswith("which notices come is not known: business_account_id is empty")


def advice(found: Checked) -> dict[str, str]:
    return {finding.what: finding.detail for finding in found.findings if finding.well and finding.fix}


class TestAPage:
    GOOD: ClassVar[Answers] = {
        "/me": {"name": "Larkfield"},
        "/me/subscribed_apps": {"data": [{"id": "5", "subscribed_fields": [one.name for one in FACEBOOK]}]},
        "/5/subscriptions": hooks("page", FACEBOOK),
    }

    async def test_is_well_when_both_switches_are_on(self) -> None:
        found = await page(self.GOOD).check()

        assert (found.well, advice(found)) == (True, {})
        assert found.expires_at == NOW + timedelta(days=60)

    @pytest.mark.parametrize("missing", [*FACEBOOK, *FACEBOOK_PUBLIC])
    async def test_each_notice_that_does_not_come_is_named_with_what_is_missed(self, missing: Notice) -> None:
        wanted = (*FACEBOOK, *FACEBOOK_PUBLIC)
        rest = [one.name for one in wanted if one is not missing]
        answers = {
            **self.GOOD,
            "/me/subscribed_apps": {"data": [{"id": "5", "subscribed_fields": rest}]},
            "/5/subscriptions": hooks("page", wanted),
        }
        found = await page(answers, wanted).check()

        told = faults(found) if missing.needed else advice(found)
        assert told == {f"webhook {missing.name}": f"not subscribed by the account: {missing.missed}"}
        assert found.well is not missing.needed

    async def test_a_field_that_only_the_app_lacks_does_not_come_either(self) -> None:
        found = await page({**self.GOOD, "/5/subscriptions": hooks("page", FACEBOOK[1:])}).check()

        assert faults(found) == {"webhook messages": "not subscribed by the app: nothing that customers write comes in"}

    @pytest.mark.parametrize(
        ("changed", "detail"),
        [
            ({"/me/subscribed_apps": {"data": []}}, "no app is subscribed: nothing comes in"),
            (
                {"/me/subscribed_apps": {"data": [{"id": "6", "subscribed_fields": ["messages"]}]}},
                "another app is subscribed, ours is not: nothing comes in",
            ),
            ({"/5/subscriptions": {"data": []}}, "the app has no webhook for page: nothing comes in"),
            (
                {"/5/subscriptions": hooks("page", FACEBOOK, active=False)},
                "the app has switched its webhook off for page: nothing comes in",
            ),
            (
                {"/5/subscriptions": hooks("page", FACEBOOK, callback_url="https://old.example.com/channels/facebook")},
                "notices go elsewhere (old.example.com)",
            ),
        ],
    )
    async def test_what_keeps_everything_out_is_named(self, changed: Answers, detail: str) -> None:
        found = await page({**self.GOOD, **changed}).check()

        assert list(faults(found).values()) == [detail]
        assert all(finding.fix for finding in found.findings if not finding.well)

    async def test_a_missing_permission_is_told_and_nothing_is_guessed(self) -> None:
        refused = {"error": {"code": 200, "message": "Requires pages_manage_metadata"}}

        found = await page({**self.GOOD, "/me/subscribed_apps": refused}, app_id="").check()

        assert list(faults(found)) == ["webhook"]
        assert faults(found)["webhook"].startswith("which notices come is not known: A permission is missing")
        (fault,) = [finding for finding in found.findings if not finding.well]
        assert fault.fix == "The access token must be allowed to look: pages_manage_metadata."
        assert advice(found) == {"webhook app": "which notices the app gets was not asked: app_id is empty"}
        assert not [finding for finding in found.findings if "subscribed:" in finding.detail]

    async def test_the_secret_of_the_app_stands_in_no_finding(self) -> None:
        found = await page({**self.GOOD, "/5/subscriptions": 401}, app_secret="s3cret").check()

        assert "s3cret" not in repr(found) + repr(page(self.GOOD, app_secret="s3cret"))


class TestInstagram:
    async def test_through_a_page_the_fields_are_those_of_the_app(self) -> None:
        answers = {
            "/me": {"username": "larkfield"},
            "/me/subscribed_apps": {"data": [{"id": "5", "subscribed_fields": ["feed"]}]},
            "/5/subscriptions": hooks("instagram", INSTAGRAM[1:]),
        }
        found = await page(answers, INSTAGRAM, "instagram", listing=False).check()

        assert list(faults(found)) == ["webhook messages"]

    async def test_with_its_own_login_the_account_lists_them(self) -> None:
        fields = [one.name for one in INSTAGRAM if one.name != "messaging_seen"]
        answers = {"/me": {"username": "larkfield"}, "/me/subscribed_apps": {"data": [{"subscribed_fields": fields}]}}
        probe = page(answers, INSTAGRAM, "instagram")
        own_login = replace(probe.subscriptions.graph, base_url="https://graph.instagram.com/v23.0")

        found = await replace(probe, subscriptions=replace(probe.subscriptions, graph=own_login)).check()

        assert found.well
        assert advice(found) == {
            "webhook messaging_seen": "not subscribed by the account: it is not seen that a message was read"
        }


class TestX:
    HOOKS: ClassVar[Answers] = {
        "/2/users/me": {"data": {"id": "11", "username": "larkfield"}},
        "/oauth2/token": {"access_token": "app"},
        "/2/webhooks": {"data": [{"url": URL, "valid": True}]},
    }

    async def test_is_well_when_the_webhook_is_valid(self) -> None:
        assert (await twitter(self.HOOKS).check()).well

    @pytest.mark.parametrize(
        ("changed", "what"),
        [
            ({"/2/users/me": 401}, "account"),
            ({"/2/webhooks": {"data": [{"url": URL, "valid": False}]}}, "webhook"),
            ({"/2/webhooks": {"data": []}}, "webhook"),
        ],
    )
    async def test_each_trouble_is_named(self, changed: Answers, what: str) -> None:
        assert list(faults(await twitter({**self.HOOKS, **changed}).check())) == [what]

    async def test_lists_what_others_wrote_on_the_day(self) -> None:
        def event(key: str, sender: str, at: str) -> dict[str, str]:
            return {"id": key, "sender_id": sender, "created_at": at}

        events = [
            event("3", "22", "2026-03-02T10:00:00.000Z"),
            event("2", "11", "2026-03-02T09:00:00.000Z"),
            event("1", "22", "2026-03-01T09:00:00.000Z"),
        ]
        found = await twitter({**self.HOOKS, "/2/dm_events": {"data": events}}).items(
            datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
        )

        assert [(item.account, item.external_id) for item in found] == [("11", "3")]

    async def test_signs_the_questions_of_an_address_too(self) -> None:
        pair = OAuth1(consumer_key="ck", consumer_secret="cs", token="t", token_secret="ts")
        access = SignedAccess(pair=pair, now=lambda: NOW)
        header = await access.authorization("GET", "https://api.x.com/2/dm_events?max_results=100")
        fields = dict(part.split("=", 1) for part in header.removeprefix("OAuth ").split(", "))
        oauth = {name: value.strip('"') for name, value in fields.items() if name != "oauth_signature"}
        right = pair.signature("GET", "https://api.x.com/2/dm_events", {**oauth, "max_results": "100"})

        assert fields["oauth_signature"].strip('"') == right.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")


class TestTwilio:
    NUMBER: ClassVar[Answers] = {
        "/AC1.json": {"status": "active"},
        "/IncomingPhoneNumbers.json": {"incoming_phone_numbers": [{"voice_url": URL}]},
    }

    async def test_is_well_when_the_number_calls_us(self) -> None:
        assert (await twilio(self.NUMBER).check()).well

    @pytest.mark.parametrize(
        ("changed", "what"),
        [
            ({"/AC1.json": {"status": "suspended"}}, "account"),
            ({"/IncomingPhoneNumbers.json": {"incoming_phone_numbers": []}}, "number"),
            ({"/IncomingPhoneNumbers.json": {"incoming_phone_numbers": [{"voice_url": "https://x"}]}}, "webhook"),
        ],
    )
    async def test_each_trouble_is_named(self, changed: Answers, what: str) -> None:
        assert list(faults(await twilio({**self.NUMBER, **changed}).check())) == [what]

    async def test_lists_the_calls_of_the_day(self) -> None:
        calls = [
            {"sid": "CA2", "start_time": "Tue, 03 Mar 2026 00:00:01 +0000"},
            {"sid": "CA1", "start_time": "Mon, 02 Mar 2026 23:59:59 +0000"},
        ]
        found = await twilio({"/Calls.json": {"calls": calls}}).items(
            datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
        )

        assert [item.external_id for item in found] == ["CA1"]

    async def test_a_refusal_is_not_an_empty_day(self) -> None:
        with pytest.raises(ChannelNeedsAttention):
            await twilio({"/Calls.json": 401}).items(NOW, NOW + timedelta(days=1))


def nowhere(address: str) -> ImapMailbox:
    return ImapMailbox(host="127.0.0.1", port=1, user="u", address=address, security="none", timeout=2)


class TestMail:
    async def test_servers_that_are_not_there_are_named(self) -> None:
        probe = MailProbe(
            address="help@larkfield.example",
            relay=Relay(host="127.0.0.1", port=1, security="none", timeout=2),
            mailboxes=(nowhere("help@larkfield.example"), nowhere("orders@larkfield.example")),
            sent=(nowhere("help@larkfield.example"),),
        )

        assert set(faults(await probe.check())) == {
            "sending", "receiving", "receiving orders@larkfield.example", "sent elsewhere help@larkfield.example",
        }  # fmt: skip

    async def test_nothing_set_up_says_which_options_are_missing(self) -> None:
        found = await MailProbe(address="", relay=None).check()

        assert set(faults(found)) == {"sending", "receiving", "address"}


class TestWebChat:
    async def test_an_open_address_that_secure_sites_cannot_use_is_named(self) -> None:
        assert (await OwnSocket("https://support.example.com", (), True).check()).well
        assert "public address" in faults(await OwnSocket("http://here", ("https://shop.example",), False).check())
