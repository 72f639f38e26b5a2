"""What is older than the business keeps conversations is deleted, or loses everything personal (Property 56)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from switchboard.domain.conversation import Conversation
from switchboard.flows.app import App
from switchboard.flows.business import Retention as RetentionSetting
from switchboard.flows.customers import anonymise_conversation, personal_words
from switchboard.flows.sweep import clear_files
from switchboard.ports.records import AuditEntry
from switchboard.ports.store import Work
from switchboard.trust.retention import Retention, RetentionPolicy, due_for_retention

AT_ONCE = 100
MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRun:
    """``days`` None: no period is set, nothing was due. ``count``: conversations done, or due where it was only a look."""

    days: int | None
    action: str
    count: int


async def apply_retention(app: App, *, actor: str = "retention", dry_run: bool = False) -> RetentionRun:
    """Brings everything that is due to its end, some at a time; ``dry_run`` only counts. Conversations that are not
    archived yet are in use and wait until they are."""
    setting = (await app.business()).retention
    policy = policy_of(setting)
    if setting.days is None:
        return RetentionRun(days=None, action=setting.action, count=0)
    now = app.clock.now()
    if dry_run:
        due = await app.store.read(lambda work: _due(work, setting, policy, now, MOST_COUNTED))
        return RetentionRun(days=setting.days, action=setting.action, count=len(due))
    count = 0
    while done := await app.store.write(lambda work: _apply(work, setting, policy, now, actor)):
        count += done
    await clear_files(app)
    return RetentionRun(days=setting.days, action=setting.action, count=count)


def policy_of(setting: RetentionSetting) -> RetentionPolicy:
    period = timedelta(days=setting.days) if setting.days is not None else None
    if setting.action == "delete":
        return RetentionPolicy(delete_after=period)
    return RetentionPolicy(anonymise_after=period, delete_after=None)


def _due(
    work: Work, setting: RetentionSetting, policy: RetentionPolicy, now: datetime, limit: int
) -> Sequence[Conversation]:
    before = now - timedelta(days=setting.days or 0)
    found = work.conversations.due_for_retention(before, limit, readable_only=setting.action == "anonymise")
    wanted = (Retention.DELETE, Retention.ANONYMISE)
    return [conversation for conversation in found if due_for_retention(conversation, policy, now).action in wanted]


def _apply(work: Work, setting: RetentionSetting, policy: RetentionPolicy, now: datetime, actor: str) -> int:
    due = _due(work, setting, policy, now, AT_ONCE)
    for conversation in due:
        if setting.action == "delete":
            work.conversations.delete(conversation.conversation_id)
        else:
            _anonymise(work, conversation)
        done = "conversation_deleted" if setting.action == "delete" else "conversation_anonymised"
        work.audit.append(AuditEntry(at=now, actor=actor, action=done, target=conversation.conversation_id))
    return len(due)


def _anonymise(work: Work, conversation: Conversation) -> None:
    profile = work.customers.get(work.customers.current(conversation.customer_id))
    known = personal_words(profile) if profile is not None else ()
    anonymise_conversation(work, conversation.conversation_id, known)
    work.conversations.anonymise(conversation.conversation_id)
