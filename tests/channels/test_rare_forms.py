"""What people send seldom, on the channels that speak JSON: nothing of it is lost, and none of it looks like code."""

from __future__ import annotations

import pytest

from switchboard.channels import messenger_events
from switchboard.desk.facts import form_lines, lines_of, name_of_file, told_without_words
from switchboard.domain.inbound import InboundEvent, InboundKind
from switchboard.domain.message import Attachment, ChannelType
from tests.channels.test_documented_forms import (
    FACEBOOK,
    INSTAGRAM,
    NUMBER,
    PERSON,
    TWITTER,
    US,
    WHATSAPP,
    activity,
    direct,
    only,
    page,
    parse,
    whatsapp,
)


def echoed(of: str, **member: object) -> InboundEvent:
    echo = {"from": "1", "to": NUMBER, "id": "wamid.9", "timestamp": "1767225600", "type": of, of: member}
    return only(parse(WHATSAPP, whatsapp("smb_message_echoes", message_echoes=[echo])))


class TestThePhoneApp:
    def test_tells_of_a_correction_with_the_new_words(self) -> None:
        event = echoed("edit", original_message_id="wamid.5", message={"type": "text", "text": {"body": "new"}})

        assert (event.kind, event.target, event.content.text) == (InboundKind.ECHO, "wamid.5", "new")

    def test_tells_of_what_was_taken_back_and_of_likes(self) -> None:
        gone, liked = (
            echoed("revoke", original_message_id="wamid.5"),
            echoed("reaction", message_id="wamid.1", emoji="👍"),
        )

        assert (gone.target, gone.content.text, gone.metadata["of"]) == ("wamid.5", "", "revoke")
        assert (liked.target, liked.metadata["emoji"]) == ("wamid.1", "👍")

    def test_of_instagram_tells_of_what_was_taken_back_too(self) -> None:
        both = {"sender": {"id": "108"}, "recipient": {"id": "6123"}}
        deleted = {**both, "message": {"mid": "i1", "is_echo": True, "is_deleted": True}}

        event = only(parse(INSTAGRAM, {**page(deleted), "object": "instagram"}))

        assert (event.kind, event.target, event.metadata["of"]) == (InboundKind.ECHO, "i1", "revoke")


class TestWhatCannotBeShown:
    @pytest.mark.parametrize(
        ("message", "shown"),
        [
            ({"type": "unsupported", "unsupported": {"type": "poll_creation"}}, "shown here: poll creation]"),
            ({"type": "unknown"}, "of a kind that cannot be shown here]"),
            ({"type": "image"}, "[The customer sent a picture that WhatsApp could not pass on]"),
        ],
    )
    def test_is_told_in_plain_words(self, message: dict[str, object], shown: str) -> None:
        parsed = parse(WHATSAPP, whatsapp(messages=[{"from": NUMBER, "id": "w", "timestamp": "1767225600", **message}]))

        assert only(parsed).content.text.endswith(shown)

    @pytest.mark.parametrize(
        ("kind", "shown"),
        [
            ("ephemeral", "A picture or film to be seen once"),
            ("unsupported_type", "Something that cannot be shown here"),
            ("some_new_type", "Some new type"),
        ],
    )
    def test_on_instagram_has_a_name(self, kind: str, shown: str) -> None:
        assert name_of_file(Attachment(kind="share", details={"type": kind})) == shown


class TestAThumbOrAHeart:
    def test_is_called_what_it_is(self) -> None:
        thumb = Attachment(kind="image", details={"type": "image", "sticker_id": "369239263222822"})
        heart = Attachment(kind="sticker", details={"type": "like_heart"})

        assert (name_of_file(thumb), name_of_file(heart)) == ("Thumbs up 👍", "A heart ❤️")


class TestATapWithoutATitle:
    @pytest.mark.parametrize(
        ("payload", "shown"),
        [
            ("GET_STARTED", "Tapped a button without words: get started"),
            ('{"a":1}', "A message without words."),
            ("x" * 500, "A message without words."),
            (None, "A message without words."),
        ],
    )
    def test_says_which_button_it_was(self, payload: str | None, shown: str) -> None:
        assert told_without_words(payload) == shown


class TestCards:
    @pytest.mark.parametrize(
        "wrap", [lambda cards: {"elements": cards}, lambda cards: {"product": {"elements": cards}}]
    )
    def test_keep_their_title(self, wrap: object) -> None:
        assert callable(wrap)
        payload = wrap([{"title": "Otto 2", "subtitle": "649 GBP", "retailer_id": "OTTO-2"}])

        event = only(
            parse(FACEBOOK, page({"message": {"mid": "m", "attachments": [{"type": "template", "payload": payload}]}}))
        )

        (card,) = event.attachments
        assert (name_of_file(card), lines_of(card)) == ("Otto 2", ["649 GBP"])

    def test_an_address_from_a_form_is_no_code(self) -> None:
        assert form_lines('{"values":{"in_pin_code":"400063","address":"1 Hill Rd"}}') == [
            "Values: in pin code 400063, address 1 Hill Rd"
        ]


class TestAPlaceOnX:
    def test_comes_with_its_coordinates(self) -> None:
        spot = {
            "type": "shared_coordinate",
            "shared_coordinate": {"coordinates": {"type": "Point", "coordinates": [-1.5, 53.8]}},
        }
        message = direct(attachment={"type": "location", "location": spot})

        event = only(parse(TWITTER, activity("dm.received", {"direct_message_events": [message]})))

        assert [(one.kind, dict(one.details)) for one in event.attachments] == [
            ("location", {"longitude": "-1.5", "latitude": "53.8"})
        ]

    def test_comes_with_its_name(self) -> None:
        spot = {"type": "shared_place", "shared_place": {"place": {"full_name": "Leeds, England"}}}
        message = direct(attachment={"type": "location", "location": spot})

        event = only(parse(TWITTER, activity("dm.received", {"direct_message_events": [message]})))

        assert [one.name for one in event.attachments] == ["Leeds, England"]


URLS = {"entities": {"urls": [{"url": "https://t.co/x", "expanded_url": "https://example.com/z"}]}}


class TestLinksInPosts:
    def test_lead_somewhere_in_the_older_shape(self) -> None:
        post = {"id_str": "30", "text": "cut…", "user": {"id_str": PERSON}, "entities": {"urls": []}}
        long = {"full_text": "@shop see https://t.co/x", **URLS}

        for told in ({**post, "extended_tweet": long}, {**post, **URLS}):
            event = only(parse(TWITTER, {"for_user_id": US, "tweet_create_events": [told]}))
            assert event.metadata["links"] == "https://example.com/z"

    def test_lead_somewhere_in_the_newer_shape(self) -> None:
        post = {
            "id": "20",
            "author_id": PERSON,
            "text": "cut…",
            "note_tweet": {"text": "see https://t.co/x", **URLS},
        }

        event = only(parse(TWITTER, activity("post.mention.create", post)))

        assert event.metadata["links"] == "https://example.com/z"


class TestAVisitorOfThePage:
    @pytest.mark.parametrize(("item", "picture"), [("status", None), ("photo", "https://scontent.example/1.jpg")])
    def test_writes_on_its_wall(self, item: str, picture: str | None) -> None:
        value = {
            "item": item, "verb": "add", "post_id": "108_1", "from": {"id": "9", "name": "Ann"},
            "message": "Where is my parcel?", "created_time": 1767225600, **({"link": picture} if picture else {}),
        }  # fmt: skip
        document = {"entry": [{"id": "108", "changes": [{"field": "feed", "value": value}]}]}

        (event,) = messenger_events.read_document(document, ChannelType.FACEBOOK, public=True).events

        assert (event.kind, event.content.text) == (InboundKind.PUBLIC_MENTION, "Where is my parcel?")
        assert event.metadata["public_id"] == "108_1"
        assert [one.url for one in event.attachments] == ([picture] if picture else [])
