"""Which conversation a message joins, and when conversations are put away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.conversations.archive import due_for_archive
from switchboard.conversations.threading import Join, ThreadingFacts, choose_conversation
from switchboard.domain.conversation import ConversationState, ConversationStatus
from switchboard.domain.ids import ConversationId
from tests.conversations.builders import NOW, ago, conversation
from tests.properties import design_property

RESOLVED, ARCHIVED = ConversationStatus.RESOLVED, ConversationStatus.ARCHIVED


class TestAMessage:
    def test_of_a_new_customer_starts_a_conversation(self) -> None:
        verdict = choose_conversation(ThreadingFacts(), NOW)
        assert (verdict.join, verdict.previous_id) == (Join.START, None)

    def test_joins_the_open_conversation_whatever_it_names(self) -> None:
        facts = ThreadingFacts(
            conversations=(conversation("old", RESOLVED, resolved=ago(1)), conversation("open", active=ago(9))),
            named=ConversationId("old"),
        )
        verdict = choose_conversation(facts, NOW)
        assert (verdict.join, verdict.conversation_id) == (Join.JOIN, "open")

    def test_reopens_what_was_resolved_up_to_72_hours_ago(self) -> None:
        facts = ThreadingFacts(conversations=(conversation("c", RESOLVED, active=ago(72), resolved=ago(72)),))
        assert choose_conversation(facts, NOW).join is Join.REOPEN

    def test_starts_a_new_one_linked_to_the_old_after_72_hours(self) -> None:
        facts = ThreadingFacts(conversations=(conversation("c", RESOLVED, active=ago(73), resolved=ago(73)),))
        verdict = choose_conversation(facts, NOW)
        assert (verdict.join, verdict.previous_id) == (Join.START, "c")

    def test_wakes_up_an_unresolved_conversation_from_the_archive(self) -> None:
        facts = ThreadingFacts(conversations=(conversation("c", ARCHIVED, active=ago(5000)),))
        verdict = choose_conversation(facts, NOW)
        assert (verdict.join, verdict.conversation_id) == (Join.REACTIVATE, "c")

    def test_reopens_a_resolved_one_that_the_archive_already_has(self) -> None:
        facts = ThreadingFacts(conversations=(conversation("c", ARCHIVED, active=ago(48), resolved=ago(48)),))
        assert choose_conversation(facts, NOW).join is Join.REOPEN

    def test_goes_to_the_conversation_it_answers_rather_than_the_newest(self) -> None:
        facts = ThreadingFacts(
            conversations=(
                conversation("asked", RESOLVED, active=ago(30), resolved=ago(30)),
                conversation("newer", RESOLVED, active=ago(2), resolved=ago(2)),
            ),
            named=ConversationId("asked"),
        )
        assert choose_conversation(facts, NOW).conversation_id == "asked"

    def test_survives_a_clock_that_was_set_back(self) -> None:
        facts = ThreadingFacts(conversations=(conversation("c", RESOLVED, active=ago(-5), resolved=ago(-5)),))
        assert choose_conversation(facts, NOW).join is Join.REOPEN


class TestAnAutomaticMail:
    def test_is_filed_without_waking_the_conversation(self) -> None:
        facts = ThreadingFacts(conversations=(conversation("c", RESOLVED, resolved=ago(1)),), automatic=True)
        verdict = choose_conversation(facts, NOW)
        assert (verdict.join, verdict.conversation_id) == (Join.FILE, "c")

    def test_joins_an_open_conversation_like_any_other(self) -> None:
        facts = ThreadingFacts(conversations=(conversation("c"),), automatic=True)
        assert choose_conversation(facts, NOW).join is Join.JOIN


class TestTheArchive:
    @design_property(14)
    @settings(max_examples=100, deadline=None)
    @given(
        st.sampled_from(ConversationStatus),
        st.integers(-48 * 3600, 20 * 24 * 3600),
        st.booleans(),
    )
    def test_takes_what_was_quiet_for_a_day_and_gives_it_back(
        self, status: ConversationStatus, quiet_s: int, was_resolved: bool
    ) -> None:
        """Feature: omnichannel-cx-platform, Property 14: Conversation Archival"""
        last = NOW - timedelta(seconds=quiet_s)
        resolved = (
            last if was_resolved and status not in (ConversationStatus.ACTIVE, ConversationStatus.WAITING) else None
        )
        seen = conversation("c", status, active=last, resolved=resolved)
        due = due_for_archive(seen, NOW).due
        assert due == (quiet_s >= 24 * 3600 and status is not ARCHIVED)
        if due:
            archived = replace(seen, state=ConversationState(status=ARCHIVED), archived_at=NOW)
            back = choose_conversation(ThreadingFacts(conversations=(archived,)), NOW)
            assert "c" in (back.conversation_id, back.previous_id)
            assert not due_for_archive(archived, NOW).due

    def test_a_day_is_over_at_exactly_24_hours(self) -> None:
        assert due_for_archive(conversation(active=ago(24)), NOW).due
        assert not due_for_archive(conversation(active=ago(23.999)), NOW).due

    def test_says_when_a_customer_never_got_an_answer(self) -> None:
        assert due_for_archive(conversation(active=ago(25), owed_since=ago(25)), NOW).unanswered
        assert not due_for_archive(conversation(active=ago(25)), NOW).unanswered
