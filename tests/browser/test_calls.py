"""The telephone at the desk, in a real browser: the card as the call goes on, and its buttons."""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # the package has no types
from playwright.sync_api import Page, expect

from switchboard.domain.call import Call
from switchboard.domain.customer import Identity
from switchboard.domain.message import ChannelType
from switchboard.ports.store import Work
from tests.browser.conftest import Site
from tests.desk.samples import MAYA, NOW, PRIYA
from tests.desk.test_call_card import GAVE_UP, WAITING
from tests.desk.world import run_now

TALK = f"/desk/mine/{PRIYA}"


def telephone(site: Site) -> None:
    site.desk.telephones = frozenset({MAYA})

    def story(work: Work) -> None:
        talk = work.conversations.get(PRIYA)
        assert talk is not None
        number = Identity(channel=ChannelType.VOICE, address="+447700900555", account="+4930999", verified=True)
        work.customers.add_identity(talk.customer_id, number)

    run_now(site.desk.write(story))


def stands(site: Site, call: Call) -> None:
    """The call is at that point now, and the page is told."""

    def story(work: Work) -> None:
        talk, known = work.conversations.get(PRIYA), work.calls.get(call.call_id)
        assert talk is not None
        version = known.version if known else 0
        work.calls.save(replace(call, conversation_id=PRIYA, customer_id=talk.customer_id, version=version))
        work.conversations.save(replace(talk, needs_reply_since=NOW))

    run_now(site.desk.write(story))
    site.hint("call_started", PRIYA)


class TestTheCallCard:
    def test_shows_who_waits_and_takes_them_by_one_click(self, site: Site, page: Page) -> None:
        telephone(site)
        page.goto(site.url + TALK)
        card = page.locator("#call-card")
        expect(card).to_be_hidden()
        while not site.hints:  # the page listens
            page.wait_for_timeout(50)

        stands(site, WAITING)
        expect(card).to_contain_text("Waits for a person")
        card.get_by_role("button", name="Take the call").click()

        expect(page.locator("#toasts")).to_contain_text("Your telephone rings")
        assert site.desk.actions.asked == [("take_call", MAYA, PRIYA)]

    def test_offers_to_call_back_who_gave_up(self, site: Site, page: Page) -> None:
        telephone(site)
        stands(site, GAVE_UP)
        page.goto(site.url + TALK)

        page.locator("#call-card").get_by_role("button", name="Call back").click()

        expect(page.locator("#toasts")).to_contain_text("the customer is called")
        assert site.desk.actions.asked == [("call", MAYA, PRIYA)]

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_is_accessible_and_fits_the_narrowest_phone(self, site: Site, page: Page, scheme: str) -> None:
        telephone(site)
        stands(site, GAVE_UP)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of its two words
        page.goto(site.url + TALK)
        page.wait_for_timeout(150)
        report = Axe().run(page)

        assert report.violations_count == 0, report.generate_report()
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
