"""A row of JSON as a customer's message.

Members: ``text`` (needed), ``channel`` (default e-mail), ``sender`` or ``customer`` (an address), ``name``, ``subject``,
``id``, ``sent_at`` (ISO 8601). A row without a sender is a person of its own. Columns of common ticket tables stand for
them where they are missing: Description, Requester email, Requester, Subject, Ticket ID, Created at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from switchboard.conversations.identity import normalise_address
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import ChannelType, MessageContent
from switchboard.errors import InvalidInput

LONGEST_TEXT = 256 * 1024
ACCOUNT = "import"


OTHER_NAMES = {
    "text": ("description", "body", "message", "content", "comment"),
    "sender": ("requester email", "customer email", "email", "from"),
    "name": ("requester", "requester name", "customer", "customer name"),
    "subject": ("title",),
    "id": ("ticket id", "number", "#"),
    "sent_at": ("created at", "created_at", "date"),
}
"""What ticket tables call our members."""


def renamed(row: Mapping[object, object]) -> dict[str, object]:
    """A row of a table under our names; empty cells are absent."""
    cells = {str(key).strip().lower(): value for key, value in row.items() if value not in (None, "")}
    for name, others in OTHER_NAMES.items():
        found = next((cells[other] for other in others if other in cells), None)
        if name not in cells and found is not None:
            cells[name] = found
    return cells


def has_words(row: Mapping[object, object]) -> bool:
    """Whether a table has a column for what was said, filled or not."""
    return bool({"text", *OTHER_NAMES["text"]} & {str(name).strip().lower() for name in row})


def event_of(path: Path, number: int, row: object) -> InboundEvent:
    """Raises ``InvalidInput`` naming the member at fault."""
    if not isinstance(row, dict):
        raise InvalidInput("the line is not a JSON object", field="line")
    if path.suffix.lower() == ".csv":
        row = renamed(row)
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput("there is no text", field="text", fix="give every row a text")
    if len(text.encode("utf-8", "replace")) > LONGEST_TEXT:
        raise InvalidInput("the text is too long", field="text", limit=f"{LONGEST_TEXT} bytes")
    channel = _channel(row.get("channel"))
    key = str(row.get("id") or hashlib.sha256(f"{number}\n{text}".encode("utf-8", "replace")).hexdigest()[:24])
    address = row.get("sender") or row.get("customer") or f"{path.stem}-{key}"
    subject, name = row.get("subject"), row.get("name")
    return InboundEvent(
        kind=InboundKind.MESSAGE,
        channel=channel,
        account=ACCOUNT,
        external_id=f"{path.name}:{key}"[:300],
        senders=(
            SenderAddress(channel=channel, account=ACCOUNT, address=normalise_address(channel, str(address)[:320])),
        ),
        sender_name=name[:200] if isinstance(name, str) else None,
        content=MessageContent(
            text=text.replace("\x00", "\ufffd"), subject=subject[:300] if isinstance(subject, str) else None
        ),
        sent_at=_time(row.get("sent_at")),
        metadata={"imported": path.name},
    )


def _channel(name: object) -> ChannelType:
    if name is None:
        return ChannelType.EMAIL
    if not isinstance(name, str) or name not in set(ChannelType):
        raise InvalidInput("the channel is not known", field="channel", limit=", ".join(ChannelType))
    return ChannelType(name)


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidInput("the time cannot be read", field="sent_at", limit="ISO 8601") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
