"""What the composer tells an agent about each channel before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from switchboard.desk.composer import preview
from switchboard.desk.facts import form_lines, link_of, web_address
from switchboard.domain.ids import ConversationId, MessageId
from switchboard.domain.message import Attachment, ChannelType, Choice, DeliveryState
from switchboard.errors import TooLarge
from switchboard.flows.extras import Extras
from switchboard.ports.channel import ChoicesAs
from switchboard.ports.store import Store, Work
from switchboard.views.composer import Cause, Trouble
from tests.desk.rich import HELP, key_of, seed_rich
from tests.desk.samples import NOW, PRIYA
from tests.desk.world import ABILITIES, Desk, make_desk, maya, run_now

C = ChannelType
TOKEN = {"x-csrf-token": maya().csrf}


@pytest.fixture
def desk(store: Store) -> Desk:
    run_now(store.write(seed_rich))
    return make_desk(store, who=maya())


@pytest.fixture
def browser(desk: Desk) -> Iterator[TestClient]:
    with TestClient(desk.app, follow_redirects=False) as client:
        yield client


def told(browser: TestClient, channel: ChannelType, on: ChannelType | None = None) -> dict[str, Any]:
    """What the composer of this channel's conversation knows of a channel."""
    page = browser.get(f"/f/conversations/cnv_{key_of(channel)}").text
    attribute = page.partition('data-ways="')[2].partition('"')[0]
    found: dict[str, Any] = orjson.loads(unescape(attribute))["ways"][(on or channel).value]
    return found


def screen(browser: TestClient, channel: ChannelType) -> str:
    return unescape(browser.get(f"/f/conversations/cnv_{key_of(channel)}").text)


class TestTheWindow:
    def test_outside_it_whatsapp_says_when_it_closed_and_offers_templates_and_other_channels(
        self, browser: TestClient
    ) -> None:
        whatsapp = told(browser, C.WHATSAPP)

        assert whatsapp["window"] == "closed"
        assert whatsapp["notice"] == (
            "The window for free text on WhatsApp closed today at 09:42. Send an approved template, or use another channel."
        )
        assert whatsapp["templates"] is True
        assert told(browser, C.WHATSAPP, on=C.EMAIL)["window"] == "always"

    def test_a_person_may_still_answer_on_messenger_and_is_told_until_when(self, browser: TestClient) -> None:
        messenger = told(browser, C.FACEBOOK)

        assert messenger["window"] == "person"
        assert "because you are a person, until on 24 May at 09:49; automation may not" in messenger["notice"]

    def test_without_that_permission_the_window_is_closed(self, browser: TestClient, desk: Desk) -> None:
        desk.abilities = {**ABILITIES, C.FACEBOOK: replace(ABILITIES[C.FACEBOOK], human_window=None)}

        messenger = told(browser, C.FACEBOOK)

        assert (messenger["window"], messenger["templates"]) == ("closed", False)
        assert "Wait until Lena writes, or use another channel." in messenger["notice"]

    def test_where_the_customer_never_wrote_no_free_text_goes_out(self, browser: TestClient, desk: Desk) -> None:
        def forget(work: Work) -> None:
            conversation = work.conversations.get(PRIYA)
            assert conversation is not None
            work.conversations.save(replace(conversation, channels=(*conversation.channels, C.INSTAGRAM)))

        run_now(desk.write(forget))
        page = browser.get(f"/f/conversations/{PRIYA}").text
        ways = orjson.loads(unescape(page.partition('data-ways="')[2].partition('"')[0]))["ways"]

        assert ways["instagram"]["window"] == "closed"
        assert ways["instagram"]["notice"].startswith("Priya has not written on Instagram yet")

    def test_it_is_told_before_it_closes(self, browser: TestClient, desk: Desk) -> None:
        desk.clock.at = NOW + timedelta(hours=22)

        assert told(browser, C.INSTAGRAM)["notice"].startswith("Free text may be sent until ")

    def test_a_public_answer_is_told_and_has_its_own_limits(self, browser: TestClient) -> None:
        twitter = told(browser, C.TWITTER)

        assert (twitter["public"], twitter["limit"], twitter["files"]) == (True, 280, [])
        assert twitter["notice"] == "Everybody can read this answer: Sam wrote in public."


class TestTheLimits:
    def test_files_are_named_with_kinds_and_sizes(self, browser: TestClient) -> None:
        assert told(browser, C.INSTAGRAM)["filesTold"] == (
            "Files: pictures up to 8 MB; films up to 25 MB; sound up to 25 MB; PDF up to 25 MB. At most 10."
        )
        assert told(browser, C.VOICE)["filesTold"] == "Voice carries no files."

    def test_length_has_the_channels_own_unit(self, browser: TestClient) -> None:
        instagram = told(browser, C.INSTAGRAM)

        assert (instagram["limit"], instagram["unit"]) == (1000, "bytes")
        assert told(browser, C.EMAIL)["limit"] is None

    def test_mail_has_a_subject_and_nothing_else_has(self, browser: TestClient) -> None:
        assert told(browser, C.EMAIL)["subject"] == "Re: Invoice 2026-118 and a cracked lid"
        assert told(browser, C.WHATSAPP)["subject"] is None


class TestPeopleOnCopy:
    def test_are_those_of_the_customers_mail_without_our_own_mailbox(self, browser: TestClient) -> None:
        mail = told(browser, C.EMAIL)

        assert (mail["to"], mail["copies"]) == ("karl@meier.example", ["anna@meier.example", "store@meier.example"])
        assert told(browser, C.WHATSAPP)["copies"] is None

    def test_are_shown_at_the_mail_and_at_the_answer(self, browser: TestClient) -> None:
        page = screen(browser, C.EMAIL)

        assert "Also to</span> anna@meier.example, store@meier.example" in page
        assert "Copy to</span> store@meier.example" in page
        assert "Not everybody on copy got it: store@meier.example (the mailbox is full)." in page

    def test_one_who_wrote_last_is_told_apart_from_the_customer(self, browser: TestClient, desk: Desk) -> None:
        def write(work: Work) -> None:
            mail = work.messages.newest(ConversationId(f"cnv_{key_of(C.EMAIL)}"))[0]
            marks = {"participant": "anna@meier.example", "participant_name": "Anna M",
                     "reply_address": "anna@meier.example", "to": HELP}  # fmt: skip
            work.messages.add(
                replace(mail, message_id=MessageId("msg_anna"), sequence=9, metadata=marks, external_id="anna-1")
            )

        run_now(desk.write(write))

        mail = told(browser, C.EMAIL)
        assert (mail["to"], mail["copies"]) == ("anna@meier.example", ["karl@meier.example"])
        assert mail["notice"] == ("anna@meier.example wrote last, on copy. The answer goes to them, with Karl on copy.")
        assert "Anna M (anna@meier.example)" in screen(browser, C.EMAIL)

    def test_go_along_as_the_agent_left_them(self, browser: TestClient, desk: Desk) -> None:
        for place, cc in enumerate(([], ["anna@meier.example"])):
            body = {"text": "Sent.", "key": f"key-0000000{place}", "after": 3, "cc": cc}
            browser.post(f"/desk/conversations/cnv_{key_of(C.EMAIL)}/replies", json=body, headers=TOKEN)

            assert desk.actions.extras == Extras(cc=tuple(cc))


class TestAChannelInTrouble:
    @pytest.mark.parametrize(
        ("trouble", "words"),
        [
            (
                Trouble(cause=Cause.ACCESS, detail="the token has expired"),
                "E-mail cannot send: the token has expired. An administrator must act. Use another channel until then.",
            ),
            (
                Trouble(cause=Cause.PAUSED),
                "Sending on E-mail is paused after repeated failures and is tried again by itself. What you send now waits "
                "and goes out then.",
            ),
        ],
    )
    def test_says_what_to_do(self, browser: TestClient, desk: Desk, trouble: Trouble, words: str) -> None:
        desk.troubles[C.EMAIL] = trouble

        assert told(browser, C.EMAIL)["trouble"] == words

    def test_a_message_that_was_put_off_says_why_and_when_it_is_tried_again(self, browser: TestClient) -> None:
        page = screen(browser, C.FACEBOOK)

        assert "<b>Waits.</b> Meta limits the rate. Tried again by itself at 11:57." in page
        assert "It is tried again at 11:57." in told(browser, C.FACEBOOK)["trouble"]


class TestWhatTheCustomerWillSee:
    def test_few_short_answers_become_buttons_more_a_list_and_too_many_numbered_text(self) -> None:
        whatsapp = ABILITIES[C.WHATSAPP]
        few = tuple(Choice(id=str(n), title=f"Choice {n}") for n in range(3))
        more = tuple(Choice(id=str(n), title=f"Choice {n}") for n in range(8))
        many = tuple(Choice(id=str(n), title=f"Choice {n}") for n in range(11))

        seen = [preview(C.WHATSAPP, whatsapp, "Which?", c, public=False) for c in (few, more, many)]

        assert [one.shown_as for one in seen] == [ChoicesAs.BUTTONS, ChoicesAs.LIST, ChoicesAs.NUMBERED]
        assert seen[2].parts[0].startswith("Which?\n\n1. Choice 0\n2. Choice 1")

    def test_a_long_text_comes_in_the_same_parts_as_it_is_sent_in(self, browser: TestClient) -> None:
        text = "The Otto 2 is back in our shop. " * 40

        answer = browser.post("/desk/preview", json={"channel": "instagram", "text": text}, headers=TOKEN)

        assert 'data-parts="2"' in answer.text
        assert answer.text.count('class="sb"') == 2

    def test_a_preview_needs_this_sessions_token(self, browser: TestClient) -> None:
        assert browser.post("/desk/preview", json={"channel": "email", "text": "x"}).status_code == 403

    def test_answers_to_tap_a_subject_and_a_template_go_along(self, browser: TestClient, desk: Desk) -> None:
        body = {"text": "Which?", "key": "key-00000001", "after": 3, "subject": " Your  lid ",
                "choices": [{"title": "Blue"}, {"title": "Green"}]}  # fmt: skip

        browser.post(f"/desk/conversations/cnv_{key_of(C.EMAIL)}/replies", json=body, headers=TOKEN)

        assert desk.actions.extras == Extras(
            subject="Your lid", choices=(Choice(id="choice-1", title="Blue"), Choice(id="choice-2", title="Green"))
        )

    def test_answers_without_words_are_not_sent(self, browser: TestClient, desk: Desk) -> None:
        body = {"text": " ", "key": "key-00000001", "after": 3, "choices": [{"title": "Blue"}]}

        answer = browser.post(f"/desk/conversations/cnv_{key_of(C.EMAIL)}/replies", json=body, headers=TOKEN)

        assert (answer.status_code, desk.actions.asked) == (422, [])

    def test_a_refused_file_names_the_limit_and_what_to_do(self, browser: TestClient, desk: Desk) -> None:
        desk.actions.refuse = TooLarge("the file is too large", field="file", limit="16384 KB", fix="make it smaller")
        body = {"text": "Here", "key": "key-00000001", "after": 3, "attachments": ["blb_1"]}

        answer = browser.post(f"/desk/conversations/cnv_{key_of(C.EMAIL)}/replies", json=body, headers=TOKEN).json()

        assert (answer["limit"], answer["fix"]) == ("16384 KB", "make it smaller")


class TestWhatBecameOfAMessage:
    def test_a_failure_has_its_reason_and_a_way_on(self, browser: TestClient) -> None:
        page = screen(browser, C.WHATSAPP)

        assert "<b>Not sent.</b> The customer last wrote more than 24 hours ago." in page
        assert 'data-channel="whatsapp"' in page

    def test_one_that_may_have_arrived_is_sent_again_only_after_a_question(self, browser: TestClient) -> None:
        page = screen(browser, C.EMAIL)

        assert f'data-retry="msg_{key_of(C.EMAIL)}_3" data-channel="email" data-doubt' in page
        assert "Nobody knows whether the first one arrived. If it did, Karl gets it twice." in page

    def test_read_delivered_and_sent_have_their_words(self, browser: TestClient) -> None:
        words = {C.INSTAGRAM: "Read", C.VOICE: "Delivered", C.EMAIL: "Sent"}

        for channel, word in words.items():
            assert f"</svg>{word}</span>" in screen(browser, channel), DeliveryState


class TestWhatPeopleSendBesidesWords:
    @pytest.mark.parametrize(
        ("channel", "shown"),
        [
            (C.WHATSAPP, "opens a map"),
            (C.WHATSAPP, "+44 7700 900111, +44 7700 900112"),
            (C.WHATSAPP, "Bello Ltd"),
            (C.WHATSAPP, "femi@bello.example"),
            (C.WHATSAPP, "1990-05-01"),
            (C.WHATSAPP, "500 ml, 14 GBP"),
            (C.WHATSAPP, ">Forwarded</span>"),
            (C.WHATSAPP, "Product CUP-7"),
            (C.EMAIL, ">Sender check failed</span>"),
            (C.EMAIL, ">Signed with S/MIME</span>"),
            (C.FACEBOOK, "Otto is back in blue"),
            (C.WHATSAPP, "1 × LT-2, 24 GBP each"),
            (C.WHATSAPP, "Voice message"),
            (C.WHATSAPP, ">Form</span>"),
            (C.WHATSAPP, ">Delivery rating: 4</p>"),
            (C.WHATSAPP, ">Seats: 2</p>"),
            (C.WHATSAPP, "You may call me on WhatsApp."),
            (C.WHATSAPP, "The customer withdrew this message."),
            (C.WHATSAPP, ">edited</span>"),
            (C.WHATSAPP, ">Tapped</span>"),
            (C.WHATSAPP, "👍"),
            (C.EMAIL, "not kept: programs are not taken"),
            (C.VOICE, "Voice message, 41 s"),
            (C.VOICE, "Hardly understood"),
            (C.FACEBOOK, "From an advert or link"),
            (C.FACEBOOK, "could not be fetched: the link has expired"),
            (C.TWITTER, "An end-to-end encrypted message: read it in the app"),
            (C.TWITTER, ">Public</span>"),
            (C.TWITTER, "https://example.org/photo"),
            (C.INSTAGRAM, "About our story"),
            (C.INSTAGRAM, "Mentioned us in a story"),
            (C.INSTAGRAM, "Instagram message that cannot be shown here"),
            (C.INSTAGRAM, '<video class="film"'),
        ],
    )
    def test_is_shown_in_words(self, browser: TestClient, channel: ChannelType, shown: str) -> None:
        assert shown in screen(browser, channel)

    @pytest.mark.parametrize(
        ("form", "lines"),
        [("[1,2]", ["[1,2]"]), ("no json", ["no json"]), ('{"a":{"b":[1]}}', ['A: {"b":[1]}']), ("{}", [])],
    )
    def test_in_a_form_of_any_shape_is_shown(self, form: str, lines: list[str]) -> None:
        assert form_lines(form) == lines

    def test_in_public_is_marked_and_so_is_our_answer_to_it(self, browser: TestClient) -> None:
        shown = screen(browser, C.TWITTER)

        assert shown.count(">Public</span>") == 3
        assert shown.count('title="Everybody can read this"') == 1

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc", "http://[x"]
    )
    def test_no_link_runs_anything(self, url: str) -> None:
        assert web_address(url) == ""
        assert link_of(Attachment(kind="share", url=url)) == ""

    @pytest.mark.parametrize("north", ["91", "nan", "x", ""])
    def test_a_place_that_is_none_has_no_map(self, north: str) -> None:
        assert link_of(Attachment(kind="location", details={"latitude": north, "longitude": "1"})) == ""


class TestTheSidebar:
    def test_names_a_paused_channel_and_says_that_it_goes_on_by_itself(self, browser: TestClient, desk: Desk) -> None:
        desk.troubles[C.WHATSAPP] = Trouble(cause=Cause.PAUSED)

        counts = browser.get("/f/counts").text

        assert "<b>WhatsApp is paused.</b> Sending failed repeatedly and is tried again by itself." in counts
