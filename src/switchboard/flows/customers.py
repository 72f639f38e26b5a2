"""What can be done to a customer's record: create, correct, link an address, erase for good."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from switchboard.conversations.identity import normalise_address
from switchboard.domain.conversation import ConversationStatus, Handler
from switchboard.domain.customer import CustomerProfile, CustomerValue, Evidence, Identity
from switchboard.domain.event import Event, EventType
from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.domain.inbound import SenderAddress
from switchboard.domain.message import ChannelType
from switchboard.errors import Conflict, NotFound
from switchboard.flows.app import App
from switchboard.flows.handover import drain_queue
from switchboard.flows.merge import merge_customers
from switchboard.flows.sweep import clear_files
from switchboard.ports.records import AuditEntry
from switchboard.ports.store import Work
from switchboard.trust.redaction import redact

ERASE_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """Fields to set; None leaves them as they are."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    preferred_channel: ChannelType | None = None
    customer_value: CustomerValue | None = None
    language: str | None = None
    location: str | None = None
    preferences: Mapping[str, str] | None = None


def customer_named(work: Work, customer_id: CustomerId) -> CustomerProfile:
    """The whole profile, following merges. Raises ``NotFound``."""
    profile = work.customers.get(work.customers.current(customer_id))
    if profile is None:
        raise NotFound("there is no such customer")
    return profile


async def change_profile(app: App, customer_id: CustomerId, change: ProfileChange, actor: str) -> CustomerProfile:
    """Corrects a profile (Property 13). A name set here is never replaced by what a channel says."""
    now = app.clock.now()

    def story(work: Work) -> CustomerProfile:
        profile = customer_named(work, customer_id)
        if profile.erased_at is not None:
            raise Conflict("this customer's data was erased")
        changed = {name: value for name in change.__dataclass_fields__ if (value := getattr(change, name)) is not None}
        saved = replace(profile, **changed, name_set_by_staff=profile.name_set_by_staff or change.name is not None)
        work.customers.save(saved)
        work.audit.append(
            AuditEntry(at=now, actor=actor, action="profile_changed", target=profile.customer_id,
                       details={"fields": ", ".join(sorted(changed))}, customer_id=profile.customer_id)
        )  # fmt: skip
        return customer_named(work, profile.customer_id)

    return await app.store.write(story)


async def link_identity(
    app: App,
    customer_id: CustomerId,
    channel: ChannelType,
    address: str,
    *,
    account: str,
    evidence: Evidence,
    actor: str,
) -> CustomerProfile:
    """An agent or the API says: this address is theirs. If it is another customer's, the two become one (reversible)."""
    address = normalise_address(channel, address)
    now = app.clock.now()
    identity = Identity(channel=channel, account=account, address=address, verified=True, evidence=evidence, since=now)

    def story(work: Work) -> CustomerProfile:
        profile = customer_named(work, customer_id)
        try:
            work.customers.add_identity(profile.customer_id, identity)
        except Conflict:
            _join_owner(work, profile, identity, actor, now)
        work.events.append(
            Event(type=EventType.IDENTITY_LINKED, at=now, customer_id=profile.customer_id,
                  dimensions={"channel": channel.value, "evidence": evidence.value})
        )  # fmt: skip
        return customer_named(work, profile.customer_id)

    return await app.store.write(story)


def _join_owner(work: Work, profile: CustomerProfile, identity: Identity, actor: str, now: datetime) -> None:
    for other in work.customers.owners((_sender(identity),)).values():
        merge_customers(
            work, kept=profile.customer_id, merged=other, actor=actor, evidence=identity.evidence.value, now=now
        )


def _sender(identity: Identity) -> SenderAddress:
    return SenderAddress(channel=identity.channel, address=identity.address, account=identity.account)


async def erase_customer(app: App, customer_id: CustomerId, actor: str) -> Mapping[str, int]:
    """Removes everything personal at once: the key is destroyed, an anonymised text stays for analytics, a proof record
    remains (Property 57). Returns what was removed."""
    business = await app.business()
    now = app.clock.now()

    def story(work: Work) -> Mapping[str, int]:
        profile = customer_named(work, customer_id)
        if profile.erased_at is not None:
            return {}
        for conversation in work.conversations.of_customer(profile.customer_id):
            anonymise_conversation(work, conversation.conversation_id, personal_words(profile))
        _close_all(work, profile.customer_id, now)
        removed = work.customers.erase(profile.customer_id, now)
        work.events.append(Event(type=EventType.CUSTOMER_ERASED, at=now, customer_id=profile.customer_id))
        work.audit.append(
            AuditEntry(at=now, actor=actor, action="customer_erased", target=profile.customer_id,
                       details={table: str(count) for table, count in removed.items()})
        )  # fmt: skip
        drain_queue(work, business, now)
        return removed

    removed = await app.store.write(story)
    await clear_files(app)
    app.hub.publish("events")
    return removed


def personal_words(profile: CustomerProfile) -> tuple[str, ...]:
    """What identifies this person: their name first, then their addresses."""
    return tuple(filter(None, (profile.name, profile.email, profile.phone, *(i.address for i in profile.identities))))


def anonymise_conversation(work: Work, conversation_id: ConversationId, known: tuple[str, ...]) -> None:
    """Sets aside what may stay of each text."""
    after = 0
    while page := work.messages.of_conversation(conversation_id, after=after, limit=ERASE_PAGE):
        for message in page:
            work.messages.anonymise(message.message_id, _without_person(message.content.words, known))
        after = page[-1].sequence


def _without_person(text: str, known: tuple[str, ...]) -> str:
    """The text without what identifies this person: their own names and addresses first, then whatever looks personal."""
    for word in sorted({*known, *(part for name in known[:1] for part in name.split() if len(part) > 2)}, key=len)[
        ::-1
    ]:
        text = re.sub(re.escape(word), "[removed]", text, flags=re.IGNORECASE)
    return redact(text)


def _close_all(work: Work, customer_id: CustomerId, now: datetime) -> None:
    for conversation in work.conversations.of_customer(customer_id):
        if not conversation.is_open:
            continue
        if conversation.state.assigned_agent_id is not None:
            work.agents.release(conversation.state.assigned_agent_id)
        work.queue.remove(conversation.conversation_id)
        state = replace(
            conversation.state, status=ConversationStatus.ARCHIVED, handler=Handler.NOBODY, assigned_agent_id=None
        )
        work.conversations.save(
            replace(conversation, state=state, archived_at=now, needs_reply_since=None, queued_at=None)
        )
