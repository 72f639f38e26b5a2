"""The demo's past goes into an empty store once, whole and free of contradictions."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from switchboard.analytics.dashboard import Dashboard, fold_dashboard
from switchboard.analytics.report import daily_report
from switchboard.demo.catalogue import load_demo
from switchboard.demo.importer import DemoSummary, import_demo
from switchboard.domain.conversation import OPEN, Handler
from switchboard.domain.event import Event, EventType
from switchboard.domain.message import Author, ConversationMessage
from switchboard.domain.routing import Decision
from switchboard.errors import Conflict
from switchboard.flows.app import App
from switchboard.ports.records import JobKind, Page, UserRecord, View
from tests.demo.small_app import NOW, make_app


@pytest.fixture(scope="module")
def opened() -> list[tuple[App, DemoSummary]]:
    return []


@pytest.fixture
async def shop(opened: list[tuple[App, DemoSummary]]) -> tuple[App, DemoSummary]:
    """Imported once for the whole module: reading it changes nothing."""
    if not opened:
        app = make_app()
        summary = await import_demo(app, NOW, hash_password=lambda password: f"hash of {len(password)}")
        opened.append((app, summary))
    return opened[0]


async def all_events(app: App) -> tuple[Event, ...]:
    return await app.store.read(lambda work: work.events.after(0, 100_000))


class TestWhatIsThere:
    async def test_everything_of_the_catalogue_came(self, shop: tuple[App, DemoSummary]) -> None:
        app, summary = shop
        business = load_demo(now=NOW)

        assert summary.conversations == len(business.histories) >= 200
        assert summary.customers == len(business.customers)
        assert summary.documents == len(business.documents)
        assert summary.past_cases >= 100
        counts = await app.store.read(lambda work: work.conversations.counts())
        assert counts[View.ALL] == summary.conversations
        assert counts[View.OPEN] == summary.open_conversations

    async def test_a_second_run_changes_nothing(self, shop: tuple[App, DemoSummary]) -> None:
        app, _ = shop
        before = await app.store.read(lambda work: work.events.last())

        again = await import_demo(app, NOW)

        assert not again.first
        assert not again.accounts
        assert await app.store.read(lambda work: work.events.last()) == before

    async def test_a_store_with_another_business_is_left_alone(self) -> None:
        app = make_app()
        owner = UserRecord(
            user_id="usr_owner", email="owner@shop.example", name="Owner", password_hash="x",
            roles=frozenset({"admin"}), created_at=NOW,
        )  # fmt: skip
        await app.store.write(lambda work: work.access.save_user(owner))

        with pytest.raises(Conflict):
            await import_demo(app, NOW)

        assert await app.store.read(lambda work: work.config.names()) == ()

    async def test_nothing_is_waiting_to_be_sent_or_read(self, shop: tuple[App, DemoSummary]) -> None:
        app, _ = shop

        waiting = await app.store.read(lambda work: [work.jobs.backlog(kind).waiting for kind in JobKind])

        assert waiting == [0] * len(JobKind)

    async def test_everybody_got_a_password_of_their_own(self, shop: tuple[App, DemoSummary]) -> None:
        app, summary = shop

        users = await app.store.read(lambda work: work.access.users())

        assert {user.email for user in users} == {account.email for account in summary.accounts}
        assert len({account.password for account in summary.accounts}) == len(users) == 12
        assert all(len(account.password) >= 12 for account in summary.accounts)
        assert not any(account.password in repr(summary) for account in summary.accounts)
        assert any(summary.accounts[0].password in line for line in summary.lines())


class TestHowItStands:
    async def test_each_agent_has_as_many_conversations_as_are_theirs(self, shop: tuple[App, DemoSummary]) -> None:
        app, _ = shop

        agents = await app.store.read(lambda work: work.agents.all())
        talks = (await app.store.read(lambda work: work.conversations.page(View.OPEN, Page(limit=100)))).items

        for agent in agents:
            own = [talk for talk in talks if talk.state.assigned_agent_id == agent.agent_id]
            assert agent.current_workload == len(own) <= agent.max_workload

    async def test_the_queue_holds_exactly_those_who_wait_for_a_person(self, shop: tuple[App, DemoSummary]) -> None:
        app, _ = shop

        entries = await app.store.read(lambda work: work.queue.entries())
        talks = (await app.store.read(lambda work: work.conversations.page(View.OPEN, Page(limit=100)))).items

        waiting = {talk.conversation_id for talk in talks if talk.state.handler is Handler.QUEUE}
        assert {entry.conversation_id for entry in entries} == waiting
        assert len(waiting) >= 10

    async def test_open_stories_stand_as_the_script_says(self, shop: tuple[App, DemoSummary]) -> None:
        app, _ = shop
        for story in load_demo(now=NOW).histories:
            if story.status not in OPEN:
                continue
            talk = await app.store.read(lambda work, key=story.conversation_id: work.conversations.get(key))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            assert talk is not None
            assert (talk.state.status, talk.state.handler) == (story.status, story.handler), story.key
            assert talk.state.assigned_agent_id == story.agent_id, story.key

    async def test_the_numbers_told_from_the_events_agree_with_the_lists(self, shop: tuple[App, DemoSummary]) -> None:
        app, summary = shop

        told: Dashboard = fold_dashboard(await all_events(app), NOW)

        assert told.active == summary.open_conversations
        assert told.queue_depth == await app.store.read(lambda work: work.queue.depth())
        assert told.available_agents == summary.agents


class TestWhatHappened:
    async def test_events_are_in_order_and_in_the_past(self, shop: tuple[App, DemoSummary]) -> None:
        app, _ = shop

        events = [e for e in await all_events(app) if e.type is not EventType.CONFIG_CHANGED]

        assert all(one.at <= two.at for one, two in pairwise(events))
        assert events[-1].at <= NOW + timedelta(seconds=2)

    async def test_every_customer_message_was_understood_and_decided(self, shop: tuple[App, DemoSummary]) -> None:
        app, _ = shop
        received = [e for e in await all_events(app) if e.type is EventType.MESSAGE_RECEIVED]

        for event in received:
            assert event.message_id is not None
            message, decision = await app.store.read(
                lambda work, key=event.message_id: (work.messages.get(key), work.decisions.of_message(key))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            )
            assert message is not None
            assert message.reading is not None
            assert decision is not None
            assert decision.urgency.factors
            assert decision.decision.trace

    async def test_automation_answered_only_what_it_was_given(self, shop: tuple[App, DemoSummary]) -> None:
        app, _ = shop
        sent = [
            e for e in await all_events(app) if e.type is EventType.MESSAGE_SENT and e.dimensions["by"] == "automation"
        ]

        assert len(sent) >= 50
        for event in sent:
            assert event.message_id is not None
            message = await app.store.read(lambda work, key=event.message_id: work.messages.get(key))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            assert isinstance(message, ConversationMessage)
            assert message.reply_to is not None
            asked = await app.store.read(lambda work, key=message.reply_to: work.decisions.of_message(key))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            assert asked is not None
            assert asked.decision.decision is Decision.AUTOMATE

    async def test_automatic_answers_name_the_article_they_rest_on(self, shop: tuple[App, DemoSummary]) -> None:
        app, _ = shop
        sourced = [
            (story, entry)
            for story in load_demo(now=NOW).histories
            for entry in story.entries
            if entry.author is Author.AUTOMATION and entry.sources
        ]

        for story, entry in sourced:
            said = await app.store.read(lambda work, key=story.conversation_id: work.messages.newest(key, 100))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            message = next(m for m in said if m.content.text == entry.text)
            draft = await app.store.read(lambda work, key=message.message_id: work.drafts.sent_as(key))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            assert draft is not None
            assert len(draft.response.sources) == len(entry.sources)
            assert all(source.quote for source in draft.response.sources)

    async def test_yesterday_makes_a_full_report(self, shop: tuple[App, DemoSummary]) -> None:
        app, _ = shop

        report = daily_report(await all_events(app), (NOW - timedelta(days=3)).date(), zone="Europe/London")

        assert report.volume.messages_in > 5
        assert report.outcomes.resolved > 0
        assert report.sentiment.mean is not None
        assert report.outcomes.median_response_s is not None
