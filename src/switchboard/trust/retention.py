"""How long things are kept, and which are due: put away, stripped of everything personal, or deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from switchboard.domain.conversation import Conversation, ConversationStatus
from switchboard.errors import InvalidInput


class Retention(StrEnum):
    """From mild to final."""

    KEEP = "keep"
    ARCHIVE = "archive"
    ANONYMISE = "anonymise"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """Counted from a conversation's last activity; None switches a step off. ``payloads`` is how long the raw bodies
    that providers sent are kept."""

    archive_after: timedelta | None = None
    anonymise_after: timedelta | None = None
    delete_after: timedelta | None = timedelta(days=730)
    payloads: timedelta = timedelta(days=30)

    def __post_init__(self) -> None:
        steps = {
            "archive_after": self.archive_after,
            "anonymise_after": self.anonymise_after,
            "delete_after": self.delete_after,
            "payloads": self.payloads,
        }
        for name, period in steps.items():
            if period is not None and period < timedelta(hours=1):
                raise InvalidInput(
                    f"The retention period {name} is too short.",
                    field=name,
                    limit="at least one hour",
                    fix="Set a longer period, or leave it out to switch the step off.",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionVerdict:
    """What is to be done now, since when it is due, and which step comes next."""

    action: Retention
    reason: str
    due_since: datetime | None = None


def due_for_retention(
    conversation: Conversation,
    policy: RetentionPolicy,
    now: datetime,
    *,
    legal_hold: bool = False,
    anonymised: bool = False,
) -> RetentionVerdict:
    """The most final step whose period is over (Property 56). Never early: the age counts from the last activity. A legal
    hold keeps everything; what is archived or anonymised already is not done again."""
    if legal_hold:
        return RetentionVerdict(action=Retention.KEEP, reason="a legal hold stands on it")
    archived = conversation.state.status is ConversationStatus.ARCHIVED
    steps = (
        (Retention.DELETE, policy.delete_after, False),
        (Retention.ANONYMISE, policy.anonymise_after, anonymised),
        (Retention.ARCHIVE, policy.archive_after, archived),
    )
    for action, period, done in steps:
        if period is not None and not done and now - conversation.last_activity_at > period:
            reason = f"its last activity is more than {_days(period)} ago"
            return RetentionVerdict(action=action, reason=reason, due_since=conversation.last_activity_at + period)
    return RetentionVerdict(action=Retention.KEEP, reason="no period of the policy is over")


def shortest_period(policy: RetentionPolicy) -> timedelta | None:
    """Nothing active more recently than this can be due: the bound for looking conversations up."""
    periods = [p for p in (policy.archive_after, policy.anonymise_after, policy.delete_after) if p is not None]
    return min(periods, default=None)


def payloads_before(policy: RetentionPolicy, now: datetime) -> datetime:
    """Raw provider bodies received before this moment are purged."""
    return now - policy.payloads


def _days(period: timedelta) -> str:
    hours = period.total_seconds() / 3600
    return f"{hours / 24:g} days" if hours >= 48 else f"{hours:g} hours"
