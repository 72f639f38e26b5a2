"""Who may do what. Everything is denied unless this table allows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    AGENT = "agent"
    ANALYST = "analyst"  # numbers, but no message text
    INTEGRATION = "integration"  # programs with an API key; its scopes narrow it further
    PRIVACY_OFFICER = "privacy_officer"


class Permission(StrEnum):
    """The value is also the name of the scope that an API key or token needs for it."""

    READ_CONVERSATIONS = "conversations:read"  # message text, notes, drafts
    LIST_CONVERSATIONS = "conversations:list"  # states, counts and codes, no text and no names
    REPLY = "conversations:reply"
    MANAGE_CONVERSATIONS = "conversations:manage"  # resolve, take over, transfer, note
    ASSIGN_OTHERS = "conversations:assign"  # give work to somebody else
    RECEIVE_MESSAGES = "messages:write"  # hand in customer messages
    READ_CUSTOMERS = "customers:read"
    WRITE_CUSTOMERS = "customers:write"
    MERGE_CUSTOMERS = "customers:merge"
    EXPORT_CUSTOMERS = "customers:export"
    ERASE_CUSTOMERS = "customers:erase"
    READ_ANALYTICS = "analytics:read"
    SEE_QUEUE = "queue:read"
    SEE_AGENTS = "agents:read"
    MANAGE_AGENTS = "agents:write"
    SET_OWN_STATUS = "status:write"
    READ_KNOWLEDGE = "knowledge:read"
    WRITE_KNOWLEDGE = "knowledge:write"
    READ_CONFIG = "config:read"
    WRITE_CONFIG = "config:write"
    MANAGE_CHANNELS = "channels:write"
    MANAGE_WEBHOOKS = "webhooks:write"
    MANAGE_ACCESS = "access:write"  # people, roles, API keys
    OPERATE = "operations:write"  # dead letters, key rotation, backup
    READ_AUDIT = "audit:read"
    MANAGE_RETENTION = "retention:write"


P = Permission

_AGENT = frozenset(
    {
        P.READ_CONVERSATIONS,
        P.LIST_CONVERSATIONS,
        P.REPLY,
        P.MANAGE_CONVERSATIONS,
        P.READ_CUSTOMERS,
        P.WRITE_CUSTOMERS,
        P.MERGE_CUSTOMERS,
        P.SEE_QUEUE,
        P.SEE_AGENTS,
        P.SET_OWN_STATUS,
        P.READ_KNOWLEDGE,
    }
)
_SUPERVISOR = _AGENT | {P.ASSIGN_OTHERS, P.MANAGE_AGENTS, P.READ_ANALYTICS, P.WRITE_KNOWLEDGE, P.READ_CONFIG}
_ANALYST = frozenset({P.READ_ANALYTICS, P.LIST_CONVERSATIONS, P.SEE_QUEUE, P.SEE_AGENTS})
_INTEGRATION = frozenset(
    {
        P.READ_CONVERSATIONS,
        P.LIST_CONVERSATIONS,
        P.REPLY,
        P.MANAGE_CONVERSATIONS,
        P.RECEIVE_MESSAGES,
        P.READ_CUSTOMERS,
        P.WRITE_CUSTOMERS,
        P.MERGE_CUSTOMERS,
        P.READ_ANALYTICS,
        P.SEE_QUEUE,
        P.SEE_AGENTS,
        P.READ_KNOWLEDGE,
        P.WRITE_KNOWLEDGE,
        P.MANAGE_WEBHOOKS,
    }
)
_PRIVACY = frozenset(
    {
        P.READ_CUSTOMERS,
        P.READ_CONVERSATIONS,
        P.LIST_CONVERSATIONS,
        P.EXPORT_CUSTOMERS,
        P.ERASE_CUSTOMERS,
        P.READ_AUDIT,
        P.MANAGE_RETENTION,
    }
)
# Whoever runs the system does not by that alone get to erase people: that needs the privacy officer's role.
_ADMIN = frozenset(P) - {P.ERASE_CUSTOMERS}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.ADMIN: _ADMIN,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.AGENT: _AGENT,
    Role.ANALYST: _ANALYST,
    Role.INTEGRATION: _INTEGRATION,
    Role.PRIVACY_OFFICER: _PRIVACY,
}

SEES_TEXT = frozenset(role for role, allowed_ in PERMISSIONS.items() if P.READ_CONVERSATIONS in allowed_)
"""The roles that ever see what a customer wrote (the analyst does not)."""


def allowed(role: Role | str, permission: Permission, scopes: Collection[str] | None = None) -> bool:
    """Whether the role has the permission and, where ``scopes`` are given (API keys and tokens), whether they name it.
    Empty scopes mean everything the role may; an unknown role may nothing."""
    if role not in set(Role):
        return False
    return permission in PERMISSIONS[Role(role)] and (not scopes or permission.value in scopes)


def allowed_any(roles: Collection[Role | str], permission: Permission, scopes: Collection[str] | None = None) -> bool:
    """A person with several roles may do what any of them allows."""
    return any(allowed(role, permission, scopes) for role in roles)


def who_may(permission: Permission) -> tuple[Role, ...]:
    """The roles that have it: told to somebody who was refused, so that they know whom to ask."""
    return tuple(role for role in Role if permission in PERMISSIONS[role])
