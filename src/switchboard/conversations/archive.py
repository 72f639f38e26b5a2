"""Which conversations have gone quiet and are put away. They stay findable, and wake up when the customer writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from switchboard.domain.conversation import Conversation, ConversationStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    quiet_for: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveVerdict:
    """``unanswered``: it goes to the archive although the customer never got an answer; a supervisor should see it."""

    due: bool
    reason: str
    unanswered: bool = False


def due_for_archive(
    conversation: Conversation, now: datetime, settings: ArchiveSettings | None = None
) -> ArchiveVerdict:
    """No activity for 24 hours (Property 14). Activity is anything in the timeline, from either side."""
    settings = settings or ArchiveSettings()
    if conversation.state.status is ConversationStatus.ARCHIVED:
        return ArchiveVerdict(due=False, reason="already archived")
    hours = settings.quiet_for.total_seconds() / 3600
    if now - conversation.last_activity_at < settings.quiet_for:
        return ArchiveVerdict(due=False, reason=f"active within the last {hours:g} hours")
    unanswered = conversation.is_open and conversation.needs_reply_since is not None
    return ArchiveVerdict(due=True, reason=f"no activity for {hours:g} hours", unanswered=unanswered)
