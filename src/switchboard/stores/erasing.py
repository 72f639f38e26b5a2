"""Erasing a person: rows go, keys are destroyed, and only counts and anonymised texts stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from switchboard.domain.ids import ConversationId, CustomerId
from switchboard.stores.codec import micros
from switchboard.stores.database import sql
from switchboard.stores.files import DOOM_OF_CONVERSATION, DOOM_OF_CUSTOMERS
from switchboard.stores.messages import SqlMessages
from switchboard.stores.session import Session

_FAMILY = sql("SELECT customer_id FROM customers WHERE merged_into IN :ids", "ids")
_MESSAGES = sql("SELECT m.* FROM messages m WHERE m.customer_id IN :ids", "ids")
_CONVERSATIONS = "(SELECT conversation_id FROM conversations WHERE customer_id IN :ids)"
_STEPS = {
    "files": DOOM_OF_CUSTOMERS,
    "identities": "DELETE FROM identities WHERE customer_id IN :ids",
    "address_owners": "DELETE FROM address_owners WHERE customer_id IN :ids",
    "customer_terms": "DELETE FROM customer_terms WHERE customer_id IN :ids",
    "calls": "DELETE FROM calls WHERE customer_id IN :ids",
    "purchases": "DELETE FROM purchases WHERE customer_id IN :ids",
    "issues": "DELETE FROM issues WHERE customer_id IN :ids",
    "drafts": "DELETE FROM drafts WHERE customer_id IN :ids",
    "typed_drafts": f"DELETE FROM typed_drafts WHERE conversation_id IN {_CONVERSATIONS}",
    "uploads": "DELETE FROM uploads WHERE customer_id IN :ids",
    "machine_mails": f"DELETE FROM machine_mails WHERE conversation_id IN {_CONVERSATIONS}",
    "offers": "DELETE FROM offers WHERE customer_id IN :ids",
    "payloads": "DELETE FROM payloads WHERE customer_id IN :ids",
    "jobs": f"DELETE FROM jobs WHERE conversation_id IN {_CONVERSATIONS}",
    "queue": "DELETE FROM queue WHERE customer_id IN :ids",
    "dead_letters": f"DELETE FROM dead_letters WHERE conversation_id IN {_CONVERSATIONS}",
    "thread_keys": f"DELETE FROM thread_keys WHERE conversation_id IN {_CONVERSATIONS}",
    "outcomes": (
        f"UPDATE outcomes SET sealed_notes = NULL, sealed_embedding = NULL WHERE conversation_id IN {_CONVERSATIONS}"
    ),
    "decisions": "UPDATE decisions SET sealed = NULL WHERE customer_id IN :ids",
    "messages": (
        "UPDATE messages SET sealed = NULL, sealed_reading = NULL, sealed_embedding = NULL, sealed_history = NULL, "
        "sealed_error = NULL WHERE customer_id IN :ids"
    ),
    "conversations": "UPDATE conversations SET sealed = NULL, version = version + 1 WHERE customer_id IN :ids",
}
_STATEMENTS = {table: sql(statement, "ids") for table, statement in _STEPS.items()}
_CUSTOMERS = sql(
    "UPDATE customers SET sealed = NULL, erased_at = :at, language = NULL, preferred_channel = NULL WHERE customer_id IN :ids",
    "ids",
)


def erase(db: Session, customer_id: CustomerId, at: datetime) -> Mapping[str, int]:
    """Everybody merged into this customer goes too. Doing it again is harmless. Provider ids stay as keyed
    fingerprints, so that a late retry of the provider does not bring the person back."""
    family = _family(db, customer_id)
    SqlMessages(db).forget_terms(_MESSAGES, ids=family)
    removed = {table: db.run(statement, ids=family) for table, statement in _STATEMENTS.items()}
    removed["customers"] = db.run(_CUSTOMERS, ids=family, at=micros(at))
    removed["data_keys"] = db.sealer.destroy(family)
    return removed


def _family(db: Session, customer_id: CustomerId) -> list[str]:
    family: dict[str, None] = {str(customer_id): None}
    latest = [str(customer_id)]
    while latest:
        latest = [row.customer_id for row in db.all(_FAMILY, ids=latest) if row.customer_id not in family]
        family.update(dict.fromkeys(latest))
    return list(family)


_STRIPS = tuple(
    sql(statement)
    for statement in (
        "UPDATE messages SET sealed = NULL, sealed_reading = NULL, sealed_embedding = NULL, sealed_history = NULL, "
        "sealed_error = NULL WHERE conversation_id = :id",
        "UPDATE decisions SET sealed = NULL WHERE conversation_id = :id",
        "UPDATE outcomes SET sealed_notes = NULL, sealed_embedding = NULL WHERE conversation_id = :id",
        DOOM_OF_CONVERSATION,
        "DELETE FROM calls WHERE conversation_id = :id",
        "DELETE FROM typed_drafts WHERE conversation_id = :id",
        "DELETE FROM drafts WHERE conversation_id = :id",
        "DELETE FROM offers WHERE conversation_id = :id",
        "DELETE FROM issues WHERE conversation_id = :id",
        "UPDATE conversations SET sealed = NULL, version = version + 1 WHERE conversation_id = :id",
    )
)
_MESSAGES_OF = sql("SELECT m.* FROM messages m WHERE m.conversation_id = :id")


def strip(db: Session, conversation_id: ConversationId) -> None:
    """One conversation loses its words; what was set aside as anonymised text stays, and so do the counts."""
    SqlMessages(db).forget_terms(_MESSAGES_OF, id=conversation_id)
    for statement in _STRIPS:
        db.run(statement, id=conversation_id)
