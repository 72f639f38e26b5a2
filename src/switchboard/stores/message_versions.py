"""What a message said before it was edited or withdrawn."""

from __future__ import annotations

from datetime import datetime

from switchboard.domain.ids import MessageId
from switchboard.domain.message import MessageContent
from switchboard.stores.codec import decode
from switchboard.stores.database import sql
from switchboard.stores.session import Session

_HISTORY = sql("SELECT sealed_history FROM messages WHERE message_id = :id")


def versions_of(db: Session, message_id: MessageId) -> tuple[tuple[datetime, MessageContent], ...]:
    """(until when, what it said), oldest first; nothing if it was never changed, or erased."""
    row = db.one(_HISTORY, id=message_id)
    past = None if row is None else db.sealer.open_or_none(f"messages|{message_id}|history", row.sealed_history)
    return tuple(
        (decode(datetime, version["until"]), decode(MessageContent, version["content"]))
        for version in (past or {"versions": []})["versions"]
    )
