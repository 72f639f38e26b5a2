"""The desk in a real browser: looks, keyboard, live updates, and what happens when the line is cut."""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # the package has no types
from playwright.sync_api import BrowserContext, Page, expect

from switchboard.domain.message import ChannelType
from switchboard.errors import Conflict
from switchboard.ports.store import Work
from tests.browser.conftest import Site
from tests.desk.samples import NOW, PRIYA, Line, message
from tests.desk.world import run_now

SCREENS = (
    "/",
    f"/desk/mine/{PRIYA}",
    "/desk/queue/cnv_chiara",
    "/desk/resolved/cnv_bea",
    "/sign-in",
    "/setup",
    "/demo/phones",
    "/widget/panel",
)
PRIYAS = f"/desk/mine/{PRIYA}"


def customer_writes(site: Site, text: str) -> None:
    def story(work: Work) -> None:
        talk = work.conversations.get(PRIYA)
        assert talk is not None
        said = message(talk, Line(text=text, at=NOW, channel=ChannelType.EMAIL), talk.last_sequence + 1)
        work.messages.add(said)
        work.conversations.save(replace(talk, last_sequence=said.sequence, snippet=text))

    run_now(site.desk.write(story))
    site.hint("message_received", PRIYA)


def complaints(page: Page) -> list[str]:
    return [text for text in page.complaints if "ERR_" not in text and "Failed to load resource" not in text]  # type: ignore[attr-defined]  # set by the fixture


class TestEveryScreen:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_is_accessible_and_quiet(self, site: Site, page: Page, scheme: str) -> None:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of its two words
        found = {}
        for path in SCREENS:
            page.goto(site.url + path)
            page.wait_for_timeout(150)
            result = Axe().run(page)
            if result.violations_count:
                found[path] = result.generate_report()

        assert found == {}
        assert complaints(page) == []

    def test_needs_no_sideways_scrolling_on_the_narrowest_phone(self, site: Site, page: Page) -> None:
        page.set_viewport_size({"width": 320, "height": 640})
        wide = {}
        for path in SCREENS:
            page.goto(site.url + path)
            width = page.evaluate("document.scrollingElement.scrollWidth")
            if width > 320:
                wide[path] = width

        assert wide == {}

    def test_stays_small(self, site: Site, page: Page) -> None:
        page.goto(site.url + PRIYAS)

        assert page.evaluate("document.querySelectorAll('*').length") <= 3000


class TestByKeyboardAlone:
    def test_from_the_list_to_a_sent_reply(self, site: Site, page: Page) -> None:
        page.goto(site.url + "/")
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        expect(page.locator("#conversation h1")).to_contain_text("Priya Raman")
        page.keyboard.press("d")
        expect(page.locator("#text")).to_have_value(the_draft())
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("Sent.")

        (asked,) = [a for a in site.desk.actions.asked if a[0] == "reply"]
        assert asked[1] == PRIYA
        assert asked[3:] == (4, "email", "drf_suggested")

    def test_a_sent_reply_can_be_taken_back(self, site: Site, page: Page) -> None:
        page.goto(site.url + PRIYAS)
        page.keyboard.press("r")
        page.keyboard.type("Oops")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("Sent.")
        page.keyboard.press("Escape")
        page.keyboard.press("z")

        expect(page.locator(".toast")).to_contain_text("Stopped.")
        assert ("undo_reply", "msg_new") in site.desk.actions.asked

    def test_letters_do_nothing_while_somebody_writes(self, site: Site, page: Page) -> None:
        page.goto(site.url + PRIYAS)
        page.keyboard.press("n")
        page.keyboard.type("Never resolve this, why? 123")

        expect(page.locator("#text")).to_have_value("Never resolve this, why? 123")
        assert [a for a in site.desk.actions.asked if a[0] != "note"] == []
        expect(page.locator("dialog[open]")).to_have_count(0)

    def test_single_letters_can_be_turned_off(self, site: Site, page: Page) -> None:
        page.goto(site.url + PRIYAS)
        page.keyboard.press("?")
        page.locator("#keys-on").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("e")
        page.wait_for_timeout(200)

        assert site.desk.actions.asked == []

    @pytest.mark.parametrize(("key", "asked"), [("e", ("resolve", PRIYA)), ("1", ("apply", PRIYA, "act_1"))])
    def test_actions_have_their_letters(self, site: Site, page: Page, key: str, asked: tuple[str, ...]) -> None:
        page.goto(site.url + PRIYAS)
        page.keyboard.press(key)
        expect(page.locator(".toast")).to_be_visible()

        assert site.desk.actions.asked == [asked]

    def test_why_opens_and_closes_and_gives_the_focus_back(self, site: Site, page: Page) -> None:
        page.goto(site.url + PRIYAS)
        page.keyboard.press("w")
        expect(page.locator("#why")).to_contain_text("Sources it quoted")
        page.keyboard.press("Escape")

        expect(page.locator("#why")).not_to_be_visible()


class TestLive:
    def test_a_new_message_appears_without_touching_what_is_being_written(self, site: Site, page: Page) -> None:
        page.goto(site.url + PRIYAS)
        page.wait_for_timeout(300)
        page.keyboard.press("r")
        page.keyboard.type("I am writing")
        customer_writes(site, "Hello? Anybody there?")

        expect(page.locator(".tl")).to_contain_text("Hello? Anybody there?")
        expect(page.locator("#text")).to_have_value("I am writing")
        expect(page.locator("#text")).to_be_focused()

    def test_a_row_under_the_pointer_stays_where_it_is(self, site: Site, page: Page) -> None:
        page.goto(site.url + "/")
        page.wait_for_timeout(300)
        tom = page.locator(".row", has_text="Tom Okonkwo")
        tom.hover()

        def more_urgent(work: Work) -> None:
            talk = work.conversations.get(PRIYA)
            assert talk is not None
            work.conversations.save(replace(talk, state=replace(talk.state, urgency_score=1, priority=1.0)))

        run_now(site.desk.write(more_urgent))
        page.mouse.move(250, 200)
        site.hint("routed", PRIYA)
        expect(page.locator("#fresh")).to_be_visible()
        names = page.locator(".row .nm").all_inner_texts()
        page.locator("#fresh").click()

        assert names[0].startswith("Priya")
        expect(page.locator(".row .nm").first).not_to_contain_text("Priya")

    def test_a_reply_is_stopped_when_a_colleague_was_faster_and_the_text_is_kept(self, site: Site, page: Page) -> None:
        site.desk.actions.refuse = Conflict("Jonas replied 8 s ago.")
        page.goto(site.url + PRIYAS)
        page.keyboard.press("r")
        page.keyboard.type("My answer")
        page.keyboard.press("Control+Enter")

        expect(page.locator("#unsent")).to_have_text("Not sent, your text is kept. Jonas replied 8 s ago.")
        expect(page.locator("#text")).to_have_value("My answer")

    def test_when_the_line_is_cut_it_says_so_keeps_the_text_and_recovers(
        self, site: Site, page: Page, context: BrowserContext
    ) -> None:
        page.goto(site.url + PRIYAS)
        page.wait_for_timeout(300)
        context.set_offline(True)
        page.keyboard.press("r")
        page.keyboard.type("Written in a tunnel")
        expect(page.locator("#offline")).to_contain_text("Connection lost")
        customer_writes(site, "Are you there?")
        context.set_offline(False)

        expect(page.locator(".tl")).to_contain_text("Are you there?", timeout=15_000)
        expect(page.locator("#offline")).not_to_be_visible()
        expect(page.locator("#text")).to_have_value("Written in a tunnel")

    def test_drafts_are_on_the_server_reply_and_note_apart(self, site: Site, page: Page) -> None:
        page.goto(site.url + PRIYAS)
        page.keyboard.press("r")
        page.keyboard.type("half a reply")
        expect(page.locator("#saved")).to_have_text("Draft saved")
        page.locator("[data-kind=note]").click()
        page.keyboard.type("half a note")
        expect(page.locator("#saved")).to_have_text("Draft saved")
        page.reload()

        expect(page.locator("#text")).to_have_value("half a reply")
        page.locator("[data-kind=note]").click()
        expect(page.locator("#text")).to_have_value("half a note")


class TestOnAPhone:
    def test_list_conversation_and_context_are_three_screens(self, site: Site, page: Page) -> None:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(site.url + "/")
        page.locator(".row", has_text="Priya Raman").click()
        expect(page.locator("#conversation h1")).to_be_visible()
        expect(page.locator(".list")).not_to_be_visible()
        page.get_by_label("Customer and recommendations", exact=True).first.click()
        expect(page.locator("#context")).to_be_visible()
        page.get_by_label("Close").click()
        page.get_by_label("Back to the list").click()

        expect(page.locator(".list")).to_be_visible()


def the_draft() -> str:
    from switchboard.desk.presentation import plain
    from tests.desk.samples import ANSWER

    return plain(ANSWER)
