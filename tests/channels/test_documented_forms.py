"""Forms of the providers' documentation beyond the captured payloads: each is read, or told to be unreadable."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from switchboard.channels.facebook import Facebook
from switchboard.domain.inbound import ATTENTION, InboundEvent, InboundKind
from switchboard.domain.message import ChannelType, DeliveryState
from switchboard.errors import InvalidInput
from switchboard.ports.channel import Parsed
from tests.channels.payloads import ACCOUNTS, APP_SECRET, NOW, VERIFY_TOKEN, fake_client, make_channel, request_of

WHATSAPP, FACEBOOK, INSTAGRAM, TWITTER = (
    ChannelType.WHATSAPP,
    ChannelType.FACEBOOK,
    ChannelType.INSTAGRAM,
    ChannelType.TWITTER,
)
NUMBER, OTHER = "4915112345678", "4915187654321"
PERSON, US = "2222222222222222222", "1111111111111111111"


def parse(channel: ChannelType, document: object, *, public: bool = False) -> Parsed:
    adapter = make_channel(channel)
    if public:
        adapter = Facebook(
            app_secret=APP_SECRET, verify_token=VERIFY_TOKEN, access_token="t", public=True, client=fake_client(),
            now=lambda: NOW,
        )  # fmt: skip
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return adapter.parse(request_of(channel, {}, body))


def whatsapp(field: object = "messages", **value: object) -> dict[str, object]:
    held = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": ACCOUNTS[WHATSAPP]}, **value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": field, "value": held}]}]}


def said(words: str = "hello", **more: object) -> dict[str, object]:
    return {"from": NUMBER, "id": "wamid.1", "timestamp": "1767225600", "type": "text", "text": {"body": words}, **more}


def page(item: Mapping[str, object], **entry: object) -> dict[str, object]:
    both = {"sender": {"id": "6123"}, "recipient": {"id": "108"}, "timestamp": 1767225600123}
    return {"object": "page", "entry": [{"id": "108", "messaging": [{**both, **item}], **entry}]}


def activity(kind: str, payload: object, **data: object) -> dict[str, object]:
    return {"data": {"event_uuid": "9", "filter": {"user_id": US}, "event_type": kind, "payload": payload, **data}}


def direct(sender: str = PERSON, recipient: str = US, **data: object) -> dict[str, object]:
    created = {"target": {"recipient_id": recipient}, "sender_id": sender, "message_data": {"text": "hi", **data}}
    return {"type": "message_create", "id": "77", "created_timestamp": "1784928224372", "message_create": created}


def only(parsed: Parsed) -> InboundEvent:
    (event,) = parsed.events
    assert not parsed.unread
    return event


def addresses(event: InboundEvent) -> list[str]:
    return [sender.address for sender in event.senders]


class TestSomebodyOnWhatsApp:
    def test_sends_cards_of_people_with_everything_on_them(self) -> None:
        cards = [
            {
                "name": {"first_name": "Femi", "last_name": "Bello"},
                "phones": [{"phone": "+44 7700 900111", "type": "CELL"}, {"phone": "+44 7700 900112", "type": "WORK"}],
                "emails": [{"email": "femi@bello.example", "type": "WORK"}],
                "addresses": [{"street": "12 Mill Lane", "city": "Leeds", "zip": "LS1 1AA", "country": "UK"}],
                "org": {"company": "Bello Ltd", "title": "Director"},
                "urls": [{"url": "https://bello.example"}],
                "birthday": "1990-05-01",
            },
            {"org": {"company": "Larkfield"}, "phones": [{"wa_id": "447700900113"}]},
        ]

        event = only(parse(WHATSAPP, whatsapp(messages=[{**said(), "type": "contacts", "contacts": cards}])))

        femi, company = event.attachments
        assert femi.name == "Femi Bello"
        assert dict(femi.details) == {
            "phones": "+44 7700 900111, +44 7700 900112",
            "emails": "femi@bello.example",
            "addresses": "12 Mill Lane, LS1 1AA, Leeds, UK",
            "org": "Director, Bello Ltd",
            "urls": "https://bello.example",
            "birthday": "1990-05-01",
        }
        assert (company.name, company.details["phones"]) == ("Larkfield", "447700900113")

    def test_chooses_a_row_of_a_list_and_what_stood_below_its_title_is_kept(self) -> None:
        row = {"id": "l", "title": "Large", "description": "500 ml, 14 GBP"}
        message = {**said(), "type": "interactive", "interactive": {"type": "list_reply", "list_reply": row}}

        event = only(parse(WHATSAPP, whatsapp(messages=[message])))

        assert (event.content.text, event.content.payload) == ("Large", "l")
        assert event.metadata["choice_detail"] == "500 ml, 14 GBP"

    @pytest.mark.parametrize(
        "system",
        [
            {"type": "user_changed_number", "wa_id": OTHER},
            {"type": "user_changed_number", "new_wa_id": OTHER},
            {"type": "customer_changed_number", "new_wa_id": OTHER, "customer": NUMBER},
        ],
    )
    def test_with_a_new_number_is_one_person(self, system: dict[str, str]) -> None:
        event = only(parse(WHATSAPP, whatsapp(messages=[said(type="system", system=system)])))

        assert (event.kind, event.metadata["new_phone"]) == (InboundKind.SYSTEM, f"+{OTHER}")
        assert {f"+{NUMBER}", f"+{OTHER}"} <= set(addresses(event))

    def test_with_a_new_user_id_is_one_person(self) -> None:
        system = {"type": "user_changed_user_id", "previous_user_id": "CO.123", "user_id": "MX.987"}
        message = {"id": "wamid.1", "timestamp": "1767225600", "type": "system", "system": system}

        event = only(parse(WHATSAPP, whatsapp(messages=[message])))

        assert (event.kind, event.metadata["system_type"]) == (InboundKind.SYSTEM, "user_changed_user_id")
        assert addresses(event) == ["CO.123", "MX.987"]

    def test_whose_identity_changed_stays_who_they_are(self) -> None:
        system = {"type": "customer_identity_changed", "body": "changed", "wa_id": OTHER}
        event = only(parse(WHATSAPP, whatsapp(messages=[said(type="system", system=system)])))

        assert addresses(event) == [f"+{NUMBER}"]

    @pytest.mark.parametrize("field", [None, "", 7, [], "a_field_of_tomorrow"])
    def test_is_heard_whatever_the_field_is_called(self, field: object) -> None:
        event = only(parse(WHATSAPP, whatsapp(field, messages=[said()])))

        assert (event.kind, event.content.text, event.automatic) == (InboundKind.MESSAGE, "hello", False)

    def test_whom_another_app_serves_is_kept_and_not_answered(self) -> None:
        assert only(parse(WHATSAPP, whatsapp("standby", messages=[said()]))).automatic

    @pytest.mark.parametrize(
        "field", ["history", "smb_app_state_sync", "calls", "phone_number_quality_update", "template_category_update"]
    )
    def test_and_what_is_no_message_is_a_notice(self, field: str) -> None:
        held = {"history": [{"threads": [{"messages": [said()]}]}], "state_sync": [{}], "calls": [{"id": "c"}]}
        parsed = parse(WHATSAPP, whatsapp(field, **held))

        assert (parsed.events, [notice.split(":")[0] for notice in parsed.control]) == ((), [field])


class TestAStatusOnWhatsApp:
    @pytest.mark.parametrize(
        ("code", "trouble"),
        [(131042, True), (131048, True), (368, True), (190, True), (131047, False), (131026, False)],
    )
    def test_that_failed_tells_the_operator_where_only_they_can_help(self, code: int, trouble: bool) -> None:
        errors = [{"code": code, "title": "No", "error_data": {"details": "the customer's words"}}]
        status = {"id": "wamid.2", "status": "failed", "timestamp": "1", "recipient_id": NUMBER, "errors": errors}

        event = only(parse(WHATSAPP, whatsapp(statuses=[status])))

        assert (event.delivery, ATTENTION in event.metadata) == (DeliveryState.FAILED, trouble)
        assert "customer's words" not in str(event.metadata)

    @pytest.mark.parametrize(
        ("code", "told"),
        [
            (131047, "the 24-hour window has closed"),
            (131026, "use another channel (provider code 131026)"),
            (999999, "999999: No"),
        ],
    )
    def test_that_failed_says_what_an_agent_can_do(self, code: int, told: str) -> None:
        errors = [{"code": code, "title": "No"}]
        status = {"id": "wamid.2", "status": "failed", "timestamp": "1", "recipient_id": NUMBER, "errors": errors}

        assert told in (only(parse(WHATSAPP, whatsapp(statuses=[status]))).delivery_error or "")

    def test_with_prices_and_conversation_is_read_all_the_same(self) -> None:
        status = {
            "id": "wamid.2", "status": "played", "timestamp": "1767225600", "recipient_user_id": "DE.1",
            "conversation": {"id": "c", "origin": {"type": "service"}}, "pricing": {"billable": True},
        }  # fmt: skip
        event = only(parse(WHATSAPP, whatsapp(statuses=[status])))

        assert (event.delivery, event.target, addresses(event)) == (DeliveryState.READ, "wamid.2", ["DE.1"])


class TestOneAddressForAllOfMeta:
    @pytest.mark.parametrize("arrives", [WHATSAPP, FACEBOOK, INSTAGRAM])
    def test_each_body_is_read_as_what_it_is(self, arrives: ChannelType) -> None:
        item = {"mid": "m_1", "text": "hello"}
        bodies = {
            WHATSAPP: whatsapp(messages=[said()]),
            FACEBOOK: page({"message": item}),
            INSTAGRAM: {**page({"message": item}), "object": "instagram"},
        }
        for channel, body in bodies.items():
            event = only(parse(arrives, body))
            assert (event.channel, event.content.text) == (channel, "hello")

    def test_a_body_of_an_unknown_product_with_a_message_in_it_is_told(self) -> None:
        parsed = parse(FACEBOOK, {**page({"message": {"mid": "m_1", "text": "hello"}}), "object": "page2"})

        assert (parsed.events, parsed.unread) == ((), ("object",))


class TestMessenger:
    @pytest.mark.parametrize(
        ("item", "kind", "owner"),
        [
            ({"pass_thread_control": {"new_owner_app_id": "1517776481860111"}}, InboundKind.SYSTEM, "us"),
            ({"pass_thread_control": {"new_owner_app_id": 5}}, InboundKind.SYSTEM, "another app"),
            ({"take_thread_control": {"previous_owner_app_id": "5"}}, InboundKind.SYSTEM, "another app"),
            ({"request_thread_control": {"requested_owner_app_id": "5"}}, InboundKind.SYSTEM, None),
            ({"optin": {"type": "notification_messages", "ref": "x"}}, InboundKind.OPTIN, None),
            ({"account_linking": {"status": "linked"}}, InboundKind.SYSTEM, None),
            ({"policy_enforcement": {"action": "block"}}, InboundKind.SYSTEM, None),
        ],
    )
    def test_tells_of_more_than_messages(self, item: dict[str, object], kind: InboundKind, owner: str | None) -> None:
        event = only(parse(FACEBOOK, page(item)))

        assert (event.kind, event.metadata.get("thread_owner")) == (kind, owner)

    def test_a_tap_in_standby_has_no_payload_and_waits_for_nobody(self) -> None:
        item = {"sender": {"id": "6123"}, "recipient": {"id": "108"}, "timestamp": 1, "postback": {"title": "Help"}}
        event = only(parse(FACEBOOK, {"object": "page", "entry": [{"id": "108", "standby": [item]}]}))

        assert (event.kind, event.content.text, event.content.payload) == (InboundKind.POSTBACK, "Help", None)
        assert event.automatic

    @pytest.mark.parametrize(
        ("verb", "kind"),
        [
            ("add", InboundKind.PUBLIC_MENTION),
            ("edited", InboundKind.EDIT),
            ("remove", InboundKind.DELETE),
            ("hide", InboundKind.IGNORED),
        ],
    )
    def test_what_becomes_of_a_comment(self, verb: str, kind: InboundKind) -> None:
        value = {"item": "comment", "verb": verb, "comment_id": "9_1", "post_id": "9", "message": "Is it in stock?"}
        feed = {"field": "feed", "value": {**value, "from": {"id": "6123", "name": "Kim"}, "created_time": 1767225600}}
        event = only(parse(FACEBOOK, {"object": "page", "entry": [{"id": "108", "changes": [feed]}]}, public=True))

        assert event.kind is kind
        if kind in (InboundKind.EDIT, InboundKind.DELETE):
            assert event.target == "9_1"

    def test_a_mention_of_the_page_is_public(self) -> None:
        value = {"item": "post", "verb": "add", "post_id": "9", "sender_id": "6123", "message": "Look, @Larkfield"}
        mention = {"field": "mention", "value": value}
        event = only(parse(FACEBOOK, {"object": "page", "entry": [{"id": "108", "changes": [mention]}]}, public=True))

        assert (event.kind, event.metadata["public_id"], addresses(event)) == (
            InboundKind.PUBLIC_MENTION,
            "9",
            ["6123"],
        )


class TestInstagram:
    @pytest.mark.parametrize(
        ("field", "member", "kind"),
        [
            ("messaging_postbacks", {"postback": {"mid": "m", "title": "Hours?"}}, InboundKind.POSTBACK),
            ("message_reactions", {"reaction": {"mid": "m", "action": "react", "emoji": "x"}}, InboundKind.REACTION),
            ("messaging_seen", {"read": {"mid": "m"}}, InboundKind.STATUS),
        ],
    )
    def test_the_consoles_tests_of_other_fields_are_read_too(
        self, field: str, member: dict[str, object], kind: InboundKind
    ) -> None:
        value = {"sender": {"id": "1"}, "recipient": {"id": "2"}, "timestamp": "1527459824", **member}
        body = {"object": "instagram", "entry": [{"id": "0", "changes": [{"field": field, "value": value}]}]}

        assert only(parse(INSTAGRAM, body)).kind is kind

    def test_a_story_that_is_gone_leaves_its_reply(self) -> None:
        item = {"message": {"mid": "m_1", "text": "nice", "reply_to": {"story": {"id": "17"}}}}
        event = only(parse(INSTAGRAM, {**page(item), "object": "instagram"}))

        assert (event.content.text, event.metadata["story_id"]) == ("nice", "17")


class TestX:
    def test_a_mention_in_the_new_shape_is_public(self) -> None:
        post = {
            "id": "500", "author_id": PERSON, "text": "hey @Shop &amp; co", "created_at": "2026-07-24T21:23:23.000Z",
            "referenced_tweets": [{"type": "replied_to", "id": "499"}], "attachments": {"media_keys": ["3_1"]},
        }  # fmt: skip
        includes = {
            "users": [{"id": US, "name": "Shop"}, {"id": PERSON, "name": "Anna", "username": "anna_w"}],
            "media": [{"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/a.jpg"}],
        }
        event = only(parse(TWITTER, activity("post.mention.create", post, includes=includes)))

        assert (event.kind, event.content.text, event.reply_to) == (InboundKind.PUBLIC_MENTION, "hey @Shop & co", "499")
        assert (event.sender_name, event.metadata["handle"], event.metadata["public_id"]) == ("Anna", "anna_w", "500")
        assert (addresses(event), event.content.attachments[0].url) == ([PERSON], "https://pbs.twimg.com/a.jpg")
        assert event.sent_at is not None
        assert event.sent_at.year == 2026

    def test_a_repost_is_no_mention(self) -> None:
        related = [{"type": "retweeted", "id": "499"}]
        post = {"id": "500", "author_id": PERSON, "text": "RT", "referenced_tweets": related}

        assert only(parse(TWITTER, activity("post.mention.create", post))).kind is InboundKind.IGNORED

    def test_access_withdrawn_in_the_new_shape_is_the_operators_matter(self) -> None:
        event = only(parse(TWITTER, activity("oauth.revoke", {"user_id": US, "app_id": "29"}, filter={})))

        assert (event.kind, event.account) == (InboundKind.SYSTEM, US)
        assert "reconnect" in event.metadata[ATTENTION]

    @pytest.mark.parametrize("missing", [{"filter": {}}, {"filter": None}, {"filter": "x"}])
    def test_without_the_account_the_message_tells_whose_it_is(self, missing: dict[str, object]) -> None:
        came = activity("dm.received", {"direct_message_events": [direct()]}, **missing)
        left = activity("dm.sent", {"direct_message_events": [direct(US, PERSON)]}, **missing)

        events = [only(parse(TWITTER, body)) for body in (came, left)]

        assert [event.kind for event in events] == [InboundKind.MESSAGE, InboundKind.ECHO]
        assert [(event.account, addresses(event)) for event in events] == [(US, [PERSON])] * 2

    def test_messages_count_under_any_name_of_the_event(self) -> None:
        assert only(parse(TWITTER, activity("dm.new", {"direct_message_events": [direct()]}))).content.text == "hi"

    def test_a_message_with_nothing_in_it_leaves_a_placeholder(self) -> None:
        event = only(parse(TWITTER, activity("dm.received", {"direct_message_events": [direct(text="")]})))

        assert event.kind is InboundKind.UNSUPPORTED

    def test_pictures_of_a_long_post_are_kept(self) -> None:
        media = {"type": "photo", "id_str": "1", "media_url_https": "https://pbs.twimg.com/b.jpg"}
        tweet = {
            "id_str": "5", "text": "short…", "user": {"id_str": PERSON, "name": "Anna"},
            "extended_tweet": {"full_text": "the whole story", "extended_entities": {"media": [media]}},
        }  # fmt: skip
        event = only(parse(TWITTER, {"for_user_id": US, "tweet_create_events": [tweet]}))

        assert event.content.text == "the whole story"
        assert [file.url for file in event.content.attachments] == ["https://pbs.twimg.com/b.jpg"]


class TestRubbishBesideAMessage:
    @pytest.mark.parametrize("rubbish", [7, "x", {}, ["x"], [[]], [7]])
    @pytest.mark.parametrize(
        ("channel", "body", "place"),
        [
            (WHATSAPP, whatsapp(messages=[said()], statuses="RUBBISH"), "entry.changes.value.statuses"),
            (FACEBOOK, page({"message": {"mid": "m", "text": "hello"}}, standby="RUBBISH"), "entry.standby"),
            (
                TWITTER,
                {"for_user_id": US, "direct_message_events": [direct()], "tweet_create_events": "RUBBISH"},
                "tweet_create_events",
            ),
        ],
    )
    def test_is_told_and_the_message_is_read(
        self, channel: ChannelType, body: dict[str, object], place: str, rubbish: object
    ) -> None:
        parsed = parse(channel, json.dumps(body).replace('"RUBBISH"', json.dumps(rubbish)).encode())

        assert [event.kind for event in parsed.events] == [InboundKind.MESSAGE]
        assert parsed.unread == (place,)

    @pytest.mark.parametrize("channel", [WHATSAPP, FACEBOOK, INSTAGRAM, TWITTER])
    def test_one_name_for_two_things_is_refused(self, channel: ChannelType) -> None:
        request = request_of(channel, {}, b'{"object": "page", "entry": [], "data": {"a": 1}, "data": {"a": 2}}')

        with pytest.raises(InvalidInput, match="two different members"):
            make_channel(channel).parse(request)

    def test_the_same_thing_twice_harms_nobody(self) -> None:
        body = json.dumps(page({"message": {"mid": "m", "text": "hello"}}))
        twice = body.replace('"text": "hello"', '"text": "hello", "text": "hello"').encode()

        assert only(parse(FACEBOOK, twice)).content.text == "hello"
