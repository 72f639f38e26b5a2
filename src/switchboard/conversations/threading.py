"""Which conversation does a message join? One customer has at most one open conversation, whatever the channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from switchboard.domain.conversation import Conversation, ConversationStatus
from switchboard.domain.ids import ConversationId


class Join(StrEnum):
    """``FILE``: put it into a closed conversation without waking it up (automatic mail)."""

    JOIN = "join"
    REOPEN = "reopen"
    REACTIVATE = "reactivate"
    FILE = "file"
    START = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadingSettings:
    reopen_window: timedelta = timedelta(hours=72)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadingFacts:
    """``conversations`` are all of this customer; ``named`` is the one that a reply token or quoted id points to;
    ``automatic`` marks out-of-office notices, bounces and the like."""

    conversations: Sequence[Conversation] = ()
    named: ConversationId | None = None
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinVerdict:
    """``conversation_id`` is None only for ``START``; ``previous_id`` is the earlier conversation a new one links to."""

    join: Join
    reason: str
    conversation_id: ConversationId | None = None
    previous_id: ConversationId | None = None


def choose_conversation(facts: ThreadingFacts, now: datetime, settings: ThreadingSettings | None = None) -> JoinVerdict:
    """Decisions, "Identity and threads". Open beats everything; else the conversation the message names, else the newest."""
    settings = settings or ThreadingSettings()
    open_ones = [conversation for conversation in facts.conversations if conversation.is_open]
    if open_ones:
        chosen = max(open_ones, key=_recency)
        return _verdict(Join.JOIN, chosen, "the customer has an open conversation")
    if not facts.conversations:
        return JoinVerdict(join=Join.START, reason="the customer's first conversation")
    return _wake(_candidate(facts), facts, now, settings)


def _wake(last: Conversation, facts: ThreadingFacts, now: datetime, settings: ThreadingSettings) -> JoinVerdict:
    """No conversation is open: wake the last one up, start a new one, or only file an automatic message."""
    if facts.automatic:
        return _verdict(Join.FILE, last, "an automatic message never re-opens a conversation")
    if last.resolved_at is not None or last.state.status is ConversationStatus.RESOLVED:
        since = now - (last.resolved_at or last.last_activity_at)
        hours = settings.reopen_window.total_seconds() / 3600
        if since <= settings.reopen_window:
            return _verdict(Join.REOPEN, last, f"it was resolved less than {hours:g} hours ago")
        reason = f"the last conversation was resolved more than {hours:g} hours ago"
        return JoinVerdict(join=Join.START, reason=reason, previous_id=last.conversation_id)
    return _verdict(Join.REACTIVATE, last, "it was archived without being resolved")


def _candidate(facts: ThreadingFacts) -> Conversation:
    named = [c for c in facts.conversations if c.conversation_id == facts.named]
    return named[0] if named else max(facts.conversations, key=_recency)


def _recency(conversation: Conversation) -> tuple[datetime, datetime, str]:
    return conversation.last_activity_at, conversation.created_at, conversation.conversation_id


def _verdict(join: Join, conversation: Conversation, reason: str) -> JoinVerdict:
    return JoinVerdict(join=join, reason=reason, conversation_id=conversation.conversation_id)
