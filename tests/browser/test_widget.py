"""The chat widget on a shop's page, in a real browser."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from switchboard.channels.web_chat import topic_of
from switchboard.domain.message import Author, ChannelType, DeliveryState
from tests.browser.conftest import Site
from tests.desk.samples import NOW, Line
from tests.desk.test_web_chat import SITE, add
from tests.desk.world import run_now


def open_chat(site: Site, page: Page) -> FrameLocator:
    page.goto(site.url + "/demo/shop")
    page.get_by_role("button", name="Chat with Larkfield Coffee").click()
    chat = page.frame_locator("iframe")
    expect(chat.locator("#text")).to_be_focused()
    return chat


def answer(site: Site, text: str) -> None:
    line = Line(text=text, at=NOW, channel=ChannelType.WEB_CHAT, author=Author.AUTOMATION)
    sent = run_now(site.chat.store.write(lambda work: add(work, line, delivery=DeliveryState.SENT)))
    visitor = site.chat.taken[-1].senders[0].address
    site.chat.hub.publish(topic_of(visitor), {"message_id": sent.message_id})


def slowly(route: Route) -> None:
    route.request.frame.page.wait_for_timeout(700)
    route.continue_()


class TestAVisitor:
    def test_writes_and_is_answered_by_keyboard_alone(self, site: Site, page: Page) -> None:
        chat = open_chat(site, page)
        page.keyboard.type("Which descaler is safe?")
        page.keyboard.press("Enter")
        expect(chat.locator(".bub.c:not(.waiting)")).to_have_text("Which descaler is safe?")
        answer(site, "Any citric acid descaler.")

        expect(chat.locator(".bub.a")).to_have_text("Any citric acid descaler.")
        expect(chat.locator("#log")).to_contain_text("Assistant, automated")

    def test_can_always_ask_for_a_person(self, site: Site, page: Page) -> None:
        chat = open_chat(site, page)
        chat.get_by_role("button", name="Talk to a person").click()
        expect(chat.locator(".bub.c:not(.waiting)")).to_have_count(1)

        assert site.chat.taken[0].content.payload == "talk_to_a_person"

    @pytest.mark.parametrize("early", [False, True], ids=["with a session", "before the session is there"])
    def test_finds_the_conversation_again_after_a_reload(self, site: Site, page: Page, early: bool) -> None:
        if early:
            page.route("**/widget/session", slowly)
        chat = open_chat(site, page)
        page.keyboard.type("Hello")
        page.keyboard.press("Enter")
        expect(chat.locator(".bub.c:not(.waiting)")).to_have_count(1)
        answer(site, "Hi, how can I help?")
        chat = open_chat(site, page)

        expect(chat.locator(".bub.a")).to_have_text("Hi, how can I help?")
        expect(chat.locator(".bub.c")).to_have_text("Hello")

    def test_whom_the_shop_signed_in_while_the_session_was_asked_for_is_known(self, site: Site, page: Page) -> None:
        who = {"user_id": "u-17", "name": "Ada", "signature": hmac.new(SITE, b"u-17", hashlib.sha256).hexdigest()}
        page.add_init_script(f"window.SwitchboardIdentity = {json.dumps(who)}")
        page.route("**/widget/session", slowly)
        chat = open_chat(site, page)
        page.keyboard.type("Hello")
        page.keyboard.press("Enter")

        expect(chat.locator(".bub.c:not(.waiting)")).to_have_count(1)
        expect(chat.locator("#offline")).not_to_be_visible()
        assert "user:u-17" in [sender.address for sender in site.chat.taken[-1].senders]

    def test_writes_during_an_outage_and_nothing_is_lost_or_doubled(self, site: Site, page: Page) -> None:
        site.chat.down = True
        chat = open_chat(site, page)
        page.keyboard.type("Is anybody there?")
        page.keyboard.press("Enter")
        expect(chat.locator(".bub.waiting")).to_have_text("Is anybody there?")
        site.chat.down = False

        expect(chat.locator(".bub.c:not(.waiting)")).to_have_text("Is anybody there?", timeout=12_000)
        expect(chat.locator(".bub.c")).to_have_count(1)
        assert len({event.external_id for event in site.chat.taken}) == 1

    def test_sends_a_picture(self, site: Site, page: Page) -> None:
        chat = open_chat(site, page)
        picture = b"\x89PNG a broken lid"
        chat.locator("#file").set_input_files({"name": "lid.png", "mimeType": "image/png", "buffer": picture})
        expect(chat.locator(".bub.c")).to_have_count(1)

        assert site.chat.files == {"file": picture}
        assert page.complaints == []  # type: ignore[attr-defined]  # the fixture's own list

    def test_can_read_the_names_of_their_own_files(self, site: Site, page: Page) -> None:
        chat = open_chat(site, page)
        chat.locator("#log").evaluate("""log => {
            const make = (tag, into, name) => into.appendChild(Object.assign(document.createElement(tag), { className: name }));
            make("a", make("div", make("div", log, "bub c"), "src"), "").textContent = "lid.png";
        }""")

        expect(chat.locator(".bub.c .src a")).to_have_css("color", "rgb(255, 255, 255)")

    def test_closes_with_escape_and_the_page_has_the_focus_again(self, site: Site, page: Page) -> None:
        open_chat(site, page)
        page.keyboard.press("Escape")

        expect(page.locator("iframe")).not_to_be_visible()
        expect(page.get_by_role("button", name="Chat with Larkfield Coffee")).to_be_focused()

    def test_touch_targets_are_large_enough(self, site: Site, page: Page) -> None:
        page.goto(site.url + "/widget/panel")
        sizes = page.evaluate(
            "[...document.querySelectorAll('button')].filter(b => b.offsetParent).map(b => [b.offsetWidth, b.offsetHeight])"
        )

        assert sizes
        assert all(min(size) >= 44 for size in sizes)


NO_SOCKETS = """
window.blocked = true;
const Real = window.WebSocket;
window.WebSocket = class {
  constructor(url) {
    if (!window.blocked) return new Real(url);
    this.readyState = 0;
    setTimeout(() => { this.readyState = 3; this.onclose?.({ code: 1006 }); }, 20);
  }
  close() {}
};
"""
"""A proxy that lets no socket through, until ``blocked`` is taken away."""


def paths_of(page: Page) -> list[str]:
    """What the chat asks the server for, from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/widget/")[2]))
    page.on("websocket", lambda socket: asked.append(socket.url.rpartition("/ws/")[2]))
    return asked


class TestBehindAProxyThatBlocksSockets:
    def test_the_chat_goes_over_plain_requests_by_itself(self, site: Site, page: Page) -> None:
        page.add_init_script(NO_SOCKETS)
        asked = paths_of(page)
        chat = open_chat(site, page)
        page.keyboard.type("Which descaler is safe?")
        page.keyboard.press("Enter")
        expect(chat.locator(".bub.c:not(.waiting)")).to_have_text("Which descaler is safe?")
        answer(site, "Any citric acid descaler.")

        expect(chat.locator(".bub.a")).to_have_text("Any citric acid descaler.")
        expect(chat.locator("#offline")).not_to_be_visible()
        assert {"poll", "frames"} <= set(asked)
        assert "chat" not in asked

    def test_a_socket_that_comes_through_takes_over_and_nothing_is_lost_or_doubled(
        self, site: Site, page: Page
    ) -> None:
        page.add_init_script(NO_SOCKETS)
        asked = paths_of(page)
        chat = open_chat(site, page)
        page.keyboard.type("One")
        page.keyboard.press("Enter")
        expect(chat.locator(".bub.c:not(.waiting)")).to_have_count(1)
        frame = page.frames[1]
        frame.evaluate("() => { window.blocked = false; dispatchEvent(new Event('online')); }")
        answer(site, "Two")
        expect(chat.locator(".bub.a")).to_have_text("Two")
        page.wait_for_timeout(300)
        page.keyboard.type("Three")
        page.keyboard.press("Enter")
        expect(chat.locator(".bub.c:not(.waiting)")).to_have_count(2)
        frames_before = asked.count("frames")
        answer(site, "Four")

        expect(chat.locator(".bub")).to_have_text(["One", "Two", "Three", "Four"])
        assert "chat" in asked
        assert asked.count("frames") == frames_before
        assert [event.content.text for event in site.chat.taken if event.content.text] == ["One", "Three"]

    def test_after_an_outage_of_the_server_it_finds_its_way_again(self, site: Site, page: Page) -> None:
        page.add_init_script(NO_SOCKETS)
        site.chat.down = True
        chat = open_chat(site, page)
        page.keyboard.type("Is anybody there?")
        page.keyboard.press("Enter")
        expect(chat.locator(".bub.waiting")).to_have_text("Is anybody there?")
        site.chat.down = False

        expect(chat.locator(".bub.c:not(.waiting)")).to_have_text("Is anybody there?", timeout=12_000)
        assert len({event.external_id for event in site.chat.taken}) == 1
