"""What an agent sees and can do at the desk."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from switchboard.domain.ids import ConversationId
from switchboard.domain.message import Author, ChannelType, DeliveryState
from switchboard.errors import Conflict, Forbidden
from switchboard.flows.correct import Right
from switchboard.ports.store import Work
from tests.desk.samples import ANSWER, NOW, PRIYA, Line, message
from tests.desk.world import Desk, make_desk, run_now

CSRF = {"x-csrf-token": "csrf-of-maya"}
PAGES = ("/", "/desk/queue", "/desk/automation", "/desk/waiting", "/desk/open", "/desk/resolved", f"/desk/mine/{PRIYA}")
FRAGMENTS = (
    "/f/list?view=open",
    "/f/counts",
    f"/f/conversations/{PRIYA}",
    f"/f/conversations/{PRIYA}/row",
    f"/f/conversations/{PRIYA}/timeline?after=0",
    f"/f/conversations/{PRIYA}/why",
    "/f/messages/msg_priya_2/why",
    "/demo/phones",
)


def words(html: str) -> str:
    """What a person reads: no tags, single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&#39;", "'")


class TestTheList:
    def test_the_most_urgent_stands_first(self, browser: TestClient) -> None:
        names = re.findall(r'class="nm"><span class="ell" dir="auto">([^<]+)', browser.get("/").text)

        assert names == ["Priya Raman", "Tom Okonkwo", "Ines Duarte", "Lukas Brandt"]

    def test_every_view_shows_its_count(self, browser: TestClient) -> None:
        counts = re.findall(r'</svg>([A-Z][\w ]+)<span class="n[^"]*">(\d+)', browser.get("/f/counts").text)

        assert dict(counts) == {
            "Mine": "4", "Queue": "2", "Automation": "1", "Waiting": "1", "All open": "7", "Resolved": "2",
        }  # fmt: skip

    def test_a_row_says_how_long_the_customer_waits_and_on_which_channels(self, browser: TestClient) -> None:
        row = browser.get(f"/f/conversations/{PRIYA}/row").text

        assert "7 min" in words(row)
        assert "i-em" in row
        assert "i-wa" in row

    def test_the_queue_shows_what_the_next_person_needs(self, browser: TestClient) -> None:
        assert "Returns" in words(browser.get("/desk/queue").text)

    def test_an_empty_list_says_so_and_leads_on(self, store: object, browser: TestClient, desk: Desk) -> None:
        run_now(desk.store.write(lambda work: work.conversations.delete(ConversationId("cnv_yuki"))))

        page = words(browser.get("/desk/automation").text)

        assert "Automation is not answering anybody right now." in page
        assert "See all open conversations" in page

    @pytest.mark.parametrize("name", ["elsewhere", "all"])
    def test_a_list_that_does_not_exist_is_explained(self, browser: TestClient, name: str) -> None:
        answer = browser.get(f"/desk/{name}")

        assert answer.status_code == 404
        assert "There is no such list." in answer.text


class TestTheLine:
    def test_both_channels_stand_in_one_timeline_with_the_change_marked(self, browser: TestClient) -> None:
        line = words(browser.get(f"/f/conversations/{PRIYA}/timeline?after=0").text)

        order = [line.index(part) for part in ("Morning!", "Priya moved to e-mail", "I tried your valve trick")]
        assert order == sorted(order)
        assert "Same person: sender checks passed" in line

    def test_the_fall_of_mood_and_the_escalation_are_one_marked_event_with_its_reason(
        self, browser: TestClient
    ) -> None:
        line = words(browser.get(f"/f/conversations/{PRIYA}/timeline?after=0").text)

        assert "Sentiment fell 0.36. Escalated to Maya Lindqvist, urgency 10: Urgency 10 needs a person." in line

    def test_an_automatic_answer_names_its_sources_by_number(self, browser: TestClient) -> None:
        html = browser.get(f"/f/conversations/{PRIYA}/timeline?after=0").text

        assert "<cite>1</cite>" in html
        assert "1 Fitting the Otto water tank" in words(html)
        assert "Why this answer, 0.87" in words(html)

    def test_a_message_that_did_not_arrive_says_so_with_the_reason_and_a_way_to_retry(
        self, browser: TestClient, desk: Desk
    ) -> None:
        refused = "WhatsApp allows free text for 24 h after the customer’s last message."

        def fail(work: Work) -> None:
            talk = work.conversations.get(PRIYA)
            assert talk is not None
            said = Line(text="Hello?", at=NOW, channel=ChannelType.WHATSAPP, author=Author.AGENT)
            work.messages.add(replace(message(talk, said, 5), delivery=DeliveryState.FAILED, delivery_error=refused))
            work.conversations.save(replace(talk, last_sequence=5))

        run_now(desk.write(fail))
        html = browser.get(f"/f/conversations/{PRIYA}/timeline?after=0").text

        assert f"Not sent. {refused}" in words(html)
        assert 'data-retry="msg_priya_5"' in html

    def test_what_a_customer_writes_can_never_become_markup(self, browser: TestClient, desk: Desk) -> None:
        def write(work: Work) -> None:
            talk = work.conversations.get(PRIYA)
            assert talk is not None
            nasty = Line(text="<img src=x onerror=alert(1)>", at=NOW, channel=ChannelType.EMAIL, subject='"><script>')
            work.messages.add(message(talk, nasty, 5))
            work.conversations.save(replace(talk, last_sequence=5))

        run_now(desk.write(write))
        html = browser.get(f"/desk/mine/{PRIYA}").text

        assert "<img" not in html
        assert "&lt;img src=x" in html
        assert '"><script>' not in html

    def test_older_messages_come_on_request(self, browser: TestClient, desk: Desk) -> None:
        def write(work: Work) -> None:
            talk = work.conversations.get(PRIYA)
            assert talk is not None
            for n in range(5, 65):
                said = Line(text=f"message {n}", at=NOW + timedelta(seconds=n), channel=ChannelType.EMAIL)
                work.messages.add(message(talk, said, n))
            work.conversations.save(replace(talk, last_sequence=64))

        run_now(desk.write(write))
        first = browser.get(f"/f/conversations/{PRIYA}").text
        older = browser.get(f"/f/conversations/{PRIYA}/timeline?before=15").text

        assert "message 15" in first
        assert "message 14" not in first
        assert "Show older messages" in first
        assert "message 14" in older
        assert "Morning!" in older
        assert "Show older messages" not in older


class TestWhy:
    def test_an_answer_shows_its_quotes_its_decision_and_its_checks(self, browser: TestClient) -> None:
        panel = words(browser.get("/f/messages/msg_priya_2/why").text)

        assert "the blue valve points to the back of the machine" in panel
        assert "0.88, needs over 0.85" in panel
        assert "0.87, needs 0.80" in panel
        assert "4 of 4" in panel
        assert "The customer wrote again at 11:40, negative." in panel

    def test_a_routing_shows_everybody_who_was_considered_and_why(self, browser: TestClient) -> None:
        panel = words(browser.get(f"/f/conversations/{PRIYA}/why").text)

        assert re.search(r"Maya Lindqvist\s*, chosen knows Priya from 13 May", panel)
        assert "Ruth Adeyemi offline ruled out" in panel

    def test_a_stopped_draft_is_shown_with_the_rule_it_broke(self, browser: TestClient) -> None:
        panel = words(browser.get("/f/conversations/cnv_chiara/why").text)

        assert "Stopped draft" in panel
        assert "The customer never saw this." in panel
        assert "“Tomorrow” stands in no source." in panel


class TestTheContext:
    def test_recommendations_urgency_customer_and_orders_stand_beside_the_line(self, browser: TestClient) -> None:
        page = words(browser.get(f"/desk/mine/{PRIYA}").text)

        for part in ("Send right tank by express 0.92", "Complaint, 0.94 sure +2", "priya.raman@brightmail.example",
                     "Otto 2 €649", "Cracked tank on arrival"):  # fmt: skip
            assert part in page

    def test_the_ai_draft_is_offered_without_its_citation_marks(self, browser: TestClient) -> None:
        page = browser.get(f"/desk/mine/{PRIYA}").text

        draft = re.search(r'<template id="draft-text">(.*?)</template>', page, re.DOTALL)
        assert draft is not None
        assert draft.group(1) == ANSWER.replace(" [1]", "").replace(" [2]", "")


class TestWhatAnAgentCanDo:
    @pytest.mark.parametrize(
        ("path", "body", "asked"),
        [
            ("conversations/cnv_chiara/accept", {}, ("accept", "agt_maya", "cnv_chiara")),
            ("conversations/cnv_yuki/take", {}, ("take", "agt_maya", "cnv_yuki")),
            ("conversations/cnv_priya/assign", {"agent_id": "agt_jonas"}, ("assign", "cnv_priya", "agt_jonas", "")),
            ("conversations/cnv_priya/transfer", {"reason": "night"}, ("transfer", "cnv_priya", None, "night")),
            ("conversations/cnv_priya/escalate", {"reason": "press"}, ("escalate", "cnv_priya", "press")),
            ("conversations/cnv_priya/resolve", {}, ("resolve", "cnv_priya")),
            ("conversations/cnv_priya/reopen", {}, ("reopen", "cnv_priya")),
            ("conversations/cnv_priya/notes", {"text": "Hi", "key": "k" * 8}, ("note", "cnv_priya", "Hi")),
            ("conversations/cnv_priya/recommendations/act_1", {}, ("apply", "cnv_priya", "act_1")),
            ("recommendations/act_1/outcome", {"success": True}, ("outcome", "act_1", True, None, None)),
            ("messages/msg_1/retry", {}, ("retry", "msg_1")),
            ("messages/msg_1/undo", {}, ("undo_reply", "msg_1")),
            ("status", {"status": "busy"}, ("status", "busy")),
        ],
    )  # fmt: skip
    def test_each_button_asks_for_its_action(
        self, browser: TestClient, desk: Desk, path: str, body: dict[str, object], asked: tuple[object, ...]
    ) -> None:
        answer = browser.post(f"/desk/{path}", json=body, headers=CSRF)

        assert answer.status_code == 200
        assert desk.actions.asked == [asked]

    def test_a_reply_goes_out_with_the_last_message_the_agent_had_seen(self, browser: TestClient, desk: Desk) -> None:
        body = {"text": " On its way. ", "key": "k" * 8, "after": 4, "channel": "email", "draft_id": "drf_suggested"}

        answer = browser.post(f"/desk/conversations/{PRIYA}/replies", json=body, headers=CSRF)

        assert answer.json() == {"message_id": "msg_new", "undo_s": 5}
        assert desk.actions.asked == [("reply", PRIYA, "On its way.", 4, "email", "drf_suggested")]

    def test_a_reply_is_refused_when_a_colleague_was_faster(self, browser: TestClient, desk: Desk) -> None:
        desk.actions.refuse = Conflict("Jonas replied 8 s ago.")

        answer = browser.post(
            f"/desk/conversations/{PRIYA}/replies", json={"text": "x", "key": "k" * 8, "after": 3}, headers=CSRF
        )

        assert answer.status_code == 409
        assert answer.json()["detail"] == "Jonas replied 8 s ago."

    def test_what_is_typed_survives_a_reload_reply_and_note_apart(self, browser: TestClient) -> None:
        for kind in ("reply", "note"):
            browser.post(f"/desk/conversations/{PRIYA}/draft", json={"kind": kind, "text": f"my {kind}"}, headers=CSRF)

        page = browser.get(f"/desk/mine/{PRIYA}").text

        assert 'data-reply="my reply" data-note="my note"' in page

    def test_a_sent_reply_leaves_no_draft_behind(self, browser: TestClient) -> None:
        where = f"/desk/conversations/{PRIYA}"
        browser.post(f"{where}/draft", json={"kind": "reply", "text": "half"}, headers=CSRF)
        browser.post(f"{where}/replies", json={"text": "whole", "key": "k" * 8, "after": 4}, headers=CSRF)

        assert 'data-reply=""' in browser.get(f"/desk/mine/{PRIYA}").text

    @pytest.mark.parametrize("headers", [{}, {"x-csrf-token": ""}, {"x-csrf-token": "another"}])
    def test_nothing_changes_without_this_sessions_token(
        self, browser: TestClient, desk: Desk, headers: dict[str, str]
    ) -> None:
        answer = browser.post(f"/desk/conversations/{PRIYA}/resolve", json={}, headers=headers)

        assert answer.status_code == 403
        assert desk.actions.asked == []

    def test_an_empty_message_is_not_sent(self, browser: TestClient, desk: Desk) -> None:
        answer = browser.post(
            f"/desk/conversations/{PRIYA}/replies", json={"text": " \n", "key": "k" * 8, "after": 4}, headers=CSRF
        )

        assert answer.status_code == 422
        assert answer.json()["detail"] == "Write something first."


class TestWhoMaySee:
    @pytest.mark.parametrize("path", PAGES)
    def test_a_stranger_is_led_to_the_sign_in_and_back(self, browser: TestClient, desk: Desk, path: str) -> None:
        desk.who = None

        answer = browser.get(path)

        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")

    @pytest.mark.parametrize("path", FRAGMENTS)
    def test_no_fragment_is_given_to_a_stranger(self, browser: TestClient, desk: Desk, path: str) -> None:
        desk.who = None

        answer = browser.get(path)

        assert answer.status_code in (303, 401)
        assert "Priya" not in answer.text

    @pytest.mark.parametrize("path", [*PAGES, *FRAGMENTS])
    def test_an_analyst_never_sees_message_text(self, browser: TestClient, desk: Desk, path: str) -> None:
        assert desk.who is not None
        desk.who = replace(desk.who, roles=frozenset({"analyst"}))

        answer = browser.get(path)

        assert answer.status_code == 403
        assert "Priya" not in answer.text
        assert "role agent, supervisor or admin" in answer.text

    def test_trouble_in_an_action_is_told_in_words(self, browser: TestClient, desk: Desk) -> None:
        desk.actions.refuse = Forbidden("Only a supervisor can do this.")

        answer = browser.post(f"/desk/conversations/{PRIYA}/resolve", json={}, headers=CSRF)

        assert (answer.status_code, answer.json()["detail"]) == (403, "Only a supervisor can do this.")


class TestSafetyOfThePages:
    @pytest.mark.parametrize("path", [*PAGES, "/sign-in", "/setup", "/widget/panel", "/demo/shop", "/demo/phones"])
    def test_no_inline_script_style_or_handler_and_a_strict_policy(self, browser: TestClient, path: str) -> None:
        answer = browser.get(path)
        policy = answer.headers["content-security-policy"]
        nonce = re.search(r"'nonce-([\w-]+)'", policy)

        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<[^>]+\s(style|on\w+)=", answer.text)
        assert nonce is not None
        inline = re.findall(r"<script(?![^>]*\ssrc=)([^>]*)>", answer.text)
        assert all(f'type="importmap" nonce="{nonce.group(1)}"' in attributes for attributes in inline)

    def test_only_the_widgets_panel_may_be_framed(self, browser: TestClient) -> None:
        assert "frame-ancestors 'none'" in browser.get("/").headers["content-security-policy"]
        assert "frame-ancestors *" in browser.get("/widget/panel").headers["content-security-policy"]


class TestFiles:
    def test_every_file_is_kept_for_ever_under_an_address_of_its_content(self, browser: TestClient, desk: Desk) -> None:
        page = browser.get("/").text

        for url in set(re.findall(r"/static/[\w.-]+", page)) - set(re.findall(r'"(/static/[\w]+\.js)":', page)):
            answer = browser.get(url)
            assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True), url

    def test_the_page_stays_within_its_weight(self, desk: Desk) -> None:
        sizes = desk.renderer.assets.sizes()
        scripts = sum(size for name, size in sizes.items() if name.endswith(".js") and name not in APART)

        assert scripts <= 60_000
        assert sizes["tokens.css"] + sizes["desk.css"] <= 20_000
        assert sizes["widget.js"] <= 3_000
        assert sizes["panel.js"] + sizes["line.js"] + sizes["poll.js"] <= 25_000
        assert sizes["tokens.css"] + sizes["widget.css"] <= 8_000

    def test_a_file_that_does_not_exist_is_not_found(self, browser: TestClient) -> None:
        assert browser.get("/static/desk.0000000000.css").status_code == 404


APART = ("widget.js", "panel.js", "line.js", "poll.js", "phones.js")


class TestThePhonesOfTheDemo:
    def test_each_channel_shows_what_the_customer_sees_and_no_note(self, browser: TestClient) -> None:
        page = browser.get("/demo/phones?customer=cus_priya").text

        assert page.count('class="phone ') == 2
        assert "blue valve" in page
        assert "I tried your valve trick" in page
        assert "warehouse checked bin C4" not in page

    def test_writing_as_a_customer_goes_through_their_channel(self, browser: TestClient, desk: Desk) -> None:
        answer = browser.post("/demo/phones/cus_priya", json={"channel": "whatsapp", "text": "Hello?"}, headers=CSRF)

        assert answer.status_code == 200
        assert desk.customers.wrote == [("cus_priya", "whatsapp", "Hello?")]

    def test_a_demo_nobody_has_written_in_says_so(self, desk: Desk) -> None:
        from switchboard.stores import open_sqlite

        empty = make_desk(open_sqlite(None, b"k" * 32, desk.clock), who=desk.who)
        with TestClient(empty.app) as client:
            assert "No customer has written yet." in client.get("/demo/phones").text


class TestHowItReads:
    def test_the_page_offers_examples_and_stores_nothing(self, browser: TestClient) -> None:
        page = browser.get("/reading")

        assert page.status_code == 200
        assert "Nothing you type here is stored." in words(page.text)

    def test_a_text_comes_back_with_marks_reasons_and_who_would_answer(self, browser: TestClient) -> None:
        told = browser.post(
            "/f/reading", json={"text": "Cancel <b>order</b> LF-20417, ana@mail.example!"}, headers=CSRF
        )

        assert told.status_code == 200
        assert "LF-20417" in words(told.text)
        assert "Personal data" in told.text
        assert "Who would answer" in told.text
        assert "<b>order</b>" not in told.text

    def test_an_empty_text_gets_a_sentence_not_a_page(self, browser: TestClient) -> None:
        answer = browser.post("/f/reading", json={"text": "  "}, headers=CSRF)

        assert (answer.status_code, answer.json()["field"]) == (422, "text")

    def test_another_page_cannot_make_it_read(self, browser: TestClient) -> None:
        assert browser.post("/f/reading", json={"text": "hello"}).status_code == 403


class TestCorrectingAReading:
    def test_every_read_message_offers_it_with_what_was_read(self, browser: TestClient) -> None:
        page = browser.get(f"/desk/mine/{PRIYA}").text

        assert 'data-correct="' in page
        assert 'id="dlg-correct"' in page

    def test_only_what_the_agent_changed_is_told(self, browser: TestClient, desk: Desk) -> None:
        body = {"intent": "none", "topic": None, "score": -0.4}
        answer = browser.post("/desk/messages/msg_priya_1/correction", json=body, headers=CSRF)

        assert answer.status_code == 200
        assert desk.actions.asked == [("correct", "msg_priya_1", Right(no_intent=True, score=-0.4))]

    def test_an_intent_that_does_not_exist_is_refused(self, browser: TestClient) -> None:
        answer = browser.post("/desk/messages/msg_priya_1/correction", json={"intent": "anger"}, headers=CSRF)

        assert answer.status_code == 422
