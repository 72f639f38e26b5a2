"""Who works at the demo's shop and who buys there, as the store knows them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from switchboard.conversations.identity import normalise_address
from switchboard.demo.settings import SCOPED, account_of, visitor_address
from switchboard.demo.shapes import DemoBusiness, DemoUser
from switchboard.domain.agent import MAX_WORKLOAD, Agent, AgentStatus
from switchboard.domain.conversation import OPEN
from switchboard.domain.customer import UNPROVEN, CustomerProfile, Identity
from switchboard.domain.message import ChannelType
from switchboard.ports.records import UserRecord

ACTOR = "demo"
ON_DUTY_SINCE = timedelta(hours=3)
FEWEST_PLACES = 3
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that people mistake for one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """Somebody who may sign in. ``password`` is known only here and now: the store has its hash."""

    name: str
    email: str
    role: str
    password: str = field(repr=False)


def accounts_of(
    business: DemoBusiness, hashed: Callable[[str], str]
) -> tuple[tuple[DemoAccount, ...], tuple[UserRecord, ...]]:
    given = [(user, _password()) for user in business.users]
    accounts = tuple(
        DemoAccount(name=user.name, email=user.email, role=user.role, password=password) for user, password in given
    )
    return accounts, tuple(_user(user, hashed(password), business.now) for user, password in given)


def _password() -> str:
    """Such as ``k7fm-2xqp-9wdt``: 59 random bits, easy to type."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def _user(user: DemoUser, password_hash: str, now: datetime) -> UserRecord:
    return UserRecord(
        user_id=user.user_id,
        email=user.email,
        name=user.name,
        password_hash=password_hash,
        roles=frozenset({user.role}),
        created_at=now,
        agent_id=user.agent_id,
    )


def on_duty(agent: Agent, business: DemoBusiness) -> Agent:
    """Somebody is there whenever the demo is tried, also at night: the demo's team has no shifts. Few have room for
    more than they are doing, so that the queue does not empty itself at once."""
    own = sum(story.agent_id == agent.agent_id and story.status in OPEN for story in business.histories)
    return replace(
        agent,
        status=AgentStatus.AVAILABLE,
        hours=(),
        status_since=business.now - ON_DUTY_SINCE,
        max_workload=min(MAX_WORKLOAD, max(FEWEST_PLACES, own + 1)),
    )


def customer_of(profile: CustomerProfile, accounts: Mapping[ChannelType, str]) -> CustomerProfile:
    return replace(profile, identities=tuple(_identity(each, accounts) for each in profile.identities))


def _identity(identity: Identity, accounts: Mapping[ChannelType, str]) -> Identity:
    channel = identity.channel
    if channel is ChannelType.WEB_CHAT:
        address = visitor_address(identity.address)
    else:
        address = normalise_address(channel, identity.address)
    return replace(identity, address=address, account=_scope(identity, accounts))


def _scope(identity: Identity, accounts: Mapping[ChannelType, str]) -> str:
    if identity.channel is ChannelType.EMAIL and not identity.verified:
        return UNPROVEN
    return account_of(identity.channel, dict(accounts)) if identity.channel in SCOPED else ""
