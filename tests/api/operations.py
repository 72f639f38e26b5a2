"""Every operation of the published description, and the permission that it must ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from switchboard.trust.roles import Permission


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def filled(self, value: str) -> str:
        return re.sub(r"\{[^}]+\}", value, self.path)


def operations(api: FastAPI) -> list[Operation]:
    """All of /v1, as ``openapi.json`` lists them."""
    described: dict[str, Any] = api.openapi()["paths"]
    return [
        Operation(method.upper(), path)
        for path, methods in sorted(described.items())
        if path.startswith("/v1/")
        for method in sorted(methods)
        if method in ("get", "post", "put", "patch", "delete")
    ]


P = Permission
NEEDS: dict[str, Permission] = {
    "GET /v1/agents": P.SEE_AGENTS,
    "POST /v1/agents": P.MANAGE_AGENTS,
    "GET /v1/agents/{agent_id}": P.SEE_AGENTS,
    "PUT /v1/agents/{agent_id}/status": P.SET_OWN_STATUS,
    "GET /v1/analytics/agents": P.READ_ANALYTICS,
    "GET /v1/analytics/dashboard": P.READ_ANALYTICS,
    "GET /v1/analytics/reports/daily": P.READ_ANALYTICS,
    "GET /v1/analytics/savings": P.READ_ANALYTICS,
    "GET /v1/analytics/topics": P.READ_ANALYTICS,
    "GET /v1/analytics/understanding": P.READ_ANALYTICS,
    "POST /v1/analyze": P.LIST_CONVERSATIONS,
    "GET /v1/api-keys": P.MANAGE_ACCESS,
    "POST /v1/api-keys": P.MANAGE_ACCESS,
    "DELETE /v1/api-keys/{key_id}": P.MANAGE_ACCESS,
    "GET /v1/audit": P.READ_AUDIT,
    "GET /v1/config": P.READ_CONFIG,
    "GET /v1/config/{name}": P.READ_CONFIG,
    "PUT /v1/config/{name}": P.WRITE_CONFIG,
    "GET /v1/conversations": P.LIST_CONVERSATIONS,
    "GET /v1/conversations/{conversation_id}": P.READ_CONVERSATIONS,
    "POST /v1/conversations/{conversation_id}/assign": P.MANAGE_CONVERSATIONS,
    "POST /v1/conversations/{conversation_id}/escalate": P.MANAGE_CONVERSATIONS,
    "POST /v1/conversations/{conversation_id}/notes": P.MANAGE_CONVERSATIONS,
    "GET /v1/conversations/{conversation_id}/recommendations": P.READ_CONVERSATIONS,
    "POST /v1/conversations/{conversation_id}/replies": P.REPLY,
    "POST /v1/conversations/{conversation_id}/resolve": P.MANAGE_CONVERSATIONS,
    "GET /v1/conversations/{conversation_id}/timeline": P.READ_CONVERSATIONS,
    "GET /v1/customers": P.READ_CUSTOMERS,
    "POST /v1/customers/merges/{merge_id}/undo": P.MERGE_CUSTOMERS,
    "DELETE /v1/customers/{customer_id}": P.ERASE_CUSTOMERS,
    "GET /v1/customers/{customer_id}": P.READ_CUSTOMERS,
    "PATCH /v1/customers/{customer_id}": P.WRITE_CUSTOMERS,
    "GET /v1/customers/{customer_id}/export": P.EXPORT_CUSTOMERS,
    "POST /v1/customers/{customer_id}/identities": P.WRITE_CUSTOMERS,
    "POST /v1/customers/{customer_id}/merge": P.MERGE_CUSTOMERS,
    "GET /v1/customers/{customer_id}/merges": P.READ_CUSTOMERS,
    "GET /v1/customers/{customer_id}/timeline": P.READ_CONVERSATIONS,
    "GET /v1/dead-letters": P.OPERATE,
    "GET /v1/dead-letters/{dead_letter_id}": P.OPERATE,
    "POST /v1/dead-letters/{dead_letter_id}/discard": P.OPERATE,
    "POST /v1/dead-letters/{dead_letter_id}/replay": P.OPERATE,
    "GET /v1/events": P.LIST_CONVERSATIONS,
    "GET /v1/knowledge/documents": P.READ_KNOWLEDGE,
    "POST /v1/knowledge/documents": P.WRITE_KNOWLEDGE,
    "POST /v1/knowledge/documents/upload": P.WRITE_KNOWLEDGE,
    "DELETE /v1/knowledge/documents/{document_id}": P.WRITE_KNOWLEDGE,
    "GET /v1/knowledge/documents/{document_id}": P.READ_KNOWLEDGE,
    "GET /v1/knowledge/search": P.READ_KNOWLEDGE,
    "POST /v1/messages": P.RECEIVE_MESSAGES,
    "PUT /v1/messages/{message_id}/correction": P.MANAGE_CONVERSATIONS,
    "GET /v1/messages/{message_id}": P.READ_CONVERSATIONS,
    "GET /v1/channels": P.LIST_CONVERSATIONS,
    "POST /v1/channels/{channel}/test": P.MANAGE_CHANNELS,
    "GET /v1/channels/{channel}/templates": P.LIST_CONVERSATIONS,
    "POST /v1/channels/{channel}/templates/refresh": P.REPLY,
    "POST /v1/conversations/{conversation_id}/attachments": P.REPLY,
    "GET /v1/messages/{message_id}/attachments/{place}": P.READ_CONVERSATIONS,
    "POST /v1/payloads/{payload_id}/replay": P.OPERATE,
    "GET /v1/payloads": P.OPERATE,
    "GET /v1/queue": P.SEE_QUEUE,
    "POST /v1/recommendations/{action_id}/outcome": P.MANAGE_CONVERSATIONS,
    "GET /v1/routing/decisions/{decision_id}": P.READ_CONVERSATIONS,
    "GET /v1/users": P.MANAGE_ACCESS,
    "GET /v1/webhooks": P.MANAGE_WEBHOOKS,
    "POST /v1/webhooks": P.MANAGE_WEBHOOKS,
    "DELETE /v1/webhooks/{endpoint_id}": P.MANAGE_WEBHOOKS,
    "GET /v1/webhooks/{endpoint_id}/deliveries": P.MANAGE_WEBHOOKS,
    "POST /v1/webhooks/{endpoint_id}/deliveries/{delivery_id}/redeliver": P.MANAGE_WEBHOOKS,
}
"""What each operation must ask for. Written by hand, so that a change of the code shows as a difference."""
