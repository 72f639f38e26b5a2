"""The composer speaks each channel's abilities, in a real browser, by keyboard and on a phone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # the package has no types
from fastapi import UploadFile
from playwright.sync_api import FilePayload, Page, expect

from switchboard.domain.message import ChannelType, Choice
from switchboard.flows.extras import TemplateChoice
from switchboard.views.composer import Cause, Trouble
from tests.browser.conftest import Site
from tests.desk.rich import key_of, seed_rich
from tests.desk.world import run_now

C = ChannelType
TEMPLATES: list[dict[str, object]] = [
    {"name": "follow_up", "language": "de", "category": "MARKETING", "header": "", "text": "Hallo {{1}}!", "footer": "",
     "variables": ["1"]},
    {"name": "order_on_its_way", "language": "en_GB", "category": "UTILITY", "header": "Your order {{order}}",
     "text": "Hi {{name}}, your order {{order}} arrives on {{day}}.", "footer": "Reply STOP to opt out",
     "variables": ["order", "name", "day"]},
]  # fmt: skip


@pytest.fixture
def rich(site: Site) -> Site:
    """The desk with a conversation on each channel, templates, and a place for files."""
    run_now(site.desk.write(seed_rich))

    @site.desk.app.get("/f/channels/{channel}/templates")
    def templates(channel: str) -> list[dict[str, object]]:
        return TEMPLATES if channel == "whatsapp" else []

    @site.desk.app.post("/desk/conversations/{conversation}/attachments")
    async def attach(conversation: str, file: UploadFile) -> dict[str, object]:
        return {"attachment_id": f"blb_{file.filename}", "name": file.filename, "size": len(await file.read())}

    return site


def opened(site: Site, page: Page, channel: ChannelType) -> Page:
    page.goto(f"{site.url}/desk/mine/cnv_{key_of(channel)}")
    expect(page.locator("#composer")).to_be_visible()
    return page


def picture(name: str, size: int, kind: str = "image/png") -> FilePayload:
    return FilePayload(name=name, mimeType=kind, buffer=b"1" * size)


class TestOutsideTheWindow:
    def test_a_template_is_filled_in_previewed_and_sent_by_keyboard(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.WHATSAPP)
        expect(page.locator("#way-notice")).to_contain_text("closed today at 09:42")
        expect(page.locator("#text")).not_to_be_visible()
        expect(page.get_by_label("Template", exact=True)).to_have_value("0")
        page.get_by_role("textbox", name="Order").fill("LC-48213")
        expect(page.locator("#templates .seen")).to_contain_text("Hi Aisha, your order LC-48213 arrives on day.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#unsent")).to_have_text("Not sent: fill in every value first.")
        expect(page.get_by_role("textbox", name="Day")).to_be_focused()
        page.keyboard.type("Friday")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("Sent.")

        extras = rich.desk.actions.extras
        assert extras is not None
        values = {"order": "LC-48213", "name": "Aisha", "day": "Friday"}
        assert extras.template == TemplateChoice(name="order_on_its_way", language="en_GB", variables=values)

    def test_another_channel_and_a_note_stay_open(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.WHATSAPP)
        page.locator("[data-kind=note]").click()
        page.keyboard.type("She may be called")
        expect(page.locator("#text")).to_have_value("She may be called")
        page.locator("[data-kind=reply]").click()
        page.get_by_role("combobox", name="Channel").select_option("email")

        expect(page.locator("#templates")).not_to_be_visible()
        expect(page.locator("#text")).to_be_enabled()
        expect(page.get_by_label("Subject")).to_be_visible()

    def test_without_templates_nothing_can_be_sent_and_it_is_told(self, rich: Site, page: Page) -> None:
        rich.desk.abilities[C.FACEBOOK] = rich.desk.abilities[C.INSTAGRAM]
        opened(rich, page, C.FACEBOOK)

        expect(page.locator("#way-notice")).to_contain_text("Wait until Lena writes, or use another channel.")
        expect(page.locator("#composer [type=submit]")).to_be_disabled()

    def test_a_message_that_the_window_stopped_leads_to_the_templates(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.WHATSAPP)
        page.get_by_role("combobox", name="Channel").select_option("email")
        page.get_by_role("button", name="Send again").first.click()

        expect(page.locator(".toast")).to_contain_text("choose a template")
        expect(page.locator("#templates")).to_be_visible()
        assert rich.desk.actions.asked == []


class TestAnswersToTap:
    def test_are_written_previewed_and_sent_by_keyboard(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.FACEBOOK)
        page.keyboard.press("r")
        page.keyboard.type("Which colour?")
        page.get_by_label("Answers to tap", exact=True).press("Enter")
        page.keyboard.type("Blue")
        page.keyboard.press("Enter")
        page.keyboard.type("Green")
        expect(page.locator("#seen .taps")).to_have_text("BlueGreen")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("Sent.")
        expect(page.locator("#choices")).not_to_be_visible()

        extras = rich.desk.actions.extras
        assert extras is not None
        assert extras.choices == (Choice(id="choice-1", title="Blue"), Choice(id="choice-2", title="Green"))

    def test_become_numbered_text_where_there_are_no_buttons(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.EMAIL)
        page.locator("#text").fill("Shall we send it?")
        page.get_by_label("Answers to tap", exact=True).click()
        page.keyboard.type("Yes")

        expect(page.locator("#looks-title")).to_have_text("What Karl will see, as numbered text: E-mail has no buttons")
        expect(page.locator("#seen")).to_contain_text("1. Yes")

    def test_no_more_than_the_channel_shows(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.FACEBOOK)
        page.get_by_label("Answers to tap", exact=True).click()
        for number in range(15):
            page.keyboard.type(f"Answer {number}")
            page.keyboard.press("Enter")

        expect(page.locator("#choices li")).to_have_count(13)
        expect(page.get_by_role("button", name="Add an answer")).to_be_disabled()


class TestLength:
    def test_is_counted_near_the_limit_and_the_parts_are_told(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.INSTAGRAM)
        page.locator("#text").fill("ü" * 400)
        expect(page.locator("#count")).to_have_text("")
        page.locator("#text").fill("ü" * 450)
        expect(page.locator("#count")).to_have_text("900 of 1000 bytes")
        page.locator("#text").fill("ü and so on. " * 100)

        expect(page.locator("#count")).to_have_text("1399 bytes, will be sent as 2 messages")
        expect(page.locator("#seen .sb")).to_have_count(2)


class TestFiles:
    def test_several_go_along_and_refused_ones_say_which_limit(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.INSTAGRAM)
        page.locator("#file").set_input_files(
            [picture("lid.png", 90_000), picture("film.mkv", 900, "video/x-matroska"), picture("poster.jpg", 9_000_000)]
        )
        rows = page.locator("#files li")
        expect(rows).to_have_count(3)
        expect(rows.nth(0)).to_contain_text("87 KB")
        expect(rows.nth(1)).to_contain_text("Instagram does not carry files of this kind. Files: pictures up to 8 MB")
        expect(rows.nth(2)).to_contain_text("8.6 MB is too large: Instagram carries at most 8 MB.")
        page.locator("#text").fill("Here it is")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("Sent.")

        extras = rich.desk.actions.extras
        assert extras is not None
        assert extras.uploads == ("blb_lid.png",)

    def test_pasted_and_dropped_ones_go_along(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.EMAIL)
        for event in ("paste", "drop"):
            page.evaluate(
                """(kind) => {
                  const data = new DataTransfer();
                  data.items.add(new File(["1"], `${kind}.png`, { type: "image/png" }));
                  const init = { bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data };
                  const event = kind === "paste" ? new ClipboardEvent(kind, init) : new DragEvent(kind, init);
                  document.getElementById("text").dispatchEvent(event);
                }""",
                event,
            )

        expect(page.locator("#files li .ell")).to_have_text(["paste.png", "drop.png"])

    def test_one_that_another_channel_does_not_carry_stops_the_send(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.WHATSAPP)
        page.get_by_role("combobox", name="Channel").select_option("email")
        page.locator("#file").set_input_files([picture("big.png", 9_000_000)])
        expect(page.locator("#files li")).to_contain_text("8.6 MB")
        rich.desk.abilities[C.EMAIL] = replace(
            rich.desk.abilities[C.EMAIL], media=rich.desk.abilities[C.INSTAGRAM].media
        )
        rich.hint("message_received", f"cnv_{key_of(C.WHATSAPP)}")
        expect(page.locator("#files li")).to_contain_text("E-mail carries at most 8 MB.")
        page.locator("#text").fill("Here it is")
        page.keyboard.press("Control+Enter")

        expect(page.locator("#unsent")).to_contain_text("Not sent: take out big.png first")
        assert rich.desk.actions.asked == []


class TestPeopleOnCopy:
    def test_are_taken_off_and_added_by_keyboard_and_a_wrong_address_stops_the_send(
        self, rich: Site, page: Page
    ) -> None:
        opened(rich, page, C.EMAIL)
        people = page.locator("#copies li .ell")
        expect(page.locator("#copies-to")).to_have_text("karl@meier.example")
        expect(people).to_have_text(["anna@meier.example", "store@meier.example"])
        page.get_by_role("button", name="Take store@meier.example off the copy").press("Enter")
        page.keyboard.type("Lid Works <lids@works.example>, bob@")
        page.locator("#text").fill("The new lid leaves today.")
        expect(page.locator("#copies-told")).to_have_text("“bob@” is no e-mail address. Write it as name@example.com.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#unsent")).to_contain_text("Not sent: “bob@” is no e-mail address.")
        assert rich.desk.actions.asked == []
        field = page.get_by_role("textbox", name="Add somebody on copy")
        expect(field).to_be_focused()
        field.fill("bob@works.example")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("Sent.")

        extras = rich.desk.actions.extras
        assert extras is not None
        assert extras.cc == ("anna@meier.example", "lids@works.example", "bob@works.example")

    def test_are_told_only_where_a_channel_has_copies(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.WHATSAPP)
        expect(page.locator("#copies")).not_to_be_visible()
        page.get_by_role("combobox", name="Channel").select_option("email")
        expect(page.locator("#copies")).to_be_visible()
        expect(page.locator("#copies-to")).to_have_text("aisha@mail.example")

    def test_who_the_agent_took_off_stays_off_when_the_page_hears_news(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.EMAIL)
        page.get_by_role("button", name="Take anna@meier.example off the copy").click()
        rich.hint("message_received", f"cnv_{key_of(C.EMAIL)}")
        page.wait_for_timeout(500)

        expect(page.locator("#copies li .ell")).to_have_text(["store@meier.example"])


class TestTrouble:
    def test_a_channel_in_trouble_says_what_to_do(self, rich: Site, page: Page) -> None:
        rich.desk.troubles[C.EMAIL] = Trouble(cause=Cause.ACCESS, detail="the mail server refuses our password")
        opened(rich, page, C.EMAIL)

        expect(page.locator("#way-trouble")).to_have_text(
            "E-mail cannot send: the mail server refuses our password. An administrator must act. Use another channel until "
            "then."
        )

    def test_what_may_have_arrived_is_sent_again_after_a_question(self, rich: Site, page: Page) -> None:
        opened(rich, page, C.EMAIL)
        page.get_by_role("button", name="Send again").click()
        expect(page.get_by_role("dialog", name="Send it once more?")).to_be_visible()
        page.get_by_role("dialog").get_by_role("button", name="Send again").click()
        expect(page.locator(".toast")).to_contain_text("Sending again.")

        assert rich.desk.actions.asked == [("retry", f"msg_{key_of(C.EMAIL)}_3")]


class TestEveryChannel:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_is_accessible_and_quiet(self, rich: Site, page: Page, scheme: str) -> None:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of its two words
        found = {}
        for channel in C:
            opened(rich, page, channel)
            page.wait_for_timeout(150)
            if channel is C.FACEBOOK:
                page.locator("#text").fill("Which?")
                page.get_by_label("Answers to tap", exact=True).click()
                page.keyboard.type("Blue")
                expect(page.locator("#looks")).to_be_visible()
            result = Axe().run(page)
            if result.violations_count:
                found[channel] = result.generate_report()

        assert found == {}
        complaints = [text for text in page.complaints if "ERR_" not in text and "Failed to load" not in text]  # type: ignore[attr-defined]  # set by the fixture
        assert complaints == []

    @pytest.mark.parametrize("width", [390, 320])
    def test_fits_a_phone(self, rich: Site, page: Page, width: int) -> None:
        page.set_viewport_size({"width": width, "height": 844})
        wide = {}
        for channel in C:
            opened(rich, page, channel)
            seen = page.evaluate(
                "Math.max(document.scrollingElement.scrollWidth, document.querySelector('#timeline').scrollWidth)"
            )
            if seen > width:
                wide[channel] = seen
            send = page.locator("#composer [type=submit]").bounding_box()
            assert send is not None
            assert send["y"] + send["height"] <= 844

        assert wide == {}
